/* Attention centres of a map, found while its rows stream by.
 *
 * A map is smoothed by repeated box means; a pixel whose smoothed value is greater than 0 and equals the maximum over
 * its separation window is a peak; 8-connected peaks form a plateau. Source: TGRS 2022, doi 10.1109/TGRS.2022.3207171,
 * section III-C, and the published evaluation class (docs/metrics.md states both arithmetics).
 *
 * Memory grows with width x (smoothing + separation window height), never with the height of the map. */
#ifndef SELO_PEAKS_H
#define SELO_PEAKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A window around pixel i: i - before ... i + after, in pixels; both at least 0. */
typedef struct selo_extent {
    int before;
    int after;
} selo_extent;

/* What a box mean sees beyond the edge of the map. */
typedef enum selo_border {
    SELO_BORDER_REFLECT, /* the map mirrored without repeating its edge (101), divided by the full window; no mask */
    SELO_BORDER_CUT      /* nothing: the mean of the valid pixels of the window cut to the map */
} selo_border;

typedef struct selo_peaks_options {
    int width;             /* pixels, at least 1 */
    int height;            /* pixels, at least 1 */
    int passes;            /* box means in a row, at least 0 */
    selo_extent smooth_x;  /* box window along a row */
    selo_extent smooth_y;  /* box window along a column */
    selo_extent apart_x;   /* separation window along a row, always cut to the map */
    selo_extent apart_y;   /* separation window along a column */
    selo_border border;
    int threads;           /* at least 1; the result does not depend on it */
    bool exhaustive;       /* smooth every pixel, also where no peak can be: the plain way, for tests */
} selo_peaks_options;

/* One plateau of peaks. */
typedef struct selo_plateau {
    int64_t size;         /* pixels */
    int64_t sum_x;        /* of columns */
    int64_t sum_y;        /* of rows */
    int first_x, first_y; /* its first pixel in raster order; plateaus are returned in this order */
    uint16_t level;       /* smoothed value of its first pixel: of all, if the separation window
                             reaches 1 pixel each way */
    double value_sum;     /* unsmoothed values over the plateau, of `exact` where given, else of `values`; added along
                             the runs of a row, then runs in an order that depends on the plateau's shape only */
    int32_t centre_value; /* unsmoothed `values` at column sum_x / size, row sum_y / size (rounded down); -1 if that row
                             had already left memory (more rows above the plateau's end than its separation window is
                             high): read the map there */
} selo_plateau;

typedef struct selo_peaks selo_peaks;

/* Starts a search. The caller frees it with selo_peaks_free(). SELO_E_ARGUMENT for options out of range. */
SELO_API selo_status selo_peaks_new(const selo_peaks_options *options, selo_peaks **search);

/* The next n_rows rows of the map, top to bottom, row-major, `width` values each.
 *   values  0..65535
 *   valid   per pixel 0 (no data) or 1; NULL: all valid. Must be NULL with SELO_BORDER_REFLECT.
 *   exact   per pixel the value before it was made an integer; NULL: `values` are exact
 * Whether valid and exact are NULL must not change between calls. SELO_E_ARGUMENT where it does, for more rows than the
 * map has, and for a mask with SELO_BORDER_REFLECT. */
SELO_API selo_status selo_peaks_push(selo_peaks *search, const uint16_t *values, const uint8_t *valid,
                                     const float *exact, int n_rows);

/* As selo_peaks_push() for values 0..255 without valid and exact, in half the memory and less time.
 * The two must not be mixed; errors as there. */
SELO_API selo_status selo_peaks_push_bytes(selo_peaks *search, const uint8_t *values, int n_rows);

/* Ends the search after exactly `height` rows; *plateaus is an array of *count, which the caller frees with
 * selo_free(). SELO_E_ARGUMENT as long as rows are missing. */
SELO_API selo_status selo_peaks_finish(selo_peaks *search, selo_plateau **plateaus, size_t *count);

SELO_API void selo_peaks_free(selo_peaks *search);

#ifdef __cplusplus
}
#endif
#endif
