/* Windows brought to the size that a model takes: the two rules that published models were trained with.
 *
 * Both take one band of 8-bit pixels and are exact copies of the arithmetic of the libraries that those models came
 * with; docs/encoders.md states it. */
#ifndef SELO_RESIZE_H
#define SELO_RESIZE_H

#include <stddef.h>
#include <stdint.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The largest side of a source or target, in pixels. */
#define SELO_RESIZE_SIDE_MAX 65536

/* Values as 8 bits, before they are resized: low becomes 0, high 255, to the nearest (ties to even), cut there.
 *   values   n of them
 *   valid    n flags; where one is 0 the byte is `filling`. NULL: all are valid
 *   bytes    n, of the caller; a value that is not a number becomes 0 */
SELO_API void selo_bytes_from_values(const float *values, const uint8_t *valid, size_t n, double low, double high,
                                     uint8_t filling, uint8_t *bytes);

/* The published crops: cubic interpolation with A = -0.75 (Keys 1981, doi 10.1109/TASSP.1981.1163711), no smoothing
 * before it, as OpenCV's INTER_CUBIC on x86. The aspect is not kept.
 *   source  height rows of width pixels, `stride` >= width bytes apart
 *   target  target_height rows of target_width pixels, tight, of the caller
 * SELO_E_ARGUMENT if a side is below 1 or above SELO_RESIZE_SIDE_MAX. */
SELO_API selo_status selo_resize_cubic(const uint8_t *source, size_t stride, int width, int height, uint8_t *target,
                                       int target_width, int target_height);

/* CLIP's rule: antialiased bicubic (A = -0.5, as Pillow's BICUBIC) that makes the shorter side `side` pixels, then the
 * middle side x side pixels of it. Arguments as above; target has side * side pixels. */
SELO_API selo_status selo_resize_clip(const uint8_t *source, size_t stride, int width, int height, uint8_t *target,
                                      int side);

#ifdef __cplusplus
}
#endif
#endif
