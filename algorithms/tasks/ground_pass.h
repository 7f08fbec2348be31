/* The ground profile's half of a pass over a map: truth placed on it, rows read and pushed, scores taken. */
#ifndef SELO_GROUND_PASS_H
#define SELO_GROUND_PASS_H

#include "selo/evaluate.h"

typedef struct ground_pass ground_pass;

/* Samples are indices into the truth. `map` and `truth` must live longer. */
selo_status ground_pass_new(const selo_evaluate_ground *options, const selo_truth *truth, const size_t *samples,
                            size_t n, selo_map *map, int threads, ground_pass **pass);

/* Reads rows y ... y + n_rows - 1 of the map, at most one strip, and pushes them. With
 * keep_blocks they can be read again. */
selo_status ground_pass_push(ground_pass *pass, int y, int n_rows, bool keep_blocks);

/* Scores and extras of the pass's sample i; `pool`, where not NULL, receives its histogram. */
selo_status ground_pass_finish(ground_pass *pass, size_t i, selo_score *score, selo_ground_extras *extras,
                               selo_histogram *pool);

/* Regions of sample i in the map's CRS, and their classes (NULL: none); both belong to the pass. */
const OGRGeometryH *ground_pass_regions(const ground_pass *pass, size_t i);
const char *const *ground_pass_classes(const ground_pass *pass, size_t i);
const selo_ground *ground_pass_scorer(const ground_pass *pass, size_t i);

void ground_pass_free(ground_pass *pass);

/* Points and lines of the truth become areas, in every profile. */
selo_status truth_buffer(selo_truth *truth, selo_length width);

#endif
