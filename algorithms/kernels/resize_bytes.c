#include <math.h>

#include "clones.h"
#include "selo/resize.h"

SELO_CLONES static void scale(const float *restrict values, size_t n, double low, double factor,
                              uint8_t *restrict bytes)
{
    for (size_t i = 0; i < n; i++) {
        const double value = rint(((double)values[i] - low) * factor);
        const double least = value > 0 ? value : 0; /* not a number: 0 */
        bytes[i] = (uint8_t)(int)(least < 255 ? least : 255);
    }
}

void selo_bytes_from_values(const float *values, const uint8_t *valid, size_t n, double low, double high,
                            uint8_t filling, uint8_t *bytes)
{
    scale(values, n, low, 255 / (high - low), bytes);
    for (size_t i = 0; valid && i < n; i++)
        bytes[i] = valid[i] ? bytes[i] : filling;
}
