#include "reach.h"

#include <string.h>

#include "box.h"
#include "clones.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))

selo_status selo_reach_new(selo_reach *reach, int n_x, int n_y, selo_extent x, selo_extent y, int late)
{
    *reach = (selo_reach){.n_x = n_x, .n_y = n_y, .x = selo_extent_cut(x, n_x), .y = selo_extent_cut(y, n_y)};
    const int64_t rows = (int64_t)reach->y.before + reach->y.after + 1 + late;
    return selo_rows_new(&reach->rows, (int)MIN(rows, n_y), n_x, sizeof(uint16_t));
}

void selo_reach_free(selo_reach *reach)
{
    selo_free(reach->rows.data);
}

SELO_CLONES static void keep_maximum(uint16_t *restrict best, const uint16_t *restrict values, int n)
{
    for (int i = 0; i < n; i++)
        best[i] = best[i] > values[i] ? best[i] : values[i];
}

void selo_reach_push(selo_reach *reach, const uint16_t *values)
{
    uint16_t *best = selo_rows_at(&reach->rows, reach->pushed++);
    memcpy(best, values, reach->rows.row_bytes);
    for (int i = 1; i <= reach->x.before; i++)
        keep_maximum(best + i, values, reach->n_x - i);
    for (int i = 1; i <= reach->x.after; i++)
        keep_maximum(best, values + i, reach->n_x - i);
}

bool selo_reach_ready(const selo_reach *reach, int y)
{
    return y < reach->n_y && reach->pushed > MIN(reach->n_y - 1, y + reach->y.after);
}

void selo_reach_row(const selo_reach *reach, int y, uint16_t *maxima)
{
    const int first = MAX(0, y - reach->y.before), last = MIN(reach->n_y - 1, y + reach->y.after);
    memcpy(maxima, selo_rows_at(&reach->rows, first), reach->rows.row_bytes);
    for (int i = first + 1; i <= last; i++)
        keep_maximum(maxima, selo_rows_at(&reach->rows, i), reach->n_x);
}
