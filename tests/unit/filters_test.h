/* What the tests of the filters share: an image that is handed over by rows, and what a filter makes of a pixel by its
 * definition. */
#ifndef FILTERS_TEST_H
#define FILTERS_TEST_H

#include <math.h>
#include <string.h>

#include "selo/filters.h"
#include "selo_test.h"

enum { SIDE_MAX = 70, PIXELS_MAX = SIDE_MAX * SIDE_MAX };

typedef struct {
    selo_filter_options options;
    double values[PIXELS_MAX]; /* NaN: none */
    uint8_t bytes[PIXELS_MAX], bytes_out[PIXELS_MAX];
    float floats[PIXELS_MAX], floats_out[PIXELS_MAX];
    int read_rows, written_rows;
} image;

static inline selo_status read_rows(void *user, int row, int n_rows, void *rows)
{
    image *im = user;
    const size_t width = (size_t)im->options.width, at = (size_t)row * width;
    assert_int_equal(row, im->read_rows);
    if (im->options.sample == SELO_SAMPLE_BYTE)
        memcpy(rows, im->bytes + at, (size_t)n_rows * width);
    else
        memcpy(rows, im->floats + at, (size_t)n_rows * width * sizeof(float));
    im->read_rows += n_rows;
    return SELO_OK;
}

static inline selo_status write_rows(void *user, int row, int n_rows, const void *rows)
{
    image *im = user;
    const size_t width = (size_t)im->options.width, at = (size_t)row * width;
    assert_int_equal(row, im->written_rows);
    if (im->options.sample == SELO_SAMPLE_BYTE)
        memcpy(im->bytes_out + at, rows, (size_t)n_rows * width);
    else
        memcpy(im->floats_out + at, rows, (size_t)n_rows * width * sizeof(float));
    im->written_rows += n_rows;
    return SELO_OK;
}

/* Noise, a ramp, steps, or few values; floats within 0 ... 1, some of them missing where `gaps`. */
static inline void make_image(image *im, uint64_t *seed, int kind, bool gaps)
{
    const int n = im->options.width * im->options.height;
    for (int p = 0; p < n; p++) {
        const int x = p % im->options.width, y = p / im->options.width;
        const int noise = test_random_int(seed, 0, 255);
        const int byte = kind == 0   ? noise
                         : kind == 1 ? (3 * x + 2 * y) % 256
                         : kind == 2 ? (x / 9 * 53 + y / 7 * 31) % 256
                                     : noise % 3 * 100;
        im->bytes[p] = (uint8_t)byte;
        im->floats[p] = kind == 0 ? (float)(test_random_int(seed, 0, 1 << 20)) / (1 << 20) : (float)byte / 255;
        if (gaps && test_random_int(seed, 0, 3) == 0)
            im->floats[p] = NAN;
        im->values[p] = im->options.sample == SELO_SAMPLE_BYTE ? byte : (double)im->floats[p];
    }
}

/* Options for floats. */
static inline selo_filter_options float_filter(selo_filter_method method, int size_x, int size_y, int width, int height,
                                               int threads)
{
    return (selo_filter_options){.method = method, .size_x = size_x, .size_y = size_y, .sample = SELO_SAMPLE_FLOAT,
                                 .width = width, .height = height, .threads = threads};
}

/* Filters the image with the options that it holds. */
static inline selo_status try_image(image *im)
{
    im->read_rows = im->written_rows = 0;
    return selo_filter_run(&im->options, &(selo_row_stream){im, read_rows, write_rows});
}

static inline void run_image(image *im)
{
    assert_int_equal(try_image(im), SELO_OK);
    assert_int_equal(im->read_rows, im->options.height);
    assert_int_equal(im->written_rows, im->options.height);
}

static inline int clamp(int at, int n)
{
    return at < 0 ? 0 : at >= n ? n - 1 : at;
}

static inline int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What the filter makes of pixel (x, y): the lower median or the weighted mean of what its window holds. wy and wx are
 * the weights of a Gaussian, not read for others. */
static inline double expected_at(const image *im, int y, int x, const int *wy, const int *wx)
{
    static double window[1 << 16];
    const selo_filter_options *o = &im->options;
    const int ry = o->size_y / 2, rx = o->size_x / 2;
    double sum = 0, whole = 0;
    size_t n = 0;
    for (int dy = -ry; dy <= ry; dy++)
        for (int dx = -rx; dx <= rx; dx++) {
            const bool median = o->method == SELO_FILTER_MEDIAN;
            const int yy = median ? clamp(y + dy, o->height) : test_mirror(y + dy, o->height);
            const int xx = median ? clamp(x + dx, o->width) : test_mirror(x + dx, o->width);
            const double value = im->values[yy * o->width + xx];
            const double weight = o->method == SELO_FILTER_GAUSSIAN ? wy[dy + ry] * wx[dx + rx] : 1;
            if (isnan(value))
                continue;
            window[n++] = value;
            sum += weight * value;
            whole += weight;
        }
    if (o->method != SELO_FILTER_MEDIAN)
        return sum / whole;
    qsort(window, n, sizeof *window, by_value);
    return window[(n - 1) / 2];
}

#endif
