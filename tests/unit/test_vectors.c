#include "selo_test.h"

#include <math.h>
#include <string.h>

#include "selo/vectors.h"

static void test_dot(void **state)
{
    (void)state;
    float a[40], b[40];
    double expected = 0;
    for (int i = 0; i < 40; i++) {
        a[i] = (float)(i - 7);
        b[i] = (float)(3 * i % 11);
    }
    for (size_t n = 0; n <= 40; n++) {
        assert_true((double)selo_dot(a, b, n) == expected); /* whole numbers: exact in any order */
        if (n < 40)
            expected += (double)a[n] * b[n];
    }
}

static void test_normalise(void **state)
{
    (void)state;
    float vector[] = {3, 0, -4}, zero[] = {0, 0}, bad[] = {1, NAN}, huge[] = {3e38f, 3e38f};
    assert_true(selo_normalise(vector, 3));
    assert_float_equal(vector[0], 0.6f, 1e-7f);
    assert_float_equal(vector[2], -0.8f, 1e-7f);
    assert_false(selo_normalise(zero, 2));
    assert_false(selo_normalise(bad, 2));
    assert_true(bad[0] == 1);
    assert_true(selo_normalise(huge, 2));
    assert_float_equal(huge[0], 0.70710678f, 1e-6f);
}

static void test_half(void **state)
{
    (void)state;
    for (uint32_t half = 0; half < 65536; half++) {
        const float value = selo_half_to_float((uint16_t)half);
        if (isnan(value))
            assert_true(isnan(selo_half_to_float(selo_half_from_float(value))));
        else
            assert_int_equal(selo_half_from_float(value), half);
    }
    assert_true(selo_half_to_float(0x3C00) == 1.f);
    assert_true(selo_half_to_float(0x0001) == 0x1p-24f);
    assert_int_equal(selo_half_from_float(1.f + 0x1p-11f), 0x3C00);  /* tie, to even */
    assert_int_equal(selo_half_from_float(1.f + 0x3p-11f), 0x3C02);
    assert_int_equal(selo_half_from_float(65519.99f), 0x7BFF);
    assert_int_equal(selo_half_from_float(65520.f), 0x7C00);
    assert_int_equal(selo_half_from_float(-0.f), 0x8000);
    assert_int_equal(selo_half_from_float(0x1p-25f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_dot), cmocka_unit_test(test_normalise),
                                       cmocka_unit_test(test_half)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
