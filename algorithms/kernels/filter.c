#include "filter.h"

#include <string.h>

#include "selo/memory.h"

enum { BAND_BYTES = 200 << 20 };

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
           (options->method == SELO_FILTER_NONE || (good_size(options->size_x) && good_size(options->size_y))) &&
           (options->method != SELO_FILTER_MEDIAN || options->sample == SELO_SAMPLE_BYTE ||
            (options->levels && options->levels->n >= 0));
}

/* Output rows per band: each band reads anew what its columns' windows hold, so it should be much taller than they. */
static int band_rows(const selo_filter_options *options, int radius_y)
{
    const size_t row = (size_t)options->width * (sample_size(options->sample) * 2 + sizeof(float));
    const size_t most = BAND_BYTES / row + 1, least = 4 * (size_t)radius_y + 64;
    const size_t rows = most > least ? most : least;
    return rows < (size_t)options->height ? (int)rows : options->height;
}

static selo_status run_band(const selo_band *band)
{
    switch (band->options->method) {
    case SELO_FILTER_MEDIAN: return selo_filter_median_band(band);
    case SELO_FILTER_GAUSSIAN: return selo_filter_gaussian_band(band);
    case SELO_FILTER_BOX: return selo_filter_box_band(band);
    default: break;
    }
    const size_t stride = (size_t)band->options->width * sample_size(band->options->sample);
    memcpy(band->output, band->input, stride * (size_t)(band->row_end - band->row_start));
    return SELO_OK;
}

/* Input rows that are in memory already move to the top; the rest is read behind them. */
static selo_status read_band(const selo_row_stream *stream, selo_band *band, uint8_t *input, int *read_rows)
{
    const size_t stride = (size_t)band->options->width * sample_size(band->options->sample);
    const int height = band->options->height;
    const int first = band->row_start > band->radius_y ? band->row_start - band->radius_y : 0;
    const int last = band->row_end - 1 < height - band->radius_y ? band->row_end - 1 + band->radius_y : height - 1;
    memmove(input, input + (size_t)(first - band->first_row) * stride, (size_t)(*read_rows - first) * stride);
    band->first_row = first;
    band->last_row = last;
    const int start = *read_rows, n = last + 1 - start;
    *read_rows = last + 1;
    return n > 0 ? stream->read(stream->user, start, n, input + (size_t)(start - first) * stride) : SELO_OK;
}

selo_status selo_filter_run(const selo_filter_options *options, const selo_row_stream *stream)
{
    if (!good_options(options) || !stream)
        return SELO_E_ARGUMENT;
    const bool plain = options->method == SELO_FILTER_NONE;
    selo_band band = {.options = options, .radius_x = plain ? 0 : options->size_x / 2,
                      .radius_y = plain ? 0 : options->size_y / 2};
    const int rows = band_rows(options, band.radius_y);
    const size_t stride = (size_t)options->width * sample_size(options->sample);
    const size_t held = (size_t)rows + 2 * (size_t)band.radius_y;
    uint8_t *input = selo_alloc(held < (size_t)options->height ? held : (size_t)options->height, stride);
    uint8_t *output = selo_alloc((size_t)rows, stride);
    selo_status status = input && output ? SELO_OK : SELO_E_MEMORY;
    band.input = input;
    band.output = output;
    for (int row = 0, read_rows = 0; row < options->height && !status; row = band.row_end) {
        band.row_start = row;
        band.row_end = options->height - row < rows ? options->height : row + rows;
        status = read_band(stream, &band, input, &read_rows);
        if (!status)
            status = run_band(&band);
        if (!status)
            status = stream->write(stream->user, row, band.row_end - row, output);
    }
    selo_free(input);
    selo_free(output);
    return status;
}
