#include "box.h"

#include <string.h>

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))

int selo_reflect(int i, int n)
{
    if (n == 1)
        return 0;
    const int period = 2 * n - 2, j = (i % period + period) % period;
    return j < n ? j : period - j;
}

selo_extent selo_extent_cut(selo_extent extent, int n)
{
    return (selo_extent){MIN(extent.before, n - 1), MIN(extent.after, n - 1)};
}

selo_status selo_box_new(selo_box *box, int width, int height, selo_extent x, selo_extent y, selo_border border,
                         bool masked)
{
    if (border == SELO_BORDER_CUT) { /* what lies beyond the map does not count, so it need not be visited */
        x = selo_extent_cut(x, width);
        y = selo_extent_cut(y, height);
    }
    *box = (selo_box){.width = width, .height = height, .x = x, .y = y, .border = border, .masked = masked};
    /* The rows of one window and the one that has left it; a mirror shows the longer side on both sides of the edge. */
    const int capacity = (int)MIN((int64_t)height, 2 * (int64_t)MAX(y.before, y.after) + 2);
    selo_status status = selo_rows_new(&box->values, capacity, width, sizeof(uint16_t));
    if (masked && status == SELO_OK)
        status = selo_rows_new(&box->valid, capacity, width, 1);
    box->sums = selo_alloc_zeroed((size_t)width, sizeof *box->sums);
    box->counts = selo_alloc_zeroed((size_t)width, sizeof *box->counts);
    return status == SELO_OK && box->sums && box->counts ? SELO_OK : SELO_E_MEMORY;
}

void selo_box_free(selo_box *box)
{
    selo_free(box->values.data);
    selo_free(box->valid.data);
    selo_free(box->sums);
    selo_free(box->counts);
}

void selo_box_push(selo_box *box, const uint16_t *values, const uint8_t *valid)
{
    memcpy(selo_rows_at(&box->values, box->pushed), values, box->values.row_bytes);
    if (box->masked)
        memcpy(selo_rows_at(&box->valid, box->pushed), valid, box->valid.row_bytes);
    box->pushed++;
}

/* Adds row y of the endless map to the columns' sums, or takes it off again. */
static void add_row(selo_box *box, int64_t y, int sign)
{
    if (box->border == SELO_BORDER_CUT && (y < 0 || y >= box->height))
        return;
    const int row = y >= 0 && y < box->height ? (int)y : selo_reflect((int)y, box->height);
    const uint16_t *values = selo_rows_at(&box->values, row);
    const uint8_t *valid = box->masked ? selo_rows_at(&box->valid, row) : NULL;
    for (int x = 0; x < box->width; x++) {
        if (valid && !valid[x])
            continue;
        box->sums[x] += sign > 0 ? values[x] : -(uint64_t)values[x];
        box->counts[x] += sign;
    }
}

static uint16_t divide_half_even(uint64_t sum, uint64_t count)
{
    const uint64_t quotient = sum / count, twice = 2 * (sum % count);
    return (uint16_t)(quotient + (twice > count || (twice == count && (quotient & 1))));
}

typedef struct column_sum {
    uint64_t sum;
    int64_t count;
} column_sum;

/* Column x of the endless map. */
static column_sum column_at(const selo_box *box, int64_t x)
{
    const bool outside = x < 0 || x >= box->width;
    if (outside && box->border == SELO_BORDER_CUT)
        return (column_sum){0, 0};
    const int k = outside ? selo_reflect((int)x, box->width) : (int)x;
    return (column_sum){box->sums[k], box->counts[k]};
}

static void mean_row(const selo_box *box, uint16_t *means, const uint8_t *valid)
{
    column_sum window = {0, 0};
    for (int64_t x = -(int64_t)box->x.before; x < box->x.after; x++) {
        const column_sum column = column_at(box, x);
        window.sum += column.sum;
        window.count += column.count;
    }
    for (int x = 0; x < box->width; x++) {
        const column_sum in = column_at(box, (int64_t)x + box->x.after),
                         out = column_at(box, (int64_t)x - box->x.before);
        window.sum += in.sum;
        window.count += in.count;
        means[x] = valid && !valid[x] ? 0 : divide_half_even(window.sum, (uint64_t)window.count);
        window.sum -= out.sum;
        window.count -= out.count;
    }
}

bool selo_box_next(selo_box *box, uint16_t *means, const uint8_t **valid)
{
    const int64_t y = box->done, after = box->y.after, before = box->y.before;
    const int64_t mirrored = box->border == SELO_BORDER_REFLECT ? before - y : 0;
    if (y >= box->height || box->pushed < MIN((int64_t)box->height, MAX(y + after, mirrored) + 1))
        return false;
    if (y == 0) {
        for (int64_t i = -before; i <= after; i++)
            add_row(box, i, 1);
    } else {
        add_row(box, y - 1 - before, -1);
        add_row(box, y + after, 1);
    }
    *valid = box->masked ? selo_rows_at(&box->valid, box->done) : NULL;
    mean_row(box, means, *valid);
    box->done++;
    return true;
}
