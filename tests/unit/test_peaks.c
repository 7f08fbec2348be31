/* The search for attention centres on maps that can be checked by hand, and its contract. */
#include <string.h>

#include "peaks_test.h"
#include "survey.h"

static void test_one_peak(void **state)
{
    (void)state;
    uint64_t seed = 1;
    /* 3 x 3, windows of one pixel for the mean and three for the separation. */
    uint16_t values[] = {1, 2, 1,
                         2, 9, 2,
                         1, 2, 1};
    const plain_map map = {3, 3, values, NULL, NULL};
    const selo_peaks_options options = {.width = 3, .height = 3, .passes = 1, .apart_x = {1, 1}, .apart_y = {1, 1},
                                        .border = SELO_BORDER_CUT, .threads = 1};
    size_t count;
    selo_plateau *found = search(&map, &options, 3, &count);
    assert_int_equal(count, 1);
    assert_int_equal(found[0].first_x, 1);
    assert_int_equal(found[0].first_y, 1);
    assert_int_equal(found[0].level, 9);
    assert_int_equal(found[0].centre_value, 9);
    selo_free(found);
    assert_all_ways(&map, options, &seed);
}

/* A ring of peaks is one plateau although its runs meet only at the bottom; its centre lies outside of it. */
static void test_ring(void **state)
{
    (void)state;
    uint64_t seed = 1;
    uint16_t values[] = {0, 5, 0, 5, 0,
                         5, 0, 0, 0, 5,
                         5, 0, 3, 0, 5,
                         0, 5, 0, 5, 0,
                         0, 0, 5, 0, 0};
    const plain_map map = {5, 5, values, NULL, NULL};
    const selo_peaks_options options = {.width = 5, .height = 5, .apart_x = {2, 2}, .apart_y = {2, 2},
                                        .border = SELO_BORDER_CUT, .threads = 1};
    size_t count;
    selo_plateau *found = search(&map, &options, 1, &count);
    assert_int_equal(count, 1);
    assert_int_equal(found[0].size, 9);
    assert_int_equal(found[0].centre_value, 0);
    selo_free(found);
    assert_all_ways(&map, options, &seed);
}

/* The mean of 0 and 1 is 0, that of 1 and 2 is 2: half to even. */
static void test_half_even(void **state)
{
    (void)state;
    uint64_t seed = 1;
    uint16_t values[] = {0, 1, 2, 3};
    const plain_map map = {4, 1, values, NULL, NULL};
    const selo_peaks_options options = {.width = 4, .height = 1, .passes = 1, .smooth_x = {1, 0},
                                        .border = SELO_BORDER_REFLECT, .threads = 1};
    size_t count;
    selo_plateau *found = search(&map, &options, 1, &count);
    assert_int_equal(count, 1); /* means 0 0 2 2 */
    assert_int_equal(found[0].first_x, 2);
    assert_int_equal(found[0].size, 2);
    assert_int_equal(found[0].level, 2);
    selo_free(found);
    assert_all_ways(&map, options, &seed);
}

static void test_arguments(void **state)
{
    (void)state;
    selo_peaks *peaks;
    selo_plateau *found;
    size_t count;
    const uint16_t values[4] = {1, 2, 3, 4};
    const uint8_t valid[4] = {1, 1, 1, 1};
    selo_peaks_options o = reference_options(2, 2);
    o.width = 0;
    assert_int_equal(selo_peaks_new(&o, &peaks), SELO_E_ARGUMENT);
    o = reference_options(2, 2);
    o.apart_x.before = -1;
    assert_int_equal(selo_peaks_new(&o, &peaks), SELO_E_ARGUMENT);
    o = reference_options(2, 2);
    o.threads = 0;
    assert_int_equal(selo_peaks_new(&o, &peaks), SELO_E_ARGUMENT);
    o.threads = 1;
    assert_int_equal(selo_peaks_new(&o, &peaks), SELO_OK);
    assert_int_equal(selo_peaks_push(peaks, values, valid, NULL, 1), SELO_E_ARGUMENT); /* a mask, mirrored */
    assert_int_equal(selo_peaks_push(peaks, values, NULL, NULL, 3), SELO_E_ARGUMENT);  /* too many rows */
    assert_int_equal(selo_peaks_push(peaks, values, NULL, NULL, 1), SELO_OK);
    assert_int_equal(selo_peaks_push_bytes(peaks, valid, 1), SELO_E_ARGUMENT);   /* another kind than before */
    assert_int_equal(selo_peaks_finish(peaks, &found, &count), SELO_E_ARGUMENT); /* too few */
    assert_int_equal(selo_peaks_push(peaks, values, NULL, NULL, 1), SELO_OK);
    assert_int_equal(selo_peaks_finish(peaks, &found, &count), SELO_OK);
    selo_free(found);
    selo_peaks_free(peaks);
    selo_peaks_free(NULL);
}

/* Every allocation of a search fails once, with all that follow it. */
static void fail_everywhere(const plain_map *map, const selo_peaks_options *options)
{
    selo_status status = SELO_E_MEMORY;
    for (long failing = 0; status != SELO_OK; failing++) {
        selo_peaks *peaks;
        selo_plateau *found = NULL;
        size_t count;
        test_heap_start(failing);
        status = selo_peaks_new(options, &peaks);
        if (status == SELO_OK)
            status = selo_peaks_push(peaks, map->values, map->valid, NULL, map->height);
        if (status == SELO_OK)
            status = selo_peaks_finish(peaks, &found, &count);
        assert_true(status == SELO_OK || status == SELO_E_MEMORY);
        selo_free(found);
        selo_peaks_free(peaks);
        assert_int_equal(test_heap_end(), 0);
    }
}

static void test_short_of_memory(void **state)
{
    (void)state;
    uint64_t seed = 5;
    plain_map map = random_map(&seed, NOISE);
    selo_peaks_options o = reference_options(map.width, map.height);
    o.smooth_x = o.smooth_y = (selo_extent){1, 1};
    for (o.threads = 1; o.threads <= 2; o.threads++) {
        o.apart_x = o.apart_y = (selo_extent){2, 2}; /* the plain way, many small plateaus */
        fail_everywhere(&map, &o);
        o.apart_x = o.apart_y = (selo_extent){20, 20}; /* a survey */
        assert_true(selo_survey_fits(&o));
        fail_everywhere(&map, &o);
    }
    o.threads = 2;
    o.border = SELO_BORDER_CUT;
    map.valid = g_valid;
    memset(g_valid, 1, sizeof g_valid);
    fail_everywhere(&map, &o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_peak),
        cmocka_unit_test(test_ring),
        cmocka_unit_test(test_half_even),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_short_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
