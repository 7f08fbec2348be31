/* Rows of cells, from their bounds to candidates, and these smoothed and decided as soon as what
 * lies around them is known. */
#include "survey_cells.h"

#include <string.h>

#define MIN(a, b) ((a) < (b) ? (a) : (b))

/* Cell x of row y exceeds other cells by at least this much: nothing, if it has no pixel. */
static uint16_t least(const selo_survey *s, int x, int y)
{
    const uint8_t *holes = selo_rows_at(&s->holes, y);
    return holes[x] == SELO_CELL_EMPTY ? 0 : ((const uint16_t *)selo_rows_at(&s->low, y))[x];
}

/* Marks the candidates of row y; those whose bounds meet are known already. */
static void judge_row(selo_survey *s, int y)
{
    const uint16_t *high = selo_rows_at(&s->high, y), *low = selo_rows_at(&s->low, y);
    const uint8_t *holes = selo_rows_at(&s->holes, y);
    uint16_t *level = selo_rows_at(&s->level, y);
    uint8_t *state = selo_rows_at(&s->state, y);
    selo_reach_row(&s->lowest, y, s->line);
    for (int x = 0; x < s->n_x; x++) {
        const bool candidate = high[x] > 0 && high[x] >= s->line[x] && holes[x] != SELO_CELL_EMPTY;
        const bool uniform = high[x] == low[x] || holes[x] == SELO_CELL_EMPTY;
        level[x] = high[x];
        state[x] = (uint8_t)((candidate ? SELO_CELL_CANDIDATE : 0) |
                             (uniform ? SELO_CELL_EXACT | SELO_CELL_UNIFORM : 0) |
                             (candidate && !uniform ? SELO_CELL_WANTED : 0));
    }
}

/* After row y has been smoothed where it is wanted: what is known to be there and what may be. */
static void push_levels(selo_survey *s, int y)
{
    const uint16_t *level = selo_rows_at(&s->level, y), *high = selo_rows_at(&s->high, y);
    const uint8_t *state = selo_rows_at(&s->state, y);
    for (int x = 0; x < s->n_x; x++) {
        s->line[x] = state[x] & SELO_CELL_EXACT ? level[x] : least(s, x, y);
        s->line2[x] = state[x] & SELO_CELL_EXACT ? level[x] : high[x];
    }
    selo_reach_push(&s->summits, s->line);
    selo_reach_push(&s->highest, s->line2);
}

static selo_status smooth_groups(selo_survey *s)
{
    selo_status status = SELO_OK;
    while (status == SELO_OK && s->n_smoothed < s->n_y && s->n_judged >= MIN(s->n_y, s->n_smoothed + s->group)) {
        const int last = MIN(s->n_y, s->n_smoothed + s->group) - 1;
        status = selo_survey_smooth(s, s->n_smoothed, last);
        for (; s->n_smoothed <= last; s->n_smoothed++)
            push_levels(s, s->n_smoothed);
        while (status == SELO_OK && selo_reach_ready(&s->highest, s->n_checked)) {
            int end = s->n_checked + 1;
            while (end - s->n_checked < s->group && selo_reach_ready(&s->highest, end))
                end++;
            status = selo_survey_decide(s, s->n_checked, end - 1);
            s->n_checked = end;
        }
    }
    return status;
}

selo_status selo_survey_keep_bounds(void *context, int y, const selo_cell_row *row)
{
    selo_survey *s = context;
    memcpy(selo_rows_at(&s->high, y), row->high, s->high.row_bytes);
    memcpy(selo_rows_at(&s->low, y), row->low, s->low.row_bytes);
    memcpy(selo_rows_at(&s->holes, y), row->holes, s->holes.row_bytes);
    for (int x = 0; x < s->n_x; x++)
        s->line[x] = least(s, x, y);
    selo_reach_push(&s->lowest, s->line);
    selo_status status = SELO_OK;
    while (status == SELO_OK && selo_reach_ready(&s->lowest, s->n_judged)) {
        judge_row(s, s->n_judged++);
        status = smooth_groups(s);
    }
    return status;
}
