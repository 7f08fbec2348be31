/* Of survey.h: which pixels of the cells that nothing is known to exceed are peaks. */
#include <string.h>

#include "clones.h"
#include "survey.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))

/* A summit whose pixels at its level are compared with those around it. */
typedef struct contest {
    selo_survey *s;
    selo_rect pixels; /* of its cell */
    selo_rect top;    /* around those at its level */
    uint16_t level;
    bool uniform;
} contest;

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

static void clear_beaten(selo_survey *s)
{
    memset(s->beaten, 0, (size_t)s->cell_width * (size_t)s->cell_height);
}

static void beat_everything(selo_survey *s)
{
    memset(s->beaten, 1, (size_t)s->cell_width * (size_t)s->cell_height);
}

/* The smallest rectangle around the pixels at the summit's level; not empty, since the level is that of one of them. */
static void find_top(contest *c)
{
    const int n = c->pixels.x1 - c->pixels.x0;
    uint8_t *peaks = c->s->cell_row;
    selo_rect top = {c->pixels.x1, c->pixels.y1, c->pixels.x0, c->pixels.y0};
    for (int y = c->pixels.y0; y < c->pixels.y1; y++) {
        mark_peaks(c, y, peaks);
        int first = 0, last = n - 1;
        while (first < n && !peaks[first])
            first++;
        if (first == n)
            continue;
        while (!peaks[last])
            last--;
        top = (selo_rect){MIN(top.x0, c->pixels.x0 + first), MIN(top.y0, y), MAX(top.x1, c->pixels.x0 + last + 1),
                          y + 1};
    }
    c->top = top;
}

/* Begins with no pixel beaten. */
static contest contest_of(selo_survey *s, const selo_summit *summit)
{
    const uint8_t *state = selo_rows_at(&s->state, summit->y);
    const selo_rect pixels = selo_survey_pixels(s, summit->x, summit->y);
    contest c = {s, pixels, pixels, ((const uint16_t *)selo_rows_at(&s->level, summit->y))[summit->x],
                 (state[summit->x] & SELO_CELL_UNIFORM) != 0};
    clear_beaten(s);
    if (summit->contested && !c.uniform)
        find_top(&c);
    return c;
}

/* Pixels first_x ... last_x of rows first_y ... last_y are higher, or a pixel of each column and of each row: with
 * cells shorter than a window that beats the same pixels. */
static void beat(const contest *c, int first_x, int last_x, int first_y, int last_y)
{
    const selo_peaks_options *o = c->s->map->options;
    const int x0 = MAX(c->top.x0, first_x - o->apart_x.after), x1 = MIN(c->top.x1 - 1, last_x + o->apart_x.before);
    const int y0 = MAX(c->top.y0, first_y - o->apart_y.after), y1 = MIN(c->top.y1 - 1, last_y + o->apart_y.before);
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

/* How much of a cell lies in the windows of the pixels at the summit's level. */
typedef enum { BY_NONE, BY_SOME, BY_ALL } seen_by;

static seen_by sees(const contest *c, selo_rect cell)
{
    const selo_peaks_options *o = c->s->map->options;
    if (cell.x1 - 1 < c->top.x0 - o->apart_x.before || cell.x0 > c->top.x1 - 1 + o->apart_x.after ||
        cell.y1 - 1 < c->top.y0 - o->apart_y.before || cell.y0 > c->top.y1 - 1 + o->apart_y.after)
        return BY_NONE;
    const bool all = cell.x0 >= c->top.x1 - 1 - o->apart_x.before && cell.x1 - 1 <= c->top.x0 + o->apart_x.after &&
                     cell.y0 >= c->top.y1 - 1 - o->apart_y.before && cell.y1 - 1 <= c->top.y0 + o->apart_y.after;
    return all ? BY_ALL : BY_SOME;
}

typedef enum { COMPARED, BEATEN, UNKNOWN } outcome;

/* Compares the summit with cell (x, y), which may exceed it. BEATEN: no peak is left; UNKNOWN:
 * the cell must be smoothed. */
static outcome compare_cell(const contest *c, int x, int y)
{
    selo_survey *s = c->s;
    const selo_rect cell = selo_survey_pixels(s, x, y);
    const seen_by seen = sees(c, cell);
    if (seen == BY_NONE)
        return COMPARED;
    const uint8_t state = ((const uint8_t *)selo_rows_at(&s->state, y))[x];
    const bool full = ((const uint8_t *)selo_rows_at(&s->holes, y))[x] == SELO_CELL_FULL;
    const bool all_higher = full && ((const uint16_t *)selo_rows_at(&s->low, y))[x] > c->level;
    if (!all_higher && !(state & SELO_CELL_EXACT))
        return UNKNOWN;
    if (seen == BY_ALL)
        return BEATEN;
    if (all_higher)
        beat(c, cell.x0, cell.x1 - 1, cell.y0, cell.y1 - 1);
    else
        beat_by_pixels(c, cell, (state & SELO_CELL_UNIFORM) != 0);
    return COMPARED;
}

/* Compares the summit with all cells around that may exceed it; false if some must be smoothed first, which are marked
 * where `mark`. */
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
            const outcome result = level[x] <= c->level ? COMPARED : compare_cell(c, x, y);
            if (result == BEATEN) {
                beat_everything(s);
                return true;
            }
            complete = complete && result != UNKNOWN;
            if (mark && result == UNKNOWN)
                state[x] |= SELO_CELL_WANTED;
        }
    }
    return complete;
}

static bool any_left(const contest *c)
{
    const size_t n = (size_t)(c->pixels.x1 - c->pixels.x0);
    for (int y = c->pixels.y0; y < c->pixels.y1; y++) {
        mark_peaks(c, y, c->s->cell_row);
        if (memchr(c->s->cell_row, 1, n))
            return true;
    }
    return false;
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
