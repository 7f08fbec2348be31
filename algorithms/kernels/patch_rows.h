/* What a pass of patch_pass.c does with whole rows of n numbers; no two of them overlap. */
#ifndef SELO_KERNELS_PATCH_ROWS_H
#define SELO_KERNELS_PATCH_ROWS_H

#include <stdint.h>

#include "selo/peaks.h"

/* 0 where there is no data. */
void selo_patch_blank_invalid(uint16_t *restrict values, const uint8_t *restrict valid, int n);

/* Rows that come into the windows of columns, and go out of them. */
void selo_patch_add_values(uint32_t *restrict sums, const uint16_t *restrict values, int n);
void selo_patch_subtract_values(uint32_t *restrict sums, const uint16_t *restrict values, int n);
void selo_patch_replace_values(uint32_t *restrict sums, const uint16_t *restrict in, const uint16_t *restrict out,
                               int n);
void selo_patch_add_counts(int32_t *restrict counts, const uint8_t *restrict valid, int sign, int n);

/* Sums of windows along a row: sums[i] is that of the columns i - before ... i + after. */
void selo_patch_scan(int32_t *restrict sums, const uint32_t *columns, selo_extent window, int n);
void selo_patch_scan_wide(int64_t *restrict sums, const uint32_t *columns, selo_extent window, int n);

/* Means of the sums, rounded half to even: times an inverse that is known to round as it should,
 * or by a divisor for each. */
void selo_patch_multiply_round(uint16_t *restrict means, const int32_t *restrict sums, float inverse, int n);
void selo_patch_divide_round(uint16_t *restrict means, const int32_t *restrict sums, const double *restrict divisors,
                             int n);
void selo_patch_divide_round_wide(uint16_t *restrict means, const int64_t *restrict sums,
                                  const double *restrict divisors, int n);

#endif
