/* The maximum of cells over a window of cells cut to the map, one row of cells after another. */
#ifndef SELO_KERNELS_REACH_H
#define SELO_KERNELS_REACH_H

#include "rows.h"
#include "selo/peaks.h"

typedef struct selo_reach {
    int n_x, n_y; /* cells */
    selo_extent x, y;
    int pushed;
    selo_rows rows; /* uint16: the maximum along the row */
} selo_reach;

/* Rows may be asked for up to `late` rows later than at the earliest. */
selo_status selo_reach_new(selo_reach *reach, int n_x, int n_y, selo_extent x, selo_extent y, int late);
void selo_reach_free(selo_reach *reach);

void selo_reach_push(selo_reach *reach, const uint16_t *values);

/* Whether all that row y needs has been pushed. */
bool selo_reach_ready(const selo_reach *reach, int y);

void selo_reach_row(const selo_reach *reach, int y, uint16_t *maxima);

#endif
