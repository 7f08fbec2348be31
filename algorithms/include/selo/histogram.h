/* Area of a map per level of attention, inside and outside an area: what every threshold score follows from. */
#ifndef SELO_HISTOGRAM_H
#define SELO_HISTOGRAM_H

#include "selo/mass.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Levels: a value v belongs to level round(v * (levels - 1)). */
#define SELO_LEVELS_16 65536    /* exact for 8 and 16 bit maps */
#define SELO_LEVELS_20 1048576  /* for maps of floats: ties that only rounding makes become rare */

typedef struct selo_histogram {
    size_t levels;
    double *inside; /* area covered, per level */
    double *all;    /* area, per level */
} selo_histogram;

/* Empty histogram of SELO_LEVELS_16 or SELO_LEVELS_20; the caller frees it with selo_histogram_free(). */
SELO_API selo_status selo_histogram_new(size_t levels, selo_histogram **histogram);

/* Adds the valid pixels of a row; runs are those covered by the area. */
SELO_API void selo_histogram_add_row(selo_histogram *histogram, const selo_map_row *row, const selo_cover_run *runs,
                                     size_t n_runs);

/* Pools: adds `other`, of the same or of fewer levels (then each of its levels goes to the nearest one). */
SELO_API selo_status selo_histogram_merge(selo_histogram *histogram, const selo_histogram *other);

/* Area outside at a level; exactly 0 where all of it is inside but for rounding. */
SELO_API double selo_histogram_outside(const selo_histogram *histogram, size_t level);

SELO_API void selo_histogram_free(selo_histogram *histogram);

#ifdef __cplusplus
}
#endif
#endif
