/* The median over one stripe of columns of a band (private; filter_median.c tells the method). */
#ifndef SELO_KERNELS_MEDIAN_STRIPE_H
#define SELO_KERNELS_MEDIAN_STRIPE_H

#include "filter.h"
#include "levels.h"
#include "median_columns.h"

/* Output columns, the input columns that their windows meet, and the memory to work in. */
typedef struct {
    const selo_band *band;
    int start, end;            /* output columns */
    int first, n_pixels;       /* input columns */
    int n_columns;             /* those that are counted: all, or the distinct ones */
    selo_columns columns;      /* the distinct ones, if those are counted */
    const void *values;        /* of the band's input rows, n_columns each: uint8_t, or uint16_t levels */
    size_t stride;             /* from row to row */
    const selo_levels *levels; /* NULL: bytes */
    selo_places medians;       /* levels: of one row, for each input column */
    void *counts;              /* selo_median_count_bytes() for the input columns, aligned */
} selo_stripe;

/* Bits of a value that say its segment, and those that say its bin there. */
enum {
    SELO_MEDIAN_BYTE_SEGMENT_BITS = 4,
    SELO_MEDIAN_BYTE_BIN_BITS = 4,
    SELO_MEDIAN_LEVEL_SEGMENT_BITS = 4,
    SELO_MEDIAN_LEVEL_BIN_BITS = 5
};

enum { SELO_MEDIAN_ALIGNMENT = 64 };

/* The next address that counts may start at. */
static inline void *selo_median_aligned(void *memory)
{
    return (uint8_t *)memory + (SELO_MEDIAN_ALIGNMENT - (uintptr_t)memory % SELO_MEDIAN_ALIGNMENT);
}

/* Of both tiers, each of them aligned: a count for each segment, and for each bin of the segments and of one more. */
static inline size_t selo_median_count_bytes(size_t columns, int segment_bits, int bin_bits)
{
    const size_t segments = (size_t)1 << segment_bits;
    return columns * (segments + ((segments + 1) << bin_bits)) * sizeof(uint16_t) + 2 * SELO_MEDIAN_ALIGNMENT;
}

/* Output rows from row to end - 1. The plain ones count with few bits, fast, and stop where these are too few; the wide
 * ones do at least a row, and stop where the plain ones will do again. The row that was not done any more: end, or
 * where it stopped. */
typedef int selo_median_rows(const selo_stripe *stripe, int row, int end);
selo_median_rows selo_median_bytes, selo_median_bytes_wide, selo_median_levels, selo_median_levels_wide;

#endif
