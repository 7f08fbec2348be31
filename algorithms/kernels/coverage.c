/* The edges of an area, one row at a time. */
#include "coverage_state.h"

#include <stdlib.h>

#include "selo/memory.h"

static int by_first_row(const void *a, const void *b)
{
    const selo_coverage_edge *p = a, *q = b;
    if (p->first_row != q->first_row)
        return p->first_row < q->first_row ? -1 : 1;
    /* A total order, because qsort() is not stable and sums must not depend on the C library. */
    if (p->y0 != q->y0)
        return p->y0 < q->y0 ? -1 : 1;
    if (p->x0 != q->x0)
        return p->x0 < q->x0 ? -1 : 1;
    if (p->y1 != q->y1)
        return p->y1 < q->y1 ? -1 : 1;
    if (p->x1 != q->x1)
        return p->x1 < q->x1 ? -1 : 1;
    return p->sign - q->sign;
}

static void add_edge(selo_coverage *c, const double *a, const double *b)
{
    const bool down = a[1] < b[1];
    const double *top = down ? a : b, *bottom = down ? b : a;
    if (a[1] == b[1] || bottom[1] <= 0 || top[1] >= c->height)
        return;
    c->edges[c->n_edges++] = (selo_coverage_edge){
        .x0 = top[0], .y0 = top[1], .x1 = bottom[0], .y1 = bottom[1],
        .slope = (bottom[0] - top[0]) / (bottom[1] - top[1]),
        .sign = down ? 1 : -1,
        .first_row = top[1] <= 0 ? 0 : (int)top[1],
    };
}

/* Columns and rows that may be covered. An edge that has its whole length right of the map covers nothing on it. */
static void find_bounds(selo_coverage *c, int width)
{
    double left = width, right = 0, bottom = 0;
    for (size_t i = 0; i < c->n_edges; i++) {
        left = fmin(left, fmin(c->edges[i].x0, c->edges[i].x1));
        right = fmax(right, fmax(c->edges[i].x0, c->edges[i].x1));
        bottom = fmax(bottom, c->edges[i].y1);
    }
    c->col0 = (int)floor(selo_coverage_clamp(left, 0, width));
    c->col1 = (int)floor(selo_coverage_clamp(right + 1, 0, width));
    const bool empty = c->n_edges == 0 || c->col0 >= c->col1;
    c->first = empty ? 0 : c->edges[0].first_row;
    c->last = empty ? -1 : (int)ceil(selo_coverage_clamp(bottom, 0, c->height)) - 1;
}

static bool all_finite(const double *xy, size_t n)
{
    for (size_t i = 0; i < 2 * n; i++)
        if (!isfinite(xy[i]))
            return false;
    return true;
}

selo_status selo_coverage_new(const double *xy, const size_t *sizes, size_t n_rings, int width, int height,
                              selo_coverage **coverage)
{
    size_t n = 0;
    *coverage = NULL;
    for (size_t r = 0; r < n_rings; r++) {
        if (sizes[r] == 0 || n + sizes[r] < n)
            return SELO_E_ARGUMENT;
        n += sizes[r];
    }
    if (width < 1 || height < 1 || (n && !all_finite(xy, n)))
        return SELO_E_ARGUMENT;
    selo_coverage *c = selo_alloc_zeroed(1, sizeof *c);
    if (!c)
        return SELO_E_MEMORY;
    c->height = height;
    c->row = -1;
    c->edges = selo_alloc(n, sizeof *c->edges);
    if (!c->edges) {
        selo_coverage_free(c);
        return SELO_E_MEMORY;
    }
    for (size_t r = 0, at = 0; r < n_rings; at += sizes[r++])
        for (size_t i = 0; i < sizes[r]; i++)
            add_edge(c, xy + 2 * (at + i), xy + 2 * (at + (i + 1) % sizes[r]));
    qsort(c->edges, c->n_edges, sizeof *c->edges, by_first_row);
    find_bounds(c, width);
    *coverage = c;
    return SELO_OK;
}

/* Row memory is there only while the area's rows pass: a truth of many regions holds only those of the current rows. */
static void drop_row_memory(selo_coverage *c)
{
    selo_free(c->active);
    selo_free(c->cells);
    selo_free(c->touched);
    selo_free(c->runs);
    selo_free(c->crossings);
    selo_free(c->spans);
    c->active = NULL;
    c->cells = NULL;
    c->touched = NULL;
    c->runs = NULL;
    c->crossings = NULL;
    c->spans = NULL;
    c->room_runs = 0;
}

void selo_coverage_free(selo_coverage *c)
{
    if (!c)
        return;
    drop_row_memory(c);
    selo_free(c->edges);
    selo_free(c);
}

void selo_coverage_rows(const selo_coverage *c, int *first, int *last)
{
    *first = c->first;
    *last = c->last;
}

static bool take_row_memory(selo_coverage *c)
{
    if (c->active)
        return true;
    const size_t columns = (size_t)(c->col1 - c->col0);
    c->cells = selo_alloc_zeroed(columns, sizeof *c->cells);
    c->touched = selo_alloc_zeroed(columns / 64 + 1, sizeof *c->touched);
    c->crossings = selo_alloc(c->n_edges, sizeof *c->crossings);
    c->spans = selo_alloc(c->n_edges, sizeof *c->spans);
    c->active = selo_alloc(c->n_edges, sizeof *c->active);
    c->room_runs = 64;
    c->runs = selo_alloc(c->room_runs, sizeof *c->runs);
    if (c->cells && c->touched && c->crossings && c->spans && c->active && c->runs)
        return true;
    drop_row_memory(c);
    return false;
}

/* Brings the list of edges that meet row y up to date. */
static void move_to_row(selo_coverage *c, int y)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->n_active; i++)
        if (c->edges[c->active[i]].y1 > y)
            c->active[kept++] = c->active[i];
    for (; c->next_edge < c->n_edges && c->edges[c->next_edge].first_row <= y; c->next_edge++)
        if (c->edges[c->next_edge].y1 > y)
            c->active[kept++] = c->next_edge;
    c->n_active = kept;
    c->row = y;
}

selo_status selo_coverage_enter_row(selo_coverage *c, int y, bool *here)
{
    if (y < 0 || y >= c->height || y < c->row)
        return SELO_E_ARGUMENT;
    *here = y >= c->first && y <= c->last;
    if (!*here) {
        if (y > c->last)
            drop_row_memory(c);
        return SELO_OK;
    }
    if (!take_row_memory(c))
        return SELO_E_MEMORY;
    if (y != c->row)
        move_to_row(c, y);
    return SELO_OK;
}
