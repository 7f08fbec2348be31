/* Columns of a stripe that are alike (private).
 *
 * Where a map repeats its columns, as one of few windows does or one that a coarser map was enlarged to, neighbours
 * that agree in all rows of a band are one column for its counts, of several pixels. */
#ifndef SELO_KERNELS_MEDIAN_COLUMNS_H
#define SELO_KERNELS_MEDIAN_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is looked at: n_rows of n_pixels values of `size` bytes (1 or 4), `stride` values from row to row. */
typedef struct {
    const void *values;
    size_t size, stride, n_rows;
    int n_pixels;
} selo_pixel_rows;

/* Distinct columns, from left to right. */
typedef struct {
    int n;
    int32_t *column_of; /* of each pixel */
    int32_t *start_of;  /* first pixel of each column, and n_pixels behind the last */
} selo_columns;

/* Whether columns repeat so often that it pays to leave some out: then `columns` tells which are left. Its arrays, of
 * n_pixels and n_pixels + 1 entries, are of the caller. `differs` is memory to work in, of n_pixels bytes. */
bool selo_columns_find(const selo_pixel_rows *rows, uint8_t *differs, selo_columns *columns);

/* The values of distinct columns, row-major without padding. */
void selo_columns_copy(const selo_pixel_rows *rows, const selo_columns *columns, void *values);

/* Columns that are left at most. */
static inline int selo_columns_most(int n_pixels)
{
    return n_pixels - n_pixels / 4;
}

#endif
