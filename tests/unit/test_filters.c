/* The general filters against their definition, pixel by pixel, over sizes, gaps, threads and forced bands. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "selo/filters.h"
#include "selo_test.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
enum { SIDE_MAX = 70, PIXELS_MAX = SIDE_MAX * SIDE_MAX };

typedef struct {
    selo_filter_options options;
    double values[PIXELS_MAX]; /* NaN: none */
    uint8_t bytes[PIXELS_MAX], bytes_out[PIXELS_MAX];
    float floats[PIXELS_MAX], floats_out[PIXELS_MAX];
    int read_rows, written_rows;
} image;

static selo_status read_rows(void *user, int row, int n_rows, void *rows)
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

static selo_status write_rows(void *user, int row, int n_rows, const void *rows)
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
static void make_image(image *im, uint64_t *seed, int kind, bool gaps)
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
    im->read_rows = im->written_rows = 0;
}

static int mirror(int at, int n)
{
    while (at < 0 || at >= n)
        at = n == 1 ? 0 : at < 0 ? -at : 2 * n - 2 - at;
    return at;
}

static int clamp(int at, int n)
{
    return at < 0 ? 0 : at >= n ? n - 1 : at;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double expected_at(const image *im, int y, int x, const int *wy, const int *wx)
{
    static double window[1 << 16];
    const selo_filter_options *o = &im->options;
    const int ry = o->size_y / 2, rx = o->size_x / 2;
    double sum = 0, whole = 0;
    size_t n = 0;
    for (int dy = -ry; dy <= ry; dy++)
        for (int dx = -rx; dx <= rx; dx++) {
            const bool median = o->method == SELO_FILTER_MEDIAN;
            const int yy = median ? clamp(y + dy, o->height) : mirror(y + dy, o->height);
            const int xx = median ? clamp(x + dx, o->width) : mirror(x + dx, o->width);
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

/* Images of few values are exact; of noise, a level holds about five of at most 4900 values here. */
static double median_error(const image *im)
{
    const int n = im->options.width * im->options.height;
    return n <= 1024 ? 2.0 / 65536 : 12.0 / 1024;
}

static void check_image(const image *im)
{
    static int wx[64], wy[64];
    const selo_filter_options *o = &im->options;
    const bool bytes = o->sample == SELO_SAMPLE_BYTE;
    assert_int_equal(selo_gaussian_weights(o->size_x, wx), SELO_OK);
    assert_int_equal(selo_gaussian_weights(o->size_y, wy), SELO_OK);
    for (int p = 0; p < o->width * o->height; p++) {
        if (isnan(im->values[p])) {
            assert_true(isnan(im->floats_out[p]));
            continue;
        }
        const double expected = expected_at(im, p / o->width, p % o->width, wy, wx);
        if (!bytes)
            assert_true(fabs(im->floats_out[p] - expected) <=
                        (o->method == SELO_FILTER_MEDIAN ? median_error(im) : 2e-6));
        else if (o->method == SELO_FILTER_GAUSSIAN)
            assert_int_equal(im->bytes_out[p], (int)floor(expected + 0.5));
        else
            assert_int_equal(im->bytes_out[p], (int)rint(expected));
    }
}

static void run_images(selo_filter_method method, uint64_t seed, int runs)
{
    static image im;
    for (int run = 0; run < runs; run++) {
        im.options = (selo_filter_options){.method = method,
                                           .size_x = 2 * test_random_int(&seed, 0, run % 3 ? 12 : 30) + 1,
                                           .size_y = 2 * test_random_int(&seed, 0, run % 3 ? 6 : 20) + 1,
                                           .sample = run % 2 ? SELO_SAMPLE_BYTE : SELO_SAMPLE_FLOAT,
                                           .width = test_random_int(&seed, 1, SIDE_MAX),
                                           .height = test_random_int(&seed, 1, run % 5 ? 20 : SIDE_MAX),
                                           .threads = 1 + run % 3};
        make_image(&im, &seed, run % 4, run % 6 == 0);
        const selo_row_stream stream = {&im, read_rows, write_rows};
        assert_int_equal(selo_filter_run(&im.options, &stream), SELO_OK);
        assert_int_equal(im.read_rows, im.options.height);
        assert_int_equal(im.written_rows, im.options.height);
        check_image(&im);
    }
}

static void medians_agree_with_their_definition(void **state)
{
    (void)state;
    run_images(SELO_FILTER_MEDIAN, 5, 90);
}

static void gaussians_agree_with_their_definition(void **state)
{
    (void)state;
    run_images(SELO_FILTER_GAUSSIAN, 6, 60);
}

static void boxes_agree_with_their_definition(void **state)
{
    (void)state;
    run_images(SELO_FILTER_BOX, 7, 60);
}

/* Wide enough for several stripes of columns and tall enough for several bands: a stripe pattern whose median is
 * known. */
enum { WIDE = 5000, TALL = 3600 }; /* a band has some 1300 rows of this width */

static selo_status read_stripes(void *user, int row, int n_rows, void *rows)
{
    (void)user, (void)row;
    for (int r = 0; r < n_rows; r++)
        for (int x = 0; x < WIDE; x++)
            ((float *)rows)[(size_t)r * WIDE + (size_t)x] = (float)(x / 1000) / 5;
    return SELO_OK;
}

static selo_status check_stripes(void *user, int row, int n_rows, const void *rows)
{
    (void)row;
    for (int r = 0; r < n_rows; r++)
        for (int x = 0; x < WIDE; x++)
            if (fabsf(((const float *)rows)[(size_t)r * WIDE + (size_t)x] - (float)(x / 1000) / 5) > 0)
                return SELO_E_INPUT;
    *(int *)user += n_rows;
    return SELO_OK;
}

static void bands_and_stripes_meet_without_a_seam(void **state)
{
    (void)state;
    int rows = 0;
    const selo_filter_options options = {.method = SELO_FILTER_MEDIAN, .size_x = 31, .size_y = 5,
                                         .sample = SELO_SAMPLE_FLOAT, .width = WIDE, .height = TALL, .threads = 2};
    const selo_row_stream stream = {&rows, read_stripes, check_stripes};
    assert_int_equal(selo_filter_run(&options, &stream), SELO_OK);
    assert_int_equal(rows, TALL);
}

/* ---- wide windows ------------------------------------------------------------------------------------------------ */

/* Images whose windows and columns hold more of a value than 16 and 8 bits can count, and several stripes of
 * columns, against a histogram that follows the window along each row. As floats they are k / 255: few values,
 * whose medians are exact. */
enum { LARGE_MAX = 1 << 17, MISSING = -1 };

typedef struct {
    selo_filter_options options;
    int values[LARGE_MAX]; /* 0 ... 255 or MISSING */
    float out[LARGE_MAX];  /* of floats; bytes are turned into such */
} large_image;

static large_image large;

static float float_of(int value)
{
    return value == MISSING ? NAN : (float)value / 255;
}

static selo_status read_large(void *user, int row, int n_rows, void *rows)
{
    const int *values = large.values + row * large.options.width;
    (void)user;
    for (int k = 0; k < n_rows * large.options.width; k++)
        if (large.options.sample == SELO_SAMPLE_BYTE)
            ((uint8_t *)rows)[k] = (uint8_t)values[k];
        else
            ((float *)rows)[k] = float_of(values[k]);
    return SELO_OK;
}

static selo_status write_large(void *user, int row, int n_rows, const void *rows)
{
    float *out = large.out + row * large.options.width;
    (void)user;
    for (int k = 0; k < n_rows * large.options.width; k++)
        out[k] = large.options.sample == SELO_SAMPLE_BYTE ? float_of(((const uint8_t *)rows)[k])
                                                          : ((const float *)rows)[k];
    return SELO_OK;
}

/* Flat with specks, ties of two values, a ramp, noise between flat halves, two floors, columns that repeat; for floats
 * with patches and rows that are missing. */
enum { PATTERNS = 6 };

static void make_large(uint64_t *seed, int kind)
{
    const int width = large.options.width, height = large.options.height;
    for (int p = 0; p < width * height; p++) {
        const int x = p % width, y = p / width, noise = test_random_int(seed, 0, 255);
        const int values[] = {noise < 3 ? noise : 77, noise % 2 ? 200 : 16, (x * 255 / width + y) % 256,
                              x < width / 3   ? 31
                              : x < width / 2 ? noise
                                              : 240,
                              noise / 16 + (y > height / 2 ? 100 : 0), (x / (3 + x % 40 / 20) * 77 + y * y / 7) % 256};
        large.values[p] = values[kind % PATTERNS];
        const bool patch = (x / 40 + y / 20) % 3 == 0 || y == height / 2;
        if (large.options.sample == SELO_SAMPLE_FLOAT && kind >= PATTERNS && patch)
            large.values[p] = MISSING;
    }
}

static void count_column(int x, int y, int step, int counts[256], int *valid)
{
    const int width = large.options.width, height = large.options.height, radius = large.options.size_y / 2;
    for (int dy = -radius; dy <= radius; dy++) {
        const int value = large.values[clamp(y + dy, height) * width + clamp(x, width)];
        if (value != MISSING)
            counts[value] += step, *valid += step;
    }
}

static void check_large(void)
{
    const int width = large.options.width, radius = large.options.size_x / 2;
    for (int y = 0; y < large.options.height; y++) {
        int counts[256] = {0}, valid = 0;
        for (int x = -radius; x < radius; x++)
            count_column(x, y, 1, counts, &valid);
        for (int x = 0; x < width; x++) {
            count_column(x + radius, y, 1, counts, &valid);
            int value = 0;
            for (int below = counts[0]; below < (valid + 1) / 2; below += counts[value])
                value++;
            const float found = large.out[y * width + x];
            if (large.values[y * width + x] == MISSING)
                assert_true(isnan(found));
            else
                assert_true(!(fabsf(found - float_of(value)) > 0));
            count_column(x - radius, y, -1, counts, &valid);
        }
    }
}

static void wide_windows_count_beyond_their_first_bits(void **state)
{
    (void)state;
    static const int shapes[][4] = {{160, 200, 401, 301},
                                    {2600, 7, 301, 141},
                                    {1, 700, 3, 601},
                                    {700, 1, 601, 3},
                                    {90, 300, 51, 259},
                                    {300, 40, 301, 255},  /* more values than 16 bits count, in columns of few */
                                    {320, 30, 999, 67}};
    uint64_t seed = 12;
    for (int run = 0; run < 4 * PATTERNS; run++) {
        const bool floats = run >= 2 * PATTERNS;
        const int *shape = shapes[run % 7];
        large.options = (selo_filter_options){SELO_FILTER_MEDIAN, shape[2], shape[3],   SELO_SAMPLE_BYTE,
                                              shape[0],           shape[1], 1 + run % 2};
        if (floats)
            large.options.sample = SELO_SAMPLE_FLOAT;
        make_large(&seed, floats ? run - 2 * PATTERNS : run % PATTERNS);
        assert_int_equal(selo_filter_run(&large.options, &(selo_row_stream){NULL, read_large, write_large}), SELO_OK);
        check_large();
    }
}

/* Floats that share levels come out as they were. */
static void windows_of_one_pixel_change_nothing(void **state)
{
    (void)state;
    static image im;
    uint64_t seed = 8;
    static const selo_filter_method methods[] = {SELO_FILTER_MEDIAN, SELO_FILTER_GAUSSIAN, SELO_FILTER_BOX};
    for (size_t m = 0; m < COUNT(methods); m++) {
        im.options = (selo_filter_options){methods[m], 1, 1, SELO_SAMPLE_FLOAT, 70, 70, 2};
        make_image(&im, &seed, 0, true);
        assert_int_equal(selo_filter_run(&im.options, &(selo_row_stream){&im, read_rows, write_rows}), SELO_OK);
        assert_memory_equal(im.floats_out, im.floats, sizeof im.floats);
    }
}

/* Nothing, and infinite values, which count as the greatest finite one. */
static void empty_maps_stay_empty(void **state)
{
    (void)state;
    static image im;
    for (int run = 0; run < 2; run++) {
        im.options = (selo_filter_options){SELO_FILTER_MEDIAN, 5, 5, SELO_SAMPLE_FLOAT, 9, 8, 2};
        im.read_rows = im.written_rows = 0;
        for (int p = 0; p < 72; p++)
            im.floats[p] = run == 0 ? NAN : p % 3 == 0 ? 2 : INFINITY;
        if (run == 1)
            im.floats[1] = 1;
        assert_int_equal(selo_filter_run(&im.options, &(selo_row_stream){&im, read_rows, write_rows}), SELO_OK);
        for (int p = 0; p < 72; p++)
            assert_true(run == 0 ? isnan(im.floats_out[p]) : im.floats_out[p] == 2);
    }
}

/* The greatest finite value and an infinite one may fall on two steps of the range, or all finite ones on one. */
static void infinite_values_count_as_the_greatest_finite_one(void **state)
{
    (void)state;
    static image im;
    uint64_t seed = 21;
    for (int run = 0; run < 300; run++) {
        const float low = (float)test_random_int(&seed, -1000, 1000) / 7,
                    more = (float)test_random_int(&seed, 0, 300) / 11;
        im.options = (selo_filter_options){SELO_FILTER_MEDIAN, 3, 5, SELO_SAMPLE_FLOAT, 12, 9, 1};
        im.read_rows = im.written_rows = 0;
        for (int p = 0; p < 12 * 9; p++) {
            const int kind = p < 2 ? p : test_random_int(&seed, 0, 4);
            im.values[p] = (double)(kind == 0 || kind == 4 ? low : low + more);
            im.floats[p] = kind < 2 ? (float)im.values[p] : kind == 4 ? -INFINITY : INFINITY;
        }
        assert_int_equal(selo_filter_run(&im.options, &(selo_row_stream){&im, read_rows, write_rows}), SELO_OK);
        for (int p = 0; p < 12 * 9; p++)
            assert_true(im.floats_out[p] == (float)expected_at(&im, p / 12, p % 12, NULL, NULL));
    }
}

/* A range that a few pixels stretch, as a NoData value that nobody declared does, and values close together in it. */
static void far_values_leave_the_others_exact(void **state)
{
    (void)state;
    static image im;
    static const float far[] = {-9999, 1e6F, -3.4e38F, 3.4e38F};
    uint64_t seed = 22;
    for (int run = 0; run < 12; run++) {
        im.options = (selo_filter_options){SELO_FILTER_MEDIAN, 7, 5, SELO_SAMPLE_FLOAT, 60, 40, 1};
        im.read_rows = im.written_rows = 0;
        for (int p = 0; p < 60 * 40; p++) {
            im.floats[p] = p % 400 == 7 ? far[run % 4]
                           : run < 8    ? (float)test_random_int(&seed, 0, 99) / 99
                                        : (float)test_random_int(&seed, 0, 1 << 20) / (1 << 20);
            im.values[p] = (double)im.floats[p];
        }
        assert_int_equal(selo_filter_run(&im.options, &(selo_row_stream){&im, read_rows, write_rows}), SELO_OK);
        for (int p = 0; p < 60 * 40; p++)
            assert_true(fabs((double)im.floats_out[p] - expected_at(&im, p / 60, p % 60, NULL, NULL)) <=
                        (run < 8 ? 0 : 0.006));
    }
}

/* Noise over several stripes, of floats that share levels: not a bit depends on the threads. */
static void medians_do_not_depend_on_threads(void **state)
{
    (void)state;
    static float first[LARGE_MAX];
    uint64_t seed = 4;
    large.options = (selo_filter_options){SELO_FILTER_MEDIAN, 41, 21, SELO_SAMPLE_FLOAT, 4000, 30, 1};
    for (int p = 0; p < 4000 * 30; p++)
        large.values[p] = test_random_int(&seed, 0, 1 << 20);
    for (int threads = 1; threads <= 5; threads += 2) {
        large.options.threads = threads;
        assert_int_equal(selo_filter_run(&large.options, &(selo_row_stream){NULL, read_large, write_large}), SELO_OK);
        if (threads == 1)
            memcpy(first, large.out, sizeof first);
        else
            assert_memory_equal(first, large.out, 4000 * 30 * sizeof *first);
    }
}

static void short_memory_is_survived(void **state)
{
    (void)state;
    static image im;
    static const selo_filter_method methods[] = {SELO_FILTER_MEDIAN, SELO_FILTER_GAUSSIAN, SELO_FILTER_BOX};
    uint64_t seed = 3;
    for (size_t m = 0; m < COUNT(methods); m++) {
        selo_status status = SELO_E_MEMORY;
        for (long failing = 0; status != SELO_OK; failing++) {
            im.options = (selo_filter_options){methods[m], 5, 3, SELO_SAMPLE_FLOAT, 20, 10, 1};
            make_image(&im, &seed, 0, true);
            const selo_row_stream stream = {&im, read_rows, write_rows};
            test_heap_start(failing);
            status = selo_filter_run(&im.options, &stream);
            assert_int_equal(test_heap_end(), 0);
            assert_true(failing < 60 && (status == SELO_OK || status == SELO_E_MEMORY));
        }
    }
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    static image im;
    const selo_row_stream stream = {&im, read_rows, write_rows};
    selo_filter_options good = {SELO_FILTER_BOX, 5, 5, SELO_SAMPLE_FLOAT, 5, 5, 1}, bad = good;
    bad.size_x = 4;
    assert_int_equal(selo_filter_run(&bad, &stream), SELO_E_ARGUMENT);
    bad = good, bad.size_y = SELO_FILTER_SIZE_MAX + 2;
    assert_int_equal(selo_filter_run(&bad, &stream), SELO_E_ARGUMENT);
    bad = good, bad.width = 0;
    assert_int_equal(selo_filter_run(&bad, &stream), SELO_E_ARGUMENT);
    bad = good, bad.threads = 0;
    assert_int_equal(selo_filter_run(&bad, &stream), SELO_E_ARGUMENT);
}

/* The smallest windows do not follow the rule of the others in the published code's library. */
static void gaussian_weights_are_those_published(void **state)
{
    static const struct {
        int size;
        const char *weights; /* up to the middle */
    } rows[] = {{1, "256 "},        {3, "64 128 "},           {5, "16 64 96 "},
                {7, "8 28 56 72 "}, {9, "4 13 30 51 60 "}, {11, "2 7 17 31 45 52 "}};
    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        int weights[16], sum = 0;
        char text[64] = "";
        assert_int_equal(selo_gaussian_weights(rows[k].size, weights), SELO_OK);
        for (int i = 0; i < rows[k].size; i++) {
            sum += weights[i];
            assert_int_equal(weights[i], weights[rows[k].size - 1 - i]);
            if (i <= rows[k].size / 2)
                snprintf(text + strlen(text), sizeof text - strlen(text), "%d ", weights[i]);
        }
        assert_int_equal(sum, 256);
        assert_string_equal(text, rows[k].weights);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(medians_agree_with_their_definition), cmocka_unit_test(gaussians_agree_with_their_definition),
        cmocka_unit_test(boxes_agree_with_their_definition),   cmocka_unit_test(bands_and_stripes_meet_without_a_seam),
        cmocka_unit_test(wide_windows_count_beyond_their_first_bits), cmocka_unit_test(empty_maps_stay_empty),
        cmocka_unit_test(windows_of_one_pixel_change_nothing),
        cmocka_unit_test(infinite_values_count_as_the_greatest_finite_one),
        cmocka_unit_test(far_values_leave_the_others_exact),
        cmocka_unit_test(medians_do_not_depend_on_threads),
        cmocka_unit_test(gaussian_weights_are_those_published), cmocka_unit_test(short_memory_is_survived),
                   cmocka_unit_test(bad_arguments_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
