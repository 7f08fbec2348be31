#include "selo/values.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { BLOCK = 256 };

/* value = raw * gain + bias */
typedef struct line {
    double gain, bias;
} line;

/* A block of valid, finite values in range, which is nearly every block, without a branch per pixel; `false`, and
 * nothing of use written, for other blocks. */
static bool plain_block(const line *rule, const float *raw, size_t n, uint8_t *valid, float *values)
{
    double v[BLOCK];
    int strange = 0;
    uint8_t all = 1;
    for (size_t i = 0; i < n; i++)
        v[i] = (double)raw[i] * rule->gain + rule->bias;
    for (size_t i = 0; i < n; i++)
        strange += !(v[i] >= -SELO_VALUE_SLACK && v[i] <= 1 + SELO_VALUE_SLACK);
    for (size_t i = 0; i < n; i++)
        all &= valid[i];
    if (strange || !all)
        return false;
    memset(valid, 1, n);
    for (size_t i = 0; i < n; i++) {
        v[i] = v[i] < 0 ? 0 : v[i];
        values[i] = (float)(v[i] > 1 ? 1 : v[i]);
    }
    return true;
}

/* Any block, pixel by pixel. Returns the first pixel out of range; n if there is none. */
static size_t careful_block(const line *rule, const float *raw, size_t n, uint8_t *valid, float *values)
{
    for (size_t i = 0; i < n; i++) {
        const bool ok = valid[i] != 0 && isfinite(raw[i]);
        const double v = ok ? (double)raw[i] * rule->gain + rule->bias : 0;
        if (!(v >= -SELO_VALUE_SLACK && v <= 1 + SELO_VALUE_SLACK))
            return i;
        values[i] = (float)(v < 0 ? 0 : v > 1 ? 1 : v);
        valid[i] = ok;
    }
    return n;
}

selo_status selo_values_apply(const selo_value_rule *rule, const float *raw, size_t n, uint8_t *valid, float *values,
                              uint16_t *levels, size_t *offender)
{
    const double extent = rule->high - rule->low;
    const line straight = {rule->scale / extent, (rule->offset - rule->low) / extent};
    *offender = 0;
    if (!(extent > 0) || !isfinite(straight.gain) || !isfinite(straight.bias))
        return SELO_E_ARGUMENT;
    for (size_t at = 0; at < n; at += BLOCK) {
        const size_t m = n - at < BLOCK ? n - at : BLOCK;
        if (!plain_block(&straight, raw + at, m, valid + at, values + at)) {
            const size_t bad = careful_block(&straight, raw + at, m, valid + at, values + at);
            *offender = at + bad;
            if (bad < m)
                return SELO_E_INPUT;
        }
        for (size_t i = at; levels && i < at + m; i++) /* + 0.5 and cut is rounding: no product
                                                          ends on .5 but one half */
            levels[i] = (uint16_t)(int)(65535.0 * (double)values[i] + 0.5);
    }
    return SELO_OK;
}

void selo_values_of_bytes(const uint8_t *raw, size_t n, uint8_t *valid, float *values, uint16_t *levels)
{
    float table[256];
    for (int i = 0; i < 256; i++)
        table[i] = (float)(i / 255.0);
    for (size_t i = 0; i < n; i++)
        valid[i] = valid[i] != 0;
    for (size_t i = 0; i < n; i++)
        levels[i] = (uint16_t)(257 * raw[i] * valid[i]);
    for (size_t i = 0; i < n; i++)
        values[i] = table[valid[i] ? raw[i] : 0];
}
