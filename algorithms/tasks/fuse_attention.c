#include "fuse_attention.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cpl_error.h"
#include "selo/coverage.h"
#include "selo/memory.h"
#include "selo/region.h"

/* A piece of a line within one pixel. */
typedef struct piece {
    int x, y;
    double length; /* in units of the map's coordinates */
} piece;

typedef struct target {
    selo_coverage *coverage; /* polygons */
    piece *pieces;           /* lines, sorted by row */
    size_t n_pieces, room, next;
    int first, last; /* rows */
    bool line;
    double weight, sum, max;
} target;

/* ---- lines ---- */

static selo_status add_piece(target *t, const selo_frame *frame, double x, double y, double length)
{
    if (!(x >= 0.0 && y >= 0.0 && x < frame->width && y < frame->height) || length <= 0.0)
        return SELO_OK;
    if (t->n_pieces == t->room) {
        piece *pieces = selo_realloc(t->pieces, 2 * t->room + 64, sizeof *pieces);
        if (!pieces)
            return SELO_E_MEMORY;
        t->pieces = pieces;
        t->room = 2 * t->room + 64;
    }
    t->pieces[t->n_pieces++] = (piece){(int)x, (int)y, length};
    return SELO_OK;
}

/* Where a step along one axis next meets a pixel border: parameter along the segment, beyond `at`. */
static double next_border(double from, double step, double at)
{
    if (step == 0.0)
        return 2.0;
    const double place = from + at * step, border = step > 0.0 ? floor(place + 1e-9) + 1.0 : ceil(place - 1e-9) - 1.0;
    return (border - from) / step;
}

/* Cuts off what of the segment lies outside 0 ... size on one axis. */
static void cut(double from, double step, double size, double *begin, double *end)
{
    if (step == 0.0) {
        if (from < 0.0 || from > size)
            *end = -1.0;
        return;
    }
    const double a = -from / step, b = (size - from) / step;
    *begin = fmax(*begin, fmin(a, b));
    *end = fmin(*end, fmax(a, b));
}

/* A segment in pixel coordinates, cut at the borders of pixels. */
static selo_status add_segment(target *t, const selo_frame *frame, selo_point a, selo_point b)
{
    const double dx = b.x - a.x, dy = b.y - a.y;
    const double length = hypot(dx * frame->gt[1] + dy * frame->gt[2], dx * frame->gt[4] + dy * frame->gt[5]);
    double at = 0.0, end = 1.0;
    cut(a.x, dx, frame->width, &at, &end);
    cut(a.y, dy, frame->height, &at, &end);
    selo_status status = SELO_OK;
    while (status == SELO_OK && at < end) {
        const double next = fmin(end, fmin(next_border(a.x, dx, at), next_border(a.y, dy, at)));
        const double to = next > at ? next : nextafter(at, 2.0), middle = 0.5 * (at + to);
        status = add_piece(t, frame, a.x + middle * dx, a.y + middle * dy, (to - at) * length);
        at = to;
    }
    return status;
}

static selo_status add_line(target *t, const selo_frame *frame, OGRGeometryH geometry)
{
    selo_status status = SELO_OK;
    for (int i = 0; status == SELO_OK && i < OGR_G_GetGeometryCount(geometry); ++i)
        status = add_line(t, frame, OGR_G_GetGeometryRef(geometry, i));
    for (int i = 1; status == SELO_OK && i < OGR_G_GetPointCount(geometry); ++i)
        status = add_segment(t, frame,
                             selo_frame_to_pixel(frame, OGR_G_GetX(geometry, i - 1), OGR_G_GetY(geometry, i - 1)),
                             selo_frame_to_pixel(frame, OGR_G_GetX(geometry, i), OGR_G_GetY(geometry, i)));
    return status;
}

static int by_row(const void *a, const void *b)
{
    const piece *left = a, *right = b;
    if (left->y != right->y)
        return left->y < right->y ? -1 : 1;
    return left->x != right->x ? (left->x < right->x ? -1 : 1)
                               : (left->length > right->length) - (left->length < right->length);
}

/* ---- targets ---- */

static selo_status prepare_area(target *t, const selo_frame *frame, OGRGeometryH geometry)
{
    CPLPushErrorHandler(CPLQuietErrorHandler); /* GEOS says where it is not, without saying of what */
    OGRGeometryH valid = OGR_G_IsValid(geometry) ? OGR_G_UnaryUnion(geometry) : OGR_G_MakeValid(geometry);
    CPLPopErrorHandler();
    selo_rings rings = {0};
    selo_status status = valid ? selo_rings_of(frame, valid, &rings) : SELO_E_INPUT;
    if (status == SELO_OK)
        status = selo_coverage_new(rings.xy, rings.sizes, rings.n_rings, frame->width, frame->height, &t->coverage);
    if (status == SELO_OK)
        selo_coverage_rows(t->coverage, &t->first, &t->last);
    selo_rings_clear(&rings);
    OGR_G_DestroyGeometry(valid);
    return status;
}

static selo_status prepare(target *t, const selo_frame *frame, OGRGeometryH geometry)
{
    *t = (target){.first = 0, .last = -1, .max = NAN};
    if (!geometry || OGR_G_IsEmpty(geometry))
        return SELO_OK;
    t->line = OGR_G_GetDimension(geometry) == 1;
    if (!t->line)
        return prepare_area(t, frame, geometry);
    const selo_status status = add_line(t, frame, geometry);
    if (t->n_pieces > 1)
        qsort(t->pieces, t->n_pieces, sizeof *t->pieces, by_row);
    if (t->n_pieces > 0) {
        t->first = t->pieces[0].y;
        t->last = t->pieces[t->n_pieces - 1].y;
    }
    return status;
}

static void take(target *t, double weight, double value)
{
    t->weight += weight;
    t->sum += weight * value;
    t->max = fmax(t->max, value); /* fmax() leaves a NaN out */
}

static selo_status take_row(target *t, int y, const float *values, const uint8_t *valid)
{
    const selo_cover_run *runs = NULL;
    size_t n = 0;
    for (; t->line && t->next < t->n_pieces && t->pieces[t->next].y == y; t->next++)
        if (valid[t->pieces[t->next].x])
            take(t, t->pieces[t->next].length, (double)values[t->pieces[t->next].x]);
    const selo_status status = t->coverage ? selo_coverage_row(t->coverage, y, &runs, &n) : SELO_OK;
    for (size_t i = 0; status == SELO_OK && i < n; ++i)
        for (int x = runs[i].x0; x <= runs[i].x1; ++x)
            if (valid[x])
                take(t, runs[i].share, (double)values[x]);
    return status;
}

/* ---- the pass ---- */

static selo_status pass(selo_map *map, const selo_value_rule *rule, target *targets, size_t n, double *all)
{
    const selo_grid *grid = selo_map_grid(map);
    const int strip = selo_map_strip(map);
    const size_t size = (size_t)strip * (size_t)grid->width;
    float *values = selo_alloc(size, sizeof *values);
    uint16_t *levels = selo_alloc(size, sizeof *levels);
    uint8_t *valid = selo_alloc(size, 1);
    selo_status status = values && levels && valid ? SELO_OK : SELO_E_MEMORY;
    for (int y0 = 0; status == SELO_OK && y0 < grid->height; y0 += strip) {
        const int rows = grid->height - y0 < strip ? grid->height - y0 : strip;
        status = selo_map_fetch(map, rule, y0, rows, false);
        if (status == SELO_OK)
            status = selo_map_values(map, rule, y0, rows, values, levels, valid);
        for (size_t i = 0; status == SELO_OK && i < (size_t)rows * (size_t)grid->width; ++i)
            *all += valid[i] ? (double)values[i] : 0.0;
        for (size_t k = 0; status == SELO_OK && k < n; ++k) {
            const int first = targets[k].first > y0 ? targets[k].first : y0;
            const int last = targets[k].last < y0 + rows - 1 ? targets[k].last : y0 + rows - 1;
            for (int y = first; status == SELO_OK && y <= last; ++y) {
                const size_t row = (size_t)(y - y0) * (size_t)grid->width;
                status = take_row(&targets[k], y, values + row, valid + row);
            }
        }
    }
    selo_free(values);
    selo_free(levels);
    selo_free(valid);
    return status;
}

selo_status selo_attention_under(selo_map *map, const selo_map_range *range, const selo_frame *frame,
                                 const OGRGeometryH *geometries, size_t n, selo_attention *attention)
{
    selo_value_rule rule;
    double all = 0.0;
    target *targets = selo_alloc_zeroed(n, sizeof *targets);
    selo_status status = targets ? selo_map_value_rule(map, range, &rule) : SELO_E_MEMORY;
    for (size_t k = 0; status == SELO_OK && k < n; ++k)
        status = prepare(&targets[k], frame, geometries[k]);
    if (status == SELO_OK)
        status = pass(map, &rule, targets, n, &all);
    for (size_t k = 0; targets && k < n; ++k) {
        const target *t = &targets[k];
        attention[k] = (selo_attention){t->weight > 0.0 ? t->sum / t->weight : NAN, t->max,
                                        t->line || all <= 0.0 ? NAN : t->sum / all};
        selo_coverage_free(t->coverage);
        selo_free(t->pieces);
    }
    selo_free(targets);
    return status;
}
