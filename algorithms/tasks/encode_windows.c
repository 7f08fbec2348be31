#include "encode_windows.h"

#include <stdlib.h>
#include <string.h>

#include "cpl_error.h"
#include "image_strip.h"
#include "selo/clock.h"
#include "selo/memory.h"

enum { SAVE_EVERY = 256 };
static const double SAVE_EVERY_MS = 5000;

/* A window that waits, cut to the image. */
typedef struct piece {
    selo_window cut;
    size_t index;
    int keep_from; /* first row that this or a later piece needs */
} piece;

typedef struct plan {
    piece *pieces;
    size_t *order; /* their indices */
    size_t n;
    int col_start, col_end, tallest;
} plan;

selo_encode_stages selo_encode_stages_of(const selo_encode_times *times, bool has_network)
{
    if (has_network)
        return (selo_encode_stages){times->read_ms + times->window_ms, times->network_ms};
    return (selo_encode_stages){times->read_ms, times->window_ms};
}

/* The value of white that a data type suggests: 255 for bytes, 10000 for 16 bits, 1 for floating point. */
static double white_of_type(GDALDataType type)
{
    if (GDALDataTypeIsFloating(type))
        return 1;
    return GDALGetDataTypeSizeBits(type) <= 8 ? 255 : 10000;
}

static int compare(const void *left, const void *right)
{
    const piece *a = left, *b = right;
    if (a->cut.row_end != b->cut.row_end)
        return a->cut.row_end < b->cut.row_end ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

/* Waiting windows from the top down; those outside the image are skipped. */
static selo_status make_plan(const selo_encode_windows_job *job, plan *p)
{
    const int height = GDALGetRasterYSize(job->image), width = GDALGetRasterXSize(job->image);
    *p = (plan){.pieces = selo_alloc(job->n, sizeof *p->pieces), .order = selo_alloc(job->n, sizeof *p->order),
                .col_start = width};
    if (!p->pieces || !p->order)
        return SELO_E_MEMORY;
    for (size_t i = 0; i < job->n; i++) {
        piece *next = &p->pieces[p->n];
        if (job->states[i] != SELO_WINDOW_WAITING)
            continue;
        if (!selo_window_clip(job->windows[i], height, width, &next->cut)) {
            job->states[i] = SELO_WINDOW_SKIPPED;
            memset(job->vectors + i * selo_encoder_size(job->encoder), 0,
                   selo_encoder_size(job->encoder) * sizeof(float));
            continue;
        }
        next->index = i;
        p->n++;
        const int tall = next->cut.row_end - next->cut.row_start;
        p->tallest = tall > p->tallest ? tall : p->tallest;
        p->col_start = next->cut.col_start < p->col_start ? next->cut.col_start : p->col_start;
        p->col_end = next->cut.col_end > p->col_end ? next->cut.col_end : p->col_end;
    }
    qsort(p->pieces, p->n, sizeof *p->pieces, compare);
    for (size_t i = p->n; i-- > 0;) {
        const int own = p->pieces[i].cut.row_start, later = i + 1 < p->n ? p->pieces[i + 1].keep_from : own;
        p->pieces[i].keep_from = own < later ? own : later;
        p->order[i] = p->pieces[i].index;
    }
    return SELO_OK;
}

static double share_of_valid(const selo_pixels *pixels)
{
    size_t valid = 0;
    if (!pixels->valid)
        return 1;
    for (int y = 0; y < pixels->height; y++) {
        for (int x = 0; x < pixels->width; x++)
            valid += pixels->valid[(size_t)y * pixels->stride + (size_t)x];
    }
    return (double)valid / ((double)pixels->width * pixels->height);
}

/* Pieces of the plan from `first` on are encoded, or about to be, and not saved. */
typedef struct waiting {
    size_t first;
    size_t pushed; /* windows so far */
    double since_ms;
} waiting;

static selo_status save_waiting(selo_encode_windows_job *job, const plan *p, size_t end, waiting *w)
{
    selo_status status = selo_encoder_flush(job->encoder);
    if (status == SELO_OK && job->save && end > w->first)
        status = job->save(job->user, p->order + w->first, end - w->first);
    w->first = end;
    w->since_ms = selo_now_ms();
    return status;
}

/* Only whole batches are saved: so a resumed run puts the same windows together as one that was never interrupted. */
static bool is_time_to_save(const selo_encode_windows_job *job, size_t end, const waiting *w)
{
    const bool long_enough = end - w->first >= SAVE_EVERY || selo_now_ms() - w->since_ms >= (double)SAVE_EVERY_MS;
    return long_enough && w->pushed % selo_encoder_batch(job->encoder) == 0;
}

/* Pushes a window to the encoder; waiting for a batch of them is no time of this one. */
static selo_status push(selo_encode_windows_job *job, const selo_pixels *pixels, size_t index)
{
    const double start = selo_now_ms() - selo_encoder_waited_ms(job->encoder);
    job->states[index] = SELO_WINDOW_ENCODED;
    const selo_status status =
        selo_encoder_push(job->encoder, pixels, job->vectors + index * selo_encoder_size(job->encoder));
    const double window_ms = selo_now_ms() - selo_encoder_waited_ms(job->encoder) - start;
    job->times.window_ms += window_ms;
    if (job->each_ms)
        job->each_ms[index] = window_ms;
    return status;
}

static selo_status encode_piece(selo_encode_windows_job *job, selo_image_strip *strip, const piece *p, waiting *w)
{
    const double start = selo_now_ms();
    const size_t size = selo_encoder_size(job->encoder);
    selo_pixels pixels;
    const selo_status status = selo_image_strip_get(strip, p->cut, p->keep_from, &pixels);
    job->times.read_ms += selo_now_ms() - start;
    if (status != SELO_OK)
        return status;
    const double valid = share_of_valid(&pixels);
    if (valid == 0 || valid < job->least_valid) {
        job->states[p->index] = SELO_WINDOW_SKIPPED;
        memset(job->vectors + p->index * size, 0, size * sizeof *job->vectors);
        return SELO_OK;
    }
    w->pushed++;
    return push(job, &pixels, p->index);
}

static selo_status encode_pieces(selo_encode_windows_job *job, const plan *p, selo_image_strip *strip)
{
    waiting w = {.since_ms = selo_now_ms()};
    selo_status status = SELO_OK;
    for (size_t i = 0; i < p->n && status == SELO_OK; i++) {
        status = encode_piece(job, strip, &p->pieces[i], &w);
        if (status == SELO_OK && (i + 1 == p->n || is_time_to_save(job, i + 1, &w)))
            status = save_waiting(job, p, i + 1, &w);
        if (status == SELO_OK && !job->progress((double)(i + 1) / (double)p->n, "", job->progress_data)) {
            CPLError(CE_Failure, CPLE_UserInterrupt, "cancelled");
            status = SELO_E_CANCELLED;
        }
    }
    if (status != SELO_OK)
        selo_encoder_discard(job->encoder);
    return status;
}

static selo_status encode_plan(selo_encode_windows_job *job, const plan *p)
{
    selo_image_strip *strip;
    bool used[SELO_BAND_ROLES];
    for (int role = 0; role < SELO_BAND_ROLES; role++)
        used[role] = selo_encoder_uses(job->encoder, (selo_band_role)role);
    const double before = selo_encoder_network_ms(job->encoder);
    selo_status status =
        selo_image_strip_open(job->image, &job->bands, used, p->col_start, p->col_end, p->tallest, &strip);
    if (status == SELO_OK)
        status = encode_pieces(job, p, strip);
    job->times.network_ms += selo_encoder_network_ms(job->encoder) - before;
    selo_image_strip_free(strip);
    return status;
}

selo_status selo_encode_windows(selo_encode_windows_job *job)
{
    plan p;
    selo_status status = make_plan(job, &p);
    for (size_t i = 0; job->each_ms && i < job->n; i++)
        job->each_ms[i] = 0;
    if (status == SELO_OK && p.n > 0) {
        GDALRasterBandH red = GDALGetRasterBand(job->image, job->bands.number[SELO_BAND_RED]);
        selo_encoder_set_white(job->encoder, white_of_type(GDALGetRasterDataType(red)));
        status = encode_plan(job, &p);
    }
    selo_free(p.order);
    selo_free(p.pieces);
    return status;
}
