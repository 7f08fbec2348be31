#include "survey.h"

#include "box.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define CELL_MIN 8
#define CELL_USUAL 16
#define TAPS_USUAL 32  /* cells a window may touch along an axis, at most */
#define GROUP_PX_MIN 128
#define PATCH_PX_MIN 512

/* ---- geometry ---------------------------------------------------------------------------------------------------- */

/* A quarter of the box, so that bounds follow the map; at most half the separation, so that cells can exclude
 * others. */
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
    return axis_fits(o->smooth_x, o->apart_x) && axis_fits(o->smooth_y, o->apart_y) &&
           rows <= UINT32_MAX / UINT16_MAX && rows <= INT32_MAX / columns;
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

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static selo_status new_rows(selo_survey *s)
{
    const selo_peaks_options *o = s->map->options;
    /* Rows of cells from the first one around those being decided: to the last one smoothed, and
     * to the last one bounded. */
    const int smoothed = s->around_y.before + s->around_y.after + 2 * s->group + 4;
    const int cells = (int)MIN(s->n_y, smoothed + s->inside_y.after + 4);
    const int64_t pushed = (int64_t)smoothed - s->around_y.before + s->inside_y.after + selo_bounds_lag(&s->bounds) + 6;
    s->rows_ahead = pushed * s->cell_height;
    s->rows_behind = (int64_t)s->around_y.before * s->cell_height +
                     (int64_t)o->passes * MAX(o->smooth_y.before, o->smooth_y.after);
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
                          s->line2 && s->column_first && s->column_last && s->found && s->beaten && s->cell_row &&
                          s->peaks && s->runs;
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
        status = selo_patch_new(s->patches + s->n_patches, s->map, s->patch_cells * s->cell_width,
                                s->group * s->cell_height);
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
    void *const blocks[] = {s->high.data,     s->low.data,   s->level.data, s->holes.data,   s->state.data,
                            s->smoothed.data, s->pixel_high, s->pixel_low,  s->cell_high,    s->cell_low,
                            s->cell_holes,    s->line,       s->line2,      s->column_first, s->column_last,
                            s->rects,         s->found,      s->beaten,     s->cell_row,     s->peaks,
                            s->runs};
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
