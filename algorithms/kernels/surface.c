#include "surface.h"

#include <math.h>

#include "selo/memory.h"

int selo_cell_at(const int *edges, int n_cells, int at)
{
    int low = 0, high = n_cells;
    while (high - low > 1) {
        const int middle = low + (high - low) / 2;
        if (edges[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static bool good_size(int size)
{
    return size >= 1 && size <= SELO_FILTER_SIZE_MAX && size % 2 == 1;
}

static bool find_gaps(const selo_lattice *lattice)
{
    const size_t n = (size_t)lattice->n_rows * (size_t)lattice->n_cols;
    for (size_t k = 0; k < n; k++)
        if (isnan(lattice->values[k]))
            return true;
    return false;
}

selo_status selo_surface_new(const selo_lattice *lattice, selo_sample sample, selo_filter_method filter, int size_x,
                             int size_y, selo_surface **surface)
{
    const bool smooths = filter != SELO_FILTER_NONE;
    if (!lattice || !surface || filter == SELO_FILTER_BOX || (smooths && (!good_size(size_x) || !good_size(size_y))))
        return SELO_E_ARGUMENT;
    selo_surface *made = selo_alloc_zeroed(1, sizeof *made);
    if (!made)
        return SELO_E_MEMORY;
    made->lattice = lattice;
    made->sample = sample;
    made->filter = filter;
    made->radius_x = smooths ? size_x / 2 : 0;
    made->radius_y = smooths ? size_y / 2 : 0;
    made->has_gaps = find_gaps(lattice);
    selo_status status = SELO_OK;
    if (filter == SELO_FILTER_MEDIAN)
        status = selo_surface_median_prepare(made);
    else if (filter == SELO_FILTER_GAUSSIAN)
        status = selo_surface_gaussian_prepare(made);
    if (status) {
        selo_surface_free(made);
        return status;
    }
    *surface = made;
    return SELO_OK;
}

/* Cells written as runs; a row of the same cells as the one above is copied. */
static void plain_rows(const selo_surface *surface, int row_start, int n_rows, void *rows)
{
    const selo_lattice *lattice = surface->lattice;
    const size_t width = (size_t)lattice->width, bytes = width * selo_sample_size(surface->sample);
    int cell = -1;
    for (int r = 0; r < n_rows; r++) {
        uint8_t *row = (uint8_t *)rows + (size_t)r * bytes;
        const int here = selo_cell_at(lattice->row_edges, lattice->n_rows, row_start + r);
        if (here == cell) {
            memcpy(row, row - bytes, bytes);
            continue;
        }
        cell = here;
        const double *values = lattice->values + (size_t)cell * (size_t)lattice->n_cols;
        for (int j = 0; j < lattice->n_cols; j++)
            selo_fill(surface->sample, row, (size_t)lattice->col_edges[j],
                      (size_t)(lattice->col_edges[j + 1] - lattice->col_edges[j]), (float)values[j]);
    }
}

/* Pixels whose own cell has no value have none, whatever their window holds. */
static void erase_gaps(const selo_surface *surface, int row_start, int n_rows, void *rows)
{
    const selo_lattice *lattice = surface->lattice;
    const size_t bytes = (size_t)lattice->width * selo_sample_size(surface->sample);
    for (int r = 0; r < n_rows; r++) {
        const int cell = selo_cell_at(lattice->row_edges, lattice->n_rows, row_start + r);
        const double *values = lattice->values + (size_t)cell * (size_t)lattice->n_cols;
        for (int j = 0; j < lattice->n_cols; j++)
            if (isnan(values[j]))
                selo_fill(surface->sample, (uint8_t *)rows + (size_t)r * bytes, (size_t)lattice->col_edges[j],
                          (size_t)(lattice->col_edges[j + 1] - lattice->col_edges[j]), NAN);
    }
}

selo_status selo_surface_rows(const selo_surface *surface, int row_start, int n_rows, void *rows)
{
    if (!surface || !rows || row_start < 0 || n_rows < 0 || row_start > surface->lattice->height - n_rows)
        return SELO_E_ARGUMENT;
    selo_status status = SELO_OK;
    switch (surface->filter) {
    case SELO_FILTER_MEDIAN: status = selo_surface_median_rows(surface, row_start, n_rows, rows); break;
    case SELO_FILTER_GAUSSIAN: status = selo_surface_gaussian_rows(surface, row_start, n_rows, rows); break;
    default: plain_rows(surface, row_start, n_rows, rows); return SELO_OK;
    }
    if (!status && surface->has_gaps)
        erase_gaps(surface, row_start, n_rows, rows);
    return status;
}

/* A median block costs some ten plain pixels, each of its cells about four (they are sorted), and each of its rows
 * about as much as twenty pixels of plain writing. */
static double median_cost(const selo_surface *surface)
{
    const double pixels = (double)surface->lattice->height * surface->lattice->width;
    double cells_y = 0, cells_x = 0;
    for (size_t k = 0; k < surface->n_intervals_y; k++)
        cells_y += surface->intervals_y[k].last - surface->intervals_y[k].first + 1;
    for (size_t k = 0; k < surface->n_intervals_x; k++)
        cells_x += surface->intervals_x[k].last - surface->intervals_x[k].first + 1;
    const double blocks = (double)surface->n_intervals_y * (double)surface->n_intervals_x;
    const double rows = (double)surface->lattice->height * (double)surface->n_intervals_x;
    return 1 + (blocks * 10 + cells_y * cells_x * 40 + rows * 20) / pixels;
}

double selo_surface_cost(const selo_surface *surface)
{
    switch (surface->filter) {
    case SELO_FILTER_MEDIAN: return median_cost(surface);
    case SELO_FILTER_GAUSSIAN: return 2 + surface->most_y;
    default: return 1;
    }
}

void selo_surface_free(selo_surface *surface)
{
    if (!surface)
        return;
    selo_free(surface->intervals_y);
    selo_free(surface->intervals_x);
    selo_free(surface->weights_y);
    selo_free(surface->weights_x);
    selo_free(surface);
}
