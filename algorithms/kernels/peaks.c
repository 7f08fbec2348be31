#include "selo/peaks.h"

#include <string.h>

#include "box.h"
#include "maximum.h"
#include "plateaus.h"

#define EXTENT_MAX (1 << 28) /* so that sums of extents and positions fit an int */
#define PASSES_MAX 1000

struct selo_peaks {
    selo_peaks_options options;
    int pushed;
    bool masked, exact; /* what push() is given, known from its first call on */
    selo_status status; /* once it is not SELO_OK, it stays */
    selo_rows values;   /* uint16, unsmoothed */
    selo_rows exacts;   /* float, likewise */
    selo_box *boxes;
    int n_boxes;
    selo_rows smoothed; /* one row a pass, and one that is masked */
    selo_maximum maximum;
    uint16_t *maxima;
    selo_run *runs;
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

/* How many rows above the one where a plateau has just ended its centre may lie to be still in memory. */
static int kept_rows(const selo_peaks *search)
{
    const selo_extent y = selo_extent_cut(search->options.apart_y, search->options.height);
    return y.before + y.after + 1;
}

static void end_plateau(void *context, selo_plateau *plateau, int last_y)
{
    const selo_peaks *search = context;
    const int64_t x = plateau->sum_x / plateau->size, y = plateau->sum_y / plateau->size;
    if (last_y + 1 - y <= kept_rows(search))
        plateau->centre_value = ((const uint16_t *)selo_rows_at(&search->values, (int)y))[x];
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
    *search = made;
    return SELO_OK;
}

/* Rows between the one that is pushed and the one whose peaks are known then. */
static int64_t delay(const selo_peaks *search)
{
    const selo_peaks_options *o = &search->options;
    const int after = o->smooth_y.after > o->smooth_y.before ? o->smooth_y.after : o->smooth_y.before;
    return (int64_t)o->passes * after + o->apart_y.after;
}

static selo_status allocate(selo_peaks *search)
{
    const selo_peaks_options *o = &search->options;
    const int64_t wanted = delay(search) + kept_rows(search) + 2;
    const int rows = wanted < o->height ? (int)wanted : o->height;
    selo_status status = selo_rows_new(&search->values, rows, o->width, sizeof(uint16_t));
    if (status == SELO_OK && search->exact)
        status = selo_rows_new(&search->exacts, rows, o->width, sizeof(float));
    search->boxes = selo_alloc_zeroed((size_t)o->passes, sizeof *search->boxes);
    if (status != SELO_OK || !search->boxes)
        return SELO_E_MEMORY;
    for (; search->n_boxes < o->passes && status == SELO_OK; search->n_boxes++)
        status = selo_box_new(search->boxes + search->n_boxes, o->width, o->height, o->smooth_x, o->smooth_y, o->border,
                              search->masked);
    if (status == SELO_OK)
        status = selo_rows_new(&search->smoothed, o->passes + 1, o->width, sizeof(uint16_t));
    if (status == SELO_OK)
        status = selo_maximum_new(&search->maximum, o->width, o->height, o->apart_x, o->apart_y);
    if (status == SELO_OK)
        status = selo_plateaus_new(end_plateau, search, &search->plateaus);
    search->maxima = selo_alloc((size_t)o->width, sizeof *search->maxima);
    search->runs = selo_alloc((size_t)o->width / 2 + 1, sizeof *search->runs);
    return status == SELO_OK && search->maxima && search->runs ? SELO_OK : SELO_E_MEMORY;
}

static double sum_values(const selo_peaks *search, int y, int x0, int x1)
{
    const uint16_t *values = selo_rows_at(&search->values, y);
    const float *exacts = search->exact ? selo_rows_at(&search->exacts, y) : NULL;
    double sum = 0;
    for (int x = x0; x <= x1; x++)
        sum += exacts ? (double)exacts[x] : values[x];
    return sum;
}

static selo_status add_peaks(selo_peaks *search, int y, const uint16_t *smoothed)
{
    const int width = search->options.width;
    size_t count = 0;
    for (int x = 0; x < width; x++) {
        if (smoothed[x] == 0 || smoothed[x] != search->maxima[x])
            continue;
        const int x0 = x;
        while (x + 1 < width && smoothed[x + 1] > 0 && smoothed[x + 1] == search->maxima[x + 1])
            x++;
        search->runs[count++] = (selo_run){x0, x, smoothed[x0], sum_values(search, y, x0, x)};
    }
    return selo_plateaus_push(search->plateaus, y, search->runs, count);
}

static selo_status push_smoothed(selo_peaks *search, const uint16_t *smoothed)
{
    selo_status status = SELO_OK;
    const uint16_t *row;
    selo_maximum_push(&search->maximum, smoothed);
    while (status == SELO_OK && selo_maximum_next(&search->maximum, search->maxima, &row))
        status = add_peaks(search, search->maximum.done - 1, row);
    return status;
}

/* Hands a row to pass number `pass` and what comes of it to the next one. */
static selo_status push_pass(selo_peaks *search, int pass, const uint16_t *values, const uint8_t *valid)
{
    if (pass == search->options.passes)
        return push_smoothed(search, values);
    selo_status status = SELO_OK;
    uint16_t *means = selo_rows_at(&search->smoothed, pass);
    const uint8_t *mask;
    selo_box_push(search->boxes + pass, values, valid);
    while (status == SELO_OK && selo_box_next(search->boxes + pass, means, &mask))
        status = push_pass(search, pass + 1, means, mask);
    return status;
}

static selo_status push_row(selo_peaks *search, const uint16_t *values, const uint8_t *valid, const float *exact)
{
    const int y = search->pushed++;
    memcpy(selo_rows_at(&search->values, y), values, search->values.row_bytes);
    if (exact)
        memcpy(selo_rows_at(&search->exacts, y), exact, search->exacts.row_bytes);
    if (valid) { /* also without a pass, a pixel without data is no peak */
        uint16_t *masked = selo_rows_at(&search->smoothed, search->options.passes);
        for (int x = 0; x < search->options.width; x++)
            masked[x] = valid[x] ? values[x] : 0;
        values = masked;
    }
    return push_pass(search, 0, values, valid);
}

selo_status selo_peaks_push(selo_peaks *search, const uint16_t *values, const uint8_t *valid, const float *exact, int n_rows)
{
    if (!search || !values || n_rows < 0 || n_rows > search->options.height - search->pushed ||
        (valid && search->options.border == SELO_BORDER_REFLECT) ||
        (search->pushed > 0 && (search->masked != (valid != NULL) || search->exact != (exact != NULL))))
        return SELO_E_ARGUMENT;
    if (search->pushed == 0 && n_rows > 0) {
        search->masked = valid != NULL;
        search->exact = exact != NULL;
        search->status = allocate(search);
    }
    const size_t width = (size_t)search->options.width;
    for (size_t i = 0; i < (size_t)n_rows && search->status == SELO_OK; i++)
        search->status = push_row(search, values + i * width, valid ? valid + i * width : NULL,
                                  exact ? exact + i * width : NULL);
    return search->status;
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
    for (int i = 0; i < search->n_boxes; i++)
        selo_box_free(search->boxes + i);
    selo_free(search->boxes);
    selo_maximum_free(&search->maximum);
    selo_plateaus_free(search->plateaus);
    selo_free(search->values.data);
    selo_free(search->exacts.data);
    selo_free(search->smoothed.data);
    selo_free(search->maxima);
    selo_free(search->runs);
    selo_free(search);
}
