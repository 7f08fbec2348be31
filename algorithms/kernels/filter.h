/* Bands of rows that the filters of this room work on (private). */
#ifndef SELO_KERNELS_FILTER_H
#define SELO_KERNELS_FILTER_H

#include "selo/filters.h"

/* What medians are worked out in, from band to band. */
typedef struct selo_median selo_median;

/* Output rows row_start ... row_end - 1, and the input rows that their windows meet, first_row ... last_row. */
typedef struct {
    const selo_filter_options *options;
    int radius_x, radius_y;
    int row_start, row_end;
    int first_row, last_row;
    const void *input; /* from first_row on */
    void *output;      /* from row_start on */
    selo_median *median; /* NULL: another method */
} selo_band;

/* For bands of these options and radii that meet at most n_rows input rows. The caller frees it with
 * selo_median_free(). */
selo_status selo_median_new(const selo_band *band, int n_rows, selo_median **median);
void selo_median_free(selo_median *median);

selo_status selo_filter_median_band(const selo_band *band);
selo_status selo_filter_gaussian_band(const selo_band *band);
selo_status selo_filter_box_band(const selo_band *band);

/* Index mirrored without repeating the edge (101), however far outside. */
static inline int selo_mirror(int at, int length)
{
    if (at >= 0 && at < length)
        return at;
    if (length == 1)
        return 0;
    const int period = 2 * length - 2;
    at %= period;
    if (at < 0)
        at += period;
    return at < length ? at : period - at;
}

#endif
