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
 * A median of floating point values is taken on at most 1024 levels (selo_levels). A map of no more different values
 * has its exact median; else it is exact which level the median lies on, and its place there is interpolated by rank:
 * the error is less than the width of a level, which holds about 1/1024 of the map's pixels.
 *
 * The time per pixel does not grow with the size of a median or a box; a Gaussian has at most 256 weights that are not
 * zero, whatever its size.
 *
 * Sources: Perreault and Hebert 2007, doi 10.1109/TIP.2007.902329 (median in constant time), and the library that the
 * published generators call. */
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

/* The values of a map, put into at most 1024 levels of adjacent ones: they are told apart by 65536 equal steps of their
 * range, a step that holds a value is a level, and where there are more of those than levels, neighbours share one, so
 * that all hold about equally many pixels. */
typedef struct selo_levels selo_levels;

/* For values from low to high, both finite, low <= high. Free with selo_levels_free(). */
SELO_API selo_status selo_levels_new(float low, float high, selo_levels **levels);
/* Takes n more values; NaN and what is out of range count for nothing. */
SELO_API void selo_levels_add(selo_levels *levels, const float *values, size_t n);
/* After the last value: makes the levels. */
SELO_API void selo_levels_finish(selo_levels *levels);
SELO_API void selo_levels_free(selo_levels *levels);

typedef struct selo_filter_options {
    selo_filter_method method;
    int size_x, size_y; /* odd, 1 ... SELO_FILTER_SIZE_MAX, px; not read with NONE */
    selo_sample sample; /* of what is read and written */
    int width, height;  /* px, at least 1 */
    const selo_levels *levels; /* median of floats: finished; else not read */
    int threads;        /* at least 1; the result does not depend on it */
} selo_filter_options;

/* Where rows come from and go to: n_rows whole rows, row-major. Both are called on the caller's thread, from the top to
 * the bottom, each row once; what they return other than SELO_OK ends the run and is its result. */
typedef struct selo_row_stream {
    void *user;
    selo_status (*read)(void *user, int row, int n_rows, void *rows);
    selo_status (*write)(void *user, int row, int n_rows, const void *rows);
} selo_row_stream;

/* Smooths a whole map. Memory: bands of rows of some 200 MiB together, at least 2 size_y rows, and 1 MiB per thread. */
SELO_API selo_status selo_filter_run(const selo_filter_options *options, const selo_row_stream *stream);

/* The Gaussian's integer weights: sigma = 0.15 size + 0.35, normalised to a sum of 256, each rounded with the error of
 * those before it carried along, symmetric; 3, 5 and 7 px have weights of their own, as in the published code's library. size odd, 1 ... SELO_FILTER_SIZE_MAX; `weights` has size entries. */
SELO_API selo_status selo_gaussian_weights(int size, int *weights);

#ifdef __cplusplus
}
#endif
#endif
