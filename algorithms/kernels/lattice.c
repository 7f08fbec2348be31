#include "selo/lattice.h"

#include <math.h>
#include <stdlib.h>

#include "selo/memory.h"

/* A similarity in fixed point: high * 2^-e + low * 2^-(e + SPLIT). Sums of such pairs, by wrap-around addition and
 * subtraction, are exact in any order; so differences give what painting every window would, without its rounding. */
typedef struct {
    uint64_t high, low;
    int64_t count;
} exact_sum;

#define SPLIT 32

static void sum_add(exact_sum *a, const exact_sum *b)
{
    a->high += b->high;
    a->low += b->low;
    a->count += b->count;
}

static void sum_subtract(exact_sum *a, const exact_sum *b)
{
    a->high -= b->high;
    a->low -= b->low;
    a->count -= b->count;
}

/* The exponent e for which n values of at most `largest` add up to less than 2^62. */
static int exponent_for(double largest, size_t n)
{
    int bits_value = 0, bits_count = 0;
    (void)frexp(largest, &bits_value);
    while (bits_count < 62 && (n >> bits_count))
        bits_count++;
    return 62 - bits_count - bits_value;
}

static exact_sum sum_of(double similarity, int e)
{
    const double scaled = ldexp(similarity, e), whole = floor(scaled);
    const exact_sum sum = {(uint64_t)(int64_t)whole, (uint64_t)(int64_t)ldexp(scaled - whole, SPLIT), 1};
    return sum;
}

/* low is positive; its upper half belongs to high. One rounding, as long as high itself fits in a binary64. */
static double mean_of(const exact_sum *sum, int e)
{
    if (sum->count == 0)
        return (double)NAN;
    const uint64_t carry = sum->low >> SPLIT, rest = sum->low & ((UINT64_C(1) << SPLIT) - 1);
    const double whole = (double)(int64_t)(sum->high + carry);
    return ldexp(whole + ldexp((double)rest, -SPLIT), -e) / (double)sum->count;
}

static int by_value(const void *a, const void *b)
{
    const int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

/* Sorts edges and drops repeated ones; how many are left. */
static size_t distinct(int *edges, size_t n)
{
    qsort(edges, n, sizeof *edges, by_value);
    size_t kept = 0;
    for (size_t k = 0; k < n; k++)
        if (kept == 0 || edges[k] != edges[kept - 1])
            edges[kept++] = edges[k];
    return kept;
}

static size_t index_of(const int *edges, size_t n, int edge)
{
    size_t low = 0, high = n;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (edges[middle] <= edge)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Windows that take part, cut to the image; how many there are, and the largest absolute similarity. */
static size_t take_part(const selo_lattice *lattice, const selo_window *windows, const double *similarities, size_t n,
                        selo_window *cut, double *taken, double *largest)
{
    size_t kept = 0;
    *largest = 0;
    for (size_t k = 0; k < n; k++) {
        if (!isfinite(similarities[k]) || !selo_window_clip(windows[k], lattice->height, lattice->width, &cut[kept]))
            continue;
        taken[kept++] = similarities[k];
        if (fabs(similarities[k]) > *largest)
            *largest = fabs(similarities[k]);
    }
    return kept;
}

static selo_status find_edges(selo_lattice *lattice, const selo_window *cut, size_t n)
{
    lattice->row_edges = n < SIZE_MAX / 4 ? selo_alloc(2 * n + 2, sizeof(int)) : NULL;
    lattice->col_edges = n < SIZE_MAX / 4 ? selo_alloc(2 * n + 2, sizeof(int)) : NULL;
    if (!lattice->row_edges || !lattice->col_edges)
        return SELO_E_MEMORY;
    int *rows = lattice->row_edges, *cols = lattice->col_edges;
    for (size_t k = 0; k < n; k++) {
        rows[2 * k] = cut[k].row_start, rows[2 * k + 1] = cut[k].row_end;
        cols[2 * k] = cut[k].col_start, cols[2 * k + 1] = cut[k].col_end;
    }
    rows[2 * n] = cols[2 * n] = 0;
    rows[2 * n + 1] = lattice->height, cols[2 * n + 1] = lattice->width;
    lattice->n_rows = (int)distinct(rows, 2 * n + 2) - 1;
    lattice->n_cols = (int)distinct(cols, 2 * n + 2) - 1;
    return SELO_OK;
}

/* Means by differences: each window changes four corners; running sums along columns and rows bring the rest. */
static selo_status fill_values(selo_lattice *lattice, const selo_window *cut, const double *taken, size_t n, int e)
{
    const size_t n_rows = (size_t)lattice->n_rows + 1, n_cols = (size_t)lattice->n_cols + 1;
    lattice->values = selo_alloc(n_rows * n_cols, sizeof(double)); /* no overflow: both are at most 2^29 + 1 */
    exact_sum *sums = selo_alloc_zeroed(n_rows * n_cols, sizeof *sums);
    if (!lattice->values || !sums) {
        selo_free(sums);
        return SELO_E_MEMORY;
    }
    for (size_t k = 0; k < n; k++) {
        const exact_sum sum = sum_of(taken[k], e);
        exact_sum *top = sums + index_of(lattice->row_edges, n_rows, cut[k].row_start) * n_cols;
        exact_sum *bottom = sums + index_of(lattice->row_edges, n_rows, cut[k].row_end) * n_cols;
        const size_t left = index_of(lattice->col_edges, n_cols, cut[k].col_start);
        const size_t right = index_of(lattice->col_edges, n_cols, cut[k].col_end);
        sum_add(&top[left], &sum);
        sum_subtract(&top[right], &sum);
        sum_subtract(&bottom[left], &sum);
        sum_add(&bottom[right], &sum);
    }
    for (size_t i = 0; i + 1 < n_rows; i++) {
        exact_sum *row = sums + i * n_cols, running = {0};
        for (size_t j = 0; j + 1 < n_cols; j++) {
            sum_add(&running, &row[j]);
            exact_sum total = running;
            if (i > 0)
                sum_add(&total, &row[j - n_cols]);
            lattice->values[i * (n_cols - 1) + j] = mean_of(&total, e);
            row[j] = total; /* the row below adds to what is above it */
        }
    }
    selo_free(sums);
    return SELO_OK;
}

static selo_status build(selo_lattice *lattice, const selo_window *windows, const double *similarities, size_t n)
{
    selo_window *cut = selo_alloc(n + 1, sizeof *cut); /* the cut of a window that is dropped needs a place, too */
    double *taken = selo_alloc(n + 1, sizeof *taken);
    selo_status status = cut && taken ? SELO_OK : SELO_E_MEMORY;
    if (!status) {
        double largest;
        const size_t kept = take_part(lattice, windows, similarities, n, cut, taken, &largest);
        status = find_edges(lattice, cut, kept);
        if (!status)
            status = fill_values(lattice, cut, taken, kept, exponent_for(largest, kept));
    }
    selo_free(cut);
    selo_free(taken);
    return status;
}

selo_status selo_lattice_new(int height, int width, const selo_window *windows, const double *similarities, size_t n,
                             selo_lattice **lattice)
{
    if (height < 1 || width < 1 || height > 1 << 29 || width > 1 << 29 || !lattice ||
        (n && (!windows || !similarities)))
        return SELO_E_ARGUMENT;
    selo_lattice *made = selo_alloc_zeroed(1, sizeof *made);
    if (!made)
        return SELO_E_MEMORY;
    made->height = height;
    made->width = width;
    const selo_status status = build(made, windows, similarities, n);
    if (status) {
        selo_lattice_free(made);
        return status;
    }
    *lattice = made;
    return SELO_OK;
}

static int64_t cell_pixels(const selo_lattice *lattice, size_t cell)
{
    const size_t i = cell / (size_t)lattice->n_cols, j = cell % (size_t)lattice->n_cols;
    return (int64_t)(lattice->row_edges[i + 1] - lattice->row_edges[i]) *
           (lattice->col_edges[j + 1] - lattice->col_edges[j]);
}

void selo_lattice_normalize(selo_lattice *lattice, selo_uncovered uncovered, selo_range *range)
{
    const size_t n = (size_t)lattice->n_rows * (size_t)lattice->n_cols;
    selo_range met = {(double)NAN, (double)NAN, false, 0};
    for (size_t k = 0; k < n; k++) {
        if (isnan(lattice->values[k])) {
            met.uncovered_px += cell_pixels(lattice, k);
            if (uncovered == SELO_UNCOVERED_NO_DATA)
                continue;
            lattice->values[k] = 0;
        }
        const double value = lattice->values[k];
        if (!(value >= met.low))
            met.low = value;
        if (!(value <= met.high))
            met.high = value;
    }
    met.flat = met.low == met.high;
    const double span = met.high - met.low;
    for (size_t k = 0; k < n; k++)
        if (!isnan(lattice->values[k]))
            lattice->values[k] = met.flat ? 0 : (lattice->values[k] - met.low) / span;
    if (range)
        *range = met;
}

void selo_lattice_to_bytes(selo_lattice *lattice)
{
    const size_t n = (size_t)lattice->n_rows * (size_t)lattice->n_cols;
    for (size_t k = 0; k < n; k++)
        if (!isnan(lattice->values[k]))
            lattice->values[k] = floor(255.0 * lattice->values[k]);
}

void selo_lattice_free(selo_lattice *lattice)
{
    if (!lattice)
        return;
    selo_free(lattice->row_edges);
    selo_free(lattice->col_edges);
    selo_free(lattice->values);
    selo_free(lattice);
}
