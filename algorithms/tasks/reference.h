/* The reference profile's scorer: rows of an 8-bit map go in once, scores of several samples come out. */
#ifndef SELO_TASKS_REFERENCE_H
#define SELO_TASKS_REFERENCE_H

#include "selo/score.h"

typedef struct selo_reference selo_reference;

/* One sample's contours; they must stay until the end. Each contour that is neither hole nor part begins a region. */
typedef struct selo_reference_sample {
    const selo_contour *contours;
    size_t n_contours;
} selo_reference_sample;

/* Reads one pixel of the map again: for the centre of a plateau that had left memory. */
typedef selo_status (*selo_pixel_fn)(void *user, int x, int y, uint8_t *value);

selo_status selo_reference_new(int width, int height, int threads, const selo_reference_sample *samples,
                               size_t n_samples, selo_reference **scorer);
selo_status selo_reference_push(selo_reference *scorer, const uint8_t *rows, int n_rows);

/* Fills n_samples scores, each to be ended with selo_score_clear() (also after an error). */
selo_status selo_reference_finish(selo_reference *scorer, selo_pixel_fn pixel, void *user, selo_score *scores);
void selo_reference_free(selo_reference *scorer);

#endif
