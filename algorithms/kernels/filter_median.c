/* The median of any map in a time per pixel that does not grow with the window.
 *
 * After Perreault and Hebert 2007 (doi 10.1109/TIP.2007.902329): every column keeps a histogram of its window's rows, the window's
 * histogram is the sum of its columns', and both follow the window by one addition and one subtraction. Histograms are
 * tiers: a few coarse bins, each split into finer ones. Only the coarse tier of the window is kept up to date at every
 * pixel; of each finer one only the segment that holds the median is brought up to date when it is asked for, by the
 * columns that came and went since, or afresh. Where medians run across many segments (a ramp), starting afresh would
 * cost as much as the window is wide; so columns are also summed up in groups of 16, which start a segment sixteen at a time.
 *
 * Bytes have tiers of 16 and 16 bins; the 1024 levels of floats have 32 and 32, in 2 KiB a column. The image is worked
 * through in stripes of columns whose histograms fit in the processor's cache. */
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "filter.h"
#include "selo/memory.h"
#include "selo/strips.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define WIDE_REGISTERS __attribute__((target_clones("avx2", "default")))
#else
#define WIDE_REGISTERS
#endif
#define ALWAYS_INLINE inline __attribute__((always_inline))

enum { GROUP = 16, HISTOGRAM_BYTES = 1 << 20, TIERS = 2 };

/* Bits of the tiers; a constant wherever it is used, so that every loop over bins has a constant length. */
typedef struct {
    int bits[TIERS];
} tiers;

#define BYTE_TIERS ((tiers){{4, 4}})
#define LEVEL_TIERS ((tiers){{5, 5}})

/* Bins of tiers 0 ... tier - 1: where those of `tier` start in a histogram. */
static ALWAYS_INLINE size_t tier_start(tiers t, int tier)
{
    size_t start = 0, bins = 1;
    for (int k = 0; k < tier; k++) {
        bins <<= t.bits[k];
        start += bins;
    }
    return start;
}

/* How far a value is shifted to give its bin of a tier. */
static ALWAYS_INLINE int tier_shift(tiers t, int tier)
{
    int shift = 0;
    for (int k = tier + 1; k < TIERS; k++)
        shift += t.bits[k];
    return shift;
}

typedef struct {
    uint16_t *columns;  /* histogram per column of the stripe */
    uint32_t *groups;   /* and per GROUP columns */
    uint16_t *valid;    /* values in each column */
    uint32_t *window;   /* histogram of the window: up to date per segment, see `at` */
    int *at;            /* for each segment of the finer tiers: the pixel that it is up to date for */
    size_t n_columns;   /* that there is room for */
} workspace;

/* A stripe of output columns, and the input columns that they need. */
typedef struct {
    const selo_band *band;
    int start, end;             /* output columns */
    int first, last;            /* input columns */
    workspace *work;
    const uint16_t *levels;     /* of the whole band, row-major; NULL: bytes, as they are */
} stripe;

static ALWAYS_INLINE uint32_t value_at(const stripe *s, int row, int column)
{
    const size_t at = (size_t)(row - s->band->first_row) * (size_t)s->band->options->width + (size_t)column;
    return s->levels ? s->levels[at] : ((const uint8_t *)s->band->input)[at];
}

/* Adds (or, with step -1, takes away) one row's values to all columns of the stripe. */
static ALWAYS_INLINE void count_row(const stripe *s, tiers t, int row, uint32_t step, uint32_t times)
{
    const size_t size = tier_start(t, TIERS);
    for (int c = s->first; c <= s->last; c++) {
        const uint32_t value = value_at(s, row, c);
        if (value == SELO_NO_LEVEL)
            continue;
        const size_t column = (size_t)(c - s->first);
        uint16_t *histogram = s->work->columns + column * size;
        uint32_t *group = s->work->groups + column / GROUP * size;
        for (int k = 0; k < TIERS; k++) {
            const size_t bin = tier_start(t, k) + (value >> tier_shift(t, k));
            histogram[bin] = (uint16_t)(histogram[bin] + step * times);
            group[bin] += step * times;
        }
        s->work->valid[column] = (uint16_t)(s->work->valid[column] + step * times);
    }
}

/* One row comes and one goes; where they agree, nothing changes. */
static ALWAYS_INLINE void exchange_row(const stripe *s, tiers t, int gone, int come)
{
    const size_t size = tier_start(t, TIERS);
    for (int c = s->first; c <= s->last; c++) {
        const uint32_t old = value_at(s, gone, c), new = value_at(s, come, c);
        if (old == new)
            continue;
        const size_t column = (size_t)(c - s->first);
        uint16_t *histogram = s->work->columns + column * size;
        uint32_t *group = s->work->groups + column / GROUP * size;
        for (int k = 0; k < TIERS; k++) {
            const size_t out = tier_start(t, k) + (old >> tier_shift(t, k));
            const size_t in = tier_start(t, k) + (new >> tier_shift(t, k));
            if (old != SELO_NO_LEVEL)
                histogram[out]--, group[out]--;
            if (new != SELO_NO_LEVEL)
                histogram[in]++, group[in]++;
        }
        s->work->valid[column] = (uint16_t)(s->work->valid[column] + (new != SELO_NO_LEVEL) - (old != SELO_NO_LEVEL));
    }
}

/* The rows of the window around `row`, with the edge repeated: clamped ones count as often as they occur. */
static ALWAYS_INLINE void count_window_rows(const stripe *s, tiers t, int row, uint32_t step)
{
    const int height = s->band->options->height, radius = s->band->radius_y;
    const int low = row - radius > 0 ? row - radius : 0, high = row + radius < height - 1 ? row + radius : height - 1;
    for (int r = low; r <= high; r++) {
        const int before = r == low ? low - (row - radius) : 0, after = r == high ? row + radius - high : 0;
        count_row(s, t, r, step, 1 + (uint32_t)before + (uint32_t)after);
    }
}

static ALWAYS_INLINE int clamp_column(const stripe *s, int column)
{
    const int width = s->band->options->width;
    return column < 0 ? 0 : column >= width ? width - 1 : column;
}

static ALWAYS_INLINE const uint16_t *column_bins(const stripe *s, tiers t, int column, size_t bin)
{
    return s->work->columns + (size_t)(clamp_column(s, column) - s->first) * tier_start(t, TIERS) + bin;
}

static ALWAYS_INLINE void add_column(const stripe *s, tiers t, int column, size_t bin, int n, uint32_t times, uint32_t *sum)
{
    const uint16_t *bins = column_bins(s, t, column, bin);
    for (int b = 0; b < n; b++)
        sum[b] += bins[b] * times;
}

static ALWAYS_INLINE void add_columns(const stripe *s, tiers t, int from, int to, size_t bin, int n, uint32_t *sum)
{
    for (int c = from; c <= to; c++) {
        const uint16_t *bins = column_bins(s, t, c, bin);
        for (int b = 0; b < n; b++)
            sum[b] += bins[b];
    }
}

/* n bins of the window around column x, from nothing. */
static ALWAYS_INLINE void start_segment(const stripe *s, tiers t, int x, size_t bin, int n)
{
    uint32_t *sum = s->work->window + bin;
    const int radius = s->band->radius_x;
    const int low = x - radius > s->first ? x - radius : s->first, high = x + radius < s->last ? x + radius : s->last;
    const int first_group = (low - s->first + GROUP - 1) / GROUP, end_group = (high - s->first + 1) / GROUP;
    memset(sum, 0, (size_t)n * sizeof *sum);
    if (x - radius < low)
        add_column(s, t, low, bin, n, (uint32_t)(low - (x - radius)), sum); /* the edge repeated */
    if (x + radius > high)
        add_column(s, t, high, bin, n, (uint32_t)(x + radius - high), sum);
    if (first_group >= end_group) {
        add_columns(s, t, low, high, bin, n, sum);
        return;
    }
    add_columns(s, t, low, s->first + first_group * GROUP - 1, bin, n, sum);
    for (int g = first_group; g < end_group; g++) {
        const uint32_t *bins = s->work->groups + (size_t)g * tier_start(t, TIERS) + bin;
        for (int b = 0; b < n; b++)
            sum[b] += bins[b];
    }
    add_columns(s, t, s->first + end_group * GROUP, high, bin, n, sum);
}

/* n bins of the window, up to date for column x - 1, follow it to x. */
static ALWAYS_INLINE void move_segment(const stripe *s, tiers t, int x, size_t bin, int n)
{
    uint32_t *sum = s->work->window + bin;
    const uint16_t *in = column_bins(s, t, x + s->band->radius_x, bin);
    const uint16_t *out = column_bins(s, t, x - s->band->radius_x - 1, bin);
    for (int b = 0; b < n; b++)
        sum[b] += (uint32_t)in[b] - out[b];
}

/* Brings a segment of a finer tier up to date, in the cheaper of two ways. */
static ALWAYS_INLINE void update_segment(const stripe *s, tiers t, int x, size_t bin, int n, int *at)
{
    const int missed = x - *at;
    if (missed > 8 + s->band->radius_x / GROUP)
        start_segment(s, t, x, bin, n);
    else
        for (int step = *at + 1; step <= x; step++)
            move_segment(s, t, step, bin, n);
    *at = x;
}

/* The bin in which the count reaches *need, which becomes the need within that bin. */
static ALWAYS_INLINE size_t find_bin(const uint32_t *bins, int n, uint32_t *need)
{
    int b = 0;
    for (; n > 32 && b + 16 < n; b += 16) {
        uint32_t sum = 0;
        for (int k = 0; k < 16; k++)
            sum += bins[b + k];
        if (sum >= *need)
            break;
        *need -= sum;
    }
    for (; b + 4 < n; b += 4) {
        const uint32_t four = bins[b] + bins[b + 1] + bins[b + 2] + bins[b + 3];
        if (four >= *need)
            break;
        *need -= four;
    }
    for (; b < n - 1 && bins[b] < *need; b++)
        *need -= bins[b];
    return (size_t)b;
}

/* The median's value, its rank among those of that value (from 1) and their number. */
typedef struct {
    uint32_t value, rank, count;
} ranked_value;

static ALWAYS_INLINE ranked_value median_at(const stripe *s, tiers t, int x, uint32_t need)
{
    const int n = 1 << t.bits[1];
    const size_t segment = find_bin(s->work->window, 1 << t.bits[0], &need);
    const size_t bin = tier_start(t, 1) + segment * (size_t)n;
    update_segment(s, t, x, bin, n, &s->work->at[segment]);
    const size_t within = find_bin(s->work->window + bin, n, &need);
    return (ranked_value){(uint32_t)(segment * (size_t)n + within), need, s->work->window[bin + within]};
}

/* Within a level values are taken to be spaced evenly. */
static ALWAYS_INLINE void put_median(const stripe *s, size_t at, ranked_value median)
{
    if (!s->levels) {
        ((uint8_t *)s->band->output)[at] = (uint8_t)median.value;
        return;
    }
    const selo_levels *levels = s->band->options->levels;
    const float least = levels->least[median.value], most = levels->most[median.value];
    ((float *)s->band->output)[at] =
        least + (most - least) * (((float)median.rank - 0.5F) / (float)(median.count > 0 ? median.count : 1));
}

static ALWAYS_INLINE void filter_row(const stripe *s, tiers t, int row)
{
    const int coarse = 1 << t.bits[0], radius = s->band->radius_x;
    const uint16_t *valid_in_column = s->work->valid;
    const size_t row_at = (size_t)(row - s->band->row_start) * (size_t)s->band->options->width;
    for (int k = 0; k < coarse; k++)
        s->work->at[k] = s->start - (1 << 24);
    uint32_t valid = 0;
    start_segment(s, t, s->start, 0, coarse);
    for (int x = s->start - radius; x <= s->start + radius; x++)
        valid += valid_in_column[clamp_column(s, x) - s->first];
    for (int x = s->start; x < s->end; x++) {
        if (x > s->start) {
            move_segment(s, t, x, 0, coarse);
            valid += (uint32_t)valid_in_column[clamp_column(s, x + radius) - s->first] -
                     valid_in_column[clamp_column(s, x - radius - 1) - s->first];
        }
        if (s->levels && value_at(s, row, x) == SELO_NO_LEVEL)
            ((float *)s->band->output)[row_at + (size_t)x] = NAN;
        else
            put_median(s, row_at + (size_t)x, median_at(s, t, x, (valid + 1) / 2));
    }
}

static ALWAYS_INLINE void filter_stripe(const stripe *s, tiers t)
{
    const int height = s->band->options->height, radius = s->band->radius_y;
    count_window_rows(s, t, s->band->row_start, 1);
    for (int row = s->band->row_start; row < s->band->row_end; row++) {
        if (row > s->band->row_start)
            exchange_row(s, t, row - radius - 1 > 0 ? row - radius - 1 : 0, row + radius < height ? row + radius : height - 1);
        filter_row(s, t, row);
    }
    count_window_rows(s, t, s->band->row_end - 1, UINT32_MAX); /* back to all zero, for the next stripe */
}

WIDE_REGISTERS static void filter_byte_stripe(const stripe *s)
{
    filter_stripe(s, BYTE_TIERS);
}

WIDE_REGISTERS static void filter_level_stripe(const stripe *s)
{
    filter_stripe(s, LEVEL_TIERS);
}

/* ---- stripes over threads ------------------------------------------------------------------------------------------ */

typedef struct {
    const selo_band *band;
    uint16_t *levels;
    int stripe_columns;
    workspace *free_places; /* a stack of those not in use */
    int n_free, n_places;
    pthread_mutex_t lock;
} stripes;

static void clear_workspace(workspace *work)
{
    selo_free(work->columns);
    selo_free(work->groups);
    selo_free(work->valid);
    selo_free(work->window);
    selo_free(work->at);
}

static bool make_workspace(tiers t, size_t n_columns, workspace *work)
{
    const size_t size = tier_start(t, TIERS);
    *work = (workspace){.n_columns = n_columns};
    work->columns = selo_alloc_zeroed(n_columns, size * sizeof(uint16_t));
    work->groups = selo_alloc_zeroed(n_columns / GROUP + 1, size * sizeof(uint32_t));
    work->valid = selo_alloc_zeroed(n_columns, sizeof(uint16_t));
    work->window = selo_alloc_zeroed(size, sizeof(uint32_t));
    work->at = selo_alloc_zeroed((size_t)1 << t.bits[0], sizeof(int));
    return work->columns && work->groups && work->valid && work->window && work->at;
}

static selo_status make_stripe(void *user, int k, void *unused)
{
    stripes *all = user;
    const selo_band *band = all->band;
    const int width = band->options->width, start = k * all->stripe_columns;
    const int end = width - start < all->stripe_columns ? width : start + all->stripe_columns;
    (void)unused;
    pthread_mutex_lock(&all->lock);
    workspace work = all->free_places[--all->n_free];
    pthread_mutex_unlock(&all->lock);
    const stripe s = {band, start, end, start > band->radius_x ? start - band->radius_x : 0,
                      end - 1 < width - band->radius_x ? end - 1 + band->radius_x : width - 1, &work, all->levels};
    if (all->levels)
        filter_level_stripe(&s);
    else
        filter_byte_stripe(&s);
    pthread_mutex_lock(&all->lock);
    all->free_places[all->n_free++] = work;
    pthread_mutex_unlock(&all->lock);
    return SELO_OK;
}

static selo_status take_stripe(void *user, int k, const void *unused)
{
    (void)user, (void)k, (void)unused;
    return SELO_OK;
}

static uint16_t *find_levels(const selo_band *band)
{
    const size_t n = (size_t)(band->last_row - band->first_row + 1) * (size_t)band->options->width;
    uint16_t *found = selo_alloc(n, sizeof *found);
    for (size_t k = 0; k < n && found; k++)
        found[k] = selo_level_of(band->options->levels, ((const float *)band->input)[k]);
    return found;
}

/* Columns of output per stripe: their histograms and those of the window's overhang fit in the bound. A window wider
 * than that still gets its overhang's width. */
static int choose_columns(const selo_band *band, tiers t)
{
    const size_t column = tier_start(t, TIERS) * (sizeof(uint16_t) + sizeof(uint32_t) / GROUP);
    const int room = (int)(HISTOGRAM_BYTES / column) - 2 * band->radius_x;
    const int columns = room > 2 * band->radius_x + GROUP ? room : 2 * band->radius_x + GROUP;
    return columns < band->options->width ? columns : band->options->width;
}

selo_status selo_filter_median_band(const selo_band *band)
{
    const bool bytes = band->options->sample == SELO_SAMPLE_BYTE;
    const tiers t = bytes ? BYTE_TIERS : LEVEL_TIERS;
    stripes all = {.band = band, .stripe_columns = choose_columns(band, t), .levels = bytes ? NULL : find_levels(band)};
    const int n_stripes = (band->options->width + all.stripe_columns - 1) / all.stripe_columns;
    all.n_places = band->options->threads < n_stripes ? band->options->threads : n_stripes;
    all.free_places = selo_alloc_zeroed((size_t)all.n_places, sizeof(workspace));
    selo_status status = all.free_places && (bytes || all.levels) ? SELO_OK : SELO_E_MEMORY;
    for (; all.n_free < all.n_places && !status; all.n_free++)
        if (!make_workspace(t, (size_t)(all.stripe_columns + 2 * band->radius_x), &all.free_places[all.n_free])) {
            clear_workspace(&all.free_places[all.n_free]);
            status = SELO_E_MEMORY;
            break;
        }
    if (!status) {
        const selo_strips run = {.n_strips = n_stripes, .strip_bytes = 1, .threads = all.n_places, .user = &all,
                                 .make = make_stripe, .take = take_stripe};
        pthread_mutex_init(&all.lock, NULL);
        status = selo_strips_run(&run);
        pthread_mutex_destroy(&all.lock);
    }
    while (all.n_free > 0)
        clear_workspace(&all.free_places[--all.n_free]);
    selo_free(all.free_places);
    selo_free(all.levels);
    return status;
}
