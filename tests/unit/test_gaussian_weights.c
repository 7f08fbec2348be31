/* The integer weights of Gaussian windows against the published ones. */
#include <stdio.h>
#include <string.h>

#include "selo/filters.h"
#include "selo_test.h"

/* The smallest windows do not follow the rule of the others in the published code's library. */
static void small_windows_have_the_published_weights(void **state)
{
    static const struct {
        int size;
        const char *weights; /* up to the middle */
    } rows[] = {{1, "256 "},        {3, "64 128 "},           {5, "16 64 96 "},
                {7, "8 28 56 72 "}, {9, "4 13 30 51 60 "}, {11, "2 7 17 31 45 52 "}};
    (void)state;
    for (size_t k = 0; k < COUNT(rows); k++) {
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

/* The weights of size 255 as published (docs/maps.md), one digit each, to the centre. */
static void a_large_window_has_the_published_weights(void **state)
{
    (void)state;
    static const char published[] = "0000000000000000001000000000000100000010001000100100101010101011"
                                    "0111011111111121112121212122122222222222322232322323323232332332";
    int weights[255], sum = 0;
    assert_int_equal(selo_gaussian_weights(255, weights), SELO_OK);
    for (int k = 0; k < 255; k++) {
        if (k <= 127)
            assert_int_equal(weights[k], published[k] - '0');
        assert_int_equal(weights[k], weights[254 - k]);
        sum += weights[k];
    }
    assert_int_equal(sum, 256);
}

static void bad_sizes_are_refused(void **state)
{
    (void)state;
    int weights[4];
    assert_int_equal(selo_gaussian_weights(4, weights), SELO_E_ARGUMENT);
    assert_int_equal(selo_gaussian_weights(-1, weights), SELO_E_ARGUMENT);
    assert_int_equal(selo_gaussian_weights(SELO_FILTER_SIZE_MAX + 2, weights), SELO_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_windows_have_the_published_weights),
        cmocka_unit_test(a_large_window_has_the_published_weights),
        cmocka_unit_test(bad_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
