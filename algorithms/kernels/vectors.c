#include "selo/vectors.h"

#include <math.h>
#include <string.h>

enum { LANES = 16 };

float selo_dot(const float *a, const float *b, size_t n)
{
    float sums[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (size_t k = 0; k < LANES; k++)
            sums[k] += a[i + k] * b[i + k];
    }
    for (size_t k = 0; i + k < n; k++)
        sums[k] += a[i + k] * b[i + k];
    for (size_t half = LANES / 2; half > 0; half /= 2) {
        for (size_t k = 0; k < half; k++)
            sums[k] += sums[k + half];
    }
    return sums[0];
}

bool selo_normalise(float *vector, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)vector[i] * vector[i];
    const double length = sqrt(sum);
    if (!(length > 0) || !isfinite(length))
        return false;
    for (size_t i = 0; i < n; i++)
        vector[i] = (float)(vector[i] / length);
    return true;
}

uint16_t selo_half_from_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    bits &= 0x7FFFFFFF;
    if (bits > 0x7F800000)
        return sign | 0x7E00;
    if (bits >= 0x477FF000)
        return sign | 0x7C00;
    if (bits < 0x38800000) { /* below 2^-14: steps of 2^-24 */
        memcpy(&value, &bits, sizeof value);
        return (uint16_t)(sign | (uint16_t)lrintf(value * 16777216.f));
    }
    bits += 0xFFF + (bits >> 13 & 1);
    return (uint16_t)(sign | (uint16_t)((bits - 0x38000000) >> 13));
}

float selo_half_to_float(uint16_t half)
{
    const uint32_t exponent = half >> 10 & 31, fraction = half & 1023;
    float value;
    if (exponent == 31)
        value = fraction ? NAN : INFINITY;
    else if (exponent == 0)
        value = ldexpf((float)fraction, -24);
    else
        value = ldexpf((float)(fraction | 1024), (int)exponent - 25);
    return half & 0x8000 ? -value : value;
}
