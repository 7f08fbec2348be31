/* What the parts of ground_pass.h share: a map, and what is placed on it. */
#ifndef SELO_GROUND_PASS_STATE_H
#define SELO_GROUND_PASS_STATE_H

#include "ground_pass.h"

/* A sample placed on the map. */
typedef struct ground_sample {
    size_t n;
    OGRGeometryH *regions;
    const char **classes;
    selo_ground *scorer;
} ground_sample;

struct ground_pass {
    const selo_evaluate_ground *options;
    const selo_truth *truth;
    const size_t *indices;
    selo_map *map;
    selo_frame frame;
    selo_earth *earth;
    selo_value_rule rule;
    OGRGeometryH aoi;
    size_t n_samples;
    ground_sample *samples;
    int chunk;     /* rows that go through the scorers at a time */
    float *values; /* of a chunk, as levels and valid */
    uint16_t *levels;
    uint8_t *valid;
};

/* The map, for messages. */
static inline const char *ground_pass_map_name(const ground_pass *p)
{
    return selo_map_grid(p->map)->name;
}

/* The area of interest, where there is one, and the regions of the samples, brought to the map's CRS. Both report. */
selo_status ground_pass_read_aoi(ground_pass *pass);
selo_status ground_pass_place_samples(ground_pass *pass);

#endif
