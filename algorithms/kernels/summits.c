/* Of survey.h: the cells that are smoothed, and which of their pixels are peaks. */
#include <string.h>

#include "clones.h"
#include "crew.h"
#include "survey.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))

/* ---- patches ------------------------------------------------------------------------------------------------------- */

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

/* ---- which pixels of a summit are peaks ---------------------------------------------------------------------------- */

/* A summit and the pixels that are compared with it. */
typedef struct contest {
    selo_survey *s;
    selo_rect pixels;
    uint16_t level;
    bool uniform;
} contest;

static contest contest_of(selo_survey *s, const selo_summit *summit)
{
    const uint8_t *state = selo_rows_at(&s->state, summit->y);
    return (contest){s, selo_survey_pixels(s, summit->x, summit->y),
                     ((const uint16_t *)selo_rows_at(&s->level, summit->y))[summit->x],
                     (state[summit->x] & SELO_CELL_UNIFORM) != 0};
}

/* Pixels first_x ... last_x of rows first_y ... last_y are higher, or a pixel of each column and of each row: with cells
 * shorter than a window that beats the same pixels. */
static void beat(const contest *c, int first_x, int last_x, int first_y, int last_y)
{
    const selo_peaks_options *o = c->s->map->options;
    const int x0 = MAX(c->pixels.x0, first_x - o->apart_x.after), x1 = MIN(c->pixels.x1 - 1, last_x + o->apart_x.before);
    const int y0 = MAX(c->pixels.y0, first_y - o->apart_y.after), y1 = MIN(c->pixels.y1 - 1, last_y + o->apart_y.before);
    if (x0 > x1)
        return;
    for (int y = y0; y <= y1; y++)
        memset(c->s->beaten + (y - c->pixels.y0) * c->s->cell_width + (x0 - c->pixels.x0), 1, (size_t)(x1 - x0 + 1));
}

/* Row by row, the outermost pixels of an exact cell that exceed the summit. */
static void beat_by_pixels(const contest *c, selo_rect cell, bool uniform)
{
    const selo_survey *s = c->s;
    for (int y = cell.y0; y < cell.y1; y++) {
        const uint16_t *means = selo_rows_at(&s->smoothed, y);
        const uint8_t *valid = uniform ? selo_rows_at(&s->map->valid, y) : NULL;
        int first = cell.x0, last = cell.x1 - 1;
        while (first <= last && (valid ? valid[first] == 0 : means[first] <= c->level))
            first++;
        while (first < last && (valid ? valid[last] == 0 : means[last] <= c->level))
            last--;
        if (first <= last)
            beat(c, first, last, y, y);
    }
}

/* Compares the summit with cell (x, y), which may exceed it; false if that cell must be smoothed first. */
static bool compare_cell(const contest *c, int x, int y)
{
    selo_survey *s = c->s;
    const uint8_t state = ((const uint8_t *)selo_rows_at(&s->state, y))[x];
    const bool full = ((const uint8_t *)selo_rows_at(&s->holes, y))[x] == SELO_CELL_FULL;
    const bool all_higher = full && ((const uint16_t *)selo_rows_at(&s->low, y))[x] > c->level;
    const selo_rect cell = selo_survey_pixels(s, x, y);
    if (all_higher)
        beat(c, cell.x0, cell.x1 - 1, cell.y0, cell.y1 - 1);
    else if (state & SELO_CELL_EXACT)
        beat_by_pixels(c, cell, (state & SELO_CELL_UNIFORM) != 0);
    else
        return false;
    return true;
}

/* Calls compare_cell() for all cells around that may exceed the summit; false if some must be smoothed first, which are
 * marked where `mark`. */
static bool compare_all(const contest *c, const selo_summit *summit, bool mark)
{
    selo_survey *s = c->s;
    bool complete = true;
    const int x0 = MAX(0, summit->x - s->around_x.before), x1 = MIN(s->n_x - 1, summit->x + s->around_x.after);
    const int y1 = MIN(s->n_y - 1, summit->y + s->around_y.after);
    for (int y = MAX(0, summit->y - s->around_y.before); y <= y1; y++) {
        const uint16_t *level = selo_rows_at(&s->level, y);
        uint8_t *state = selo_rows_at(&s->state, y);
        for (int x = x0; x <= x1; x++) {
            if (level[x] <= c->level || compare_cell(c, x, y))
                continue;
            complete = false;
            if (mark)
                state[x] |= SELO_CELL_WANTED;
        }
    }
    return complete;
}

SELO_CLONES static void mark_equal(uint8_t *restrict peaks, const uint16_t *restrict means, uint16_t level,
                                   const uint8_t *restrict beaten, int n)
{
    for (int i = 0; i < n; i++)
        peaks[i] = (uint8_t)((means[i] == level) & !beaten[i]);
}

/* The peaks of the summit on row y: pixels of its level that are not beaten. */
static void mark_peaks(const contest *c, int y, uint8_t *peaks)
{
    const selo_survey *s = c->s;
    const uint8_t *beaten = s->beaten + (y - c->pixels.y0) * s->cell_width;
    const int x0 = c->pixels.x0, n = c->pixels.x1 - x0;
    if (!c->uniform) {
        mark_equal(peaks, (const uint16_t *)selo_rows_at(&s->smoothed, y) + x0, c->level, beaten, n);
        return;
    }
    const uint8_t *valid = s->map->masked ? (const uint8_t *)selo_rows_at(&s->map->valid, y) + x0 : NULL;
    for (int i = 0; i < n; i++)
        peaks[i] = !beaten[i] && (!valid || valid[i]);
}

static bool any_left(const contest *c)
{
    const size_t n = (size_t)(c->pixels.x1 - c->pixels.x0);
    for (int y = c->pixels.y0; y < c->pixels.y1; y++) {
        mark_peaks(c, y, c->s->peaks);
        if (memchr(c->s->peaks, 1, n))
            return true;
    }
    return false;
}

static void clear_beaten(selo_survey *s)
{
    memset(s->beaten, 0, (size_t)s->cell_width * (size_t)s->cell_height);
}

static void find_summits(selo_survey *s, int y)
{
    const uint8_t *state = selo_rows_at(&s->state, y);
    const uint16_t *level = selo_rows_at(&s->level, y);
    selo_reach_row(&s->summits, y, s->line);
    selo_reach_row(&s->highest, y, s->line2);
    for (int x = 0; x < s->n_x; x++)
        if ((state[x] & SELO_CELL_CANDIDATE) && level[x] > 0 && level[x] >= s->line[x])
            s->found[s->n_found++] = (selo_summit){x, y, s->line2[x] > level[x]};
}

/* Smooths what could beat the summits that have not been beaten by what is known. */
static selo_status settle(selo_survey *s, int first, int last)
{
    bool wanted = false;
    for (size_t i = 0; i < s->n_found; i++) {
        if (!s->found[i].contested)
            continue;
        const contest c = contest_of(s, s->found + i);
        clear_beaten(s);
        if (compare_all(&c, s->found + i, false) || !any_left(&c))
            continue;
        compare_all(&c, s->found + i, true);
        wanted = true;
    }
    return wanted ? selo_survey_smooth(s, MAX(0, first - s->around_y.before), MIN(s->n_y - 1, last + s->around_y.after))
                  : SELO_OK;
}

static void draw_peaks(const contest *c)
{
    const selo_survey *s = c->s;
    const size_t width = (size_t)s->map->options->width;
    for (int y = c->pixels.y0; y < c->pixels.y1; y++)
        mark_peaks(c, y, s->peaks + (size_t)(y - c->pixels.y0) * width + c->pixels.x0);
}

/* Adds pixels x0 ... x1 to the runs of a row. */
static size_t extend_runs(selo_run *runs, size_t count, int x0, int x1, uint16_t level)
{
    if (count == 0 || runs[count - 1].x1 != x0 - 1)
        runs[count++] = (selo_run){x0, x1, level, 0};
    runs[count - 1].x1 = x1;
    return count;
}

/* The runs of peaks on row y of the map, in the cells of summits `found`, from left to right. */
static size_t find_runs(const selo_survey *s, const selo_summit *found, size_t n_found, int y)
{
    const uint8_t *peaks = s->peaks + (size_t)(y % s->cell_height) * (size_t)s->map->options->width;
    size_t count = 0;
    for (size_t i = 0; i < n_found; i++) {
        const selo_rect cell = selo_survey_pixels(s, found[i].x, found[i].y);
        const uint16_t level = ((const uint16_t *)selo_rows_at(&s->level, found[i].y))[found[i].x];
        for (int x = cell.x0; x < cell.x1;) {
            const uint8_t *begin = memchr(peaks + x, 1, (size_t)(cell.x1 - x));
            if (!begin)
                break;
            const int x0 = (int)(begin - peaks);
            const uint8_t *end = memchr(begin, 0, (size_t)(cell.x1 - x0));
            x = end ? (int)(end - peaks) : cell.x1;
            count = extend_runs(s->runs, count, x0, x - 1, level);
        }
    }
    return count;
}

/* Hands over the peaks of the summits of one row of cells. */
static selo_status emit_row(selo_survey *s, int y, const selo_summit *found, size_t n_found)
{
    selo_status status = SELO_OK;
    for (size_t i = 0; i < n_found; i++) {
        const contest c = contest_of(s, found + i);
        clear_beaten(s);
        if (found[i].contested)
            compare_all(&c, found + i, false);
        draw_peaks(&c);
    }
    const selo_rect rows = selo_survey_pixels(s, 0, y);
    for (int i = rows.y0; i < rows.y1 && status == SELO_OK; i++)
        status = s->sink(s->context, i, s->runs, find_runs(s, found, n_found, i));
    return status;
}

selo_status selo_survey_decide(selo_survey *s, int first, int last)
{
    s->n_found = 0;
    for (int y = first; y <= last; y++)
        find_summits(s, y);
    selo_status status = settle(s, first, last);
    size_t begin = 0;
    for (int y = first; y <= last && status == SELO_OK; y++) {
        size_t end = begin;
        while (end < s->n_found && s->found[end].y == y)
            end++;
        status = emit_row(s, y, s->found + begin, end - begin);
        begin = end;
    }
    return status;
}
