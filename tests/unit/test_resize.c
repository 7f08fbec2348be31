/* Small cases by hand; equality with OpenCV and Pillow is in tests/parity/test_resize.py. */
#include "selo_test.h"

#include <math.h>
#include <string.h>

#include "selo/resize.h"

static void test_bytes(void **state)
{
    (void)state;
    const float values[] = {0, 10, 5, -3, 11, NAN, 4.99f, 10, INFINITY, -INFINITY};
    const uint8_t valid[] = {1, 1, 1, 1, 1, 1, 1, 0, 1, 1}, expected[] = {0, 255, 128, 0, 255, 0, 127, 9, 255, 0};
    uint8_t bytes[10];
    selo_bytes_from_values(values, valid, 10, 0, 10, 9, bytes);
    assert_memory_equal(bytes, expected, 10);
    selo_bytes_from_values(values, NULL, 8, 0, 10, 9, bytes);
    assert_int_equal(bytes[7], 255);
    const float near_ends[] = {7, 0.04f, 10.04f}; /* 1 above the least byte, 1 above the greatest */
    selo_bytes_from_values(near_ends, (uint8_t[]){0, 1, 1}, 3, 0, 10, 9, bytes);
    assert_memory_equal(bytes, ((uint8_t[]){9, 1, 255}), 3);
    const float shifted[] = {-40, -39, 10.5f, 60}; /* -40 to 60: 0, 2.55, 128.775, 255 */
    selo_bytes_from_values(shifted, NULL, 4, -40, 60, 0, bytes);
    assert_memory_equal(bytes, ((uint8_t[]){0, 3, 129, 255}), 4);
}

static void test_copy(void **state)
{
    (void)state;
    const uint8_t source[] = {1, 2, 99, 3, 4, 99};
    uint8_t target[4];
    const uint8_t expected[] = {1, 2, 3, 4};
    assert_int_equal(selo_resize_cubic(source, 3, 2, 2, target, 2, 2), SELO_OK);
    assert_memory_equal(target, expected, 4);
    memset(target, 0, 4);
    assert_int_equal(selo_resize_clip(source, 3, 2, 2, target, 2), SELO_OK);
    assert_memory_equal(target, expected, 4);
}

/* The row 0 100 doubled. Target pixels lie at -0.25, 0.25, 0.75 and 1.25; with c3(0.75) = -0.1055, c2(0.25) = 0.2617
 * and c3(0.25) = -0.0352 they are -10.5 (cut to 0), 22.7, 77.3 and 110.5. */
static void test_cubic_by_hand(void **state)
{
    (void)state;
    const uint8_t source[] = {0, 100}, expected[] = {0, 23, 77, 111};
    uint8_t target[4];
    assert_int_equal(selo_resize_cubic(source, 2, 2, 1, target, 4, 1), SELO_OK);
    assert_memory_equal(target, expected, 4);
}

/* Columns alone, so that a row tells nothing: the same weights down. */
static void test_cubic_down(void **state)
{
    (void)state;
    const uint8_t source[] = {0, 0, 100, 100}, expected[] = {0, 0, 23, 23, 77, 77, 111, 111};
    uint8_t target[8];
    assert_int_equal(selo_resize_cubic(source, 2, 2, 2, target, 2, 4), SELO_OK);
    assert_memory_equal(target, expected, 8);
}

/* The square 0 100 / 0 100 doubled with A = -0.5: at -0.25, 0.25, 0.75 and 1.25 as above, but the weights of the pixels
 * that are there sum to one: the second column has c(1.25) / (c(1.25) + c(0.25)) = -0.0703 / 0.7969, then
 * c(0.75) / (c(0.75) + c(0.25)) = 0.2266 / 1.0938: -8.8 (cut to 0), 20.7, and 100 minus these. */
static void test_clip_by_hand(void **state)
{
    (void)state;
    const uint8_t source[] = {0, 100, 0, 100}, expected[] = {0, 21, 79, 109};
    uint8_t target[16];
    assert_int_equal(selo_resize_clip(source, 2, 2, 2, target, 4), SELO_OK);
    for (int row = 0; row < 4; row++)
        assert_memory_equal(target + 4 * row, expected, 4);
}

static void test_constant_stays(void **state)
{
    (void)state;
    static uint8_t source[37 * 23], target[64 * 64];
    memset(source, 201, sizeof source);
    assert_int_equal(selo_resize_cubic(source, 37, 37, 23, target, 64, 64), SELO_OK);
    for (size_t i = 0; i < sizeof target; i++)
        assert_int_equal(target[i], 201);
    assert_int_equal(selo_resize_clip(source, 37, 37, 23, target, 8), SELO_OK);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(target[i], 201);
}

static void test_crop_is_the_middle(void **state)
{
    (void)state;
    uint8_t source[3 * 9], target[9];
    for (int i = 0; i < 27; i++)
        source[i] = (uint8_t)(i % 9 * 20);
    assert_int_equal(selo_resize_clip(source, 9, 9, 3, target, 3), SELO_OK);
    for (int i = 0; i < 9; i++)
        assert_int_equal(target[i], (3 + i % 3) * 20);
}

static void test_arguments_and_memory(void **state)
{
    (void)state;
    uint8_t source[64] = {0}, target[256];
    assert_int_equal(selo_resize_cubic(source, 8, 0, 8, target, 4, 4), SELO_E_ARGUMENT);
    assert_int_equal(selo_resize_cubic(source, 8, 8, 8, target, 4, SELO_RESIZE_SIDE_MAX + 1), SELO_E_ARGUMENT);
    assert_int_equal(selo_resize_clip(source, 8, 8, 8, target, 0), SELO_E_ARGUMENT);
    for (long failing = 0; failing < 10; failing++) {
        test_heap_start(failing);
        const selo_status cubic = selo_resize_cubic(source, 8, 8, 8, target, 16, 16);
        const selo_status clip = selo_resize_clip(source, 8, 8, 8, target, 4);
        assert_int_equal(test_heap_end(), 0);
        assert_int_equal(clip, SELO_E_MEMORY);
        assert_int_equal(cubic, failing < 2 ? SELO_E_MEMORY : SELO_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bytes),
                                       cmocka_unit_test(test_copy),
                                       cmocka_unit_test(test_cubic_by_hand),
                                       cmocka_unit_test(test_cubic_down),
                                       cmocka_unit_test(test_clip_by_hand),
                                       cmocka_unit_test(test_constant_stays),
                                       cmocka_unit_test(test_crop_is_the_middle),
                                       cmocka_unit_test(test_arguments_and_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
