#include "selo/spans.h"

#include <stdbool.h>
#include <stdlib.h>

#include "selo/memory.h"

#define FRACTION_BITS 16
#define ONE_PIXEL ((int64_t)1 << FRACTION_BITS)

/* A polygon edge as the even-odd fill sees it: active on the rows first ... last, at x + (row - y) * slope. */
typedef struct fill_edge {
    int first, last;
    int64_t x, y, slope;
} fill_edge;

/* A polygon edge as the outline sees it, clipped to the image: (x, y) is its left end; the other end lies `dx` to the
 * right and `dy` rows away, downwards if `down`. */
typedef struct line_edge {
    int first, last;
    int x, y, dx, dy;
    bool down;
} line_edge;

/* Both kinds begin with the rows on which they are active. */
typedef struct edge_rows {
    int first, last;
} edge_rows;

/* Edges sorted by first row, and the indices of those active on the current row. */
typedef struct edge_list {
    void *edges;
    size_t size; /* bytes of one edge */
    size_t count;
    size_t next; /* the first edge that no row has reached yet */
    size_t *active;
    size_t n_active;
} edge_list;

struct selo_fill {
    int width, height;
    int row; /* the last row asked for */
    edge_list fills;
    edge_list lines;
    int64_t *crossings;
    selo_span *spans;
};

static int outcode_x(int64_t x, int64_t right)
{
    return (x < 0) + (x > right) * 2;
}

static int outcode(int64_t x, int64_t y, int64_t right, int64_t bottom)
{
    return outcode_x(x, right) + (y < 0) * 4 + (y > bottom) * 8;
}

/* How far the other coordinate moves when one moves by `move` along (along, across). */
static int64_t shear(int64_t move, int64_t across, int64_t along)
{
    return (int64_t)((double)move * (double)across / (double)along);
}

/* Moves the ends of a line onto the image's border in the published order (first end, second end; rows, then columns;
 * always with the other end as it is by then). False if nothing of it shows. */
static bool clip_line(int64_t a[2], int64_t b[2], int64_t right, int64_t bottom)
{
    int64_t *const ends[2] = {a, b};
    int codes[2] = {outcode(a[0], a[1], right, bottom), outcode(b[0], b[1], right, bottom)};
    if ((codes[0] & codes[1]) != 0 || (codes[0] | codes[1]) == 0)
        return (codes[0] | codes[1]) == 0;
    for (int i = 0; i < 2; i++) {
        if (!(codes[i] & 12))
            continue;
        const int64_t border = codes[i] < 8 ? 0 : bottom;
        ends[i][0] += shear(border - ends[i][1], b[0] - a[0], b[1] - a[1]);
        ends[i][1] = border;
        codes[i] = outcode_x(ends[i][0], right);
    }
    if ((codes[0] & codes[1]) != 0)
        return false;
    for (int i = 0; i < 2; i++) {
        if (!codes[i])
            continue;
        const int64_t border = codes[i] == 1 ? 0 : right;
        ends[i][1] += shear(border - ends[i][0], b[1] - a[1], b[0] - a[0]);
        ends[i][0] = border;
    }
    return true;
}

static void add_line(selo_fill *fill, selo_point_px p, selo_point_px q)
{
    int64_t a[2] = {p.x, p.y}, b[2] = {q.x, q.y};
    if (!clip_line(a, b, fill->width - 1, fill->height - 1))
        return;
    const int64_t *left = a[0] <= b[0] ? a : b, *right = left == a ? b : a;
    line_edge *line = (line_edge *)fill->lines.edges + fill->lines.count++;
    line->x = (int)left[0];
    line->y = (int)left[1];
    line->dx = (int)(right[0] - left[0]);
    line->down = right[1] >= left[1];
    line->dy = (int)(line->down ? right[1] - left[1] : left[1] - right[1]);
    line->first = line->down ? line->y : line->y - line->dy;
    line->last = line->first + line->dy;
}

static void add_fill(selo_fill *fill, selo_point_px p, selo_point_px q)
{
    const selo_point_px top = p.y < q.y ? p : q, end = p.y < q.y ? q : p;
    if (p.y == q.y || end.y <= 0 || top.y >= fill->height)
        return;
    fill_edge *edge = (fill_edge *)fill->fills.edges + fill->fills.count++;
    edge->x = top.x * ONE_PIXEL;
    edge->y = top.y;
    edge->slope = (end.x - (int64_t)top.x) * ONE_PIXEL / (end.y - (int64_t)top.y);
    edge->first = top.y < 0 ? 0 : top.y;
    edge->last = (end.y < fill->height ? end.y : fill->height) - 1;
}

static int compare_first(const void *a, const void *b)
{
    const int p = ((const edge_rows *)a)->first, q = ((const edge_rows *)b)->first;
    return (p > q) - (p < q);
}

static int compare_crossing(const void *a, const void *b)
{
    const int64_t p = *(const int64_t *)a, q = *(const int64_t *)b;
    return (p > q) - (p < q);
}

static int compare_span(const void *a, const void *b)
{
    const int p = ((const selo_span *)a)->x0, q = ((const selo_span *)b)->x0;
    return (p > q) - (p < q);
}

static void sort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    if (count > 1)
        qsort(items, count, size, compare);
}

static selo_status list_new(edge_list *list, size_t capacity, size_t size)
{
    list->size = size;
    list->edges = selo_alloc(capacity, size);
    list->active = selo_alloc(capacity, sizeof *list->active);
    return list->edges && list->active ? SELO_OK : SELO_E_MEMORY;
}

static void list_free(edge_list *list)
{
    selo_free(list->edges);
    selo_free(list->active);
}

static const edge_rows *list_rows(const edge_list *list, size_t index)
{
    return (const edge_rows *)(const void *)((const char *)list->edges + index * list->size);
}

/* Drops the edges that have ended above row y and takes up those that have begun. */
static void list_advance(edge_list *list, int y)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->n_active; i++)
        if (list_rows(list, list->active[i])->last >= y)
            list->active[kept++] = list->active[i];
    for (; list->next < list->count && list_rows(list, list->next)->first <= y; list->next++)
        if (list_rows(list, list->next)->last >= y)
            list->active[kept++] = list->next;
    list->n_active = kept;
}

/* False if the sizes are not those of the contract, or add up to more than memory can hold. */
static bool count_points(const size_t *sizes, size_t n_contours, size_t *total)
{
    *total = 0;
    for (size_t i = 0; i < n_contours; i++) {
        if (sizes[i] == 0 || sizes[i] > SIZE_MAX / 4 - *total)
            return false;
        *total += sizes[i];
    }
    return true;
}

static selo_status allocate(selo_fill *fill, size_t n_edges)
{
    selo_status status = list_new(&fill->fills, n_edges, sizeof(fill_edge));
    if (status == SELO_OK)
        status = list_new(&fill->lines, n_edges, sizeof(line_edge));
    fill->crossings = selo_alloc(n_edges, sizeof *fill->crossings);
    fill->spans = selo_alloc(2 * n_edges, sizeof *fill->spans);
    return status == SELO_OK && fill->crossings && fill->spans ? SELO_OK : SELO_E_MEMORY;
}

static void add_contour(selo_fill *fill, const selo_point_px *points, size_t size)
{
    selo_point_px from = points[size - 1];
    for (size_t i = 0; i < size; i++) {
        add_line(fill, from, points[i]);
        add_fill(fill, from, points[i]);
        from = points[i];
    }
}

selo_status selo_fill_new(const selo_point_px *points, const size_t *sizes, size_t n_contours, int width, int height,
                          selo_fill **fill)
{
    size_t total;
    if (!fill)
        return SELO_E_ARGUMENT;
    *fill = NULL;
    if (width < 1 || height < 1 || (n_contours > 0 && (!points || !sizes)) || !count_points(sizes, n_contours, &total))
        return SELO_E_ARGUMENT;
    selo_fill *made = selo_alloc_zeroed(1, sizeof *made);
    if (!made)
        return SELO_E_MEMORY;
    made->width = width;
    made->height = height;
    if (allocate(made, total) != SELO_OK) {
        selo_fill_free(made);
        return SELO_E_MEMORY;
    }
    for (size_t i = 0; i < n_contours; points += sizes[i], i++)
        add_contour(made, points, sizes[i]);
    sort(made->fills.edges, made->fills.count, made->fills.size, compare_first);
    sort(made->lines.edges, made->lines.count, made->lines.size, compare_first);
    *fill = made;
    return SELO_OK;
}

/* The even-odd spans between crossings: left ends rounded up to a pixel, right ends down, cut to the image. */
static size_t fill_spans(selo_fill *fill, int y)
{
    const fill_edge *edges = fill->fills.edges;
    const size_t n = fill->fills.n_active;
    for (size_t i = 0; i < n; i++) {
        const fill_edge *edge = edges + fill->fills.active[i];
        fill->crossings[i] = edge->x + (y - edge->y) * edge->slope;
    }
    sort(fill->crossings, n, sizeof *fill->crossings, compare_crossing);
    size_t count = 0;
    for (size_t i = 0; i + 1 < n; i += 2) {
        int64_t x0 = (fill->crossings[i] + ONE_PIXEL - 1) >> FRACTION_BITS;
        int64_t x1 = fill->crossings[i + 1] >> FRACTION_BITS;
        x0 = x0 < 0 ? 0 : x0;
        x1 = x1 >= fill->width ? fill->width - 1 : x1;
        if (x0 <= x1)
            fill->spans[count++] = (selo_span){(int)x0, (int)x1};
    }
    return count;
}

/* The first step along a line's longer axis (length a) that has moved at least m along the shorter one (length b):
 * step k has moved (2 k b + a - 1) / (2 a), rounded down. Unsigned: 2 a (m + 1) + a stays below 2^64. */
static uint64_t first_step(uint64_t m, uint64_t a, uint64_t b)
{
    return m == 0 ? 0 : (2 * a * m - a + 1 + 2 * b - 1) / (2 * b);
}

static selo_span line_span(const line_edge *line, int y)
{
    const uint64_t dx = (uint64_t)line->dx, dy = (uint64_t)line->dy;
    const uint64_t m = (uint64_t)(line->down ? y - line->y : line->y - y);
    if (dy > dx) {
        const int x = line->x + (int)((2 * m * dx + dy - 1) / (2 * dy));
        return (selo_span){x, x};
    }
    const uint64_t end = m == dy ? dx : first_step(m + 1, dx, dy) - 1;
    return (selo_span){line->x + (int)first_step(m, dx, dy), line->x + (int)end};
}

static size_t merge_spans(selo_span *spans, size_t count)
{
    size_t merged = 0;
    sort(spans, count, sizeof *spans, compare_span);
    for (size_t i = 0; i < count; i++) {
        if (merged == 0 || spans[i].x0 - 1 > spans[merged - 1].x1)
            spans[merged++] = spans[i];
        else if (spans[i].x1 > spans[merged - 1].x1)
            spans[merged - 1].x1 = spans[i].x1;
    }
    return merged;
}

selo_status selo_fill_row(selo_fill *fill, int y, const selo_span **spans, size_t *count)
{
    if (!fill || !spans || !count || y < fill->row || y >= fill->height)
        return SELO_E_ARGUMENT;
    fill->row = y;
    list_advance(&fill->fills, y);
    list_advance(&fill->lines, y);
    size_t n = fill_spans(fill, y);
    const line_edge *lines = fill->lines.edges;
    for (size_t i = 0; i < fill->lines.n_active; i++)
        fill->spans[n++] = line_span(lines + fill->lines.active[i], y);
    *spans = fill->spans;
    *count = merge_spans(fill->spans, n);
    return SELO_OK;
}

void selo_fill_free(selo_fill *fill)
{
    if (!fill)
        return;
    list_free(&fill->fills);
    list_free(&fill->lines);
    selo_free(fill->crossings);
    selo_free(fill->spans);
    selo_free(fill);
}
