#include "patch_rows.h"

#include "clones.h"

SELO_CLONES void selo_patch_blank_invalid(uint16_t *restrict values, const uint8_t *restrict valid, int n)
{
    for (int i = 0; i < n; i++)
        values[i] = valid[i] ? values[i] : 0;
}

SELO_CLONES void selo_patch_add_values(uint32_t *restrict sums, const uint16_t *restrict values, int n)
{
    for (int i = 0; i < n; i++)
        sums[i] += values[i];
}

SELO_CLONES void selo_patch_subtract_values(uint32_t *restrict sums, const uint16_t *restrict values, int n)
{
    for (int i = 0; i < n; i++)
        sums[i] -= values[i];
}

SELO_CLONES void selo_patch_replace_values(uint32_t *restrict sums, const uint16_t *restrict in,
                                           const uint16_t *restrict out, int n)
{
    for (int i = 0; i < n; i++)
        sums[i] += (uint32_t)in[i] - out[i];
}

SELO_CLONES void selo_patch_add_counts(int32_t *restrict counts, const uint8_t *restrict valid, int sign, int n)
{
    for (int i = 0; i < n; i++)
        counts[i] += valid[i] ? sign : 0;
}

/* Sum of the columns before ... after - 1 around the first of them: what a scan begins with. */
SELO_CLONES static uint32_t sum_columns(const uint32_t *columns, selo_extent window)
{
    uint32_t sum = 0;
    for (int i = -window.before; i < window.after; i++)
        sum += columns[i];
    return sum;
}

/* Sums of windows along a row: sums[i] is that of the columns i - before ... i + after. Each sum waits for the one
 * before it, so four parts of the row are done side by side. */
void selo_patch_scan(int32_t *restrict sums, const uint32_t *columns, selo_extent window, int n)
{
    enum { PARTS = 4 };
    const int part = n / PARTS, before = window.before, after = window.after;
    uint32_t sum[PARTS];
    for (int k = 0; k < PARTS; k++)
        sum[k] = sum_columns(columns + k * part, window);
    for (int i = 0; i < part; i++)
        for (int k = 0, j = i; k < PARTS; k++, j += part) {
            sum[k] += columns[j + after];
            sums[j] = (int32_t)sum[k];
            sum[k] -= columns[j - before];
        }
    for (int i = PARTS * part; i < n; i++) {
        sum[PARTS - 1] += columns[i + after];
        sums[i] = (int32_t)sum[PARTS - 1];
        sum[PARTS - 1] -= columns[i - before];
    }
}

void selo_patch_scan_wide(int64_t *restrict sums, const uint32_t *columns, selo_extent window, int n)
{
    int64_t sum = 0;
    for (int i = -window.before; i < window.after; i++)
        sum += columns[i];
    for (int i = 0; i < n; i++) {
        sum += columns[i + window.after];
        sums[i] = sum;
        sum -= columns[i - window.before];
    }
}

/* Half to even by adding what leaves no room for a fraction; products and quotients that end in a half are exact. */
SELO_CLONES void selo_patch_multiply_round(uint16_t *restrict means, const int32_t *restrict sums, float inverse, int n)
{
    const float magic = 12582912.0f;
    for (int i = 0; i < n; i++)
        means[i] = (uint16_t)(int)(((float)sums[i] * inverse + magic) - magic);
}

SELO_CLONES void selo_patch_divide_round(uint16_t *restrict means, const int32_t *restrict sums,
                                         const double *restrict divisors, int n)
{
    const double magic = 6755399441055744.0;
    for (int i = 0; i < n; i++)
        means[i] = (uint16_t)(int)(((double)sums[i] / divisors[i] + magic) - magic);
}

SELO_CLONES void selo_patch_divide_round_wide(uint16_t *restrict means, const int64_t *restrict sums,
                                          const double *restrict divisors, int n)
{
    const double magic = 6755399441055744.0;
    for (int i = 0; i < n; i++)
        means[i] = (uint16_t)(int)(((double)sums[i] / divisors[i] + magic) - magic);
}
