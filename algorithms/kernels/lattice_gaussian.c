/* The Gaussian of a lattice-constant map. Weights of taps on the same cell add up, so a pixel sees a handful of cells
 * per axis in place of `size` taps: first along the cell rows, once each, then across them for every pixel.
 *
 * For bytes every sum is a whole number below 2^24 (255 x 256 x 256), so binary32 holds it exactly, in any order. */
#include <math.h>

#include "filter.h"
#include "selo/memory.h"
#include "surface.h"

/* Per position of one axis: the cells that its window meets and the sum of weights on each. */
typedef struct {
    int *first;     /* n */
    int *last;      /* n */
    float *weights; /* n x most */
    int most;
} cell_weights;

static int most_cells(const int *edges, int n_cells, int radius)
{
    int most = 1;
    for (int low = 0, high = 0; high < n_cells; high++) {
        while (edges[low + 1] <= edges[high] - 2 * radius - 1)
            low++;
        if (high - low + 1 > most)
            most = high - low + 1;
    }
    return most < n_cells ? most + 1 : n_cells;
}

static void clear_weights(cell_weights *axis)
{
    selo_free(axis->first);
    selo_free(axis->last);
    selo_free(axis->weights);
}

/* Fills in position `at` as entry k. Beyond the edge the window folds back onto cells near it. */
static void weigh(cell_weights *axis, size_t k, int at, const int *edges, int n_cells, const int *taps, int radius)
{
    const int length = edges[n_cells];
    int low = at - radius, high = at + radius;
    if (low < 0)
        high = high > -low ? high : -low;
    if (high > length - 1)
        low = low < 2 * length - 2 - high ? low : 2 * length - 2 - high;
    low = low < 0 ? 0 : low;
    high = high > length - 1 ? length - 1 : high;
    axis->first[k] = selo_cell_at(edges, n_cells, low);
    axis->last[k] = selo_cell_at(edges, n_cells, high);
    float *weights = axis->weights + k * (size_t)axis->most;
    for (int c = axis->first[k]; c <= axis->last[k]; c++)
        weights[c - axis->first[k]] = 0;
    int cell = axis->first[k];
    for (int t = -radius; t <= radius; t++) {
        if (taps[t + radius] == 0)
            continue;
        const int position = selo_mirror(at + t, length);
        while (edges[cell] > position)
            cell--;
        while (edges[cell + 1] <= position)
            cell++;
        weights[cell - axis->first[k]] += (float)taps[t + radius];
    }
}

static selo_status weigh_axis(int start, int n, const int *edges, int n_cells, const int *taps, int radius,
                              cell_weights *axis)
{
    const int most = most_cells(edges, n_cells, radius);
    axis->most = most;
    axis->first = selo_alloc((size_t)n, sizeof(int));
    axis->last = selo_alloc((size_t)n, sizeof(int));
    axis->weights = (size_t)n <= SIZE_MAX / (size_t)most ? selo_alloc((size_t)n * (size_t)most, sizeof(float)) : NULL;
    if (!axis->first || !axis->last || !axis->weights)
        return SELO_E_MEMORY; /* end_work() frees what there is */
    for (int k = 0; k < n; k++)
        weigh(axis, (size_t)k, start + k, edges, n_cells, taps, radius);
    return SELO_OK;
}

selo_status selo_surface_gaussian_prepare(selo_surface *surface)
{
    const int size_x = 2 * surface->radius_x + 1, size_y = 2 * surface->radius_y + 1;
    surface->weights_x = selo_alloc((size_t)size_x, sizeof(int));
    surface->weights_y = selo_alloc((size_t)size_y, sizeof(int));
    if (!surface->weights_x || !surface->weights_y)
        return SELO_E_MEMORY;
    surface->most_y = most_cells(surface->lattice->row_edges, surface->lattice->n_rows, surface->radius_y);
    const selo_status status = selo_gaussian_weights(size_x, surface->weights_x);
    return status ? status : selo_gaussian_weights(size_y, surface->weights_y);
}

/* Cell row i smoothed along the row: sum of weight x value, and of weights where there is a value. */
static void smooth_along(const selo_lattice *lattice, int i, const cell_weights *x_axis, float *sums, float *valid)
{
    const double *values = lattice->values + (size_t)i * (size_t)lattice->n_cols;
    for (int x = 0; x < lattice->width; x++) {
        const float *weights = x_axis->weights + (size_t)x * (size_t)x_axis->most;
        float sum = 0, whole = 0;
        for (int j = x_axis->first[x]; j <= x_axis->last[x]; j++) {
            const double value = values[j];
            if (isnan(value))
                continue;
            sum += weights[j - x_axis->first[x]] * (float)value;
            whole += weights[j - x_axis->first[x]];
        }
        sums[x] = sum;
        if (valid)
            valid[x] = whole;
    }
}

static void add_scaled(float *restrict total, const float *restrict row, float weight, int n)
{
    for (int x = 0; x < n; x++)
        total[x] += weight * row[x];
}

/* Sums become samples; `valid` NULL: every weight, 65536 in all, had a value. */
static void put_row(selo_sample sample, const float *sums, const float *valid, int n, void *row)
{
    if (sample == SELO_SAMPLE_FLOAT && !valid) {
        for (int x = 0; x < n; x++)
            ((float *)row)[x] = sums[x] * (1.0F / 65536.0F);
    } else if (sample == SELO_SAMPLE_FLOAT) {
        for (int x = 0; x < n; x++)
            ((float *)row)[x] = valid[x] > 0 ? sums[x] / valid[x] : NAN;
    } else if (!valid) {
        for (int x = 0; x < n; x++)
            ((uint8_t *)row)[x] = (uint8_t)(((int32_t)sums[x] + 32768) >> 16);
    } else {
        for (int x = 0; x < n; x++)
            ((uint8_t *)row)[x] = valid[x] > 0 ? (uint8_t)floorf(sums[x] / valid[x] + 0.5F) : 0;
    }
}

/* Rows of smoothed cell rows, kept in a ring of `most` by cell row number. */
typedef struct {
    cell_weights x_axis, y_axis;
    float *ring, *ring_valid; /* most x width each; ring_valid only with gaps */
    int *held;                /* which cell row a place of the ring holds; -1: none */
    float *total, *total_valid;
} workspace;

static selo_status start_work(const selo_surface *surface, int row_start, int n_rows, workspace *work)
{
    const selo_lattice *lattice = surface->lattice;
    const size_t width = (size_t)lattice->width;
    selo_status status = weigh_axis(0, lattice->width, lattice->col_edges, lattice->n_cols, surface->weights_x,
                                    surface->radius_x, &work->x_axis);
    if (!status)
        status = weigh_axis(row_start, n_rows, lattice->row_edges, lattice->n_rows, surface->weights_y,
                            surface->radius_y, &work->y_axis);
    if (status)
        return status;
    const size_t most = (size_t)work->y_axis.most;
    work->ring = selo_alloc(most, width * sizeof(float));
    work->total = selo_alloc(width, sizeof(float));
    work->held = selo_alloc(most, sizeof(int));
    if (surface->has_gaps) {
        work->ring_valid = selo_alloc(most, width * sizeof(float));
        work->total_valid = selo_alloc(width, sizeof(float));
    }
    if (!work->ring || !work->total || !work->held || (surface->has_gaps && (!work->ring_valid || !work->total_valid)))
        return SELO_E_MEMORY;
    for (size_t k = 0; k < most; k++)
        work->held[k] = -1;
    return SELO_OK;
}

static void end_work(workspace *work)
{
    clear_weights(&work->x_axis);
    clear_weights(&work->y_axis);
    selo_free(work->ring);
    selo_free(work->ring_valid);
    selo_free(work->held);
    selo_free(work->total);
    selo_free(work->total_valid);
}

static void smooth_across(const selo_surface *surface, size_t r, workspace *work, void *row)
{
    const selo_lattice *lattice = surface->lattice;
    const size_t width = (size_t)lattice->width;
    memset(work->total, 0, width * sizeof(float));
    if (work->total_valid)
        memset(work->total_valid, 0, width * sizeof(float));
    for (int i = work->y_axis.first[r]; i <= work->y_axis.last[r]; i++) {
        const float weight = work->y_axis.weights[r * (size_t)work->y_axis.most + (size_t)(i - work->y_axis.first[r])];
        const size_t place = (size_t)(i % work->y_axis.most);
        float *sums = work->ring + place * width, *valid = work->ring_valid ? work->ring_valid + place * width : NULL;
        if (weight == 0)
            continue;
        if (work->held[place] != i) {
            smooth_along(lattice, i, &work->x_axis, sums, valid);
            work->held[place] = i;
        }
        add_scaled(work->total, sums, weight, lattice->width);
        if (valid)
            add_scaled(work->total_valid, valid, weight, lattice->width);
    }
    put_row(surface->sample, work->total, work->total_valid, lattice->width, row);
}

selo_status selo_surface_gaussian_rows(const selo_surface *surface, int row_start, int n_rows, void *rows)
{
    const size_t stride = (size_t)surface->lattice->width * selo_sample_size(surface->sample);
    workspace work = {0};
    const selo_status status = start_work(surface, row_start, n_rows, &work);
    for (int r = 0; r < n_rows && !status; r++)
        smooth_across(surface, (size_t)r, &work, (uint8_t *)rows + (size_t)r * stride);
    end_work(&work);
    return status;
}
