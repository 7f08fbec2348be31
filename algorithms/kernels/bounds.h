/* Bounds of the smoothed map, cell by cell, from the extremes of the cells of the map: a box mean is monotone, and so
 * is its rounding, so the mean of upper bounds is an upper bound of the mean. One row of cells after another. */
#ifndef SELO_KERNELS_BOUNDS_H
#define SELO_KERNELS_BOUNDS_H

#include "rows.h"
#include "selo/peaks.h"
#include "taps.h"

/* Pixels that have no value: how many of a cell's. */
enum { SELO_CELL_FULL, SELO_CELL_PARTLY, SELO_CELL_EMPTY };

/* One row of cells. Where a cell is empty, high is 0 and low is 65535. */
typedef struct selo_cell_row {
    uint16_t *high; /* no valid pixel's value is above */
    uint16_t *low;  /* none below */
    uint8_t *holes; /* SELO_CELL_... */
} selo_cell_row;

/* One pass. */
typedef struct selo_bounds_pass {
    int pushed, done;
    selo_rows high, low;             /* float: weighted along the row, extremes over the cell's positions */
    selo_rows high_any, low_any;     /* uint16: extremes of the cells touched along the row, where masked */
    selo_rows holes, holes_touched;  /* uint8: of the cell, and whether any cell touched along the row has some */
} selo_bounds_pass;

typedef struct selo_bounds {
    selo_taps x, y;
    bool masked;
    float slack; /* more than the error of the sums in binary32 */
    int pushed;
    int n_passes;
    selo_bounds_pass *passes;
    float *scratch; /* five rows */
    uint16_t *high, *low; /* one row a pass */
    uint8_t *holes;
} selo_bounds;

/* What comes out after the last pass: row y of cells, valid until the call returns. */
typedef selo_status (*selo_bounds_sink)(void *context, int y, const selo_cell_row *row);

selo_status selo_bounds_new(selo_bounds *bounds, const selo_peaks_options *options, int cell_width, int cell_height,
                            bool masked, int value_max);
void selo_bounds_free(selo_bounds *bounds);

/* The next row of cells of the map; bounds that become known are handed to the sink. */
selo_status selo_bounds_push(selo_bounds *bounds, const selo_cell_row *row, selo_bounds_sink sink, void *context);

/* Rows of cells between the newest one pushed and the newest one whose bounds are known. */
int selo_bounds_lag(const selo_bounds *bounds);

#endif
