/* What the parts of the ground profile share: its preparation, the sums of the rows, and the scores made of them. */
#ifndef SELO_GROUND_STATE_H
#define SELO_GROUND_STATE_H

#include "selo/ground.h"
#include "selo/peaks.h"
#include "selo/pixel_area.h"

typedef struct ground_region {
    selo_shape shape;
    selo_coverage *coverage;
    int first, last; /* rows */
    selo_mass inside;
} ground_region;

/* The map's highest value so far, and the area that has it. */
typedef struct ground_maximum {
    float value;
    double area, area_near;
} ground_maximum;

struct selo_ground {
    selo_frame frame;
    const selo_earth *earth;
    selo_ground_options options;
    const char *name;
    selo_ground_extras extras;
    selo_peaks *peaks;
    selo_pixel_area *pixel_area;
    double *areas; /* of the current row */
    ground_region *regions;
    size_t n_regions;
    size_t *by_row; /* regions by first row */
    size_t next_region;
    size_t *active; /* regions that meet the current row */
    size_t n_active;
    selo_coverage *all;  /* union of regions */
    selo_coverage *near; /* union of regions widened by the tolerance; NULL: `all` stands for it */
    selo_coverage *aoi;  /* NULL: none */
    selo_mass whole, inside;
    selo_histogram *histogram;
    ground_maximum maximum;
    int row;
};

/* Before the first row: everything that depends on the regions and on the map's place. Reports, but for
 * SELO_E_MEMORY. */
selo_status ground_prepare(selo_ground *ground, const OGRGeometryH *regions);

/* Candidates of the map by rank, from its plateaus. */
selo_status ground_candidates(const selo_ground *ground, const selo_plateau *plateaus, size_t n, selo_score *score);

/* Everything in `score` behind the candidates. */
selo_status ground_scores(const selo_ground *ground, selo_score *score);

#endif
