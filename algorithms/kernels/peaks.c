#include "selo/peaks.h"

#include <string.h>

#include "plain.h"
#include "survey.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define EXTENT_MAX (1 << 28) /* so that sums of extents and positions fit an int */
#define PASSES_MAX 1000

struct selo_peaks {
    selo_peaks_options options;
    selo_patch_map map; /* the rows that may still be needed; masked and bytes are known from the first push on */
    selo_rows exacts;   /* float, where given */
    bool exact;
    int pushed;
    selo_status status; /* once it is not SELO_OK, it stays */
    bool plainly;       /* which of the two ways */
    selo_plain plain;
    selo_survey survey;
    selo_plateaus *plateaus;
};

static bool extent_valid(selo_extent extent)
{
    return extent.before >= 0 && extent.before <= EXTENT_MAX && extent.after >= 0 && extent.after <= EXTENT_MAX;
}

static bool options_valid(const selo_peaks_options *o)
{
    return o->width >= 1 && o->height >= 1 && o->passes >= 0 && o->passes <= PASSES_MAX && o->threads >= 1 &&
           (o->border == SELO_BORDER_REFLECT || o->border == SELO_BORDER_CUT) && extent_valid(o->smooth_x) &&
           extent_valid(o->smooth_y) && extent_valid(o->apart_x) && extent_valid(o->apart_y);
}

/* Leaves out what has no effect: what lies beyond the map, in a window that is cut to it, and windows of one pixel. */
static void cut_windows(selo_peaks_options *o)
{
    o->apart_x = selo_extent_cut(o->apart_x, o->width);
    o->apart_y = selo_extent_cut(o->apart_y, o->height);
    if (o->border == SELO_BORDER_CUT) {
        o->smooth_x = selo_extent_cut(o->smooth_x, o->width);
        o->smooth_y = selo_extent_cut(o->smooth_y, o->height);
    }
    if (o->smooth_x.before + o->smooth_x.after + o->smooth_y.before + o->smooth_y.after == 0)
        o->passes = 0; /* the mean of one pixel */
}

selo_status selo_peaks_new(const selo_peaks_options *options, selo_peaks **search)
{
    if (!search)
        return SELO_E_ARGUMENT;
    *search = NULL;
    if (!options || !options_valid(options))
        return SELO_E_ARGUMENT;
    selo_peaks *made = selo_alloc_zeroed(1, sizeof *made);
    if (!made)
        return SELO_E_MEMORY;
    made->options = *options;
    cut_windows(&made->options);
    made->plainly = options->exhaustive || !selo_survey_fits(&made->options);
    made->map.options = &made->options;
    *search = made;
    return SELO_OK;
}

/* How many rows above the one where a plateau has just ended its centre may lie to be still in memory. */
static int kept_rows(const selo_peaks *search)
{
    return search->options.apart_y.before + search->options.apart_y.after + 1;
}

static void end_plateau(void *context, selo_plateau *plateau, int last_y)
{
    const selo_peaks *search = context;
    const int64_t x = plateau->sum_x / plateau->size, y = plateau->sum_y / plateau->size;
    if (last_y + 1 - y <= kept_rows(search))
        plateau->centre_value = selo_patch_value(&search->map, (int)x, (int)y);
}

static double sum_values(const selo_peaks *search, int y, const selo_run *run)
{
    double sum = 0;
    if (search->exact) {
        const float *exacts = selo_rows_at(&search->exacts, y);
        for (int x = run->x0; x <= run->x1; x++)
            sum += (double)exacts[x];
        return sum;
    }
    int64_t whole = 0;
    for (int x = run->x0; x <= run->x1; x++)
        whole += selo_patch_value(&search->map, x, y);
    return (double)whole;
}

static selo_status take_runs(void *context, int y, selo_run *runs, size_t count)
{
    selo_peaks *search = context;
    for (size_t i = 0; i < count; i++)
        runs[i].value_sum = sum_values(search, y, runs + i);
    return selo_plateaus_push(search->plateaus, y, runs, count);
}

static selo_status allocate(selo_peaks *search)
{
    const selo_peaks_options *o = &search->options;
    selo_status status = search->plainly ? selo_plain_new(&search->plain, &search->map, take_runs, search)
                                         : selo_survey_new(&search->survey, &search->map, take_runs, search);
    const int64_t ahead = search->plainly ? search->plain.rows_ahead : search->survey.rows_ahead;
    const int64_t behind = search->plainly ? 0 : search->survey.rows_behind;
    const int rows = (int)MIN(ahead + MAX(behind, kept_rows(search)), o->height);
    if (status == SELO_OK)
        status = selo_rows_new(&search->map.values, rows, o->width, search->map.bytes ? 1 : sizeof(uint16_t));
    if (status == SELO_OK && search->map.masked)
        status = selo_rows_new(&search->map.valid, rows, o->width, 1);
    if (status == SELO_OK && search->exact)
        status = selo_rows_new(&search->exacts, rows, o->width, sizeof(float));
    return status == SELO_OK ? selo_plateaus_new(end_plateau, search, &search->plateaus) : status;
}

static void store(const selo_rows *rows, int y, const void *values, size_t i)
{
    if (values)
        memcpy(selo_rows_at(rows, y), (const char *)values + i * rows->row_bytes, rows->row_bytes);
}

static selo_status push(selo_peaks *search, const void *values, bool bytes, const uint8_t *valid, const float *exact,
                        int n_rows)
{
    if (!search || !values || n_rows < 0 || n_rows > search->options.height - search->pushed ||
        (valid && search->options.border == SELO_BORDER_REFLECT))
        return SELO_E_ARGUMENT;
    const bool begin = search->pushed == 0;
    if (!begin &&
        (search->map.masked != (valid != NULL) || search->exact != (exact != NULL) || search->map.bytes != bytes))
        return SELO_E_ARGUMENT;
    if (begin && n_rows > 0 && search->status == SELO_OK) {
        search->map.masked = valid != NULL;
        search->exact = exact != NULL;
        search->map.bytes = bytes;
        search->status = allocate(search);
    }
    for (int i = 0; i < n_rows && search->status == SELO_OK; i++) {
        const int y = search->pushed++;
        store(&search->map.values, y, values, (size_t)i);
        store(&search->map.valid, y, valid, (size_t)i);
        store(&search->exacts, y, exact, (size_t)i);
        search->status = search->plainly ? selo_plain_push(&search->plain, y) : selo_survey_push(&search->survey, y);
    }
    return search->status;
}

selo_status selo_peaks_push(selo_peaks *search, const uint16_t *values, const uint8_t *valid, const float *exact,
                            int n_rows)
{
    return push(search, values, false, valid, exact, n_rows);
}

selo_status selo_peaks_push_bytes(selo_peaks *search, const uint8_t *values, int n_rows)
{
    return push(search, values, true, NULL, NULL, n_rows);
}

selo_status selo_peaks_finish(selo_peaks *search, selo_plateau **plateaus, size_t *count)
{
    if (!search || !plateaus || !count)
        return SELO_E_ARGUMENT;
    *plateaus = NULL;
    *count = 0;
    if (search->status != SELO_OK)
        return search->status;
    if (search->pushed != search->options.height)
        return SELO_E_ARGUMENT;
    return selo_plateaus_finish(search->plateaus, plateaus, count);
}

void selo_peaks_free(selo_peaks *search)
{
    if (!search)
        return;
    selo_plain_free(&search->plain);
    selo_survey_free(&search->survey);
    selo_plateaus_free(search->plateaus);
    selo_free(search->map.values.data);
    selo_free(search->map.valid.data);
    selo_free(search->exacts.data);
    selo_free(search);
}
