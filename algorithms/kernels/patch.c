#include "patch.h"

#include <string.h>

#include "box.h"
#include "clones.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))

/* The part of 0 ... n - 1 that windows around begin ... end - 1 see, mirrors included. */
static void widen(int *begin, int *end, int n, selo_extent window, selo_border border)
{
    const int64_t low = (int64_t)*begin - window.before, high = (int64_t)*end + window.after;
    int64_t first = MAX(low, 0), last = MIN(high, n);
    if (border == SELO_BORDER_REFLECT && low < 0)
        last = MAX(last, MIN(n, 1 - low));
    if (border == SELO_BORDER_REFLECT && high > n)
        first = MIN(first, MAX(0, 2 * (int64_t)n - 1 - high));
    if (border == SELO_BORDER_REFLECT && (window.before >= n || window.after >= n)) {
        first = 0;
        last = n;
    }
    *begin = (int)first;
    *end = (int)last;
}

selo_rect selo_patch_source(const selo_peaks_options *o, selo_rect rect, int passes)
{
    for (int i = 0; i < passes; i++) {
        widen(&rect.x0, &rect.x1, o->width, o->smooth_x, o->border);
        widen(&rect.y0, &rect.y1, o->height, o->smooth_y, o->border);
    }
    return rect;
}

/* Multiplying by a rounded inverse is monotone, so it rounds all sums as it should if it does so on both sides of each
 * step from one quotient to the next. */
static float checked_inverse(int64_t area, int64_t value_max)
{
    const float inverse = 1.0f / (float)area, magic = 12582912.0f; /* 1.5 * 2^23: adding it rounds half to even */
    if (area * value_max >= 1 << 22)
        return 0.0f;
    for (int64_t q = 0; q < value_max; q++) {
        const int64_t middle = area * q + area / 2; /* the last sum that may still become q */
        const bool tie = area % 2 == 0, up = tie && (q & 1);
        const int64_t last = up ? middle - 1 : middle;
        volatile float below = (float)last * inverse + magic, above = (float)(last + 1) * inverse + magic;
        if (below - magic > (float)q || above - magic < (float)(q + 1))
            return 0.0f;
    }
    return inverse;
}

selo_status selo_patch_new(selo_patch *patch, const selo_patch_map *map, int width, int height)
{
    const selo_peaks_options *o = map->options;
    const int64_t value_max = map->bytes ? UINT8_MAX : UINT16_MAX;
    const int64_t rows = (int64_t)o->smooth_y.before + o->smooth_y.after + 1;
    const int64_t columns = (int64_t)o->smooth_x.before + o->smooth_x.after + 1;
    *patch = (selo_patch){.map = map};
    if (rows > UINT32_MAX / value_max || rows > INT32_MAX / columns)
        return SELO_E_ARGUMENT;
    patch->small = rows * columns <= INT32_MAX / value_max;
    patch->inverse = patch->small ? checked_inverse(rows * columns, value_max) : 0.0f;
    const int64_t reach_x = (int64_t)o->passes * (columns + 1), reach_y = (int64_t)o->passes * (rows + 1);
    const size_t w = (size_t)MIN(o->width, 2 * reach_x + width), h = (size_t)MIN(o->height, 2 * reach_y + height);
    const size_t padded = w + (size_t)columns + 1;
    patch->now = selo_alloc(w * h, sizeof *patch->now);
    patch->next = selo_alloc(w * h, sizeof *patch->next);
    patch->columns = selo_alloc(padded, sizeof *patch->columns);
    patch->sums = selo_alloc(w, sizeof *patch->sums);
    patch->sums32 = selo_alloc(w, sizeof *patch->sums32);
    patch->divisors = selo_alloc(w, sizeof *patch->divisors);
    patch->valid = map->masked ? selo_alloc(w * h, 1) : NULL;
    patch->counts = selo_alloc(padded, sizeof *patch->counts);
    const bool complete = patch->now && patch->next && patch->columns && patch->sums && patch->sums32 && patch->divisors &&
                          patch->counts && (patch->valid || !map->masked);
    return complete ? SELO_OK : SELO_E_MEMORY;
}

void selo_patch_free(selo_patch *patch)
{
    selo_free(patch->now);
    selo_free(patch->next);
    selo_free(patch->valid);
    selo_free(patch->columns);
    selo_free(patch->counts);
    selo_free(patch->sums);
    selo_free(patch->sums32);
    selo_free(patch->divisors);
}

SELO_CLONES static void widen_bytes(uint16_t *restrict to, const uint8_t *restrict from, int n)
{
    for (int i = 0; i < n; i++)
        to[i] = from[i];
}

SELO_CLONES static void blank_invalid(uint16_t *restrict values, const uint8_t *restrict valid, int n)
{
    for (int i = 0; i < n; i++)
        values[i] = valid[i] ? values[i] : 0;
}

static void load(selo_patch *patch, selo_rect from)
{
    const int n = from.x1 - from.x0;
    uint16_t *to = patch->now;
    uint8_t *valid = patch->valid;
    for (int y = from.y0; y < from.y1; y++, to += n) {
        if (patch->map->bytes)
            widen_bytes(to, (const uint8_t *)selo_rows_at(&patch->map->values, y) + from.x0, n);
        else
            memcpy(to, (const uint16_t *)selo_rows_at(&patch->map->values, y) + from.x0, (size_t)n * sizeof *to);
        if (!patch->map->masked)
            continue;
        memcpy(valid, (const uint8_t *)selo_rows_at(&patch->map->valid, y) + from.x0, (size_t)n);
        blank_invalid(to, valid, n);
        valid += n;
    }
}

SELO_CLONES static void add_values(uint32_t *restrict sums, const uint16_t *restrict values, int n)
{
    for (int i = 0; i < n; i++)
        sums[i] += values[i];
}

SELO_CLONES static void subtract_values(uint32_t *restrict sums, const uint16_t *restrict values, int n)
{
    for (int i = 0; i < n; i++)
        sums[i] -= values[i];
}

SELO_CLONES static void replace_values(uint32_t *restrict sums, const uint16_t *restrict in, const uint16_t *restrict out, int n)
{
    for (int i = 0; i < n; i++)
        sums[i] += (uint32_t)in[i] - out[i];
}

SELO_CLONES static void add_counts(int32_t *restrict counts, const uint8_t *restrict valid, int sign, int n)
{
    for (int i = 0; i < n; i++)
        counts[i] += valid[i] ? sign : 0;
}

/* Sum of the columns before ... after - 1 around the first of them: what a scan begins with. */
SELO_CLONES static uint32_t sum_columns(const uint32_t *columns, selo_extent window)
{
    uint32_t sum = 0;
    for (int i = -window.before; i < window.after; i++)
        sum += columns[i];
    return sum;
}

/* Sums of windows along a row: sums[i] is that of the columns i - before ... i + after. Each sum waits for the one before it,
 * so four parts of the row are done side by side. */
static void scan(int32_t *restrict sums, const uint32_t *columns, selo_extent window, int n)
{
    enum { PARTS = 4 };
    const int part = n / PARTS, before = window.before, after = window.after;
    uint32_t sum[PARTS];
    for (int k = 0; k < PARTS; k++)
        sum[k] = sum_columns(columns + k * part, window);
    for (int i = 0; i < part; i++)
        for (int k = 0, j = i; k < PARTS; k++, j += part) {
            sum[k] += columns[j + after];
            sums[j] = (int32_t)sum[k];
            sum[k] -= columns[j - before];
        }
    for (int i = PARTS * part; i < n; i++) {
        sum[PARTS - 1] += columns[i + after];
        sums[i] = (int32_t)sum[PARTS - 1];
        sum[PARTS - 1] -= columns[i - before];
    }
}

static void scan_wide(int64_t *restrict sums, const uint32_t *columns, selo_extent window, int n)
{
    int64_t sum = 0;
    for (int i = -window.before; i < window.after; i++)
        sum += columns[i];
    for (int i = 0; i < n; i++) {
        sum += columns[i + window.after];
        sums[i] = sum;
        sum -= columns[i - window.before];
    }
}

/* Half to even by adding what leaves no room for a fraction; products and quotients that end in a half are exact. */
SELO_CLONES static void multiply_round(uint16_t *restrict means, const int32_t *restrict sums, float inverse, int n)
{
    const float magic = 12582912.0f;
    for (int i = 0; i < n; i++)
        means[i] = (uint16_t)(int)(((float)sums[i] * inverse + magic) - magic);
}

SELO_CLONES static void divide_round(uint16_t *restrict means, const int32_t *restrict sums, const double *restrict divisors, int n)
{
    const double magic = 6755399441055744.0;
    for (int i = 0; i < n; i++)
        means[i] = (uint16_t)(int)(((double)sums[i] / divisors[i] + magic) - magic);
}

SELO_CLONES static void divide_round_wide(uint16_t *restrict means, const int64_t *restrict sums,
                                          const double *restrict divisors, int n)
{
    const double magic = 6755399441055744.0;
    for (int i = 0; i < n; i++)
        means[i] = (uint16_t)(int)(((double)sums[i] / divisors[i] + magic) - magic);
}

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
        add_values(p->columns, value_row(p, y), p->n_from);
        if (p->patch->map->masked)
            add_counts(p->counts, valid_row(p, y), 1, p->n_from);
    }
}

/* From the window of row y - 1 to that of row y. */
static void move_columns(const pass *p, int64_t y)
{
    const int in = shown_row(p, y + p->o->smooth_y.after), out = shown_row(p, y - 1 - p->o->smooth_y.before);
    if (in >= 0 && out >= 0)
        replace_values(p->columns, value_row(p, in), value_row(p, out), p->n_from);
    else if (in >= 0)
        add_values(p->columns, value_row(p, in), p->n_from);
    else if (out >= 0)
        subtract_values(p->columns, value_row(p, out), p->n_from);
    if (p->patch->map->masked && in >= 0)
        add_counts(p->counts, valid_row(p, in), 1, p->n_from);
    if (p->patch->map->masked && out >= 0)
        add_counts(p->counts, valid_row(p, out), -1, p->n_from);
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
        scan(p->patch->sums32, (const uint32_t *)p->counts + (p->to.x0 - p->from.x0), p->o->smooth_x, p->n_to);
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
        scan(patch->sums32, columns, p->o->smooth_x, p->n_to);
    else
        scan_wide(patch->sums, columns, p->o->smooth_x, p->n_to);
    if (multiply)
        multiply_round(means, patch->sums32, patch->inverse, p->n_to);
    else if (patch->small)
        divide_round(means, patch->sums32, patch->divisors, p->n_to);
    else
        divide_round_wide(means, patch->sums, patch->divisors, p->n_to);
    if (patch->map->masked)
        blank_invalid(means, valid_row(p, y) + (p->to.x0 - p->from.x0), p->n_to);
}

static void run_pass(selo_patch *patch, selo_rect source, selo_rect from, selo_rect to)
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

void selo_patch_smooth(selo_patch *patch, selo_rect rect)
{
    const selo_peaks_options *o = patch->map->options;
    const selo_rect source = selo_patch_source(o, rect, o->passes);
    load(patch, source);
    for (int i = o->passes - 1; i >= 0; i--)
        run_pass(patch, source, selo_patch_source(o, rect, i + 1), selo_patch_source(o, rect, i));
}
