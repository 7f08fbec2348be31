#include "plain.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))

selo_status selo_plain_new(selo_plain *plain, const selo_patch_map *map, selo_run_sink sink, void *context)
{
    const selo_peaks_options *o = map->options;
    *plain = (selo_plain){.map = map, .sink = sink, .context = context};
    plain->rows_ahead = (int64_t)o->passes * MAX(o->smooth_y.before, o->smooth_y.after) + o->apart_y.after + 2;
    plain->boxes = selo_alloc_zeroed((size_t)o->passes, sizeof *plain->boxes);
    if (!plain->boxes)
        return SELO_E_MEMORY;
    selo_status status = SELO_OK;
    for (; plain->n_boxes < o->passes && status == SELO_OK; plain->n_boxes++)
        status = selo_box_new(plain->boxes + plain->n_boxes, o->width, o->height, o->smooth_x, o->smooth_y, o->border,
                              map->masked);
    if (status == SELO_OK)
        status = selo_rows_new(&plain->smoothed, o->passes + 1, o->width, sizeof(uint16_t));
    if (status == SELO_OK)
        status = selo_maximum_new(&plain->maximum, o->width, o->height, o->apart_x, o->apart_y);
    plain->maxima = selo_alloc((size_t)o->width, sizeof *plain->maxima);
    plain->runs = selo_alloc((size_t)o->width / 2 + 1, sizeof *plain->runs);
    return status == SELO_OK && plain->maxima && plain->runs ? SELO_OK : SELO_E_MEMORY;
}

void selo_plain_free(selo_plain *plain)
{
    for (int i = 0; i < plain->n_boxes; i++)
        selo_box_free(plain->boxes + i);
    selo_free(plain->boxes);
    selo_maximum_free(&plain->maximum);
    selo_free(plain->smoothed.data);
    selo_free(plain->maxima);
    selo_free(plain->runs);
}

static bool is_peak(const selo_plain *plain, const uint16_t *smoothed, int x)
{
    return smoothed[x] > 0 && smoothed[x] == plain->maxima[x];
}

static selo_status emit_row(selo_plain *plain, int y, const uint16_t *smoothed)
{
    const int width = plain->map->options->width;
    size_t count = 0;
    for (int x = 0; x < width; x++) {
        if (!is_peak(plain, smoothed, x))
            continue;
        const int x0 = x;
        while (x + 1 < width && is_peak(plain, smoothed, x + 1))
            x++;
        plain->runs[count++] = (selo_run){x0, x, smoothed[x0], 0};
    }
    return plain->sink(plain->context, y, plain->runs, count);
}

static selo_status push_smoothed(selo_plain *plain, const uint16_t *smoothed)
{
    selo_status status = SELO_OK;
    const uint16_t *row;
    selo_maximum_push(&plain->maximum, smoothed);
    while (status == SELO_OK && selo_maximum_next(&plain->maximum, plain->maxima, &row))
        status = emit_row(plain, plain->maximum.done - 1, row);
    return status;
}

/* Hands a row to pass number `pass` and what comes of it to the next one. */
static selo_status push_pass(selo_plain *plain, int pass, const uint16_t *values, const uint8_t *valid)
{
    if (pass == plain->map->options->passes)
        return push_smoothed(plain, values);
    selo_status status = SELO_OK;
    uint16_t *means = selo_rows_at(&plain->smoothed, pass);
    const uint8_t *mask;
    selo_box_push(plain->boxes + pass, values, valid);
    while (status == SELO_OK && selo_box_next(plain->boxes + pass, means, &mask))
        status = push_pass(plain, pass + 1, means, mask);
    return status;
}

selo_status selo_plain_push(selo_plain *plain, int y)
{
    const selo_patch_map *map = plain->map;
    const uint8_t *valid = map->masked ? selo_rows_at(&map->valid, y) : NULL;
    uint16_t *row = selo_rows_at(&plain->smoothed, map->options->passes);
    for (int x = 0; x < map->options->width; x++) {
        const uint16_t value = selo_patch_value(map, x, y);
        row[x] = valid && !valid[x] ? 0 : value; /* also without a pass, a pixel without data is no peak */
    }
    return push_pass(plain, 0, row, valid);
}
