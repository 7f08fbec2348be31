/* The pixels of a row, their columns and their windows (private; of median_stripe.inc). */
#ifndef SELO_KERNELS_MEDIAN_ROW_H
#define SELO_KERNELS_MEDIAN_ROW_H

#include <stdint.h>

#include "wide_registers.h"

/* Each pixel has a column of its own, or shares one with its neighbours. */
typedef struct {
    int n, radius;
    const int32_t *column_of, *start_of; /* selo_columns; NULL: pixels are columns */
} pixel_row;

/* The columns of a window, and how often the outer ones are repeated beyond the edge. */
typedef struct {
    int first, last, more_of_first, more_of_last;
} column_range;

static SELO_INLINE int column_of(const pixel_row *pixels, int pixel)
{
    return pixels->column_of ? pixels->column_of[pixel] : pixel;
}

static SELO_INLINE column_range columns_of_window(const pixel_row *pixels, int x)
{
    const int least = x - pixels->radius, most = x + pixels->radius;
    const int low = least > 0 ? least : 0, high = most < pixels->n ? most : pixels->n - 1;
    return (column_range){column_of(pixels, low), column_of(pixels, high), low - least, most - high};
}

/* Where a shared column of a window ends: the outer ones also take what is beyond the edge. */
static SELO_INLINE int end_of_column(const pixel_row *pixels, const column_range *w, int x, int column)
{
    return column < w->last ? pixels->start_of[column + 1] : x + pixels->radius + 1;
}

#endif
