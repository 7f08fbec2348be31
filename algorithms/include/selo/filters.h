/* Smoothing of any map, while its rows stream by: median, Gaussian and box.
 *
 *             window of pixel i    beyond the edge    value
 * median      i - k ... i + k      the edge repeated  the smallest v with at least half of the valid values <= v
 * gaussian    i - k ... i + k      mirrored (101)     weighted mean, integer weights of 8 fractional bits
 * box         i - k ... i + k      mirrored (101)     mean
 *
 * with k = (size - 1) / 2. These are the definitions of the published code's library, stated in docs/maps.md: on bytes
 * without NoData the results are the same to the last bit. A pixel without a value stays without, and takes no part in
 * its neighbours'.
 *
 * A median of floating point values is exact in windows of up to 31 x 31 px. In wider ones it is taken on at most 512
 * levels, which a part of the map has for itself: a stripe of columns of a band of rows. Where a part has no more
 * different values it is exact; else it is exact which level the median lies on, and its place there is interpolated by
 * rank: the error is less than the width of a level, which holds at most about 1/256 of the part's pixels and spans at
 * most about 1/256 of their range. Values are told apart down to 1/65534 of their range there, and further where that
 * would be too little for 1/8 of them (a few outliers do no harm). Infinite values count as the least or the greatest
 * finite one around; where none is, there is no median.
 *
 * The time per pixel does not grow with the size of a median of bytes or on levels, nor of a box; for an exact median
 * of floats it does with the width, up to some five times that on levels; a Gaussian has at most 256 weights that are
 * not zero, whatever its size.
 *
 * Sources: Perreault and Hebert 2007, doi 10.1109/TIP.2007.902329 (median in constant time); Weiss 2006, doi
 * 10.1145/1179352.1141918 (exact medians of sorted tiles); and the library that the published generators call. */
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

typedef struct selo_filter_options {
    selo_filter_method method;
    int size_x, size_y; /* odd, 1 ... SELO_FILTER_SIZE_MAX, px; not read with NONE */
    selo_sample sample; /* of what is read and written */
    int width, height;  /* px, 1 ... INT_MAX */
    int threads;        /* at least 1; the result does not depend on it */
} selo_filter_options;

/* Where rows come from and go to: n_rows whole rows, row-major. Both are called on the caller's thread, from the top to
 * the bottom, each row once; what they return other than SELO_OK ends the run and is its result. */
typedef struct selo_row_stream {
    void *user;
    selo_status (*read)(void *user, int row, int n_rows, void *rows);
    selo_status (*write)(void *user, int row, int n_rows, const void *rows);
} selo_row_stream;

/* Smooths a whole map. With more than one thread, while a band of rows is computed, the one before is written, and the
 * one after is read and begun. Memory: some 128 MiB for these bands, at least 10 size_y rows (half as much with one
 * thread); for a median, counts, levels and distinct values of a stripe of at least 3 size_x columns per thread: mostly
 * below 40 MiB. SELO_E_ARGUMENT for options out of range, SELO_E_MEMORY. */
SELO_API selo_status selo_filter_run(const selo_filter_options *options, const selo_row_stream *stream);

/* The Gaussian's integer weights: sigma = 0.15 size + 0.35, normalised to a sum of 256, each rounded with the error of
 * those before it carried along, symmetric; 3, 5 and 7 px have weights of their own, as in the published code's
 * library. SELO_E_ARGUMENT for another size.
 *   size     odd, 1 ... SELO_FILTER_SIZE_MAX
 *   weights  `size` entries, of the caller */
SELO_API selo_status selo_gaussian_weights(int size, int *weights);

#ifdef __cplusplus
}
#endif
#endif
