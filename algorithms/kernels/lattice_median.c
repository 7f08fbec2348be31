/* The wide median of a lattice-constant map, at about the cost of writing it.
 *
 * The window of a pixel overlaps cell (i, j) in a(y) rows and b(x) columns, so the cell weighs a_i(y) b_j(x) in the
 * median. As the window moves along an axis, the overlaps change linearly until the window leaves or enters a cell.
 * Those events cut the image into blocks; on a block, with N the valid weight and F(v) the weight of cells <= v,
 *
 *     D_v(y, x) = 2 F(v) - N = sum over cells of +- a_i(y) b_j(x)
 *
 * is bilinear, and the median is the smallest v with D_v >= 0. A bilinear function on a rectangle has its extremes at
 * the corners, so four numbers a value say whether D_v has one sign throughout: then v bounds the median or is out of
 * the question on the whole block. Only the few values between those bounds can change place inside, and each does so,
 * in a row, at one column: where D_v = P + Q t, linear in t, changes its sign. P and Q are linear from row to row. So a
 * row of a block is a run of pixels, cut at one division for each such value.
 *
 * Cost: c log c for a block of c cells (9 to 16 for the published plans), one fill plus some divisions for a row of a
 * block, and the writing of the pixels. 10000 x 10001 pixels with 4283 windows: 25 000 blocks, against 6.3e12 visits of
 * a plain median of 251. */
#include <math.h>
#include <stdlib.h>

#include "selo/memory.h"
#include "surface.h"

/* Pixels of cell k (of n) within position - radius ... position + radius; the outer cells go on beyond the image, as
 * the edge is repeated there. */
static int64_t overlap(const int *edges, int n, int k, int position, int radius)
{
    const int low = k > 0 && edges[k] > position - radius ? edges[k] : position - radius;
    const int high = k < n - 1 && edges[k + 1] < position + radius + 1 ? edges[k + 1] : position + radius + 1;
    return high > low ? high - low : 0;
}

static int by_value(const void *a, const void *b)
{
    const int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

/* Where a window of this radius leaves or enters a cell, as intervals between those events. */
static selo_status find_intervals(const int *edges, int n_cells, int radius, selo_interval **intervals, size_t *count,
                                  int *most)
{
    const int length = edges[n_cells];
    int *events = selo_alloc(2 * (size_t)n_cells, sizeof *events);
    selo_interval *found = selo_alloc(2 * (size_t)n_cells, sizeof *found);
    if (!events || !found) {
        selo_free(events);
        selo_free(found);
        return SELO_E_MEMORY;
    }
    size_t n = 0;
    events[n++] = 0;
    for (int k = 1; k < n_cells; k++) {
        if (edges[k] - radius - 1 > 0)
            events[n++] = edges[k] - radius - 1;
        if (edges[k] + radius < length)
            events[n++] = edges[k] + radius;
    }
    qsort(events, n, sizeof *events, by_value);
    size_t kept = 0;
    *most = 0;
    for (size_t k = 0; k < n; k++) {
        const int end = k + 1 < n ? events[k + 1] : length;
        if (end == events[k])
            continue;
        const int low = events[k] > radius ? events[k] - radius : 0;
        const int high = end - 1 < length - radius ? end - 1 + radius : length - 1;
        const selo_interval it = {events[k], end - events[k], selo_cell_at(edges, n_cells, low),
                                  selo_cell_at(edges, n_cells, high)};
        if (it.last - it.first + 1 > *most)
            *most = it.last - it.first + 1;
        found[kept++] = it;
    }
    selo_free(events);
    *intervals = found;
    *count = kept;
    return SELO_OK;
}

selo_status selo_surface_median_prepare(selo_surface *surface)
{
    const selo_lattice *lattice = surface->lattice;
    selo_status status = find_intervals(lattice->row_edges, lattice->n_rows, surface->radius_y, &surface->intervals_y,
                                        &surface->n_intervals_y, &surface->most_y);
    if (!status)
        status = find_intervals(lattice->col_edges, lattice->n_cols, surface->radius_x, &surface->intervals_x,
                                &surface->n_intervals_x, &surface->most_x);
    return status;
}

/* A cell's value and its weight at the corners of a block: first row and column, first row and last column, last row
 * and first column, last row and column. */
typedef struct {
    float value;
    int64_t weight[4];
} weighed_cell;

/* A value that changes its side within the block: D = p + q t in the current row. */
typedef struct {
    float value;
    int64_t p, p_step, q, q_step;
} boundary;

typedef struct {
    weighed_cell *cells;
    boundary *boundaries;
    int64_t *rows_first, *rows_last; /* overlaps at the first and the last row of the block, per cell row */
} workspace;

static int by_cell_value(const void *a, const void *b)
{
    const float x = ((const weighed_cell *)a)->value, y = ((const weighed_cell *)b)->value;
    return (x > y) - (x < y);
}

/* Short lists are the rule, and for them insertion beats the library's sort by far. */
static void sort_cells(weighed_cell *cells, size_t n)
{
    if (n > 64) {
        qsort(cells, n, sizeof *cells, by_cell_value);
        return;
    }
    for (size_t k = 1; k < n; k++) {
        const weighed_cell cell = cells[k];
        size_t at = k;
        for (; at > 0 && cells[at - 1].value > cell.value; at--)
            cells[at] = cells[at - 1];
        cells[at] = cell;
    }
}

/* Puts a cell into the list; a value that is there already (neighbours often share one) only gains weight. */
static size_t add_cell(weighed_cell *cells, size_t n, float value, const int64_t weight[4])
{
    if (n && cells[n - 1].value == value) {
        for (int c = 0; c < 4; c++)
            cells[n - 1].weight[c] += weight[c];
        return n;
    }
    cells[n] = (weighed_cell){value, {weight[0], weight[1], weight[2], weight[3]}};
    return n + 1;
}

/* The block's cells that have a value, sorted; how many, and their whole weight at the corners. */
static size_t gather(const selo_surface *surface, const selo_interval *y, const selo_interval *x, workspace *work,
                     int64_t whole[4])
{
    const selo_lattice *lattice = surface->lattice;
    size_t n = 0;
    for (int j = x->first; j <= x->last; j++) {
        const int64_t b0 = overlap(lattice->col_edges, lattice->n_cols, j, x->start, surface->radius_x);
        const int64_t b1 = overlap(lattice->col_edges, lattice->n_cols, j, x->start + x->length - 1, surface->radius_x);
        for (int i = y->first; i <= y->last; i++) {
            const double value = lattice->values[(size_t)i * (size_t)lattice->n_cols + (size_t)j];
            if (isnan(value))
                continue;
            const int64_t a0 = work->rows_first[i - y->first], a1 = work->rows_last[i - y->first];
            const int64_t weight[4] = {a0 * b0, a0 * b1, a1 * b0, a1 * b1};
            n = add_cell(work->cells, n, (float)value, weight);
            for (int c = 0; c < 4; c++)
                whole[c] += weight[c];
        }
    }
    sort_cells(work->cells, n);
    return n;
}

/* From D at the corners to the two linear functions; exact, as D is bilinear with whole coefficients. */
static boundary boundary_of(float value, const int64_t d[4], int n_rows, int n_cols)
{
    const int64_t down = n_rows > 1 ? n_rows - 1 : 1, across = n_cols > 1 ? n_cols - 1 : 1;
    const int64_t q_first = (d[1] - d[0]) / across, q_last = (d[3] - d[2]) / across;
    return (boundary){value, d[0], (d[2] - d[0]) / down, q_first, (q_last - q_first) / down};
}

/* The values that can be the median somewhere in the block, ascending; the last one is so wherever no other is. */
static size_t find_boundaries(const selo_interval *y, const selo_interval *x, size_t n, const int64_t whole[4],
                              workspace *work)
{
    int64_t d[4] = {-whole[0], -whole[1], -whole[2], -whole[3]};
    size_t found = 0;
    for (size_t k = 0; k < n; k++) {
        for (int c = 0; c < 4; c++)
            d[c] += 2 * work->cells[k].weight[c];
        if (k + 1 < n && work->cells[k + 1].value == work->cells[k].value)
            continue;
        const bool some = d[0] >= 0 || d[1] >= 0 || d[2] >= 0 || d[3] >= 0;
        if (!some)
            continue;
        work->boundaries[found++] = boundary_of(work->cells[k].value, d, y->length, x->length);
        if (d[0] >= 0 && d[1] >= 0 && d[2] >= 0 && d[3] >= 0)
            break;
    }
    return found;
}

/* Pixels t = 0 ... length - 1 of this row with p + q t >= 0: those before *end if q < 0, those from *start on if q >
 * 0. */
static void solve(const boundary *b, int64_t length, int64_t *start, int64_t *end)
{
    *start = 0;
    *end = length;
    if (b->q == 0) {
        if (b->p < 0)
            *end = 0;
    } else if (b->q > 0) {
        *start = b->p >= 0 ? 0 : (-b->p + b->q - 1) / b->q;
        if (*start > length)
            *start = length;
    } else {
        *end = b->p < 0 ? 0 : b->p / -b->q + 1;
        if (*end > length)
            *end = length;
    }
}

/* One block into the image. The regions D >= 0 of greater values hold those of smaller ones, so painting from the
 * greatest down leaves the smallest on top. */
static void paint(const selo_surface *surface, const selo_interval *y, const selo_interval *x, boundary *boundaries,
                  size_t n, uint8_t *rows)
{
    const size_t size = selo_sample_size(surface->sample), stride = (size_t)surface->lattice->width * size;
    uint8_t *row = rows + (size_t)x->start * size;
    for (int s = 0; s < y->length; s++, row += stride) {
        selo_fill(surface->sample, row, 0, (size_t)x->length, n ? boundaries[n - 1].value : NAN);
        for (size_t k = n; k-- > 1;) {
            boundary *b = &boundaries[k - 1];
            int64_t start, end;
            solve(b, x->length, &start, &end);
            if (end > start)
                selo_fill(surface->sample, row, (size_t)start, (size_t)(end - start), b->value);
            b->p += b->p_step;
            b->q += b->q_step;
        }
    }
}

/* All blocks of one interval of rows; `rows` is where its first row goes. */
static void paint_band(const selo_surface *surface, const selo_interval *y, workspace *work, uint8_t *rows)
{
    const selo_lattice *lattice = surface->lattice;
    for (int i = y->first; i <= y->last; i++) {
        work->rows_first[i - y->first] = overlap(lattice->row_edges, lattice->n_rows, i, y->start, surface->radius_y);
        work->rows_last[i - y->first] =
            overlap(lattice->row_edges, lattice->n_rows, i, y->start + y->length - 1, surface->radius_y);
    }
    for (size_t k = 0; k < surface->n_intervals_x; k++) {
        const selo_interval *x = &surface->intervals_x[k];
        int64_t whole[4] = {0, 0, 0, 0};
        const size_t n = gather(surface, y, x, work, whole);
        paint(surface, y, x, work->boundaries, find_boundaries(y, x, n, whole, work), rows);
    }
}

selo_status selo_surface_median_rows(const selo_surface *surface, int row_start, int n_rows, void *rows)
{
    const size_t stride = (size_t)surface->lattice->width * selo_sample_size(surface->sample);
    const size_t most = (size_t)surface->most_y * (size_t)surface->most_x;
    workspace work = {selo_alloc(most, sizeof(weighed_cell)), selo_alloc(most, sizeof(boundary)),
                      selo_alloc((size_t)surface->most_y, sizeof(int64_t)),
                      selo_alloc((size_t)surface->most_y, sizeof(int64_t))};
    const bool ready = work.cells && work.boundaries && work.rows_first && work.rows_last;
    for (size_t k = 0; k < surface->n_intervals_y && ready; k++) {
        selo_interval y = surface->intervals_y[k];
        const int start = y.start > row_start ? y.start : row_start;
        const int end = y.start + y.length < row_start + n_rows ? y.start + y.length : row_start + n_rows;
        if (end <= start)
            continue;
        y.start = start;
        y.length = end - start;
        paint_band(surface, &y, &work, (uint8_t *)rows + (size_t)(start - row_start) * stride);
    }
    selo_free(work.cells);
    selo_free(work.boundaries);
    selo_free(work.rows_first);
    selo_free(work.rows_last);
    return ready ? SELO_OK : SELO_E_MEMORY;
}
