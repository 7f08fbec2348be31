/* Cutting text: never within a character. */
#include "selo_test.h"

#include "selo/utf8.h"

static void test_fitting(void **state)
{
    (void)state;
    static const char text[] = "a\xC3\xA9\xE6\xB5\xB7\xF0\x9F\x98\x80"; /* 1, 2, 3 and 4 bytes */
    static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    for (size_t most = 0; most < COUNT(expected); most++)
        assert_int_equal(selo_utf8_fitting(text, most), expected[most]);
    assert_int_equal(selo_utf8_fitting("", 5), 0);
    assert_int_equal(selo_utf8_fitting("\x80\x80\x80\x80\x80\x80", 5), 2); /* no UTF-8: ends somewhere, does not hang */
    assert_int_equal(selo_utf8_fitting("\x80\x80\x80", 2), 0);
    assert_int_equal(selo_utf8_fitting(text, SIZE_MAX), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fitting)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
