#include "patch_pass.h"

#include <string.h>

#include "box.h"
#include "patch_rows.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))

/* One pass: from rectangle `from` of the present values to rectangle `to` of the next ones. */
typedef struct pass {
    selo_patch *patch;
    const selo_peaks_options *o;
    selo_rect source, from, to; /* source: of the mask */
    int n_from, n_to;           /* pixels of a row */
    uint32_t *columns;          /* of the first column of `from`; mirrored or empty ones lie around */
    int32_t *counts;
} pass;

/* The row of the map that row y of the endless map shows, or -1 if it shows nothing. */
static int shown_row(const pass *p, int64_t y)
{
    if (y >= 0 && y < p->o->height)
        return (int)y;
    return p->o->border == SELO_BORDER_CUT ? -1 : selo_reflect((int)y, p->o->height);
}

static const uint16_t *value_row(const pass *p, int y)
{
    return p->patch->now + (size_t)(y - p->from.y0) * (size_t)p->n_from;
}

static const uint8_t *valid_row(const pass *p, int y)
{
    const size_t width = (size_t)(p->source.x1 - p->source.x0);
    return p->patch->valid + (size_t)(y - p->source.y0) * width + (p->from.x0 - p->source.x0);
}

static void begin_columns(const pass *p)
{
    memset(p->columns, 0, (size_t)p->n_from * sizeof *p->columns);
    memset(p->counts, 0, (size_t)p->n_from * sizeof *p->counts);
    for (int64_t i = (int64_t)p->to.y0 - p->o->smooth_y.before; i <= (int64_t)p->to.y0 + p->o->smooth_y.after; i++) {
        const int y = shown_row(p, i);
        if (y < 0)
            continue;
        selo_patch_add_values(p->columns, value_row(p, y), p->n_from);
        if (p->patch->map->masked)
            selo_patch_add_counts(p->counts, valid_row(p, y), 1, p->n_from);
    }
}

/* From the window of row y - 1 to that of row y. */
static void move_columns(const pass *p, int64_t y)
{
    const int in = shown_row(p, y + p->o->smooth_y.after), out = shown_row(p, y - 1 - p->o->smooth_y.before);
    if (in >= 0 && out >= 0)
        selo_patch_replace_values(p->columns, value_row(p, in), value_row(p, out), p->n_from);
    else if (in >= 0)
        selo_patch_add_values(p->columns, value_row(p, in), p->n_from);
    else if (out >= 0)
        selo_patch_subtract_values(p->columns, value_row(p, out), p->n_from);
    if (p->patch->map->masked && in >= 0)
        selo_patch_add_counts(p->counts, valid_row(p, in), 1, p->n_from);
    if (p->patch->map->masked && out >= 0)
        selo_patch_add_counts(p->counts, valid_row(p, out), -1, p->n_from);
}

/* What lies beyond the map's left and right edge, as far as the windows see it. */
static void pad_columns(const pass *p)
{
    const bool mirror = p->o->border == SELO_BORDER_REFLECT;
    for (int x = p->to.x0 - p->o->smooth_x.before; x < 0; x++) {
        p->columns[x - p->from.x0] = mirror ? p->columns[selo_reflect(x, p->o->width) - p->from.x0] : 0;
        p->counts[x - p->from.x0] = 0;
    }
    for (int x = p->o->width; x < p->to.x1 + p->o->smooth_x.after; x++) {
        p->columns[x - p->from.x0] = mirror ? p->columns[selo_reflect(x, p->o->width) - p->from.x0] : 0;
        p->counts[x - p->from.x0] = 0;
    }
}

/* How many pixels of a window around i lie on an axis of n pixels. */
static int64_t seen(int i, selo_extent window, int n)
{
    return MIN((int64_t)n - 1, (int64_t)i + window.after) - MAX(0, (int64_t)i - window.before) + 1;
}

static void count_pixels(const pass *p, int y)
{
    double *divisors = p->patch->divisors;
    if (p->patch->map->masked) {
        selo_patch_scan(p->patch->sums32, (const uint32_t *)p->counts + (p->to.x0 - p->from.x0), p->o->smooth_x,
                        p->n_to);
        for (int i = 0; i < p->n_to; i++)
            divisors[i] = MAX(1, p->patch->sums32[i]); /* 1: around a pixel without data, whose mean is not used */
        return;
    }
    const bool cut = p->o->border == SELO_BORDER_CUT;
    const int64_t rows = cut ? seen(y, p->o->smooth_y, p->o->height) : p->o->smooth_y.before + p->o->smooth_y.after + 1;
    for (int i = 0; i < p->n_to; i++)
        divisors[i] = (double)(rows * (cut ? seen(p->to.x0 + i, p->o->smooth_x, p->o->width)
                                           : p->o->smooth_x.before + p->o->smooth_x.after + 1));
}

/* Whether all windows of row y lie on the map or its mirror and hold no pixel without data. */
static bool all_full(const pass *p, int y)
{
    const selo_extent wx = p->o->smooth_x, wy = p->o->smooth_y;
    return !p->patch->map->masked &&
           (p->o->border == SELO_BORDER_REFLECT ||
            (y >= wy.before && (int64_t)y + wy.after < p->o->height && p->to.x0 >= wx.before &&
             (int64_t)p->to.x1 - 1 + wx.after < p->o->width));
}

static void mean_row(const pass *p, int y, uint16_t *means)
{
    selo_patch *patch = p->patch;
    const uint32_t *columns = p->columns + (p->to.x0 - p->from.x0);
    const bool multiply = patch->inverse > 0.0f && all_full(p, y);
    pad_columns(p);
    if (!multiply)
        count_pixels(p, y);
    if (patch->small)
        selo_patch_scan(patch->sums32, columns, p->o->smooth_x, p->n_to);
    else
        selo_patch_scan_wide(patch->sums, columns, p->o->smooth_x, p->n_to);
    if (multiply)
        selo_patch_multiply_round(means, patch->sums32, patch->inverse, p->n_to);
    else if (patch->small)
        selo_patch_divide_round(means, patch->sums32, patch->divisors, p->n_to);
    else
        selo_patch_divide_round_wide(means, patch->sums, patch->divisors, p->n_to);
    if (patch->map->masked)
        selo_patch_blank_invalid(means, valid_row(p, y) + (p->to.x0 - p->from.x0), p->n_to);
}

void selo_patch_run_pass(selo_patch *patch, selo_rect source, selo_rect from, selo_rect to)
{
    const selo_peaks_options *o = patch->map->options;
    const pass p = {patch, o, source, from, to, from.x1 - from.x0, to.x1 - to.x0,
                    patch->columns + o->smooth_x.before, patch->counts + o->smooth_x.before};
    begin_columns(&p);
    for (int y = to.y0; y < to.y1; y++) {
        if (y > to.y0)
            move_columns(&p, y);
        mean_row(&p, y, patch->next + (size_t)(y - to.y0) * (size_t)p.n_to);
    }
    uint16_t *swap = patch->now;
    patch->now = patch->next;
    patch->next = swap;
}
