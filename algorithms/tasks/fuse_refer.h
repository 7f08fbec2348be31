/* Referring-expression scores: what of a sample's detections stands highest, by itself and with
 * the map, against the truth. */
#ifndef SELO_TASKS_FUSE_REFER_H
#define SELO_TASKS_FUSE_REFER_H

#include "ogr_api.h"
#include "selo/fuse.h"
#include "selo/layers.h"

/* 0: ranked by the detector's own score, 1: by the fused one. */
enum { SELO_REFER_WAYS = 2 };

/* Sums over samples. */
typedef struct selo_refer_sums {
    double best_iou[SELO_REFER_WAYS], inter[SELO_REFER_WAYS], uni[SELO_REFER_WAYS];
    size_t hits[SELO_REFER_WAYS][SELO_REFER_LEVELS];
    size_t n;
} selo_refer_sums;

/* A sample's highest detection of each way (NULL: none) against the region that it overlaps most; all in one CRS. */
void selo_refer_add(selo_refer_sums *sums, const OGRGeometryH highest[SELO_REFER_WAYS], const OGRGeometryH *regions,
                    size_t n_regions);

void selo_refer_finish(const selo_refer_sums *sums, selo_refer refer[SELO_REFER_WAYS]);

extern const selo_layer_schema selo_refer_schema;

/* Rows of layer number `layer`, which has that schema. */
selo_status selo_refer_write(selo_layers *layers, size_t layer, const selo_refer refer[SELO_REFER_WAYS]);

#endif
