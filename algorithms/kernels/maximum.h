/* The maximum over a window cut to the map, row by row, the plain way (van Herk 1992, doi
 * 10.1016/0167-8655(92)90069-C). */
#ifndef SELO_KERNELS_MAXIMUM_H
#define SELO_KERNELS_MAXIMUM_H

#include "rows.h"
#include "selo/peaks.h"

typedef struct selo_maximum {
    int width, height;
    selo_extent x, y;
    int pushed, done;  /* rows in, rows out */
    selo_rows values;  /* uint16: the last window of rows */
    selo_rows suffix;  /* of the last full block of rows, the maximum from each row to the block's end */
    uint16_t *prefix;  /* the maximum from the beginning of the present block */
    uint16_t *columns; /* the maximum of each column over the window's rows */
    uint16_t *block_suffix; /* the same as `suffix`, along that row */
} selo_maximum;

selo_status selo_maximum_new(selo_maximum *maximum, int width, int height, selo_extent x, selo_extent y);
void selo_maximum_free(selo_maximum *maximum);

/* The next row. */
void selo_maximum_push(selo_maximum *maximum, const uint16_t *values);

/* The next row of maxima, once its window is complete, and the row itself. To be called until false after each push. */
bool selo_maximum_next(selo_maximum *maximum, uint16_t *maxima, const uint16_t **values);

#endif
