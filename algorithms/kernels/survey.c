#include "survey.h"

#include <string.h>

#include "box.h"
#include "clones.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define CELL_MIN 8
#define CELL_USUAL 16
#define TAPS_USUAL 32  /* cells a window may touch along an axis, at most */
#define GROUP_PX_MIN 128
#define PATCH_PX_MIN 512

/* ---- geometry ------------------------------------------------------------------------------------------------------ */

/* A quarter of the box, so that bounds follow the map; at most half the separation, so that cells can exclude others. */
static int cell_size(selo_extent smooth, selo_extent apart)
{
    const int reach = MIN(apart.before, apart.after);
    int size = CELL_USUAL;
    while (4 * (int64_t)size < (int64_t)smooth.before + smooth.after + 1)
        size *= 2;
    while (size > CELL_MIN && 2 * size - 1 > reach)
        size /= 2;
    return size;
}

static bool axis_fits(selo_extent smooth, selo_extent apart)
{
    const int size = cell_size(smooth, apart);
    return MIN(apart.before, apart.after) >= size - 1 &&
           ((int64_t)smooth.before + smooth.after + 1) / size <= TAPS_USUAL;
}

bool selo_survey_fits(const selo_peaks_options *o)
{
    const int64_t rows = (int64_t)o->smooth_y.before + o->smooth_y.after + 1;
    const int64_t columns = (int64_t)o->smooth_x.before + o->smooth_x.after + 1;
    return axis_fits(o->smooth_x, o->apart_x) && axis_fits(o->smooth_y, o->apart_y) && rows <= UINT32_MAX / UINT16_MAX &&
           rows <= INT32_MAX / columns;
}

static selo_extent inside(selo_extent apart, int cell)
{
    return (selo_extent){(apart.before - cell + 1) / cell, (apart.after - cell + 1) / cell};
}

static selo_extent around(selo_extent apart, int cell)
{
    return (selo_extent){(apart.before + cell - 1) / cell, (apart.after + cell - 1) / cell};
}

selo_rect selo_survey_pixels(const selo_survey *s, int x, int y)
{
    const selo_peaks_options *o = s->map->options;
    return (selo_rect){x * s->cell_width, y * s->cell_height, MIN(o->width, (x + 1) * s->cell_width),
                       MIN(o->height, (y + 1) * s->cell_height)};
}

static void set_geometry(selo_survey *s)
{
    const selo_peaks_options *o = s->map->options;
    s->cell_width = cell_size(o->smooth_x, o->apart_x);
    s->cell_height = cell_size(o->smooth_y, o->apart_y);
    s->n_x = (o->width - 1) / s->cell_width + 1;
    s->n_y = (o->height - 1) / s->cell_height + 1;
    s->inside_x = selo_extent_cut(inside(o->apart_x, s->cell_width), s->n_x);
    s->inside_y = selo_extent_cut(inside(o->apart_y, s->cell_height), s->n_y);
    s->around_x = selo_extent_cut(around(o->apart_x, s->cell_width), s->n_x);
    s->around_y = selo_extent_cut(around(o->apart_y, s->cell_height), s->n_y);
    /* A patch is about as large as what lies around it and must be read as well. */
    const int64_t beside_x = (int64_t)o->passes * (o->smooth_x.before + o->smooth_x.after);
    const int64_t beside_y = (int64_t)o->passes * (o->smooth_y.before + o->smooth_y.after);
    s->patch_cells = (int)MIN(s->n_x, MAX(PATCH_PX_MIN, 2 * beside_x) / s->cell_width + 1);
    s->group = (int)MIN(s->n_y, MAX(GROUP_PX_MIN, beside_y) / s->cell_height + 1);
}

/* ---- memory -------------------------------------------------------------------------------------------------------- */

static selo_status new_rows(selo_survey *s)
{
    const selo_peaks_options *o = s->map->options;
    /* Rows of cells from the first one around those being decided: to the last one smoothed, and to the last one bounded. */
    const int smoothed = s->around_y.before + s->around_y.after + 2 * s->group + 4;
    const int cells = (int)MIN(s->n_y, smoothed + s->inside_y.after + 4);
    const int64_t pushed = (int64_t)smoothed - s->around_y.before + s->inside_y.after + selo_bounds_lag(&s->bounds) + 6;
    s->rows_ahead = pushed * s->cell_height;
    s->rows_behind = (int64_t)s->around_y.before * s->cell_height + (int64_t)o->passes * MAX(o->smooth_y.before, o->smooth_y.after);
    selo_status status = selo_rows_new(&s->high, cells, s->n_x, sizeof(uint16_t));
    if (status == SELO_OK)
        status = selo_rows_new(&s->low, cells, s->n_x, sizeof(uint16_t));
    if (status == SELO_OK)
        status = selo_rows_new(&s->level, cells, s->n_x, sizeof(uint16_t));
    if (status == SELO_OK)
        status = selo_rows_new(&s->holes, cells, s->n_x, 1);
    if (status == SELO_OK)
        status = selo_rows_new(&s->state, cells, s->n_x, 1);
    if (status == SELO_OK)
        status = selo_rows_new(&s->smoothed, (int)MIN((int64_t)o->height, (int64_t)smoothed * s->cell_height), o->width,
                               sizeof(uint16_t));
    if (status == SELO_OK)
        status = selo_reach_new(&s->lowest, s->n_x, s->n_y, s->inside_x, s->inside_y, 2);
    if (status == SELO_OK)
        status = selo_reach_new(&s->summits, s->n_x, s->n_y, s->inside_x, s->inside_y,
                                2 * s->group + s->around_y.after + 2);
    return status != SELO_OK
               ? status
               : selo_reach_new(&s->highest, s->n_x, s->n_y, s->around_x, s->around_y, 2 * s->group + 2);
}

static selo_status new_lines(selo_survey *s)
{
    const size_t width = (size_t)s->map->options->width, n = (size_t)s->n_x;
    s->pixel_high = selo_alloc(width, sizeof *s->pixel_high);
    s->pixel_low = selo_alloc(width, sizeof *s->pixel_low);
    s->cell_high = selo_alloc(n, sizeof *s->cell_high);
    s->cell_low = selo_alloc(n, sizeof *s->cell_low);
    s->cell_holes = selo_alloc_zeroed(n, 1);
    s->line = selo_alloc(n, sizeof *s->line);
    s->line2 = selo_alloc(n, sizeof *s->line2);
    s->column_first = selo_alloc(n, sizeof *s->column_first);
    s->column_last = selo_alloc(n, sizeof *s->column_last);
    s->found = selo_alloc(n * (size_t)s->group, sizeof *s->found);
    s->beaten = selo_alloc((size_t)s->cell_width, (size_t)s->cell_height);
    s->cell_row = selo_alloc((size_t)s->cell_width, 1);
    s->peaks = selo_alloc(width, (size_t)s->cell_height);
    s->runs = selo_alloc(width / 2 + 1, sizeof *s->runs);
    const bool complete = s->pixel_high && s->pixel_low && s->cell_high && s->cell_low && s->cell_holes && s->line &&
                          s->line2 && s->column_first && s->column_last && s->found && s->beaten && s->cell_row && s->peaks && s->runs;
    return complete ? SELO_OK : SELO_E_MEMORY;
}

static selo_status new_patches(selo_survey *s)
{
    const int threads = s->map->options->threads;
    selo_status status = SELO_OK;
    s->patches = selo_alloc_zeroed((size_t)threads, sizeof *s->patches);
    if (!s->patches)
        return SELO_E_MEMORY;
    for (; s->n_patches < threads && status == SELO_OK; s->n_patches++)
        status = selo_patch_new(s->patches + s->n_patches, s->map, s->patch_cells * s->cell_width, s->group * s->cell_height);
    return status;
}

selo_status selo_survey_new(selo_survey *s, const selo_patch_map *map, selo_run_sink sink, void *context)
{
    *s = (selo_survey){.map = map, .sink = sink, .context = context};
    set_geometry(s);
    selo_status status = selo_bounds_new(&s->bounds, map->options, s->cell_width, s->cell_height, map->masked,
                                         map->bytes ? UINT8_MAX : UINT16_MAX);
    if (status == SELO_OK)
        status = new_rows(s);
    if (status == SELO_OK)
        status = new_lines(s);
    return status == SELO_OK ? new_patches(s) : status;
}

void selo_survey_free(selo_survey *s)
{
    void *const blocks[] = {s->high.data, s->low.data, s->level.data, s->holes.data, s->state.data, s->smoothed.data,
                            s->pixel_high, s->pixel_low, s->cell_high, s->cell_low, s->cell_holes, s->line, s->line2,
                            s->column_first, s->column_last, s->rects, s->found, s->beaten, s->cell_row, s->peaks, s->runs};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        selo_free(blocks[i]);
    for (int i = 0; i < s->n_patches; i++)
        selo_patch_free(s->patches + i);
    selo_free(s->patches);
    selo_reach_free(&s->lowest);
    selo_reach_free(&s->summits);
    selo_reach_free(&s->highest);
    selo_bounds_free(&s->bounds);
}

/* ---- rows of cells, from pixels to candidates ---------------------------------------------------------------------- */

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
        state[x] = (uint8_t)((candidate ? SELO_CELL_CANDIDATE : 0) | (uniform ? SELO_CELL_EXACT | SELO_CELL_UNIFORM : 0) |
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

/* Bounds of row y have become known: what follows from them, at once, so that few rows are held. */
static selo_status keep_bounds(void *context, int y, const selo_cell_row *row)
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

/* ---- pixels -------------------------------------------------------------------------------------------------------- */

SELO_CLONES static void extremes_of_bytes(uint16_t *restrict high, uint16_t *restrict low, const uint8_t *restrict v, bool begin,
                                          int n)
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
    return selo_bounds_push(&s->bounds, &row, keep_bounds, s);
}
