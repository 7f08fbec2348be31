/* The median of any map in a time per pixel that does not grow with the window.
 *
 * After Perreault and Hebert 2007 (doi 10.1109/TIP.2007.902329): every column keeps counts of the values in its
 * window's rows, the window's are the sum of its columns', and both follow the window by one addition and one
 * subtraction. Counts are in two tiers, of segments of values and of the bins in each segment: 16 and 16 for bytes, 32
 * and 32 for the 1024 levels of floats. Beyond the paper:
 *
 * - Counts are cumulative. A value that comes or goes adds a step, zeros and then ones, to the counts of its
 *   column in each tier, all bins at once. The bin that a rank lies in is the number of bins below it: one
 *   comparison of all at once.
 * - Along a row the median stays in a segment for long. There only this segment's bins follow the window, and of the
 *   coarse tier eight sums around the median. A tier that was left behind catches up by the columns that came and went
 *   since, or is summed afresh, whichever is less. As each advances through a row once, a pixel costs 32 additions of a
 *   tier at the very most, and mostly one or two.
 * - As sums are cumulative they only grow from bin to bin. So a window that is summed afresh can be summed with the
 *   columns' few bits, all bins in one register: where a sum is less than the one before it, it has gone around.
 * - What a segment counts in a column is mostly small, so 8 bits of a column and 16 of a window do (median_bytes.c,
 *   median_levels.c): always up to 255 pixels. Where they do not, as in wider windows over flat places, the band's
 *   other rows are done with 16 and 32 bits (*_wide.c).
 *
 * Floats are put into levels stripe by stripe. Stripes of columns have counts that about fit in the processor's cache,
 * and are shared among threads; a stripe has the overhang of its windows for itself, so it is at least twice as
 * wide. */
#include <string.h>

#include "crew.h"
#include "median_stripe.h"
#include "selo/memory.h"

/* Input columns of a stripe: some megabytes of counts, of which a row of pixels meets a part. */
enum { BYTE_COLUMNS = 3000, LEVEL_COLUMNS = 3000 };

/* What a thread works in. */
typedef struct {
    void *counts;
    uint16_t *level_of_value; /* floats: of all input values of a stripe */
    selo_levels *levels;
    int32_t *medians; /* floats: three of each input column */
} workspace;

typedef struct {
    const selo_band *band;
    int n_stripes, stripe_columns;
    bool bytes;
    workspace *workers;
    int n_workers;
} job;

/* An even number of stripes of one width, so that two threads end together. */
static void share_columns(job *j)
{
    const int width = j->band->options->width, radius = j->band->radius_x;
    const int most = j->bytes ? BYTE_COLUMNS : LEVEL_COLUMNS,
              columns = most > 6 * radius ? most - 2 * radius : 4 * radius;
    j->n_stripes = (width + columns - 1) / columns;
    j->n_stripes += j->n_stripes > 1 && j->n_stripes % 2;
    j->stripe_columns = (width + j->n_stripes - 1) / j->n_stripes;
    j->n_stripes = (width + j->stripe_columns - 1) / j->stripe_columns;
}

static int input_columns(const job *j)
{
    const int64_t columns = j->stripe_columns + 2 * (int64_t)j->band->radius_x, width = j->band->options->width;
    return (int)(columns < width ? columns : width);
}

static int input_rows(const job *j)
{
    return j->band->last_row - j->band->first_row + 1;
}

static void clear_workspace(workspace *work)
{
    selo_free(work->counts);
    selo_free(work->level_of_value);
    selo_free(work->levels);
    selo_free(work->medians);
}

static bool make_workspace(const job *j, workspace *work)
{
    const size_t columns = (size_t)input_columns(j), rows = (size_t)input_rows(j);
    const size_t column = selo_median_bytes_per_column(j->bytes ? SELO_MEDIAN_BYTE_BITS : SELO_MEDIAN_LEVEL_BITS);
    work->counts = selo_alloc(columns * column + SELO_MEDIAN_ALIGNMENT, 1);
    work->level_of_value = j->bytes ? NULL : selo_alloc(rows * columns, sizeof *work->level_of_value);
    work->levels = j->bytes ? NULL : selo_alloc(1, sizeof *work->levels);
    work->medians = j->bytes ? NULL : selo_alloc(3 * columns, sizeof *work->medians);
    return work->counts && (j->bytes || (work->level_of_value && work->levels && work->medians));
}

static void *aligned(void *memory)
{
    return (uint8_t *)memory + (SELO_MEDIAN_ALIGNMENT - (uintptr_t)memory % SELO_MEDIAN_ALIGNMENT);
}

/* With the plain counts as far as they go. The wide ones do the rest: to go back, a window of
 * rows would be counted anew. */
static void filter_stripe(const selo_stripe *s)
{
    const int end = s->band->row_end,
              row = (s->levels ? selo_median_levels : selo_median_bytes)(s, s->band->row_start, end);
    if (row < end)
        (s->levels ? selo_median_levels_wide : selo_median_bytes_wide)(s, row, end);
}

static void make_stripe(void *context, size_t piece, int worker)
{
    const job *j = context;
    const selo_band *band = j->band;
    const workspace *work = &j->workers[worker];
    const int width = band->options->width, radius = band->radius_x, start = (int)piece * j->stripe_columns;
    const int end = width - start < j->stripe_columns ? width : start + j->stripe_columns;
    const int first = start > radius ? start - radius : 0, last = width - end < radius ? width : end + radius;
    selo_stripe s = {.band = band, .start = start, .end = end, .first = first, .n_columns = last - first,
                     .values = (const uint8_t *)band->input + first, .stride = (size_t)width,
                     .counts = aligned(work->counts)};
    if (!j->bytes) {
        const selo_floats floats = {(const float *)band->input + first, (size_t)width, (size_t)input_rows(j),
                                    (size_t)s.n_columns};
        selo_levels_find(&floats, work->levels, work->level_of_value);
        s.values = work->level_of_value;
        s.stride = (size_t)s.n_columns;
        s.levels = work->levels;
        s.medians = (selo_places){work->medians, work->medians + s.n_columns, work->medians + 2 * s.n_columns};
    }
    filter_stripe(&s);
}

selo_status selo_filter_median_band(const selo_band *band)
{
    job j = {.band = band, .bytes = band->options->sample == SELO_SAMPLE_BYTE};
    share_columns(&j);
    j.n_workers = band->options->threads < j.n_stripes ? band->options->threads : j.n_stripes;
    j.workers = selo_alloc_zeroed((size_t)j.n_workers, sizeof *j.workers);
    selo_status status = j.workers ? SELO_OK : SELO_E_MEMORY;
    for (int k = 0; k < j.n_workers && !status; k++)
        status = make_workspace(&j, &j.workers[k]) ? SELO_OK : SELO_E_MEMORY;
    if (!status)
        selo_crew_run(j.n_workers, (size_t)j.n_stripes, make_stripe, &j);
    for (int k = 0; k < j.n_workers && j.workers; k++)
        clear_workspace(&j.workers[k]);
    selo_free(j.workers);
    return status;
}
