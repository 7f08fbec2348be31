#include "filter.h"

#include <pthread.h>
#include <string.h>

#include "selo/memory.h"

enum { BAND_BYTES = 96 << 20, BLOCK_ROWS = 256 };

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
    const size_t row = (size_t)options->width * (3 * sample_size(options->sample) + sizeof(float));
    const size_t most = BAND_BYTES / row + 1, least = 4 * (size_t)radius_y + 64;
    const int64_t height = options->height, rows = (int64_t)(most > least ? most : least),
                  n = (height + rows - 1) / rows;
    const int64_t equal = (height + n - 1) / n, whole = (equal + BLOCK_ROWS - 1) / BLOCK_ROWS * BLOCK_ROWS;
    return (int)(whole < height ? whole : height);
}

/* A window of one pixel holds its value, whatever the method. */
static selo_status run_band(const selo_band *band)
{
    switch (band->radius_x > 0 || band->radius_y > 0 ? band->options->method : SELO_FILTER_NONE) {
    case SELO_FILTER_MEDIAN: return selo_filter_median_band(band);
    case SELO_FILTER_GAUSSIAN: return selo_filter_gaussian_band(band);
    case SELO_FILTER_BOX: return selo_filter_box_band(band);
    default: break;
    }
    const size_t stride = (size_t)band->options->width * sample_size(band->options->sample);
    memcpy(band->output, band->input, stride * (size_t)(band->row_end - band->row_start));
    return SELO_OK;
}

/* While a band is computed, the one before is written and the one after is read. Three buffers take turns: of a band's
 * input, of its output, and one that the output before is written from and then the input after is read into. */
typedef struct {
    selo_band band;
    selo_status status; /* of computing */
} turn;

static size_t row_bytes(const selo_filter_options *options)
{
    return (size_t)options->width * sample_size(options->sample);
}

static void choose_rows(selo_band *band, int row_start, int rows)
{
    const int height = band->options->height, radius = band->radius_y;
    band->row_start = row_start;
    band->row_end = height - row_start < rows ? height : row_start + rows;
    band->first_row = row_start > radius ? row_start - radius : 0;
    band->last_row = height - band->row_end < radius ? height - 1 : band->row_end - 1 + radius;
}

/* Input rows that the band before has in memory are copied; the rest is read behind them. */
static selo_status read_band(const selo_row_stream *stream, const selo_band *before, const selo_band *band, uint8_t *to)
{
    const size_t stride = row_bytes(band->options);
    const int n = band->last_row + 1 - band->first_row, held = before ? before->last_row + 1 - band->first_row : 0;
    if (held > 0)
        memcpy(to, (const uint8_t *)before->input + (size_t)(band->first_row - before->first_row) * stride,
               (size_t)held * stride);
    return n > held ? stream->read(stream->user, band->first_row + held, n - held, to + (size_t)held * stride)
                    : SELO_OK;
}

static selo_status write_band(const selo_row_stream *stream, const selo_band *band)
{
    return stream->write(stream->user, band->row_start, band->row_end - band->row_start, band->output);
}

static void *compute(void *at)
{
    turn *t = at;
    t->status = run_band(&t->band);
    return NULL;
}

/* Computes a band; meanwhile, if there may be threads, the rest of the work goes on in this one: of the band before,
 * unless this is the first, and of the one after, unless this is the last, which is read to where the former lay. */
static selo_status run_turn(const selo_row_stream *stream, turn *now, const selo_band *before, selo_band *after,
                            uint8_t *third)
{
    selo_status status = SELO_OK;
    pthread_t thread;
    const bool apart = now->band.options->threads > 1 && pthread_create(&thread, NULL, compute, now) == 0;
    if (!apart)
        compute(now);
    if (before->row_end > 0)
        status = write_band(stream, before);
    if (!status && now->band.row_end < now->band.options->height)
        status = read_band(stream, &now->band, after, third);
    if (apart)
        pthread_join(thread, NULL);
    return status ? status : now->status;
}

static selo_status run_turns(const selo_row_stream *stream, const selo_band *band, uint8_t *buffers[3], int rows)
{
    const int height = band->options->height;
    turn now = {.band = *band};
    selo_band before = *band; /* without rows */
    choose_rows(&now.band, 0, rows);
    selo_status status = read_band(stream, NULL, &now.band, buffers[0]);
    for (int row = 0; row < height && !status;) {
        uint8_t *const in = buffers[0], *const out = buffers[1], *const third = buffers[2];
        selo_band after = *band;
        now.band.input = in;
        now.band.output = out;
        row = now.band.row_end;
        choose_rows(&after, row, rows);
        status = run_turn(stream, &now, &before, &after, third);
        before = now.band;
        now.band = after;
        buffers[0] = third;
        buffers[1] = in;
        buffers[2] = out;
    }
    return status ? status : write_band(stream, &before);
}

/* Input rows that a band meets, at most. */
static int most_input_rows(const selo_band *band, int rows)
{
    const int64_t height = band->options->height, held = rows + 2 * (int64_t)band->radius_y;
    return (int)(held < height ? held : height);
}

static selo_status run_in_buffers(const selo_row_stream *stream, const selo_band *band, int rows)
{
    uint8_t *buffers[3] = {NULL};
    const int n = rows < band->options->height ? 3 : 2; /* one band needs no third */
    selo_status status = SELO_OK;
    for (int k = 0; k < n && !status; k++) {
        buffers[k] = selo_alloc((size_t)most_input_rows(band, rows), row_bytes(band->options));
        status = buffers[k] ? SELO_OK : SELO_E_MEMORY;
    }
    if (!status)
        status = run_turns(stream, band, buffers, rows);
    for (int k = 0; k < 3; k++)
        selo_free(buffers[k]);
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
    selo_status status = SELO_OK;
    if (options->method == SELO_FILTER_MEDIAN)
        status = selo_median_new(&band, most_input_rows(&band, rows), &band.median);
    if (!status)
        status = run_in_buffers(stream, &band, rows);
    selo_median_free(band.median);
    return status;
}
