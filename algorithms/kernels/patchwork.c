/* Of survey.h: smoothing the wanted cells in patches, in parallel. */
#include <string.h>

#include "clones.h"
#include "crew.h"
#include "survey.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))

static selo_status add_rect(selo_survey *s, selo_rect rect)
{
    if (s->n_rects == s->rect_capacity) {
        const size_t wanted = 2 * s->rect_capacity + 64;
        selo_rect *grown = selo_realloc(s->rects, wanted, sizeof *grown);
        if (!grown)
            return SELO_E_MEMORY;
        s->rects = grown;
        s->rect_capacity = wanted;
    }
    s->rects[s->n_rects++] = rect;
    return SELO_OK;
}

/* For each column of cells, the first and the last row that is wanted, of rows first ... last. */
static void wanted_columns(selo_survey *s, int first, int last)
{
    for (int x = 0; x < s->n_x; x++)
        s->column_first[x] = s->column_last[x] = -1;
    for (int y = first; y <= last; y++) {
        uint8_t *state = selo_rows_at(&s->state, y);
        for (int x = 0; x < s->n_x; x++) {
            if (!(state[x] & SELO_CELL_WANTED))
                continue;
            s->column_first[x] = s->column_first[x] < 0 ? y : s->column_first[x];
            s->column_last[x] = y;
            state[x] &= (uint8_t)~SELO_CELL_WANTED;
        }
    }
}

/* Neighbouring columns share a patch, also across a gap that costs less than what lies around another patch. */
static selo_status add_rects(selo_survey *s, int first, int last)
{
    const selo_peaks_options *o = s->map->options;
    const int gap = (int)((int64_t)o->passes * (o->smooth_x.before + o->smooth_x.after) / (2 * s->cell_width));
    selo_status status = SELO_OK;
    wanted_columns(s, first, last);
    for (int x = 0; x < s->n_x && status == SELO_OK; x++) {
        if (s->column_first[x] < 0)
            continue;
        selo_rect rect = {x, s->column_first[x], x + 1, s->column_last[x] + 1};
        for (int i = x + 1; i < s->n_x && i <= rect.x1 + gap && i - x < s->patch_cells; i++)
            if (s->column_first[i] >= 0) {
                rect.x1 = i + 1;
                rect.y0 = MIN(rect.y0, s->column_first[i]);
                rect.y1 = MAX(rect.y1, s->column_last[i] + 1);
            }
        x = rect.x1 - 1;
        status = add_rect(s, rect);
    }
    return status;
}

SELO_CLONES static uint16_t maximum_of(const uint16_t *values, uint16_t best, int n)
{
    for (int i = 0; i < n; i++)
        best = best > values[i] ? best : values[i];
    return best;
}

/* What a patch has shown of cell (x, y): `means` is its first pixel, in rows of `stride`. */
static void keep_level(selo_survey *s, int x, int y, const uint16_t *means, int stride)
{
    const selo_rect cell = selo_survey_pixels(s, x, y);
    uint16_t level = 0;
    for (int i = 0; i < cell.y1 - cell.y0; i++)
        level = maximum_of(means + (size_t)i * (size_t)stride, level, cell.x1 - cell.x0);
    ((uint16_t *)selo_rows_at(&s->level, y))[x] = level;
    ((uint8_t *)selo_rows_at(&s->state, y))[x] |= SELO_CELL_EXACT;
}

static void smooth_patch(void *context, size_t piece, int worker)
{
    selo_survey *s = context;
    selo_patch *patch = s->patches + worker;
    const selo_rect cells = s->rects[piece];
    const selo_rect begin = selo_survey_pixels(s, cells.x0, cells.y0);
    const selo_rect end = selo_survey_pixels(s, cells.x1 - 1, cells.y1 - 1);
    const int width = end.x1 - begin.x0;
    selo_patch_smooth(patch, (selo_rect){begin.x0, begin.y0, end.x1, end.y1});
    for (int y = begin.y0; y < end.y1; y++)
        memcpy((uint16_t *)selo_rows_at(&s->smoothed, y) + begin.x0,
               patch->now + (size_t)(y - begin.y0) * (size_t)width, (size_t)width * sizeof(uint16_t));
    for (int y = cells.y0; y < cells.y1; y++)
        for (int x = cells.x0; x < cells.x1; x++)
            keep_level(s, x, y, patch->now + (size_t)((y - cells.y0) * s->cell_height) * (size_t)width +
                                    (x - cells.x0) * s->cell_width, width);
}

selo_status selo_survey_smooth(selo_survey *s, int first, int last)
{
    selo_status status = SELO_OK;
    s->n_rects = 0;
    for (int y = first; y <= last && status == SELO_OK; y += s->group)
        status = add_rects(s, y, MIN(last, y + s->group - 1));
    if (status == SELO_OK)
        selo_crew_run(s->map->options->threads, s->n_rects, smooth_patch, s);
    return status;
}
