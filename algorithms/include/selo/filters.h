/* Smoothing of any map, while its rows stream by: median, Gaussian and box.
 *
 *             window of pixel i    beyond the edge    value
 * median      i - k ... i + k      the edge repeated  the smallest v such that at least half of the valid values are <= v
 * gaussian    i - k ... i + k      mirrored (101)     weighted mean, integer weights of 8 fractional bits
 * box         i - k ... i + k      mirrored (101)     mean
 *
 * with k = (size - 1) / 2. These are the definitions of the published code's library, stated in docs/maps.md: on bytes
 * without NoData the results are the same to the last bit. A pixel without a value stays without, and takes no part in
 * its neighbours'.
 *
 * A median of floating point values is taken on 65535 equal steps between `low` and `high`: at most half a step, or
 * 1/131068 of the range, from the exact one. The time per pixel does not grow with the size of a median or a box; a
 * Gaussian has at most 256 weights that are not zero, whatever its size. */
#ifndef SELO_FILTERS_H
#define SELO_FILTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum selo_sample {
    SELO_SAMPLE_BYTE, /* uint8_t, 0..255 */
    SELO_SAMPLE_FLOAT /* float; NaN is no value */
} selo_sample;

typedef enum selo_filter_method {
    SELO_FILTER_NONE,
    SELO_FILTER_MEDIAN,
    SELO_FILTER_GAUSSIAN,
    SELO_FILTER_BOX
} selo_filter_method;

#define SELO_FILTER_SIZE_MAX 32767

/* The Gaussian's integer weights: sigma = 0.15 size + 0.35, normalised to a sum of 256, each rounded with the error of
 * those before it carried along, symmetric. size odd, 1 ... SELO_FILTER_SIZE_MAX; `weights` has size entries. */
SELO_API selo_status selo_gaussian_weights(int size, int *weights);

#ifdef __cplusplus
}
#endif
#endif
