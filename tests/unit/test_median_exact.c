/* Medians of floats in small windows are exact: over many tiles, against the pixels of each window in order. */
#include "filters_test.h"

enum { WIDE = 300, HIGH = 140 };

static float values[WIDE * HIGH], medians[WIDE * HIGH];

static selo_status read_values(void *user, int row, int n_rows, void *rows)
{
    (void)user;
    memcpy(rows, values + row * WIDE, (size_t)n_rows * WIDE * sizeof *values);
    return SELO_OK;
}

static selo_status write_medians(void *user, int row, int n_rows, const void *rows)
{
    (void)user;
    memcpy(medians + row * WIDE, rows, (size_t)n_rows * WIDE * sizeof *values);
    return SELO_OK;
}

/* Noise of any size and sign, few values, zeros of both signs, a ramp; some are missing. */
static void make_values(uint64_t *seed, int kind)
{
    for (int p = 0; p < WIDE * HIGH; p++) {
        const int noise = test_random_int(seed, -(1 << 23), 1 << 23);
        values[p] = kind == 0   ? ldexpf((float)noise, noise % 100)
                    : kind == 1 ? (float)(noise % 5)
                    : kind == 2 ? noise % 2 ? 0.0F : -0.0F
                                : (float)(p % WIDE) / 3 - (float)(p / WIDE);
        if (test_random_int(seed, 0, 9) < kind)
            values[p] = NAN;
    }
}

static double median_at(const selo_filter_options *o, int y, int x)
{
    static double window[31 * 31];
    size_t n = 0;
    for (int dy = -(o->size_y / 2); dy <= o->size_y / 2; dy++)
        for (int dx = -(o->size_x / 2); dx <= o->size_x / 2; dx++) {
            const float value = values[clamp(y + dy, HIGH) * WIDE + clamp(x + dx, WIDE)];
            if (!isnan(value))
                window[n++] = (double)value;
        }
    qsort(window, n, sizeof *window, by_value);
    return window[(n - 1) / 2];
}

static void small_windows_are_exact(void **state)
{
    (void)state;
    static const int sizes[][2] = {{3, 3}, {31, 31}, {1, 5}, {5, 1}, {9, 17}, {31, 3}, {15, 7}, {29, 25}};
    uint64_t seed = 31;
    for (size_t run = 0; run < COUNT(sizes); run++) {
        const selo_filter_options options = float_filter(SELO_FILTER_MEDIAN, sizes[run][0], sizes[run][1], WIDE, HIGH,
                                                         1 + (int)run % 3);
        make_values(&seed, (int)run % 4);
        assert_int_equal(selo_filter_run(&options, &(selo_row_stream){NULL, read_values, write_medians}), SELO_OK);
        for (int p = (int)run % 7; p < WIDE * HIGH; p += 7) /* every pixel's turn comes, and it stays fast */
            if (isnan(values[p]))
                assert_true(isnan(medians[p]));
            else
                assert_true((double)medians[p] == median_at(&options, p / WIDE, p % WIDE));
    }
}

/* Where nothing around is finite there is no value to stand for it. */
static void infinite_maps_have_no_median(void **state)
{
    (void)state;
    static image im;
    im.options = float_filter(SELO_FILTER_MEDIAN, 3, 3, 9, 8, 1);
    for (int p = 0; p < 72; p++)
        im.floats[p] = p % 2 ? INFINITY : -INFINITY;
    run_image(&im);
    for (int p = 0; p < 72; p++)
        assert_true(isnan(im.floats_out[p]));
}

/* Several bands, each of which ends within a tile. */
enum { BROAD = 9000, TALL = 1500 };

static selo_status read_ramp(void *user, int row, int n_rows, void *rows)
{
    (void)user;
    for (int k = 0; k < n_rows * BROAD; k++)
        ((float *)rows)[k] = (float)(row * BROAD + k);
    return SELO_OK;
}

/* The median of a ramp is the middle pixel but at the edges, where repeated pixels move it within the outer rows. */
static selo_status check_ramp(void *user, int row, int n_rows, const void *rows)
{
    for (int k = 0; k < n_rows * BROAD; k++) {
        const int y = row + k / BROAD, x = k % BROAD;
        if (y >= 2 && y < TALL - 2 && x >= 2 && x < BROAD - 2)
            assert_true(((const float *)rows)[k] == (float)(y * BROAD + x));
    }
    *(int *)user += n_rows;
    return SELO_OK;
}

static void bands_and_tiles_meet_without_a_seam(void **state)
{
    (void)state;
    int rows = 0;
    const selo_filter_options options = float_filter(SELO_FILTER_MEDIAN, 5, 5, BROAD, TALL, 2);
    assert_int_equal(selo_filter_run(&options, &(selo_row_stream){&rows, read_ramp, check_ramp}), SELO_OK);
    assert_int_equal(rows, TALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_windows_are_exact),
        cmocka_unit_test(infinite_maps_have_no_median),
        cmocka_unit_test(bands_and_tiles_meet_without_a_seam),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
