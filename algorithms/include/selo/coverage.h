/* The exact share of each pixel that lies in an area, row by row, without supersampling.
 *
 * The area is given by closed rings in pixel coordinates (x = column, y = row, both with fractions; pixel (c, r) is the
 * square c..c+1, r..r+1). The share follows from the signed area to the right of each edge inside a row, summed over
 * edges; heights are counted in units of 2^-48 pixel, so that interiors are exactly 1 and outsides exactly 0. A row's
 * result depends on nothing but the rings: not on the rows asked for before, not on tiles.
 *
 * Memory: the edges, and two numbers per column of the area's bounding box while its rows pass. */
#ifndef SELO_COVERAGE_H
#define SELO_COVERAGE_H

#include <stddef.h>

#include "selo/spans.h"
#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Pixels x0 ... x1 of a row, both included, each covered by the same share. */
typedef struct selo_cover_run {
    int x0;
    int x1;
    double share; /* greater than 0, at most 1; error below 1e-12 as long as coordinates are below 1e4 */
} selo_cover_run;

typedef struct selo_coverage selo_coverage;

/* Prepares the coverage of the area bounded by n_rings rings on a map of width x height pixels.
 *   xy     points as x, y pairs, ring after ring; finite; copied
 *   sizes  points per ring; the last point of a ring joins its first (a repeated first point does no harm)
 * Rings must bound an area that overlaps itself nowhere (a union), shells one way round and holes the other; which way
 * does not matter. Parts outside the map are allowed. n_rings = 0 is the empty area.
 * SELO_E_ARGUMENT if a coordinate is not finite or a size is not positive. The caller frees it with
 * selo_coverage_free(). */
SELO_API selo_status selo_coverage_new(const double *xy, const size_t *sizes, size_t n_rings, int width, int height,
                                       selo_coverage **coverage);

/* The covered runs on row y, sorted and disjoint. Rows must be asked for in ascending order; rows may be left out.
 * *runs belongs to the coverage and is valid until the next call. SELO_E_ARGUMENT for a row outside the map or before
 * the last one. */
SELO_API selo_status selo_coverage_row(selo_coverage *coverage, int y, const selo_cover_run **runs, size_t *count);

/* The spans of pixels on row y whose centre lies in the area, sorted and disjoint. A centre exactly on an edge belongs
 * to the area on its right, or below it. Rows, ownership and errors as for selo_coverage_row(); both may be asked for
 * the same row. */
SELO_API selo_status selo_coverage_centres(selo_coverage *coverage, int y, const selo_span **spans, size_t *count);

/* First and last row that the area may touch; *first > *last if it touches none. */
SELO_API void selo_coverage_rows(const selo_coverage *coverage, int *first, int *last);

SELO_API void selo_coverage_free(selo_coverage *coverage);

#ifdef __cplusplus
}
#endif
#endif
