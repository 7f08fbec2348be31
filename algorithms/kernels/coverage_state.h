/* What the files of selo/coverage.h share: the edges of an area, and those that meet the current row. */
#ifndef SELO_KERNELS_COVERAGE_STATE_H
#define SELO_KERNELS_COVERAGE_STATE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "selo/coverage.h"

typedef struct selo_coverage_edge {
    double x0, y0, x1, y1; /* y0 < y1 */
    double slope;          /* columns per row */
    int sign;              /* +1 if the ring runs downwards here, else -1 */
    int first_row;
} selo_coverage_edge;

/* What the edges inside one pixel add up to. */
typedef struct selo_coverage_cell {
    int64_t height; /* signed, in units: what the pixels to the right of this one are covered by */
    double share;   /* signed: what this pixel is covered by */
} selo_coverage_cell;

typedef struct selo_coverage_crossing {
    double x;
    int sign;
} selo_coverage_crossing;

struct selo_coverage {
    selo_coverage_edge *edges; /* by first_row, then as given */
    size_t n_edges, next_edge;
    size_t *active;
    size_t n_active;
    int col0, col1; /* columns that may be covered: col0 <= c < col1 */
    int first, last;
    int height;
    int row; /* last one asked for, -1 before */
    selo_coverage_cell *cells;
    uint64_t *touched; /* a bit per cell */
    selo_cover_run *runs;
    size_t n_runs, room_runs;
    selo_coverage_crossing *crossings;
    selo_span *spans;
};

/* Goes on to row y. SELO_OK with *here = false: nothing of the area is on this row. */
selo_status selo_coverage_enter_row(selo_coverage *c, int y, bool *here);

static inline double selo_coverage_clamp(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}

/* Always from the edge's own end, never from the row before: rows then do not depend on each other. */
static inline double selo_coverage_edge_x(const selo_coverage_edge *e, double y)
{
    if (y <= e->y0)
        return e->x0;
    if (y >= e->y1)
        return e->x1;
    return selo_coverage_clamp(e->x0 + (y - e->y0) * e->slope, fmin(e->x0, e->x1), fmax(e->x0, e->x1));
}

#endif
