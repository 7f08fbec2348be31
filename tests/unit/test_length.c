/* Lengths with units, and odd windows. */
#include "selo_test.h"

#include <math.h>
#include <string.h>

#include "selo/length.h"

static void lengths_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
        selo_unit unit;
    } rows[] = {
        {"50px", 50, SELO_UNIT_PX},      {"16m", 16, SELO_UNIT_M},     {" 0.5 m ", 0.5, SELO_UNIT_M},
        {".25px", 0.25, SELO_UNIT_PX},   {"1.5km", 1500, SELO_UNIT_M}, {"30cm", 0.3, SELO_UNIT_M},
        {"2e3m", 2000, SELO_UNIT_M},     {"5.E-1px", 0.5, SELO_UNIT_PX}, {"0px", 0, SELO_UNIT_PX},
        {"4.501800721109813m", 4.501800721109813, SELO_UNIT_M},
        {"15.506202483822689m", 15.506202483822689, SELO_UNIT_M},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        selo_length length;
        const char *problem;
        assert_int_equal(selo_length_parse(rows[i].text, &length, &problem), SELO_OK);
        assert_double_equal(length.value, rows[i].value, 1e-15 * rows[i].value);
        assert_int_equal(length.unit, rows[i].unit);
        assert_string_equal(problem, "");
    }
}

static void bad_lengths_say_why(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", "not a length"},       {"px", "not a length"},     {"m16", "not a length"},      {"nan m", "not a length"},
        {"16", "unit missing"},     {"1e5", "unit missing"},    {"16 ft", "unknown unit"},    {"16 mm", "unknown unit"},
        {"16px2", "unknown unit"},  {"16e", "unknown unit"},    {"-3m", "cannot be negative"}, {"1e999m", "too large"},
        {"1,5m", "unknown unit"},   {"16PX", "unknown unit"},   {".", "not a length"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        selo_length length;
        const char *problem;
        assert_int_equal(selo_length_parse(rows[i][0], &length, &problem), SELO_E_ARGUMENT);
        assert_non_null(strstr(problem, rows[i][1]));
    }
}

static void metres_become_pixels(void **state)
{
    (void)state;
    assert_true(selo_length_px((selo_length){16, SELO_UNIT_M}, 0.5) == 32);
    assert_true(selo_length_px((selo_length){16, SELO_UNIT_PX}, 0) == 16);
    assert_true(isnan(selo_length_px((selo_length){16, SELO_UNIT_M}, 0)));
}

static void windows_are_odd(void **state)
{
    (void)state;
    static const double rows[][2] = {{0, 1},   {1, 1},   {1.9, 1}, {2, 3},     {3, 3},
                                     {3.9, 3}, {4.1, 5}, {50, 51}, {49.9, 49}, {1000, 1001}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(selo_odd_window(rows[i][0]), (int)rows[i][1]);
    assert_int_equal(selo_odd_window(1e300), 1073741823);
    assert_int_equal(selo_odd_window(NAN), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_are_read),
        cmocka_unit_test(bad_lengths_say_why),
        cmocka_unit_test(metres_become_pixels),
        cmocka_unit_test(windows_are_odd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
