/* Exact pixel coverage by signed area accumulation per edge, one row at a time. */
#include "selo/coverage.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "selo/memory.h"

#define UNIT 281474976710656.0 /* 2^48: heights inside a row are integers of this unit, so that they cancel exactly */
#define NOTHING (1.0 / 70368744177664.0) /* 2^-46: a share nearer than this to 0 or 1 is 0 or 1 */

typedef struct edge {
    double x0, y0, x1, y1; /* y0 < y1 */
    double slope;          /* columns per row */
    int sign;              /* +1 if the ring runs downwards here, else -1 */
    int first_row;
} edge;

/* What the edges inside one pixel add up to. */
typedef struct cell {
    int64_t height; /* signed, in units: what the pixels to the right of this one are covered by */
    double share;   /* signed: what this pixel is covered by */
} cell;

typedef struct crossing {
    double x;
    int sign;
} crossing;

struct selo_coverage {
    edge *edges; /* by first_row, then as given */
    size_t n_edges, next_edge;
    size_t *active;
    size_t n_active;
    int col0, col1; /* columns that may be covered: col0 <= c < col1 */
    int first, last;
    int height;
    int row; /* last one asked for, -1 before */
    cell *cells;
    uint64_t *touched; /* a bit per cell */
    selo_cover_run *runs;
    size_t n_runs, room_runs;
    crossing *crossings;
    selo_span *spans;
};

static int by_first_row(const void *a, const void *b)
{
    const edge *p = a, *q = b;
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
    c->edges[c->n_edges++] = (edge){
        .x0 = top[0], .y0 = top[1], .x1 = bottom[0], .y1 = bottom[1],
        .slope = (bottom[0] - top[0]) / (bottom[1] - top[1]),
        .sign = down ? 1 : -1,
        .first_row = top[1] <= 0 ? 0 : (int)top[1],
    };
}

static double clamp(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
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
    c->col0 = (int)floor(clamp(left, 0, width));
    c->col1 = (int)floor(clamp(right + 1, 0, width));
    const bool empty = c->n_edges == 0 || c->col0 >= c->col1;
    c->first = empty ? 0 : c->edges[0].first_row;
    c->last = empty ? -1 : (int)ceil(clamp(bottom, 0, c->height)) - 1;
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

/* SELO_OK with *here = false: nothing of the area is on this row. */
static selo_status enter_row(selo_coverage *c, int y, bool *here)
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

/* Always from the edge's own end, never from the row before: rows then do not depend on each other. */
static double edge_x(const edge *e, double y)
{
    if (y <= e->y0)
        return e->x0;
    if (y >= e->y1)
        return e->x1;
    return clamp(e->x0 + (y - e->y0) * e->slope, fmin(e->x0, e->x1), fmax(e->x0, e->x1));
}

static void put(selo_coverage *c, int column, int64_t height, double right_share)
{
    const size_t i = (size_t)(column - c->col0);
    c->cells[i].height += height;
    c->cells[i].share += (double)height * (1.0 / UNIT) * right_share;
    c->touched[i / 64] |= (uint64_t)1 << (i % 64);
}

/* Spreads a piece of an edge that rises evenly by `height` units from x = left to x = right over the pixels it passes. */
static void spread(selo_coverage *c, double left, double right, int64_t height, int sign)
{
    if (left >= c->col1)
        return;
    if (right <= c->col0) {
        put(c, c->col0, sign * height, 1.0);
        return;
    }
    const double per_column = right > left ? (double)height / (right - left) : 0;
    const double end = fmin(right, c->col1);
    int64_t done = 0;
    double x = left;
    if (left < c->col0) {
        x = c->col0;
        done = llrint((x - left) * per_column);
        put(c, c->col0, sign * done, 1.0);
    }
    int column = (int)x;
    do {
        const double next = fmin(column + 1.0, end);
        const int64_t upto = next == right ? height : llrint((next - left) * per_column);
        put(c, column, sign * (upto - done), 1.0 - (0.5 * (x + next) - column));
        done = upto;
        x = next;
        column++;
    } while (column < end);
}

static bool push_run(selo_coverage *c, int x0, int x1, double share)
{
    selo_cover_run *previous = c->n_runs ? c->runs + c->n_runs - 1 : NULL;
    if (previous && previous->x1 == x0 - 1 && previous->share == share) {
        previous->x1 = x1;
        return true;
    }
    if (c->n_runs == c->room_runs) {
        selo_cover_run *more = selo_realloc(c->runs, 2 * c->room_runs, sizeof *more);
        if (!more)
            return false;
        c->runs = more;
        c->room_runs *= 2;
    }
    c->runs[c->n_runs++] = (selo_cover_run){x0, x1, share};
    return true;
}

/* The direction of shells decides the sign; 0 stands for "not covered". */
static double clean_share(double share)
{
    share = fabs(share);
    return share < NOTHING ? 0 : share > 1 - NOTHING ? 1 : share;
}

/* Turns the touched cells, left to right, into runs, and clears them. */
static bool collect_runs(selo_coverage *c)
{
    int64_t height = 0;
    int column = c->col0; /* first one not yet in a run */
    bool ok = true;
    const size_t words = (size_t)(c->col1 - c->col0) / 64 + 1;
    for (size_t w = 0; w < words; w++) {
        for (uint64_t bits = c->touched[w]; bits; bits &= bits - 1) {
            const size_t i = w * 64 + (size_t)__builtin_ctzll(bits);
            const int here = c->col0 + (int)i;
            const double before = clean_share((double)height / UNIT);
            const double share = clean_share((double)height / UNIT + c->cells[i].share);
            if (here > column && before > 0)
                ok = ok && push_run(c, column, here - 1, before);
            if (share > 0)
                ok = ok && push_run(c, here, here, share);
            height += c->cells[i].height;
            c->cells[i] = (cell){0, 0};
            column = here + 1;
        }
        c->touched[w] = 0;
    }
    const double rest = clean_share((double)height / UNIT);
    return column < c->col1 && rest > 0 ? ok && push_run(c, column, c->col1 - 1, rest) : ok;
}

selo_status selo_coverage_row(selo_coverage *c, int y, const selo_cover_run **runs, size_t *count)
{
    bool here;
    const selo_status status = enter_row(c, y, &here);
    *runs = NULL;
    *count = 0;
    if (status != SELO_OK || !here)
        return status;
    for (size_t i = 0; i < c->n_active; i++) {
        const edge *e = c->edges + c->active[i];
        const double top = fmax(e->y0, y), bottom = fmin(e->y1, y + 1.0);
        const double xa = edge_x(e, top), xb = edge_x(e, bottom);
        const int64_t height = llrint((bottom - y) * UNIT) - llrint((top - y) * UNIT);
        spread(c, fmin(xa, xb), fmax(xa, xb), height, e->sign);
    }
    c->n_runs = 0;
    if (!collect_runs(c))
        return SELO_E_MEMORY;
    *runs = c->runs;
    *count = c->n_runs;
    return SELO_OK;
}

static int by_x(const void *a, const void *b)
{
    const crossing *p = a, *q = b;
    return p->x != q->x ? (p->x < q->x ? -1 : 1) : p->sign - q->sign;
}

selo_status selo_coverage_centres(selo_coverage *c, int y, const selo_span **spans, size_t *count)
{
    bool here;
    const selo_status status = enter_row(c, y, &here);
    *spans = NULL;
    *count = 0;
    if (status != SELO_OK || !here)
        return status;
    const double centre = y + 0.5;
    size_t n = 0, found = 0;
    for (size_t i = 0; i < c->n_active; i++) {
        const edge *e = c->edges + c->active[i];
        if (e->y0 <= centre && centre < e->y1)
            c->crossings[n++] = (crossing){edge_x(e, centre), e->sign};
    }
    qsort(c->crossings, n, sizeof *c->crossings, by_x);
    for (size_t i = 0, winding = 0; i + 1 < n; i++) {
        winding += (size_t)c->crossings[i].sign;
        const int x0 = (int)ceil(clamp(c->crossings[i].x - 0.5, c->col0, c->col1));
        const int x1 = (int)ceil(clamp(c->crossings[i + 1].x - 0.5, c->col0, c->col1)) - 1;
        if (winding == 0 || x0 > x1)
            continue;
        if (found && c->spans[found - 1].x1 == x0 - 1)
            c->spans[found - 1].x1 = x1;
        else
            c->spans[found++] = (selo_span){x0, x1};
    }
    *spans = c->spans;
    *count = found;
    return SELO_OK;
}
