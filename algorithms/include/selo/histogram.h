/* Area of a map per level of attention, inside and outside an area: what every threshold score follows from. */
#ifndef SELO_HISTOGRAM_H
#define SELO_HISTOGRAM_H

#include "selo/mass.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A value v belongs to level round(v * (levels - 1)). */
#define SELO_LEVELS_16 65536   /* exact for 8 and 16 bit maps */
#define SELO_LEVELS_20 1048576 /* for large maps of floats: ties that only rounding makes are rare */
#define SELO_EXACT_PIXELS 262144 /* up to so many pixels their values themselves are kept */

typedef struct selo_histogram {
    size_t levels;  /* 0: exact, an entry per pixel */
    size_t entries; /* used */
    size_t room;
    float *values;  /* exact: of each entry; else NULL */
    double *inside; /* area covered, per entry */
    double *all;    /* area, per entry */
} selo_histogram;

/* Empty histogram of SELO_LEVELS_16 or SELO_LEVELS_20, exact where the map has at most SELO_EXACT_PIXELS; the caller
 * frees it with selo_histogram_free(). pixels = 0: one to merge others into. SELO_E_ARGUMENT for another
 * number of levels. */
SELO_API selo_status selo_histogram_new(size_t levels, size_t pixels, selo_histogram **histogram);

/* Adds the valid pixels of a row; runs are those covered by the area. No more rows than announced. */
SELO_API void selo_histogram_add_row(selo_histogram *histogram, const selo_map_row *row, const selo_cover_run *runs,
                                     size_t n_runs);

/* Pools: adds `other` to a histogram of levels, which has at least as many; else SELO_E_ARGUMENT. */
SELO_API selo_status selo_histogram_merge(selo_histogram *histogram, const selo_histogram *other);

/* Values held, ascending and each once, and their areas: what selo/curve.h takes. */
typedef struct selo_held {
    size_t n;
    double *values, *inside, *outside; /* outside: exactly 0 where all is inside but for rounding */
} selo_held;

/* The caller clears it with selo_held_clear(). */
SELO_API selo_status selo_histogram_held(const selo_histogram *histogram, selo_held *held);
SELO_API void selo_held_clear(selo_held *held);

SELO_API void selo_histogram_free(selo_histogram *histogram);

#ifdef __cplusplus
}
#endif
#endif
