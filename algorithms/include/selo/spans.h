/* The published polygon mask, row by row: outlines of all contours, and the even-odd fill of all of them together.
 *
 * The arithmetic is that of the polygon fill in OpenCV 4.5.4 to 4.7 (the version that the published requirements pin),
 * stated in docs/metrics.md: 16 fractional bits, truncated vertices, left end rounded up, right end down. */
#ifndef SELO_SPANS_H
#define SELO_SPANS_H

#include <stddef.h>
#include <stdint.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_point_px {
    int32_t x; /* column */
    int32_t y; /* row, downwards */
} selo_point_px;

/* Pixels x0 ... x1 of a row, both included. */
typedef struct selo_span {
    int x0;
    int x1;
} selo_span;

typedef struct selo_fill selo_fill;

/* Prepares the mask of n_contours closed contours; contour k has sizes[k] >= 1 points, which follow each other in
 * `points`; the last vertex of a contour joins its first. Points are copied.
 * SELO_E_ARGUMENT if a size is 0 or the map has no pixel. The caller frees it with selo_fill_free(). */
SELO_API selo_status selo_fill_new(const selo_point_px *points, const size_t *sizes, size_t n_contours, int width,
                                   int height, selo_fill **fill);

/* The mask's spans on row y, sorted, disjoint and not touching. Rows must be asked for in ascending order; rows may
 * be left out. *spans belongs to the fill and is valid until the next call. SELO_E_ARGUMENT for a row outside the map
 * or before the last one. */
SELO_API selo_status selo_fill_row(selo_fill *fill, int y, const selo_span **spans, size_t *count);

SELO_API void selo_fill_free(selo_fill *fill);

#ifdef __cplusplus
}
#endif
#endif
