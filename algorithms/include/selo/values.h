/* What a pixel of a map says: raw numbers of any type to attention 0..1, and what is not valid. */
#ifndef SELO_VALUES_H
#define SELO_VALUES_H

#include <stddef.h>
#include <stdint.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* value = ((raw * scale + offset) - low) / (high - low) */
typedef struct selo_value_rule {
    double scale, offset; /* of the band; 1 and 0 where it has none */
    double low, high;     /* what becomes 0 and 1, after scale and offset; low < high, finite */
} selo_value_rule;

/* How far outside 0..1 a value may lie to count as a rounding error, and be cut to 0 or 1. */
#define SELO_VALUE_SLACK 1e-6

/* Turns n raw numbers into values.
 *   valid   in: 0 where the pixel is NoData or masked; out: 0 there and where raw is not finite, else 1
 *   values  0..1; 0 where not valid; may be `raw` itself
 *   levels  round(65535 * value); 0 where not valid; NULL: not wanted
 * SELO_E_INPUT if a valid pixel lies outside 0..1 by more than the slack; *offender is then its index; raw[*offender]
 * is still as it was, what was written elsewhere must not be used. SELO_E_ARGUMENT for a rule without extent. */
SELO_API selo_status selo_values_apply(const selo_value_rule *rule, const float *raw, size_t n, uint8_t *valid,
                                       float *values, uint16_t *levels, size_t *offender);

/* The same for bytes, of which 0 means 0 and 255 means 1: nothing can be out of range. All arrays must be there. */
SELO_API void selo_values_of_bytes(const uint8_t *raw, size_t n, uint8_t *valid, float *values, uint16_t *levels);

#ifdef __cplusplus
}
#endif
#endif
