/* Joins the peaks of one row after another to 8-connected plateaus: streaming union-find over runs. Memory grows with
 * the runs of two rows and with the number of plateaus found. */
#ifndef SELO_KERNELS_PLATEAUS_H
#define SELO_KERNELS_PLATEAUS_H

#include "selo/peaks.h"

/* Neighbouring peaks x0 ... x1 of a row. */
typedef struct selo_run {
    int x0, x1;
    uint16_t level;   /* smoothed value at x0 */
    double value_sum; /* unsmoothed */
} selo_run;

/* Takes the runs of peaks on each row of the map, top to bottom, also where there are none; value_sum is not yet
 * set. */
typedef selo_status (*selo_run_sink)(void *context, int y, selo_run *runs, size_t count);

/* Called when a plateau is complete, at the latest when the row after its last one is pushed:
 * fills in its centre_value. */
typedef void (*selo_plateau_end)(void *context, selo_plateau *plateau, int last_y);

typedef struct selo_plateaus selo_plateaus;

selo_status selo_plateaus_new(selo_plateau_end end, void *context, selo_plateaus **plateaus);
void selo_plateaus_free(selo_plateaus *plateaus);

/* The runs of row y, from left to right and apart from each other; rows in ascending order, those without runs may be
 * left out. */
selo_status selo_plateaus_push(selo_plateaus *plateaus, int y, const selo_run *runs, size_t count);

/* The plateaus in raster order of their first pixels; the caller frees the array with selo_free(). */
selo_status selo_plateaus_finish(selo_plateaus *plateaus, selo_plateau **found, size_t *count);

#endif
