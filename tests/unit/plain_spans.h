/* Filled polygons the plain way, by the rules of docs/metrics.md on a whole image, pixel by pixel: what the library's
 * spans are compared with. Nothing of the library is used. */
#ifndef PLAIN_SPANS_H
#define PLAIN_SPANS_H

#include <string.h>

#include "selo/spans.h"
#include "selo_test.h"

#define SIDE_MAX 120
#define POINTS_MAX 40

typedef struct image {
    int width, height;
    uint8_t mask[SIDE_MAX * SIDE_MAX];
} image;

static inline int code_of(const int64_t p[2], const image *im)
{
    return (p[0] < 0 ? 1 : 0) | (p[0] > im->width - 1 ? 2 : 0) | (p[1] < 0 ? 4 : 0) | (p[1] > im->height - 1 ? 8 : 0);
}

/* Brings coordinate `axis` of p to `target` along the line to q. */
static inline void move_end(int64_t p[2], const int64_t q[2], int axis, int64_t target)
{
    const double across = (double)(p[1 - axis] - q[1 - axis]), along = (double)(p[axis] - q[axis]);
    p[1 - axis] += (int64_t)((double)(target - p[axis]) * across / along);
    p[axis] = target;
}

static inline int clip(int64_t p[2], int64_t q[2], const image *im)
{
    int c = code_of(p, im), d = code_of(q, im);
    if (c & d)
        return 0;
    if (c & 12)
        move_end(p, q, 1, c & 4 ? 0 : im->height - 1);
    if (d & 12)
        move_end(q, p, 1, d & 4 ? 0 : im->height - 1);
    c = code_of(p, im), d = code_of(q, im);
    if (c & d)
        return 0;
    if (c)
        move_end(p, q, 0, c & 1 ? 0 : im->width - 1);
    if (d)
        move_end(q, p, 0, d & 1 ? 0 : im->width - 1);
    return 1;
}

static inline void draw_outline(image *im, selo_point_px a, selo_point_px b)
{
    int64_t p[2] = {a.x, a.y}, q[2] = {b.x, b.y};
    if (!clip(p, q, im))
        return;
    const int64_t *s = p[0] <= q[0] ? p : q, *e = s == p ? q : p;
    const int64_t dx = e[0] - s[0], dy = e[1] > s[1] ? e[1] - s[1] : s[1] - e[1], down = e[1] > s[1] ? 1 : -1;
    const int64_t major = dy > dx ? dy : dx, minor = dy > dx ? dx : dy;
    for (int64_t k = 0; k <= major; k++) {
        const int64_t m = major ? (2 * k * minor + major - 1) / (2 * major) : 0;
        const int64_t x = s[0] + (dy > dx ? m : k), y = s[1] + down * (dy > dx ? k : m);
        im->mask[y * im->width + x] = 1;
    }
}

static inline int compare_int64(const void *a, const void *b)
{
    const int64_t p = *(const int64_t *)a, q = *(const int64_t *)b;
    return (p > q) - (p < q);
}

static inline int64_t floor_div(int64_t a, int64_t b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

static inline void fill_row(image *im, int y, const selo_point_px edges[][2], size_t n)
{
    int64_t xs[POINTS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        const selo_point_px t = edges[i][0].y < edges[i][1].y ? edges[i][0] : edges[i][1];
        const selo_point_px e = edges[i][0].y < edges[i][1].y ? edges[i][1] : edges[i][0];
        if (t.y == e.y || y < t.y || y >= e.y)
            continue;
        const int64_t slope = ((int64_t)e.x - t.x) * 65536 / ((int64_t)e.y - t.y);
        xs[count++] = (int64_t)t.x * 65536 + ((int64_t)y - t.y) * slope;
    }
    qsort(xs, count, sizeof *xs, compare_int64);
    for (size_t i = 0; i + 1 < count; i += 2)
        for (int64_t x = 0; x < im->width; x++)
            if (x >= -floor_div(-xs[i], 65536) && x <= floor_div(xs[i + 1], 65536))
                im->mask[y * im->width + x] = 1;
}

static inline void draw_plainly(image *im, const selo_point_px *points, const size_t *sizes, size_t n_contours)
{
    selo_point_px edges[POINTS_MAX][2];
    size_t n = 0;
    memset(im->mask, 0, sizeof im->mask);
    for (size_t k = 0; k < n_contours; points += sizes[k++])
        for (size_t i = 0; i < sizes[k]; i++, n++) {
            edges[n][0] = points[i];
            edges[n][1] = points[(i + 1) % sizes[k]];
            draw_outline(im, edges[n][0], edges[n][1]);
        }
    for (int y = 0; y < im->height; y++)
        fill_row(im, y, (const selo_point_px(*)[2])edges, n);
}

#endif
