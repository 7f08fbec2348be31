/* All box means of a rectangle of the map at once, exactly, from the pixels around it. */
#ifndef SELO_KERNELS_PATCH_H
#define SELO_KERNELS_PATCH_H

#include "rows.h"
#include "selo/peaks.h"

/* Pixels x0 ... x1 - 1 of rows y0 ... y1 - 1. */
typedef struct selo_rect {
    int x0, y0, x1, y1;
} selo_rect;

/* The map: rows still in memory. */
typedef struct selo_patch_map {
    const selo_peaks_options *options;
    selo_rows values; /* uint8 or uint16 */
    selo_rows valid;  /* uint8, where masked */
    bool bytes, masked;
} selo_patch_map;

static inline uint16_t selo_patch_value(const selo_patch_map *map, int x, int y)
{
    const void *row = selo_rows_at(&map->values, y);
    return map->bytes ? ((const uint8_t *)row)[x] : ((const uint16_t *)row)[x];
}

/* What one thread works with. */
typedef struct selo_patch {
    const selo_patch_map *map;
    uint16_t *now, *next; /* values of the present pass and of the next one */
    uint8_t *valid;
    uint32_t *columns;    /* sums of columns, with room for what lies beyond the edge */
    int32_t *counts;      /* of valid pixels likewise */
    int64_t *sums;        /* of windows along a row */
    int32_t *sums32;      /* the same where they fit */
    double *divisors;
    bool small;           /* no sum of a window exceeds INT32_MAX */
    float inverse;        /* of the pixels of a window, if multiplying by it rounds every sum as it should; else 0 */
} selo_patch;

/* For rectangles of at most width x height pixels. Refused with SELO_E_ARGUMENT if windows are too high for the
 * sums. */
selo_status selo_patch_new(selo_patch *patch, const selo_patch_map *map, int width, int height);
void selo_patch_free(selo_patch *patch);

/* The smoothed rectangle, row-major and as wide as itself, in patch->now. Allocates nothing. */
void selo_patch_smooth(selo_patch *patch, selo_rect rect);

#endif
