/* Medians of images and windows so wide that the filter cuts them into stripes and bands and counts in wider
 * integers. */
#include "filters_test.h"

/* Wide enough for several stripes of columns and tall enough for several bands: steps with specks, which a median takes
 * away. */
enum { WIDE = 5000, TALL = 3600 }; /* a band has some 1300 rows of this width */

static float step_at(int x)
{
    return (float)(x / 1000) / 5;
}

static selo_status read_specked_steps(void *user, int row, int n_rows, void *rows)
{
    (void)user;
    for (int r = 0; r < n_rows; r++)
        for (int x = 0; x < WIDE; x++)
            ((float *)rows)[(size_t)r * WIDE + (size_t)x] = x % 50 == 7 && (row + r) % 9 == 4 ? 1 : step_at(x);
    return SELO_OK;
}

static selo_status check_steps(void *user, int row, int n_rows, const void *rows)
{
    (void)row;
    for (int r = 0; r < n_rows; r++)
        for (int x = 0; x < WIDE; x++)
            if (fabsf(((const float *)rows)[(size_t)r * WIDE + (size_t)x] - step_at(x)) > 0)
                return SELO_E_INPUT;
    *(int *)user += n_rows;
    return SELO_OK;
}

static void bands_and_stripes_meet_without_a_seam(void **state)
{
    (void)state;
    int rows = 0;
    const selo_filter_options options = float_filter(SELO_FILTER_MEDIAN, 33, 5, WIDE, TALL, 2);
    const selo_row_stream stream = {&rows, read_specked_steps, check_steps};
    assert_int_equal(selo_filter_run(&options, &stream), SELO_OK);
    assert_int_equal(rows, TALL);
}

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
    static const int shapes[][4] = {{160, 200, 401, 301}, /* width and height of the image, then of the window */
                                    {2600, 7, 301, 141},
                                    {1, 700, 3, 601},
                                    {700, 1, 601, 3},
                                    {90, 300, 51, 259},
                                    {300, 40, 301, 255}, /* more values than 16 bits count, in columns of few */
                                    {320, 30, 999, 67}};
    uint64_t seed = 12;
    for (int run = 0; run < 4 * PATTERNS; run++) {
        const bool floats = run >= 2 * PATTERNS;
        const int *shape = shapes[run % 7];
        large.options = float_filter(SELO_FILTER_MEDIAN, shape[2], shape[3], shape[0], shape[1], 1 + run % 2);
        if (!floats)
            large.options.sample = SELO_SAMPLE_BYTE;
        make_large(&seed, floats ? run - 2 * PATTERNS : run % PATTERNS);
        assert_int_equal(selo_filter_run(&large.options, &(selo_row_stream){NULL, read_large, write_large}), SELO_OK);
        check_large();
    }
}

/* Noise over several stripes, of floats that share levels: not a bit depends on the threads. */
static void medians_do_not_depend_on_threads(void **state)
{
    (void)state;
    static float first[LARGE_MAX];
    uint64_t seed = 4;
    large.options = float_filter(SELO_FILTER_MEDIAN, 41, 21, 4000, 30, 1);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands_and_stripes_meet_without_a_seam),
        cmocka_unit_test(wide_windows_count_beyond_their_first_bits),
        cmocka_unit_test(medians_do_not_depend_on_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
