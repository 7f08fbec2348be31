#include "filter.h"

#include <string.h>

#include "median_exact.h"
#include "selo/memory.h"

/* Of two bands' input and output, and what they are computed in. */
enum { BANDS_BYTES = 128 << 20, BLOCK_ROWS = 256 };

static size_t sample_size(selo_sample sample)
{
    return sample == SELO_SAMPLE_BYTE ? 1 : sizeof(float);
}

static bool good_size(int size)
{
    return size >= 1 && size <= SELO_FILTER_SIZE_MAX && size % 2 == 1;
}

static bool good_options(const selo_filter_options *options)
{
    return options && options->width >= 1 && options->height >= 1 && options->threads >= 1 &&
           (options->method == SELO_FILTER_NONE || (good_size(options->size_x) && good_size(options->size_y)));
}

/* Output rows per band, all about equal: each band counts anew what its columns' windows hold, so it should be taller
 * than they. Whole rows of the blocks that a file mostly has, so that none is written in two parts. */
static int band_rows(const selo_filter_options *options, int radius_y)
{
    const size_t row = (size_t)options->width * (4 * sample_size(options->sample) + sizeof(float));
    const size_t most = BANDS_BYTES / row + 1, least = 4 * (size_t)radius_y + 64;
    const int64_t height = options->height, rows = (int64_t)(most > least ? most : least),
                  n = (height + rows - 1) / rows;
    const int64_t equal = (height + n - 1) / n, whole = (equal + BLOCK_ROWS - 1) / BLOCK_ROWS * BLOCK_ROWS;
    return (int)(whole < height ? whole : height);
}

/* A window of one pixel holds its value, whatever the method. */
static selo_status copy_band(const selo_band *band, int piece, int worker)
{
    (void)piece, (void)worker;
    const size_t stride = (size_t)band->options->width * sample_size(band->options->sample);
    memcpy(band->output, band->input, stride * (size_t)(band->row_end - band->row_start));
    return SELO_OK;
}

static selo_status filter_median(const selo_row_stream *stream, selo_band *band, int rows)
{
    selo_status status = selo_median_new(band, rows, &band->median);
    if (!status) {
        const selo_band_work work = {selo_median_stripes(band->median), selo_filter_median_stripe};
        status = selo_filter_bands(stream, band, rows, &work);
    }
    selo_median_free(band->median);
    return status;
}

static selo_status filter_exactly(const selo_row_stream *stream, selo_band *band, int rows)
{
    selo_status status = selo_exact_new(band, rows, &band->exact);
    if (!status) {
        const selo_band_work work = {selo_exact_pieces(band->exact), selo_filter_exact_piece};
        status = selo_filter_bands(stream, band, rows, &work);
    }
    selo_exact_free(band->exact);
    return status;
}

selo_status selo_filter_run(const selo_filter_options *options, const selo_row_stream *stream)
{
    if (!good_options(options) || !stream)
        return SELO_E_ARGUMENT;
    const bool plain = options->method == SELO_FILTER_NONE;
    selo_band band = {.options = options, .radius_x = plain ? 0 : options->size_x / 2,
                      .radius_y = plain ? 0 : options->size_y / 2};
    const int rows = band_rows(options, band.radius_y);
    const bool one_pixel = band.radius_x == 0 && band.radius_y == 0;
    if (options->method == SELO_FILTER_MEDIAN && !one_pixel)
        return selo_exact_suits(&band) ? filter_exactly(stream, &band, rows) : filter_median(stream, &band, rows);
    const selo_band_work work = {1, one_pixel                                 ? copy_band
                                    : options->method == SELO_FILTER_GAUSSIAN ? selo_filter_gaussian_band
                                                                              : selo_filter_box_band};
    return selo_filter_bands(stream, &band, rows, &work);
}
