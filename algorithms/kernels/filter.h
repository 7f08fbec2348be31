/* Bands of rows that the filters of this room work on (private). */
#ifndef SELO_KERNELS_FILTER_H
#define SELO_KERNELS_FILTER_H

#include "selo/filters.h"

/* What medians are worked out in, from band to band. */
typedef struct selo_median selo_median;
typedef struct selo_exact selo_exact;

/* Output rows row_start ... row_end - 1, and the input rows that their windows meet, first_row ... last_row. */
typedef struct {
    const selo_filter_options *options;
    int radius_x, radius_y;
    int row_start, row_end;
    int first_row, last_row;
    const void *input; /* from first_row on */
    void *output;      /* from row_start on */
    selo_median *median; /* NULL: another method */
    selo_exact *exact;   /* NULL: another method */
} selo_band;

/* Pieces of a band that do not depend on each other; `worker`, below selo_filter_workers(), is that of the thread. */
typedef struct {
    int n_pieces;
    selo_status (*run)(const selo_band *band, int piece, int worker);
} selo_band_work;

/* Reads, computes and writes all bands of `rows` output rows; `band` is what they have in common. */
selo_status selo_filter_bands(const selo_row_stream *stream, const selo_band *band, int rows,
                              const selo_band_work *work);

/* Threads that compute; input rows that a band meets, at most. */
int selo_filter_workers(const selo_band *band, int rows, int n_pieces);
int selo_filter_input_rows(const selo_band *band, int rows);

/* For bands of at most `rows` output rows, with the options and radii of `band`; the pieces of a band are its stripes.
 * SELO_E_MEMORY, or the caller frees it with selo_median_free(). */
selo_status selo_median_new(const selo_band *band, int rows, selo_median **median);
int selo_median_stripes(const selo_median *median);
void selo_median_free(selo_median *median);

/* Work of bands. A Gaussian and a box do the whole band as one piece. */
selo_status selo_filter_median_stripe(const selo_band *band, int stripe, int worker);
selo_status selo_filter_gaussian_band(const selo_band *band, int piece, int worker);
selo_status selo_filter_box_band(const selo_band *band, int piece, int worker);

/* Index mirrored without repeating the edge (101), however far outside. */
static inline int selo_mirror(int64_t at, int length)
{
    if (at >= 0 && at < length)
        return (int)at;
    if (length == 1)
        return 0;
    const int64_t period = 2 * (int64_t)length - 2;
    at %= period;
    if (at < 0)
        at += period;
    return (int)(at < length ? at : period - at);
}

#endif
