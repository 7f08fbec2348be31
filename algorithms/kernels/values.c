#include "selo/values.h"

#include <math.h>
#include <stdbool.h>

static double scaled(const selo_value_rule *rule, float raw)
{
    return ((double)raw * rule->scale + rule->offset - rule->low) / (rule->high - rule->low);
}

static size_t first_offender(const selo_value_rule *rule, const float *raw, size_t n, const uint8_t *valid)
{
    for (size_t i = 0; i < n; i++) {
        const double v = scaled(rule, raw[i]);
        if (valid[i] && isfinite(raw[i]) && !(v >= -SELO_VALUE_SLACK && v <= 1 + SELO_VALUE_SLACK))
            return i;
    }
    return n;
}

selo_status selo_values_apply(const selo_value_rule *rule, const float *raw, size_t n, uint8_t *valid, float *values,
                              uint16_t *levels, size_t *offender)
{
    *offender = 0;
    if (!(rule->low < rule->high) || !isfinite(rule->high - rule->low) || !isfinite(rule->scale) || !isfinite(rule->offset))
        return SELO_E_ARGUMENT;
    *offender = first_offender(rule, raw, n, valid);
    if (*offender < n)
        return SELO_E_INPUT;
    for (size_t i = 0; i < n; i++) {
        const bool ok = valid[i] != 0 && isfinite(raw[i]);
        const double v = ok ? scaled(rule, raw[i]) : 0;
        values[i] = (float)(v < 0 ? 0 : v > 1 ? 1 : v);
        valid[i] = ok;
    }
    for (size_t i = 0; levels && i < n; i++) /* + 0.5 and cut: the same as rounding, for no product ends on .5 but one half */
        levels[i] = (uint16_t)(65535.0 * (double)values[i] + 0.5);
    return SELO_OK;
}
