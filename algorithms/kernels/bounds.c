#include "bounds.h"

#include <string.h>

#include "clones.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define TAPS_MAX 64

static selo_status pass_new(selo_bounds_pass *pass, int rows, int n, bool masked)
{
    selo_status status = selo_rows_new(&pass->high, rows, n, sizeof(float));
    if (status == SELO_OK)
        status = selo_rows_new(&pass->low, rows, n, sizeof(float));
    if (!masked || status != SELO_OK)
        return status;
    status = selo_rows_new(&pass->high_any, rows, n, sizeof(uint16_t));
    if (status == SELO_OK)
        status = selo_rows_new(&pass->low_any, rows, n, sizeof(uint16_t));
    if (status == SELO_OK)
        status = selo_rows_new(&pass->holes, rows, n, 1);
    return status == SELO_OK ? selo_rows_new(&pass->holes_touched, rows, n, 1) : status;
}

static void pass_free(selo_bounds_pass *pass)
{
    selo_free(pass->high.data);
    selo_free(pass->low.data);
    selo_free(pass->high_any.data);
    selo_free(pass->low_any.data);
    selo_free(pass->holes.data);
    selo_free(pass->holes_touched.data);
}

selo_status selo_bounds_new(selo_bounds *bounds, const selo_peaks_options *o, int cell_width, int cell_height,
                            bool masked, int value_max)
{
    *bounds = (selo_bounds){.masked = masked, .slack = 1e-6f * (float)(value_max + 1000)};
    selo_status status = selo_taps_new(&bounds->x, o->width, cell_width, o->smooth_x, o->border);
    if (status == SELO_OK)
        status = selo_taps_new(&bounds->y, o->height, cell_height, o->smooth_y, o->border);
    const size_t n = (size_t)bounds->x.n_cells;
    bounds->passes = selo_alloc_zeroed((size_t)o->passes, sizeof *bounds->passes);
    bounds->scratch = selo_alloc(5 * n, sizeof *bounds->scratch);
    bounds->high = selo_alloc((size_t)o->passes * n, sizeof *bounds->high);
    bounds->low = selo_alloc((size_t)o->passes * n, sizeof *bounds->low);
    bounds->holes = selo_alloc_zeroed((size_t)o->passes * n, 1);
    if (status != SELO_OK || !bounds->passes || !bounds->scratch || !bounds->high || !bounds->low || !bounds->holes)
        return SELO_E_MEMORY;
    for (; bounds->n_passes < o->passes && status == SELO_OK; bounds->n_passes++)
        status = pass_new(bounds->passes + bounds->n_passes, bounds->y.span + 1, bounds->x.n_cells, masked);
    return status;
}

void selo_bounds_free(selo_bounds *bounds)
{
    selo_taps_free(&bounds->x);
    selo_taps_free(&bounds->y);
    for (int i = 0; i < bounds->n_passes; i++)
        pass_free(bounds->passes + i);
    selo_free(bounds->passes);
    selo_free(bounds->scratch);
    selo_free(bounds->high);
    selo_free(bounds->low);
    selo_free(bounds->holes);
}

int selo_bounds_lag(const selo_bounds *bounds)
{
    return bounds->n_passes * bounds->y.lag;
}

/* sum[i] = or += weight * values[i] */
SELO_CLONES static void add_weighted(float *restrict sum, const float *restrict values, float weight, bool begin, int n)
{
    if (begin)
        for (int i = 0; i < n; i++)
            sum[i] = weight * values[i];
    else
        for (int i = 0; i < n; i++)
            sum[i] += weight * values[i];
}

SELO_CLONES static void keep_extreme(float *restrict best, const float *restrict values, bool high, bool begin, int n)
{
    if (begin)
        memcpy(best, values, (size_t)n * sizeof *best);
    else if (high)
        for (int i = 0; i < n; i++)
            best[i] = best[i] > values[i] ? best[i] : values[i];
    else
        for (int i = 0; i < n; i++)
            best[i] = best[i] < values[i] ? best[i] : values[i];
}

/* The extreme over the positions of `cell` of the weighted means of count rows of n values. */
static void weigh(const selo_taps *taps, int cell, const float *const *rows, float *best, float *sum, bool high, int n)
{
    const float *weights = taps->weights + taps->weight[cell];
    for (int p = 0; p < taps->positions[cell]; p++) {
        bool begin = true;
        for (int j = 0; j < taps->count[cell]; j++, weights++)
            if (*weights > 0.0f) {
                add_weighted(sum, rows[j], *weights, begin, n);
                begin = false;
            }
        keep_extreme(best, sum, high, p == 0, n);
    }
}

/* Along a row: the inner cells, which share their weights, all at once; the others one by one. */
static void weigh_along(const selo_taps *taps, const float *row, float *best, float *sum, bool high)
{
    const float *rows[TAPS_MAX];
    for (int i = 0; i < taps->n_cells; i++) {
        const bool inner = i >= taps->inner_begin && i < taps->inner_end;
        if (inner && i > taps->inner_begin) {
            i = taps->inner_end - 1;
            continue;
        }
        for (int j = 0; j < taps->count[i]; j++)
            rows[j] = row + taps->first[i] + j;
        weigh(taps, i, rows, best + i, sum, high, inner ? taps->inner_end - i : 1);
    }
}

static void touch_along(const selo_bounds *bounds, selo_bounds_pass *pass, const selo_cell_row *row)
{
    const selo_taps *x = &bounds->x;
    uint16_t *high = selo_rows_at(&pass->high_any, pass->pushed), *low = selo_rows_at(&pass->low_any, pass->pushed);
    uint8_t *touched = selo_rows_at(&pass->holes_touched, pass->pushed);
    memcpy(selo_rows_at(&pass->holes, pass->pushed), row->holes, pass->holes.row_bytes);
    for (int i = 0; i < x->n_cells; i++) {
        high[i] = 0;
        low[i] = UINT16_MAX;
        touched[i] = 0;
        for (int j = x->first[i]; j < x->first[i] + x->count[i]; j++) {
            high[i] = MAX(high[i], row->high[j]);
            low[i] = MIN(low[i], row->low[j]);
            touched[i] = (uint8_t)(touched[i] | (row->holes[j] != SELO_CELL_FULL));
        }
    }
}

SELO_CLONES static void to_float(float *restrict to, const uint16_t *restrict from, int n)
{
    for (int i = 0; i < n; i++)
        to[i] = (float)from[i];
}

static void push_pass(selo_bounds *bounds, selo_bounds_pass *pass, const selo_cell_row *row)
{
    const int n = bounds->x.n_cells;
    to_float(bounds->scratch, row->high, n);
    weigh_along(&bounds->x, bounds->scratch, selo_rows_at(&pass->high, pass->pushed), bounds->scratch + n, true);
    to_float(bounds->scratch, row->low, n);
    weigh_along(&bounds->x, bounds->scratch, selo_rows_at(&pass->low, pass->pushed), bounds->scratch + n, false);
    if (bounds->masked)
        touch_along(bounds, pass, row);
    pass->pushed++;
}

/* Where a window touches a cell with holes, its weights are not known; any mean lies between the extremes. */
static void touch_across(const selo_bounds *bounds, const selo_bounds_pass *pass, int y, selo_cell_row *row)
{
    const selo_taps *taps = &bounds->y;
    memcpy(row->holes, selo_rows_at(&pass->holes, y), pass->holes.row_bytes);
    for (int i = 0; i < bounds->x.n_cells; i++) {
        uint16_t high = 0, low = UINT16_MAX;
        bool touched = false;
        for (int j = taps->first[y]; j < taps->first[y] + taps->count[y]; j++) {
            high = MAX(high, ((const uint16_t *)selo_rows_at(&pass->high_any, j))[i]);
            low = MIN(low, ((const uint16_t *)selo_rows_at(&pass->low_any, j))[i]);
            touched = touched || ((const uint8_t *)selo_rows_at(&pass->holes_touched, j))[i];
        }
        const bool empty = row->holes[i] == SELO_CELL_EMPTY;
        row->high[i] = empty ? 0 : touched ? high : row->high[i];
        row->low[i] = empty ? UINT16_MAX : touched ? low : row->low[i];
    }
}

/* Outwards to whole numbers: a mean is rounded to the nearest one, which may lie half a unit away. */
SELO_CLONES static void round_outwards(uint16_t *restrict high, uint16_t *restrict low, const float *restrict above,
                                       const float *restrict below, float slack, int n)
{
    for (int i = 0; i < n; i++) {
        const int up = (int)(above[i] + 0.5f + slack);
        const float down = below[i] - 0.5f - slack;
        const int whole = (int)down + 1; /* up, also where it is whole: the mean is above it by
                                            more than the slack then */
        high[i] = (uint16_t)(up > UINT16_MAX ? UINT16_MAX : up);
        low[i] = (uint16_t)(down <= 0.0f ? 0 : whole);
    }
}

static bool next_pass(selo_bounds *bounds, selo_bounds_pass *pass, selo_cell_row *row)
{
    const selo_taps *taps = &bounds->y;
    const int y = pass->done, n = bounds->x.n_cells;
    if (y >= taps->n_cells || pass->pushed < taps->first[y] + taps->count[y])
        return false;
    const float *high[TAPS_MAX], *low[TAPS_MAX];
    for (int j = 0; j < taps->count[y]; j++) {
        high[j] = selo_rows_at(&pass->high, taps->first[y] + j);
        low[j] = selo_rows_at(&pass->low, taps->first[y] + j);
    }
    float *above = bounds->scratch + 2 * n, *below = bounds->scratch + 3 * n, *sum = bounds->scratch + 4 * n;
    weigh(taps, y, high, above, sum, true, n);
    weigh(taps, y, low, below, sum, false, n);
    round_outwards(row->high, row->low, above, below, bounds->slack, n);
    if (bounds->masked)
        touch_across(bounds, pass, y, row);
    pass->done++;
    return true;
}

/* Row y of cells goes into pass i, and what comes of it into the next one. */
static selo_status push_from(selo_bounds *bounds, int i, int y, const selo_cell_row *row, selo_bounds_sink sink,
                             void *context)
{
    if (i == bounds->n_passes)
        return sink(context, y, row);
    const size_t at = (size_t)i * (size_t)bounds->x.n_cells;
    selo_cell_row out = {bounds->high + at, bounds->low + at, bounds->holes + at};
    selo_bounds_pass *pass = bounds->passes + i;
    selo_status status = SELO_OK;
    push_pass(bounds, pass, row);
    while (status == SELO_OK && next_pass(bounds, pass, &out))
        status = push_from(bounds, i + 1, pass->done - 1, &out, sink, context);
    return status;
}

selo_status selo_bounds_push(selo_bounds *bounds, const selo_cell_row *row, selo_bounds_sink sink, void *context)
{
    return push_from(bounds, 0, bounds->pushed++, row, sink, context);
}
