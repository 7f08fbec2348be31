#include "taps.h"

#include <string.h>

#include "box.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))

typedef struct axis {
    int n, cell;
    selo_extent window;
    selo_border border;
} axis;

/* The pixels that windows around pixels begin ... end - 1 touch, as a range of cells. */
static void touched_cells(const axis *a, int begin, int end, int *first, int *last)
{
    int low = MAX(0, begin - a->window.before), high = MIN(a->n - 1, end - 1 + a->window.after);
    if (a->border == SELO_BORDER_REFLECT) {
        if (begin < a->window.before)
            high = MAX(high, MIN(a->n - 1, a->window.before - begin));
        if (end - 1 + a->window.after > a->n - 1)
            low = MIN(low, MAX(0, 2 * (a->n - 1) - (end - 1 + a->window.after)));
        if (a->window.before >= a->n || a->window.after >= a->n) {
            low = 0;
            high = a->n - 1;
        }
    }
    *first = low / a->cell;
    *last = high / a->cell;
}

/* Adds the shares of the cells in the window around pixel p. */
static void position_weights(const axis *a, int p, int first, int count, float *weights)
{
    const int64_t begin = (int64_t)p - a->window.before, end = (int64_t)p + a->window.after + 1;
    int64_t in_map = 0;
    memset(weights, 0, (size_t)count * sizeof *weights);
    for (int j = 0; j < count; j++) {
        const int64_t low = MAX(begin, (int64_t)(first + j) * a->cell);
        const int64_t high = MIN(MIN(end, a->n), (int64_t)(first + j + 1) * a->cell);
        if (high <= low)
            continue;
        weights[j] = (float)(high - low);
        in_map += high - low;
    }
    if (a->border == SELO_BORDER_REFLECT) {
        for (int64_t i = begin; i < end; i++)
            if (i < 0 || i >= a->n)
                weights[selo_reflect((int)i, a->n) / a->cell - first] += 1.0f;
        in_map = end - begin;
    }
    for (int j = 0; j < count; j++)
        weights[j] /= (float)in_map;
}

static selo_status add_position(selo_taps *taps, const axis *a, int cell, int p)
{
    const size_t needed = taps->n_weights + (size_t)taps->count[cell];
    if (needed > taps->capacity) {
        const size_t wanted = 2 * needed;
        float *grown = selo_realloc(taps->weights, wanted, sizeof *grown);
        if (!grown)
            return SELO_E_MEMORY;
        taps->weights = grown;
        taps->capacity = wanted;
    }
    position_weights(a, p, taps->first[cell], taps->count[cell], taps->weights + taps->n_weights);
    taps->n_weights = needed;
    taps->positions[cell]++;
    return SELO_OK;
}

static bool is_extreme(const axis *a, int p)
{
    return p % a->cell == 0 || p % a->cell == a->cell - 1 || (p - a->window.before) % a->cell == 0 ||
           (p + a->window.after + 1) % a->cell == 0;
}

static selo_status add_cell(selo_taps *taps, const axis *a, int cell)
{
    const int begin = cell * a->cell, end = MIN(a->n, begin + a->cell);
    int last;
    touched_cells(a, begin, end, &taps->first[cell], &last);
    taps->count[cell] = last - taps->first[cell] + 1;
    taps->lag = MAX(taps->lag, last - cell);
    /* Inside: no window of the cell reaches the map's edge or a last cell that is cut short. */
    const bool inner = begin >= a->window.before && (int64_t)(last + 1) * a->cell <= a->n &&
                       (int64_t)end - 1 + a->window.after < a->n;
    if (inner && taps->inner_begin < taps->inner_end) {
        taps->positions[cell] = taps->positions[taps->inner_begin];
        taps->weight[cell] = taps->weight[taps->inner_begin];
        taps->inner_end = cell + 1;
        return SELO_OK;
    }
    if (inner) {
        taps->inner_begin = cell;
        taps->inner_end = cell + 1;
    }
    taps->weight[cell] = taps->n_weights;
    selo_status status = SELO_OK;
    for (int p = begin; p < end && status == SELO_OK; p++)
        if (!inner || is_extreme(a, p))
            status = add_position(taps, a, cell, p);
    return status;
}

selo_status selo_taps_new(selo_taps *taps, int n, int cell, selo_extent window, selo_border border)
{
    const axis a = {n, cell, border == SELO_BORDER_CUT ? selo_extent_cut(window, n) : window, border};
    const int n_cells = (n - 1) / cell + 1;
    *taps = (selo_taps){.n_cells = n_cells};
    taps->first = selo_alloc_zeroed((size_t)n_cells, sizeof *taps->first);
    taps->count = selo_alloc_zeroed((size_t)n_cells, sizeof *taps->count);
    taps->positions = selo_alloc_zeroed((size_t)n_cells, sizeof *taps->positions);
    taps->weight = selo_alloc_zeroed((size_t)n_cells, sizeof *taps->weight);
    if (!taps->first || !taps->count || !taps->positions || !taps->weight)
        return SELO_E_MEMORY;
    selo_status status = SELO_OK;
    for (int i = 0, last = -1; i < n_cells && status == SELO_OK; i++) {
        status = add_cell(taps, &a, i);
        last = MAX(last, taps->first[i] + taps->count[i] - 1);
        taps->span = MAX(taps->span, last - taps->first[i] + 1);
    }
    return status;
}

void selo_taps_free(selo_taps *taps)
{
    selo_free(taps->first);
    selo_free(taps->count);
    selo_free(taps->positions);
    selo_free(taps->weight);
    selo_free(taps->weights);
}
