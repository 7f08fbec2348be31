/* The median of a map in a time per pixel that does not grow with the window.
 *
 * After Perreault and Hebert 2007 (doi 10.1109/TIP.2007.902329): every column keeps counts of the values in its
 * window's rows, the window's are the sum of its columns', and both follow the window by one addition and one
 * subtraction. Counts are in two tiers, of segments of values and of the bins in each segment: 16 and 16 for bytes, 16
 * and 32 for the 512 levels of floats. Beyond the paper:
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
 *   median_levels.c): always up to 255 pixels. Where they do not, as in wider windows over flat places, rows are done
 *   with 16 and 32 bits (*_wide.c) until the few are enough again.
 * - Neighbours that agree in all rows of a band are one column for its counts (median_columns.c): of a raw SeLo map's
 *   columns some hundred are distinct.
 *
 * Floats are put into levels stripe by stripe; in small windows their medians are found another way (median_exact.c).
 * Stripes of columns have counts that about fit in the processor's cache, and are shared among threads; a stripe has
 * the overhang of its windows for itself, so it is at least twice as wide. */
#include <string.h>

#include "median_stripe.h"
#include "selo/memory.h"

/* Input columns of a stripe: some megabytes of counts, of which a row of pixels meets a part. */
enum { STRIPE_COLUMNS = 3000 };

/* What a thread works in. */
typedef struct {
    void *counts;
    uint16_t *level_of_value; /* floats: of all input values of a stripe */
    selo_levels *levels;
    int32_t *medians; /* floats: three of each input column */
    uint8_t *differs; /* input columns from those before */
    selo_columns columns;
    void *distinct; /* values of the distinct columns */
} workspace;

/* Memory is taken once for all bands: what is new to the process costs more than what is counted in it. */
struct selo_median {
    int n_rows; /* input rows of a band, at most */
    int n_stripes, stripe_columns;
    bool bytes;
    workspace *workers;
    int n_workers;
};

/* Of `each` or fewer. */
static int parts(int all, int each)
{
    return (int)(((int64_t)all + each - 1) / each);
}

/* An even number of stripes of one width: two threads do a band together. */
static void share_columns(selo_median *m, int width, int radius)
{
    const int columns = STRIPE_COLUMNS > 6 * radius ? STRIPE_COLUMNS - 2 * radius : 4 * radius;
    m->n_stripes = parts(width, columns);
    m->n_stripes += m->n_stripes > 1 && m->n_stripes % 2;
    m->stripe_columns = parts(width, m->n_stripes);
    m->n_stripes = parts(width, m->stripe_columns);
}

static int input_columns(const selo_median *m, int width, int radius)
{
    const int64_t columns = m->stripe_columns + 2 * (int64_t)radius;
    return (int)(columns < width ? columns : width);
}

static void clear_workspace(workspace *work)
{
    selo_free(work->counts);
    selo_free(work->level_of_value);
    selo_free(work->levels);
    selo_free(work->medians);
    selo_free(work->differs);
    selo_free(work->columns.column_of);
    selo_free(work->columns.start_of);
    selo_free(work->distinct);
}

static bool make_workspace(const selo_median *m, size_t columns, workspace *work)
{
    work->counts = selo_alloc(
        m->bytes ? selo_median_count_bytes(columns, SELO_MEDIAN_BYTE_SEGMENT_BITS, SELO_MEDIAN_BYTE_BIN_BITS)
                 : selo_median_count_bytes(columns, SELO_MEDIAN_LEVEL_SEGMENT_BITS, SELO_MEDIAN_LEVEL_BIN_BITS), 1);
    work->level_of_value = m->bytes ? NULL : selo_alloc((size_t)m->n_rows * columns, sizeof *work->level_of_value);
    work->levels = m->bytes ? NULL : selo_alloc(1, sizeof *work->levels);
    work->medians = m->bytes ? NULL : selo_alloc(3 * columns, sizeof *work->medians);
    work->differs = selo_alloc(columns, 1);
    work->columns.column_of = selo_alloc(columns, sizeof *work->columns.column_of);
    work->columns.start_of = selo_alloc(columns + 1, sizeof *work->columns.start_of);
    work->distinct = selo_alloc((size_t)m->n_rows * (size_t)selo_columns_most((int)columns),
                                m->bytes ? 1 : sizeof(float));
    return work->counts && (m->bytes || (work->level_of_value && work->levels && work->medians)) && work->differs &&
           work->columns.column_of && work->columns.start_of && work->distinct;
}

/* With the plain counts as far as they go, the wide ones as long as they are needed, and so on. */
static void filter_rows(const selo_stripe *s)
{
    selo_median_rows *const plain = s->levels ? selo_median_levels : selo_median_bytes;
    selo_median_rows *const wide = s->levels ? selo_median_levels_wide : selo_median_bytes_wide;
    const int end = s->band->row_end;
    for (int row = s->band->row_start; row < end;) {
        row = plain(s, row, end);
        if (row < end)
            row = wide(s, row, end);
    }
}

/* Leaves out columns that repeat, where that pays. */
static void keep_distinct(const workspace *work, const selo_pixel_rows *rows, selo_stripe *s)
{
    if (!selo_columns_find(rows, work->differs, &s->columns))
        return;
    selo_columns_copy(rows, &s->columns, work->distinct);
    s->values = work->distinct;
    s->n_columns = s->columns.n;
    s->stride = (size_t)s->n_columns;
}

static void put_into_levels(const workspace *work, size_t n_rows, selo_stripe *s)
{
    const selo_floats floats = {s->values, s->stride, n_rows, (size_t)s->n_columns,
                                s->n_columns < s->n_pixels ? s->columns.start_of : NULL};
    selo_levels_find(&floats, work->levels, work->level_of_value);
    s->values = work->level_of_value;
    s->stride = (size_t)s->n_columns;
    s->levels = work->levels;
    s->medians = (selo_places){work->medians, work->medians + s->n_pixels, work->medians + 2 * s->n_pixels};
}

selo_status selo_filter_median_stripe(const selo_band *band, int stripe, int worker)
{
    const selo_median *m = band->median;
    const workspace *work = &m->workers[worker];
    const int width = band->options->width, radius = band->radius_x, start = stripe * m->stripe_columns;
    const int end = width - start < m->stripe_columns ? width : start + m->stripe_columns;
    const int first = start > radius ? start - radius : 0, last = width - end < radius ? width : end + radius;
    const size_t size = m->bytes ? 1 : sizeof(float);
    const selo_pixel_rows rows = {.values = (const uint8_t *)band->input + (size_t)first * size, .size = size,
                                  .stride = (size_t)width, .n_pixels = last - first,
                                  .n_rows = (size_t)(band->last_row - band->first_row) + 1};
    selo_stripe s = {.band = band, .start = start, .end = end, .first = first, .n_pixels = last - first,
                     .n_columns = last - first, .columns = work->columns, .values = rows.values, .stride = rows.stride,
                     .counts = selo_median_aligned(work->counts)};
    keep_distinct(work, &rows, &s);
    if (!m->bytes)
        put_into_levels(work, rows.n_rows, &s);
    filter_rows(&s);
    return SELO_OK;
}

selo_status selo_median_new(const selo_band *band, int rows, selo_median **median)
{
    const selo_filter_options *options = band->options;
    selo_median *m = selo_alloc_zeroed(1, sizeof *m);
    if (!m)
        return SELO_E_MEMORY;
    m->n_rows = selo_filter_input_rows(band, rows);
    m->bytes = options->sample == SELO_SAMPLE_BYTE;
    share_columns(m, options->width, band->radius_x);
    m->n_workers = selo_filter_workers(band, rows, m->n_stripes);
    m->workers = selo_alloc_zeroed((size_t)m->n_workers, sizeof *m->workers);
    bool made = m->workers;
    for (int k = 0; k < m->n_workers && made; k++)
        made = make_workspace(m, (size_t)input_columns(m, options->width, band->radius_x), &m->workers[k]);
    if (!made) {
        selo_median_free(m);
        return SELO_E_MEMORY;
    }
    *median = m;
    return SELO_OK;
}

int selo_median_stripes(const selo_median *m)
{
    return m->n_stripes;
}

void selo_median_free(selo_median *m)
{
    if (!m)
        return;
    for (int k = 0; k < m->n_workers && m->workers; k++)
        clear_workspace(&m->workers[k]);
    selo_free(m->workers);
    selo_free(m);
}
