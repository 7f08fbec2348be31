/* Rows of pixels, gathered into cells with their extremes. */
#include "survey_cells.h"

#include "clones.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))

SELO_CLONES static void extremes_of_bytes(uint16_t *restrict high, uint16_t *restrict low, const uint8_t *restrict v,
                                          bool begin, int n)
{
    if (begin)
        for (int i = 0; i < n; i++)
            high[i] = low[i] = v[i];
    else
        for (int i = 0; i < n; i++) {
            high[i] = high[i] > v[i] ? high[i] : v[i];
            low[i] = low[i] < v[i] ? low[i] : v[i];
        }
}

SELO_CLONES static void extremes_of_values(uint16_t *restrict high, uint16_t *restrict low, const uint16_t *restrict v,
                                           bool begin, int n)
{
    if (begin)
        for (int i = 0; i < n; i++)
            high[i] = low[i] = v[i];
    else
        for (int i = 0; i < n; i++) {
            high[i] = high[i] > v[i] ? high[i] : v[i];
            low[i] = low[i] < v[i] ? low[i] : v[i];
        }
}

SELO_CLONES static void extremes_of_valid(uint16_t *restrict high, uint16_t *restrict low, const uint16_t *restrict v,
                                          const uint8_t *restrict valid, bool begin, int n)
{
    for (int i = 0; i < n; i++) {
        const uint16_t above = valid[i] ? v[i] : 0, below = valid[i] ? v[i] : UINT16_MAX;
        high[i] = begin || above > high[i] ? above : high[i];
        low[i] = begin || below < low[i] ? below : low[i];
    }
}

/* Row y joins the extremes of its cells. */
static void add_row(selo_survey *s, int y)
{
    const int n = s->map->options->width;
    const bool begin = y % s->cell_height == 0;
    const void *values = selo_rows_at(&s->map->values, y);
    if (s->map->masked)
        extremes_of_valid(s->pixel_high, s->pixel_low, values, selo_rows_at(&s->map->valid, y), begin, n);
    else if (s->map->bytes)
        extremes_of_bytes(s->pixel_high, s->pixel_low, values, begin, n);
    else
        extremes_of_values(s->pixel_high, s->pixel_low, values, begin, n);
}

static uint8_t count_holes(const selo_survey *s, selo_rect cell)
{
    int64_t n = 0;
    for (int y = cell.y0; y < cell.y1; y++) {
        const uint8_t *valid = selo_rows_at(&s->map->valid, y);
        for (int x = cell.x0; x < cell.x1; x++)
            n += valid[x] != 0;
    }
    const int64_t area = (int64_t)(cell.x1 - cell.x0) * (cell.y1 - cell.y0);
    return n == 0 ? SELO_CELL_EMPTY : n < area ? SELO_CELL_PARTLY : SELO_CELL_FULL;
}

static void end_cells(selo_survey *s, int y)
{
    for (int i = 0; i < s->n_x; i++) {
        const selo_rect cell = selo_survey_pixels(s, i, y);
        uint16_t high = 0, low = UINT16_MAX;
        for (int x = cell.x0; x < cell.x1; x++) {
            high = MAX(high, s->pixel_high[x]);
            low = MIN(low, s->pixel_low[x]);
        }
        s->cell_high[i] = high;
        s->cell_low[i] = low;
        if (s->map->masked)
            s->cell_holes[i] = count_holes(s, cell);
    }
}

selo_status selo_survey_push(selo_survey *s, int y)
{
    add_row(s, y);
    if ((y + 1) % s->cell_height != 0 && y + 1 < s->map->options->height)
        return SELO_OK;
    end_cells(s, y / s->cell_height);
    const selo_cell_row row = {s->cell_high, s->cell_low, s->cell_holes};
    return selo_bounds_push(&s->bounds, &row, selo_survey_keep_bounds, s);
}
