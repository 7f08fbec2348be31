/* A map as bands of rows that stream by. While a band is computed, the one before is written, and the next one is read
 * and begun: so no thread waits for the last piece of a band. */
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "crew.h"
#include "filter.h"
#include "selo/memory.h"

enum { PLACES_MAX = 2 };

/* Band k is in place k % n_places. */
typedef struct {
    const selo_row_stream *stream;
    const selo_band_work *work;
    selo_band bands[PLACES_MAX];
    uint8_t *inputs[PLACES_MAX], *outputs[PLACES_MAX];
    int n_bands, n_places, rows;
    selo_crew *crew;
    atomic_int status; /* of computing */
} flow;

static size_t row_bytes(const selo_filter_options *options)
{
    return (size_t)options->width * (options->sample == SELO_SAMPLE_BYTE ? 1 : sizeof(float));
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
static selo_status read_band(flow *f, int k)
{
    selo_band *band = &f->bands[k % f->n_places], before = f->bands[(k + f->n_places - 1) % f->n_places];
    uint8_t *to = f->inputs[k % f->n_places];
    const size_t stride = row_bytes(band->options);
    choose_rows(band, k * f->rows, f->rows);
    const int n = band->last_row + 1 - band->first_row, held = k > 0 ? before.last_row + 1 - band->first_row : 0;
    if (held > 0)
        memmove(to, (const uint8_t *)before.input + (size_t)(band->first_row - before.first_row) * stride,
                (size_t)held * stride);
    return n > held ? f->stream->read(f->stream->user, band->first_row + held, n - held, to + (size_t)held * stride)
                    : SELO_OK;
}

static selo_status write_band(const flow *f, int k)
{
    const selo_band *band = &f->bands[k % f->n_places];
    return f->stream->write(f->stream->user, band->row_start, band->row_end - band->row_start, band->output);
}

static void do_piece(void *context, size_t piece, int worker)
{
    flow *f = context;
    const size_t n = (size_t)f->work->n_pieces;
    const selo_status status = f->work->run(&f->bands[piece / n % (size_t)f->n_places], (int)(piece % n), worker);
    if (status)
        atomic_store(&f->status, (int)status);
}

static selo_status run_bands(flow *f)
{
    const size_t n_pieces = (size_t)f->work->n_pieces;
    selo_status status = SELO_OK;
    for (int k = 0, next = 0; k < f->n_bands && !status; k++) {
        for (; next < f->n_bands && next < k + f->n_places && !status; next++) {
            status = read_band(f, next);
            if (!status)
                selo_crew_release(f->crew, (size_t)(next + 1) * n_pieces);
        }
        if (!status) {
            selo_crew_wait(f->crew, (size_t)(k + 1) * n_pieces);
            status = (selo_status)atomic_load(&f->status);
        }
        if (!status)
            status = write_band(f, k);
    }
    return status;
}

int selo_filter_input_rows(const selo_band *band, int rows)
{
    const int64_t height = band->options->height, held = rows + 2 * (int64_t)band->radius_y;
    return (int)(held < height ? held : height);
}

/* Bands that are in memory at a time. */
static int count_places(const selo_band *band, int rows)
{
    return band->options->threads > 1 && rows < band->options->height ? PLACES_MAX : 1;
}

int selo_filter_workers(const selo_band *band, int rows, int n_pieces)
{
    const int64_t at_once = (int64_t)count_places(band, rows) * n_pieces;
    return band->options->threads < at_once ? band->options->threads : (int)at_once;
}

static bool make_places(flow *f, const selo_band *band)
{
    const size_t stride = row_bytes(band->options), n_rows = (size_t)selo_filter_input_rows(band, f->rows);
    bool made = true;
    for (int k = 0; k < f->n_places && made; k++) {
        f->inputs[k] = selo_alloc(n_rows, stride);
        f->outputs[k] = selo_alloc((size_t)f->rows, stride);
        f->bands[k] = *band;
        f->bands[k].input = f->inputs[k];
        f->bands[k].output = f->outputs[k];
        made = f->inputs[k] && f->outputs[k];
    }
    return made;
}

selo_status selo_filter_bands(const selo_row_stream *stream, const selo_band *band, int rows,
                              const selo_band_work *work)
{
    const int64_t height = band->options->height;
    flow f = {.stream = stream, .work = work, .n_bands = (int)((height + rows - 1) / rows), .rows = rows};
    f.n_places = count_places(band, rows);
    bool made = make_places(&f, band);
    if (made)
        made = (f.crew = selo_crew_new(selo_filter_workers(band, rows, work->n_pieces), do_piece, &f)) != NULL;
    const selo_status status = made ? run_bands(&f) : SELO_E_MEMORY;
    selo_crew_free(f.crew); /* first: where something failed, pieces are still at work in the buffers */
    for (int k = 0; k < f.n_places; k++) {
        selo_free(f.inputs[k]);
        selo_free(f.outputs[k]);
    }
    return status;
}
