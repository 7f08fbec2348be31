/* Arithmetic of embedding vectors: float32, every sum in one fixed order, so that no result depends on threads. */
#ifndef SELO_VECTORS_H
#define SELO_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sum of a[i] * b[i] over n elements: sixteen running sums over equal indices modulo 16, then those in pairs. */
SELO_API float selo_dot(const float *a, const float *b, size_t n);

/* Divides by the Euclidean length. False, and nothing changed, if that is 0 or not finite. */
SELO_API bool selo_normalise(float *vector, size_t n);

/* IEEE 754 binary16 and back; to the nearest, ties to even, beyond 65519 infinite. */
SELO_API uint16_t selo_half_from_float(float value);
SELO_API float selo_half_to_float(uint16_t half);

#ifdef __cplusplus
}
#endif
#endif
