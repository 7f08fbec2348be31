/* Gaussian and box means of a band. Values that are not there (NaN) weigh nothing: sums of weights go along with sums
 * of values wherever a band holds such. Sums of bytes are whole numbers and exact; so what is divided is, too. */
#include <math.h>
#include <string.h>

#include "filter.h"
#include "selo/memory.h"
#include "selo/strips.h"

enum { STRIP_ROWS = 16 };

typedef struct {
    const selo_band *band;
    int *weights_x, *weights_y; /* Gaussian */
    float *sums, *valid;        /* Gaussian: all input rows smoothed along the row; valid NULL: nothing is missing */
} linear;

static float input_at(const selo_band *band, size_t at)
{
    return band->options->sample == SELO_SAMPLE_BYTE ? (float)((const uint8_t *)band->input)[at]
                                                     : ((const float *)band->input)[at];
}

static bool has_gaps(const selo_band *band)
{
    const size_t n = (size_t)(band->last_row - band->first_row + 1) * (size_t)band->options->width;
    if (band->options->sample == SELO_SAMPLE_BYTE)
        return false;
    for (size_t k = 0; k < n; k++)
        if (isnan(((const float *)band->input)[k]))
            return true;
    return false;
}

/* A mean as a sample; the pixel itself has no value: none. */
static void put_mean(const selo_band *band, int row, int x, double mean)
{
    const selo_filter_options *options = band->options;
    const size_t at = (size_t)(row - band->row_start) * (size_t)options->width + (size_t)x;
    if (options->sample == SELO_SAMPLE_BYTE)
        ((uint8_t *)band->output)[at] = (uint8_t)mean;
    else if (isnan(input_at(band, (size_t)(row - band->first_row) * (size_t)options->width + (size_t)x)))
        ((float *)band->output)[at] = NAN;
    else
        ((float *)band->output)[at] = (float)mean;
}

static void add_scaled(float *restrict total, const float *restrict row, float weight, int n)
{
    for (int x = 0; x < n; x++)
        total[x] += weight * row[x];
}

/* total = sum over taps of weight x row shifted by the tap; `padded` holds the row with its mirrored ends. */
static void convolve(const float *padded, const int *weights, int radius, int n, float *total)
{
    memset(total, 0, (size_t)n * sizeof *total);
    for (int k = 0; k <= 2 * radius; k++)
        if (weights[k])
            add_scaled(total, padded + k, (float)weights[k], n);
}

static int strips_of(int n_rows)
{
    return n_rows / STRIP_ROWS + (n_rows % STRIP_ROWS > 0);
}

static selo_status smooth_along_rows(void *user, int k, void *strip)
{
    linear *job = user;
    const selo_band *band = job->band;
    const int width = band->options->width, radius = band->radius_x;
    float *padded = strip;
    const int n_rows = band->last_row - band->first_row + 1, first = k * STRIP_ROWS;
    const int end = n_rows - first < STRIP_ROWS ? n_rows : first + STRIP_ROWS;
    for (int r = first; r < end; r++) {
        const size_t row = (size_t)r * (size_t)width;
        for (int pass = 0; pass < (job->valid ? 2 : 1); pass++) {
            for (int64_t x = -radius; x < (int64_t)width + radius; x++) {
                const float value = input_at(band, row + (size_t)selo_mirror(x, width));
                padded[x + radius] = pass ? (isnan(value) ? 0 : 1) : (isnan(value) ? 0 : value);
            }
            convolve(padded, job->weights_x, radius, width, (pass ? job->valid : job->sums) + row);
        }
    }
    return SELO_OK;
}

static selo_status take_nothing(void *user, int k, const void *strip)
{
    (void)user, (void)k, (void)strip;
    return SELO_OK;
}

/* Columns of a row at a time that stay in the processor's cache while all rows of the window go by. */
enum { BLOCK = 1024 };

static void smooth_across_rows(const linear *job, int row, int x0, int n, float *sums, float *valid)
{
    const selo_band *band = job->band;
    const int radius = band->radius_y;
    memset(sums, 0, (size_t)n * sizeof *sums);
    memset(valid, 0, (size_t)n * sizeof *valid);
    for (int k = -radius; k <= radius; k++) {
        const float weight = (float)job->weights_y[k + radius];
        const int from = selo_mirror((int64_t)row + k, band->options->height) - band->first_row;
        const size_t at = (size_t)from * (size_t)band->options->width + (size_t)x0;
        if (weight == 0)
            continue;
        add_scaled(sums, job->sums + at, weight, n);
        if (job->valid)
            add_scaled(valid, job->valid + at, weight, n);
    }
}

static selo_status gaussian_rows(void *user, int k, void *strip)
{
    const linear *job = user;
    const selo_band *band = job->band;
    const bool bytes = band->options->sample == SELO_SAMPLE_BYTE;
    float *sums = strip, *valid = sums + BLOCK;
    const int width = band->options->width;
    const int first = band->row_start + k * STRIP_ROWS;
    const int end = band->row_end - first < STRIP_ROWS ? band->row_end : first + STRIP_ROWS;
    for (int x0 = 0, n; x0 < width; x0 += n) {
        n = width - x0 < BLOCK ? width - x0 : BLOCK;
        for (int row = first; row < end; row++) {
            smooth_across_rows(job, row, x0, n, sums, valid);
            for (int x = 0; x < n; x++)
                put_mean(band, row, x0 + x,
                         bytes ? (double)(((int32_t)sums[x] + 32768) >> 16)
                               : (double)(sums[x] / (job->valid ? valid[x] : 65536.0F)));
        }
    }
    return SELO_OK;
}

static selo_status run_strips(linear *job, int n_rows, size_t strip_bytes, selo_status (*make)(void *, int, void *))
{
    const selo_band *band = job->band;
    const int threads = band->options->threads, height = band->options->height;
    const bool alone = band->row_start == 0 && band->row_end == height; /* else two bands are computed at a time */
    const selo_strips strips = {.n_strips = strips_of(n_rows), .strip_bytes = strip_bytes,
                                .threads = alone ? threads : threads / 2 + threads % 2, .user = job, .make = make,
                                .take = take_nothing};
    return selo_strips_run(&strips);
}

selo_status selo_filter_gaussian_band(const selo_band *band, int piece, int worker)
{
    (void)piece, (void)worker;
    const int size_x = 2 * band->radius_x + 1, size_y = 2 * band->radius_y + 1;
    const int n_rows = band->last_row - band->first_row + 1;
    const size_t width = (size_t)band->options->width, row_bytes = width * sizeof(float);
    linear job = {.band = band, .weights_x = selo_alloc((size_t)size_x, sizeof(int)),
                  .weights_y = selo_alloc((size_t)size_y, sizeof(int)), .sums = selo_alloc((size_t)n_rows, row_bytes)};
    const bool gaps = has_gaps(band);
    if (gaps)
        job.valid = selo_alloc((size_t)n_rows, row_bytes);
    selo_status status = job.weights_x && job.weights_y && job.sums && (!gaps || job.valid) ? SELO_OK : SELO_E_MEMORY;
    if (!status)
        status = selo_gaussian_weights(size_x, job.weights_x);
    if (!status)
        status = selo_gaussian_weights(size_y, job.weights_y);
    if (!status)
        status = run_strips(&job, n_rows, (width + (size_t)size_x) * sizeof(float), smooth_along_rows);
    if (!status)
        status = run_strips(&job, band->row_end - band->row_start, 2 * BLOCK * sizeof(float), gaussian_rows);
    selo_free(job.weights_x);
    selo_free(job.weights_y);
    selo_free(job.sums);
    selo_free(job.valid);
    return status;
}

/* ---- box --------------------------------------------------------------------------------------------------------- */

/* Sums of the window's rows per column, and how many of them have a value. */
typedef struct {
    double *sums;
    int64_t *counts;
} column_sums;

static void add_row(const selo_band *band, column_sums *columns, int64_t row, int sign)
{
    const size_t width = (size_t)band->options->width;
    const size_t at = (size_t)(selo_mirror(row, band->options->height) - band->first_row) * width;
    for (size_t x = 0; x < width; x++) {
        const float value = input_at(band, at + x);
        if (isnan(value))
            continue;
        columns->sums[x] += sign * (double)value;
        columns->counts[x] += sign;
    }
}

/* Half to even, as the published smoothing of scores does it. */
static double box_value(const selo_band *band, double sum, int64_t count)
{
    const double mean = count > 0 ? sum / (double)count : (double)NAN;
    return band->options->sample == SELO_SAMPLE_BYTE ? rint(mean) : mean;
}

static void box_row(const selo_band *band, const column_sums *columns, int row)
{
    const int width = band->options->width, radius = band->radius_x;
    double sum = 0;
    int64_t count = 0;
    for (int x = -radius; x <= radius; x++) {
        sum += columns->sums[selo_mirror(x, width)];
        count += columns->counts[selo_mirror(x, width)];
    }
    for (int x = 0; x < width; x++) {
        put_mean(band, row, x, box_value(band, sum, count));
        const int in = selo_mirror((int64_t)x + radius + 1, width), out = selo_mirror(x - radius, width);
        sum += columns->sums[in] - columns->sums[out];
        count += columns->counts[in] - columns->counts[out];
    }
}

selo_status selo_filter_box_band(const selo_band *band, int piece, int worker)
{
    (void)piece, (void)worker;
    const size_t width = (size_t)band->options->width;
    column_sums columns = {selo_alloc_zeroed(width, sizeof(double)), selo_alloc_zeroed(width, sizeof(int64_t))};
    const selo_status status = columns.sums && columns.counts ? SELO_OK : SELO_E_MEMORY;
    for (int k = -band->radius_y; k <= band->radius_y && !status; k++)
        add_row(band, &columns, band->row_start + k, 1);
    for (int row = band->row_start; row < band->row_end && !status; row++) {
        box_row(band, &columns, row);
        add_row(band, &columns, (int64_t)row + band->radius_y + 1, 1);
        add_row(band, &columns, row - band->radius_y, -1);
    }
    selo_free(columns.sums);
    selo_free(columns.counts);
    return status;
}
