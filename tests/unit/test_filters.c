/* The general filters against their definition, pixel by pixel, over sizes, gaps, threads and forced bands. */
#include "filters_test.h"

/* Small windows are exact, and so are images of few values; of noise, a level holds up to 1/256 of the values and of
 * their range. */
static double median_error(const image *im)
{
    const selo_filter_options *o = &im->options;
    const bool exact = o->size_x <= 31 && o->size_y <= 31;
    return exact ? 0 : o->width * o->height <= 512 ? 2.0 / 65536 : 2.0 / 256;
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
        run_image(&im);
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

/* Floats that share levels come out as they were. */
static void windows_of_one_pixel_change_nothing(void **state)
{
    (void)state;
    static image im;
    uint64_t seed = 8;
    static const selo_filter_method methods[] = {SELO_FILTER_MEDIAN, SELO_FILTER_GAUSSIAN, SELO_FILTER_BOX};
    for (size_t m = 0; m < COUNT(methods); m++) {
        im.options = float_filter(methods[m], 1, 1, 70, 70, 2);
        make_image(&im, &seed, 0, true);
        run_image(&im);
        assert_memory_equal(im.floats_out, im.floats, sizeof im.floats);
    }
}

static void short_memory_is_survived(void **state)
{
    (void)state;
    static image im;
    static const struct {
        selo_filter_method method;
        int size;
    } filters[] = {{SELO_FILTER_MEDIAN, 5}, {SELO_FILTER_MEDIAN, 33}, {SELO_FILTER_GAUSSIAN, 5}, {SELO_FILTER_BOX, 5}};
    uint64_t seed = 3;
    for (size_t m = 0; m < COUNT(filters); m++) {
        selo_status status = SELO_E_MEMORY;
        for (long failing = 0; status != SELO_OK; failing++) {
            im.options = float_filter(filters[m].method, filters[m].size, 3, 20, 10, 1);
            make_image(&im, &seed, 0, true);
            test_heap_start(failing);
            status = try_image(&im);
            assert_int_equal(test_heap_end(), 0);
            assert_true(failing < 60 && (status == SELO_OK || status == SELO_E_MEMORY));
        }
    }
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    static image im;
    const selo_filter_options good = float_filter(SELO_FILTER_BOX, 5, 5, 5, 5, 1);
    im.options = good, im.options.size_x = 4;
    assert_int_equal(try_image(&im), SELO_E_ARGUMENT);
    im.options = good, im.options.size_y = SELO_FILTER_SIZE_MAX + 2;
    assert_int_equal(try_image(&im), SELO_E_ARGUMENT);
    im.options = good, im.options.width = 0;
    assert_int_equal(try_image(&im), SELO_E_ARGUMENT);
    im.options = good, im.options.threads = 0;
    assert_int_equal(try_image(&im), SELO_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(medians_agree_with_their_definition),
        cmocka_unit_test(gaussians_agree_with_their_definition),
        cmocka_unit_test(boxes_agree_with_their_definition),
        cmocka_unit_test(windows_of_one_pixel_change_nothing),
        cmocka_unit_test(short_memory_is_survived),
        cmocka_unit_test(bad_arguments_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
