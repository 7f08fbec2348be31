/* Box windows along one axis, seen from cells of several pixels: which cells they touch and with what weight.
 *
 * As a window slides over the pixels of a cell, its mean of a map that is constant in each cell is piecewise linear.
 * Its extremes lie at the cell's ends and where an end of the window meets the border of a cell: a few positions, each
 * a weighted mean of the cells touched. At the edges of the map every pixel is a position. */
#ifndef SELO_KERNELS_TAPS_H
#define SELO_KERNELS_TAPS_H

#include "selo/peaks.h"

typedef struct selo_taps {
    int n_cells;
    int *first;     /* per cell: the first cell touched */
    int *count;     /* per cell: the number of cells touched */
    int *positions; /* per cell */
    size_t *weight; /* per cell: where its weights begin, count values a position */
    int inner_begin, inner_end; /* cells that share one set of weights, at the same distance */
    int lag;        /* the most by which the last cell touched lies beyond a cell */
    int span;       /* the most rows of cells that a stream of them must hold */
    float *weights;
    size_t n_weights, capacity;
} selo_taps;

/* n pixels in cells of `cell` pixels. */
selo_status selo_taps_new(selo_taps *taps, int n, int cell, selo_extent window, selo_border border);
void selo_taps_free(selo_taps *taps);

#endif
