#include "selo/histogram.h"

#include "selo/memory.h"

selo_status selo_histogram_new(size_t levels, selo_histogram **histogram)
{
    *histogram = NULL;
    if (levels != SELO_LEVELS_16 && levels != SELO_LEVELS_20)
        return SELO_E_ARGUMENT;
    selo_histogram *h = selo_alloc_zeroed(1, sizeof *h);
    if (!h)
        return SELO_E_MEMORY;
    h->levels = levels;
    h->inside = selo_alloc_zeroed(levels, sizeof *h->inside);
    h->all = selo_alloc_zeroed(levels, sizeof *h->all);
    if (!h->inside || !h->all) {
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
    selo_free(h->inside);
    selo_free(h->all);
    selo_free(h);
}

static size_t level_of(float value, double top)
{
    return (size_t)((double)value * top + 0.5);
}

void selo_histogram_add_row(selo_histogram *h, const selo_map_row *row, const selo_cover_run *runs, size_t n_runs)
{
    const double top = (double)(h->levels - 1);
    for (int x = 0; x < row->width; x++)
        if (row->valid[x])
            h->all[level_of(row->values[x], top)] += row->areas[x];
    for (size_t i = 0; i < n_runs; i++)
        for (int x = runs[i].x0; x <= runs[i].x1; x++)
            if (row->valid[x])
                h->inside[level_of(row->values[x], top)] += runs[i].share * row->areas[x];
}

selo_status selo_histogram_merge(selo_histogram *h, const selo_histogram *other)
{
    if (other->levels > h->levels)
        return SELO_E_ARGUMENT;
    const double step = (double)(h->levels - 1) / (double)(other->levels - 1);
    for (size_t i = 0; i < other->levels; i++) {
        const size_t level = (size_t)((double)i * step + 0.5);
        h->inside[level] += other->inside[i];
        h->all[level] += other->all[i];
    }
    return SELO_OK;
}

double selo_histogram_outside(const selo_histogram *h, size_t level)
{
    const double outside = h->all[level] - h->inside[level];
    return outside > 1e-12 * h->all[level] ? outside : 0;
}
