#include "patch.h"

#include <string.h>

#include "clones.h"
#include "patch_pass.h"
#include "patch_rows.h"

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

/* The pixels that `passes` box means of a rectangle depend on. */
static selo_rect source_of(const selo_peaks_options *o, selo_rect rect, int passes)
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
    const bool complete = patch->now && patch->next && patch->columns && patch->sums && patch->sums32 &&
                          patch->divisors && patch->counts && (patch->valid || !map->masked);
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
        selo_patch_blank_invalid(to, valid, n);
        valid += n;
    }
}

void selo_patch_smooth(selo_patch *patch, selo_rect rect)
{
    const selo_peaks_options *o = patch->map->options;
    const selo_rect source = source_of(o, rect, o->passes);
    load(patch, source);
    for (int i = o->passes - 1; i >= 0; i--)
        selo_patch_run_pass(patch, source, source_of(o, rect, i + 1), source_of(o, rect, i));
}
