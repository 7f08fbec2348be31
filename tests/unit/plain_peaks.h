/* The search for attention centres the plain way, on a whole map: what the streaming one is compared with. Every window
 * is visited pixel by pixel, and nothing of the library is used. */
#ifndef PLAIN_PEAKS_H
#define PLAIN_PEAKS_H

#include <stdlib.h>
#include <string.h>

#include "selo/peaks.h"
#include "selo_test.h"

typedef struct plain_map {
    int width, height;
    uint16_t *values;
    uint8_t *valid; /* or NULL */
    float *exact;   /* or NULL */
} plain_map;

/* Sums along rows, or along columns. */
static void plain_sums(const int64_t *in, int64_t *out, int width, int height, selo_extent e, bool along_x, bool mirror)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int64_t sum = 0;
            const int n = along_x ? width : height, at = along_x ? x : y;
            for (int i = at - e.before; i <= at + e.after; i++) {
                if (!mirror && (i < 0 || i >= n))
                    continue;
                const int j = test_mirror(i, n);
                sum += along_x ? in[y * width + j] : in[j * width + x];
            }
            out[y * width + x] = sum;
        }
}

static void plain_window_sums(int64_t *values, int64_t *scratch, const plain_map *map, const selo_peaks_options *o)
{
    const bool mirror = o->border == SELO_BORDER_REFLECT;
    plain_sums(values, scratch, map->width, map->height, o->smooth_x, true, mirror);
    plain_sums(scratch, values, map->width, map->height, o->smooth_y, false, mirror);
}

static void plain_smooth(uint16_t *s, const plain_map *map, const selo_peaks_options *o)
{
    const size_t n = (size_t)map->width * (size_t)map->height;
    int64_t *sums = malloc(n * sizeof *sums), *counts = malloc(n * sizeof *counts),
            *scratch = malloc(n * sizeof *scratch);
    for (size_t i = 0; i < n; i++)
        s[i] = map->valid && !map->valid[i] ? 0 : map->values[i];
    for (int pass = 0; pass < o->passes; pass++) {
        for (size_t i = 0; i < n; i++) {
            counts[i] = !map->valid || map->valid[i];
            sums[i] = s[i];
        }
        plain_window_sums(sums, scratch, map, o);
        plain_window_sums(counts, scratch, map, o);
        for (size_t i = 0; i < n; i++) {
            if (map->valid && !map->valid[i])
                continue;
            const int64_t q = sums[i] / counts[i], twice = 2 * (sums[i] % counts[i]);
            s[i] = (uint16_t)(twice > counts[i] || (twice == counts[i] && q % 2) ? q + 1 : q);
        }
    }
    free(sums);
    free(counts);
    free(scratch);
}

static inline void plain_peaks(uint8_t *peaks, const uint16_t *s, const plain_map *map, const selo_peaks_options *o)
{
    const int w = map->width, h = map->height;
    uint16_t *rows = malloc((size_t)w * (size_t)h * sizeof *rows);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            uint16_t m = 0;
            const int end = x + o->apart_x.after < w ? x + o->apart_x.after : w - 1;
            for (int i = x > o->apart_x.before ? x - o->apart_x.before : 0; i <= end; i++)
                if (s[y * w + i] > m)
                    m = s[y * w + i];
            rows[y * w + x] = m;
        }
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            uint16_t m = 0;
            const int end = y + o->apart_y.after < h ? y + o->apart_y.after : h - 1;
            for (int i = y > o->apart_y.before ? y - o->apart_y.before : 0; i <= end; i++)
                if (rows[i * w + x] > m)
                    m = rows[i * w + x];
            peaks[y * w + x] = s[y * w + x] > 0 && s[y * w + x] == m;
        }
    free(rows);
}

/* Takes the plateau that pixel (x, y) begins off the peaks. */
static inline selo_plateau plain_plateau(uint8_t *peaks, int *stack, const uint16_t *s, const plain_map *map, int x,
                                         int y)
{
    const int w = map->width, h = map->height;
    selo_plateau p = {.first_x = x, .first_y = y, .level = s[y * w + x]};
    int n = 0;
    stack[n++] = y * w + x;
    peaks[y * w + x] = 0;
    while (n > 0) {
        const int at = stack[--n], ax = at % w, ay = at / w;
        p.size++;
        p.sum_x += ax;
        p.sum_y += ay;
        p.value_sum += map->exact ? (double)map->exact[at] : map->values[at];
        for (int dy = -1; dy <= 1; dy++)
            for (int dx = -1; dx <= 1; dx++) {
                const int bx = ax + dx, by = ay + dy;
                if (bx < 0 || by < 0 || bx >= w || by >= h || !peaks[by * w + bx])
                    continue;
                peaks[by * w + bx] = 0;
                stack[n++] = by * w + bx;
            }
    }
    p.centre_value = map->values[p.sum_y / p.size * w + p.sum_x / p.size];
    return p;
}

/* All plateaus; the caller frees the array. */
static inline selo_plateau *plain_search(const plain_map *map, const selo_peaks_options *o, size_t *count)
{
    const size_t n = (size_t)map->width * (size_t)map->height;
    uint16_t *s = malloc(n * sizeof *s);
    uint8_t *peaks = malloc(n);
    int *stack = malloc(n * sizeof *stack);
    selo_plateau *found = malloc((n / 2 + 1) * sizeof *found);
    *count = 0;
    plain_smooth(s, map, o);
    plain_peaks(peaks, s, map, o);
    for (int y = 0; y < map->height; y++)
        for (int x = 0; x < map->width; x++)
            if (peaks[y * map->width + x])
                found[(*count)++] = plain_plateau(peaks, stack, s, map, x, y);
    free(s);
    free(peaks);
    free(stack);
    return found;
}

#endif
