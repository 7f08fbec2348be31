/* What the two halves of the reference profile share: the sums of the streaming half, and the scores made of them. */
#ifndef SELO_REFERENCE_STATE_H
#define SELO_REFERENCE_STATE_H

#include "reference.h"
#include "selo/peaks.h"
#include "selo/spans.h"

/* A mask whose sums grow while rows pass by. */
struct mask {
    selo_fill *fill;
    int first_row, last_row; /* rows that the mask can touch */
    uint64_t grey;           /* sum of the map inside */
    uint64_t pixels;
};

struct sample {
    selo_reference_sample given;
    struct mask all;         /* every contour, even-odd */
    size_t n_regions;
    struct mask *regions;    /* each region alone: its share of the attention */
};

struct selo_reference {
    int width, height, row;
    uint64_t grey; /* sum of the map */
    size_t n_samples;
    struct sample *samples;
    selo_peaks *peaks;
};

/* Index of the contour after the region that begins at `first`. */
size_t reference_region_end(const selo_reference_sample *given, size_t first);

/* Kept attention centres in the published order; `found` is the caller's to free. */
selo_status reference_candidates(selo_reference *scorer, selo_pixel_fn pixel, void *user, selo_candidate **found,
                                 size_t *n_found);

/* All of a sample's score. */
selo_status reference_score(const selo_reference *scorer, const struct sample *sample, const selo_candidate *found,
                            size_t n_found, selo_score *score);

#endif
