/* One box mean, row by row, the plain way: any window, both borders, with or without a mask. */
#ifndef SELO_KERNELS_BOX_H
#define SELO_KERNELS_BOX_H

#include "rows.h"
#include "selo/peaks.h"

typedef struct selo_box {
    int width, height;
    selo_extent x, y;
    selo_border border;
    bool masked;
    int pushed, done; /* rows in, rows out */
    selo_rows values; /* uint16 */
    selo_rows valid;  /* uint8, where masked */
    uint64_t *sums;   /* of each column over the window's rows */
    int32_t *counts;  /* of valid pixels likewise; by columns where there is no mask */
} selo_box;

selo_status selo_box_new(selo_box *box, int width, int height, selo_extent x, selo_extent y, selo_border border,
                         bool masked);
void selo_box_free(selo_box *box);

/* The next row; valid is NULL exactly where the box is not masked. */
void selo_box_push(selo_box *box, const uint16_t *values, const uint8_t *valid);

/* The next row of means, once its window is complete; *valid is the mask of that row or NULL. */
bool selo_box_next(selo_box *box, uint16_t *means, const uint8_t **valid);

/* No wider than an axis of n pixels can show. */
selo_extent selo_extent_cut(selo_extent extent, int n);

/* The index that a mirror at both ends (101) shows at i; n >= 1. */
int selo_reflect(int i, int n);

#endif
