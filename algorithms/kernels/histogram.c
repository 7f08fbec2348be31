#include "selo/histogram.h"

#include <stdbool.h>
#include <stdlib.h>

#include "selo/memory.h"

selo_status selo_histogram_new(size_t levels, size_t pixels, selo_histogram **histogram)
{
    *histogram = NULL;
    if (levels != SELO_LEVELS_16 && levels != SELO_LEVELS_20)
        return SELO_E_ARGUMENT;
    selo_histogram *h = selo_alloc_zeroed(1, sizeof *h);
    if (!h)
        return SELO_E_MEMORY;
    const bool exact = pixels > 0 && pixels <= SELO_EXACT_PIXELS;
    h->levels = exact ? 0 : levels;
    h->room = exact ? pixels : levels;
    h->entries = exact ? 0 : levels;
    h->values = exact ? selo_alloc(h->room, sizeof *h->values) : NULL;
    h->inside = selo_alloc_zeroed(h->room, sizeof *h->inside);
    h->all = selo_alloc_zeroed(h->room, sizeof *h->all);
    if ((exact && !h->values) || !h->inside || !h->all) {
        selo_histogram_free(h);
        return SELO_E_MEMORY;
    }
    *histogram = h;
    return SELO_OK;
}

void selo_histogram_free(selo_histogram *h)
{
    if (!h)
        return;
    selo_free(h->values);
    selo_free(h->inside);
    selo_free(h->all);
    selo_free(h);
}

static size_t level_of(float value, double top)
{
    return (size_t)((double)value * top + 0.5);
}

/* Pixels that are not valid get an entry without area, so that an entry's place follows from its column. */
static void add_exact(selo_histogram *h, const selo_map_row *row, const selo_cover_run *runs, size_t n_runs)
{
    const size_t first = h->entries;
    if (h->room - first < (size_t)row->width)
        return;
    for (int x = 0; x < row->width; x++) {
        h->values[first + (size_t)x] = row->values[x];
        h->all[first + (size_t)x] = row->valid[x] ? row->areas[x] : 0;
    }
    for (size_t i = 0; i < n_runs; i++)
        for (int x = runs[i].x0; x <= runs[i].x1; x++)
            h->inside[first + (size_t)x] = runs[i].share * h->all[first + (size_t)x];
    h->entries += (size_t)row->width;
}

/* Adds pixels x0 ... x1 to the areas per level. Neighbours of one level are added up before they go to memory: an
 * addition to the same place must wait for the one before it. */
static void add_levels(const selo_histogram *h, const selo_map_row *row, int x0, int x1, double share, double *areas)
{
    const double top = (double)(h->levels - 1);
    const bool known = row->levels && h->levels == SELO_LEVELS_16;
    size_t level = 0;
    double sum = 0;
    for (int x = x0; x <= x1; x++) {
        const size_t next = known ? row->levels[x] : level_of(row->values[x], top);
        if (next != level) {
            areas[level] += share * sum;
            level = next;
            sum = 0;
        }
        sum += (double)row->valid[x] * row->areas[x];
    }
    areas[level] += share * sum;
}

void selo_histogram_add_row(selo_histogram *h, const selo_map_row *row, const selo_cover_run *runs, size_t n_runs)
{
    if (h->levels == 0) {
        add_exact(h, row, runs, n_runs);
        return;
    }
    add_levels(h, row, 0, row->width - 1, 1, h->all);
    for (size_t i = 0; i < n_runs; i++)
        add_levels(h, row, runs[i].x0, runs[i].x1, runs[i].share, h->inside);
}

static double value_of(const selo_histogram *h, size_t entry)
{
    return h->levels ? (double)entry / (double)(h->levels - 1) : (double)h->values[entry];
}

selo_status selo_histogram_merge(selo_histogram *h, const selo_histogram *other)
{
    if (h->levels == 0 || other->levels > h->levels)
        return SELO_E_ARGUMENT;
    for (size_t i = 0; i < other->entries; i++) {
        const size_t level = (size_t)(value_of(other, i) * (double)(h->levels - 1) + 0.5);
        h->inside[level] += other->inside[i];
        h->all[level] += other->all[i];
    }
    return SELO_OK;
}

/* An entry on its way into order. */
typedef struct held_entry {
    double value;
    size_t place;
} held_entry;

static int by_value(const void *a, const void *b)
{
    const held_entry *p = a, *q = b;
    if (p->value != q->value)
        return p->value < q->value ? -1 : 1;
    return (p->place > q->place) - (p->place < q->place); /* equal values are added up in the map's order */
}

static size_t gather(const selo_histogram *h, held_entry *order)
{
    size_t n = 0;
    for (size_t i = 0; i < h->entries; i++)
        if (h->all[i] > 0) {
            if (order)
                order[n] = (held_entry){value_of(h, i), i};
            n++;
        }
    return n;
}

static void take_in_order(const selo_histogram *h, const held_entry *order, size_t n, selo_held *held)
{
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || order[i].value != order[i - 1].value) {
            held->values[held->n] = order[i].value;
            held->inside[held->n] = held->outside[held->n] = 0;
            held->n++;
        }
        const double all = h->all[order[i].place], inside = h->inside[order[i].place];
        held->inside[held->n - 1] += inside;
        held->outside[held->n - 1] += all - inside > 1e-12 * all ? all - inside : 0;
    }
}

selo_status selo_histogram_held(const selo_histogram *h, selo_held *held)
{
    const size_t n = gather(h, NULL);
    held_entry *order = selo_alloc(n, sizeof *order);
    *held = (selo_held){0, selo_alloc(n, sizeof(double)), selo_alloc(n, sizeof(double)), selo_alloc(n, sizeof(double))};
    if (!order || !held->values || !held->inside || !held->outside) {
        selo_free(order);
        selo_held_clear(held);
        return SELO_E_MEMORY;
    }
    gather(h, order);
    if (h->levels == 0)
        qsort(order, n, sizeof *order, by_value);
    take_in_order(h, order, n, held);
    selo_free(order);
    return SELO_OK;
}

void selo_held_clear(selo_held *held)
{
    selo_free(held->values);
    selo_free(held->inside);
    selo_free(held->outside);
    *held = (selo_held){0};
}
