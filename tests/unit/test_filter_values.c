/* Medians of values that are hard to sort into levels: none, infinite ones, and a range that a few pixels stretch. */
#include "filters_test.h"

/* Of windows: small ones, whose medians are found by sorting, and one for levels. */
static const int widths[] = {3, 7, 33};

/* Nothing, and infinite values, which count as the greatest finite one. */
static void empty_maps_stay_empty(void **state)
{
    (void)state;
    static image im;
    for (int run = 0; run < 6; run++) {
        im.options = float_filter(SELO_FILTER_MEDIAN, widths[run / 2], 5, 9, 8, 2);
        for (int p = 0; p < 72; p++)
            im.floats[p] = run % 2 == 0 ? NAN : p % 3 == 0 ? 2 : INFINITY;
        if (run % 2 == 1)
            im.floats[1] = 1;
        run_image(&im);
        for (int p = 0; p < 72; p++)
            assert_true(run % 2 == 0 ? isnan(im.floats_out[p]) : im.floats_out[p] == 2);
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
        im.options = float_filter(SELO_FILTER_MEDIAN, widths[run % 3], 5, 12, 9, 1);
        for (int p = 0; p < 12 * 9; p++) {
            const int kind = p < 2 ? p : test_random_int(&seed, 0, 4);
            im.values[p] = (double)(kind == 0 || kind == 4 ? low : low + more);
            im.floats[p] = kind < 2 ? (float)im.values[p] : kind == 4 ? -INFINITY : INFINITY;
        }
        run_image(&im);
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
    for (int run = 0; run < 36; run++) {
        im.options = float_filter(SELO_FILTER_MEDIAN, widths[run / 12], 5, 60, 40, 1);
        for (int p = 0; p < 60 * 40; p++) {
            im.floats[p] = p % 400 == 7 ? far[run % 4]
                           : run % 12 < 8 ? (float)test_random_int(&seed, 0, 99) / 99
                                        : (float)test_random_int(&seed, 0, 1 << 20) / (1 << 20);
            im.values[p] = (double)im.floats[p];
        }
        run_image(&im);
        for (int p = 0; p < 60 * 40; p++)
            assert_true(fabs((double)im.floats_out[p] - expected_at(&im, p / 60, p % 60, NULL, NULL)) <=
                        (run % 12 < 8 || run < 24 ? 0 : 0.006));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_maps_stay_empty),
        cmocka_unit_test(infinite_values_count_as_the_greatest_finite_one),
        cmocka_unit_test(far_values_leave_the_others_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
