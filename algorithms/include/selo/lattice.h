/* Maps that windows make, as they are: constant on the cells of a lattice.
 *
 * The edges of n windows cut an image into a lattice of cells on which every window lies wholly or not at all, so the
 * mean similarity is one number per cell. Everything here works on cells and meets pixels only where rows are written:
 * a map of 10000 x 10001 pixels from 4283 windows has some ten thousand cells. Smoothing knows the lattice too.
 *
 * Source of the arithmetic: TGRS 2022, doi 10.1109/TGRS.2022.3207171, section III-B, and the published generators;
 * docs/maps.md states it. Nothing here depends on the order of the windows, not by one bit. */
#ifndef SELO_LATTICE_H
#define SELO_LATTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "selo/filters.h"
#include "selo/status.h"
#include "selo/windows.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Cell (i, j) covers rows row_edges[i] ... row_edges[i + 1] - 1 and columns col_edges[j] ... col_edges[j + 1] - 1. */
typedef struct selo_lattice {
    int height, width;  /* of the image, px */
    int n_rows, n_cols; /* of cells */
    int *row_edges;     /* n_rows + 1, ascending from 0 to height */
    int *col_edges;     /* n_cols + 1, ascending from 0 to width */
    double *values;     /* n_rows x n_cols, row-major; NaN: no value */
} selo_lattice;

/* The mean similarity of the windows that cover each cell; NaN where none does. Sums are exact (to
 * 2^-(94 - log2 n) of the largest similarity) and rounded at the end.
 *   windows       n windows; as selo_window_clip() cuts them
 *   similarities  n numbers; a window whose similarity is not finite takes no part
 * The caller frees it with selo_lattice_free(). SELO_E_MEMORY if the cells do not fit in memory.
 * Cost: n log n + number of cells. */
SELO_API selo_status selo_lattice_new(int height, int width, const selo_window *windows, const double *similarities,
                                      size_t n, selo_lattice **lattice);

typedef enum selo_uncovered {
    SELO_UNCOVERED_NO_DATA, /* stays without a value and takes no part */
    SELO_UNCOVERED_ZERO     /* counts as a mean similarity of 0: v2 */
} selo_uncovered;

typedef struct selo_range {
    double low, high;      /* of the mean similarities; NaN if there is none */
    bool flat;             /* low == high */
    int64_t uncovered_px;  /* pixels that no window covers */
} selo_range;

/* Min-max normalisation of the values to 0..1, in the published order of operations: a = m - min, a / max(a). A flat
 * map becomes 0 throughout. *range, which may be NULL, says what was met. */
SELO_API void selo_lattice_normalize(selo_lattice *lattice, selo_uncovered uncovered, selo_range *range);

/* Turns values 0..1 into whole numbers 0..255, trunc(255 v), the published 8-bit map. No value stays no value. */
SELO_API void selo_lattice_to_bytes(selo_lattice *lattice);

SELO_API void selo_lattice_free(selo_lattice *lattice);

/* ---- rows of the map, smoothed or not ---------------------------------------------------------------------------- */

typedef struct selo_surface selo_surface;

/* Prepares the rows of a smoothed lattice. The lattice must outlive the surface and not change.
 *   sample  SELO_SAMPLE_BYTE: values are whole numbers 0..255 (or NaN, written as 0); else values as they are
 *   filter  NONE, MEDIAN or GAUSSIAN, with the definitions of selo/filters.h
 *   size_x, size_y  odd, 1 ... 32767, px; not read with NONE
 * The caller frees it with selo_surface_free(). SELO_E_ARGUMENT for a size out of range. */
SELO_API selo_status selo_surface_new(const selo_lattice *lattice, selo_sample sample, selo_filter_method filter,
                                      int size_x, int size_y, selo_surface **surface);

/* Roughly how much a row costs in units of writing its pixels plainly; above some ten, selo_filter
 * on plain rows is faster. */
SELO_API double selo_surface_cost(const selo_surface *surface);

/* Rows row_start ... row_start + n_rows - 1, row-major, into `rows` (n_rows x width of the sample's type). May be
 * called from several threads at once, for any rows in any order. SELO_E_ARGUMENT for rows outside the map. */
SELO_API selo_status selo_surface_rows(const selo_surface *surface, int row_start, int n_rows, void *rows);

SELO_API void selo_surface_free(selo_surface *surface);

#ifdef __cplusplus
}
#endif
#endif
