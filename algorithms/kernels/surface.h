/* What the smoothers of a lattice share (private to this room). */
#ifndef SELO_KERNELS_SURFACE_H
#define SELO_KERNELS_SURFACE_H

#include <string.h>

#include "selo/lattice.h"

/* Positions start ... start + length - 1 of a window's centre on one axis, between two of which the window neither
 * leaves nor enters a cell; first ... last are the cells that it meets there. */
typedef struct {
    int start, length;
    int first, last;
} selo_interval;

struct selo_surface {
    const selo_lattice *lattice;
    selo_sample sample;
    selo_filter_method filter;
    int radius_x, radius_y;
    bool has_gaps;                        /* some cell has no value */
    selo_interval *intervals_y, *intervals_x; /* median */
    size_t n_intervals_y, n_intervals_x;
    int most_y, most_x;                   /* cells that a window meets at most, per axis */
    int *weights_y, *weights_x;           /* Gaussian: 2 * radius + 1 taps */
};

selo_status selo_surface_median_prepare(selo_surface *surface);
selo_status selo_surface_median_rows(const selo_surface *surface, int row_start, int n_rows, void *rows);
selo_status selo_surface_gaussian_prepare(selo_surface *surface);
selo_status selo_surface_gaussian_rows(const selo_surface *surface, int row_start, int n_rows, void *rows);

/* The cell of edges[0 ... n_cells] that holds position `at`. */
int selo_cell_at(const int *edges, int n_cells, int at);

static inline size_t selo_sample_size(selo_sample sample)
{
    return sample == SELO_SAMPLE_BYTE ? 1 : sizeof(float);
}

/* n samples from `at` on become `value`; NaN is 0 in bytes. */
static inline void selo_fill(selo_sample sample, void *samples, size_t at, size_t n, float value)
{
    if (sample == SELO_SAMPLE_BYTE) {
        memset((uint8_t *)samples + at, value >= 0 ? (uint8_t)value : 0, n);
        return;
    }
    float *out = (float *)samples + at;
    for (size_t k = 0; k < n; k++)
        out[k] = value;
}

#endif
