/* Window plans: small ones by hand, and their rules on random sizes. The published sets are in tests/parity. */
#include <math.h>
#include <string.h>

#include "selo/windows.h"
#include "selo_test.h"

static void assert_window(selo_window w, int r0, int r1, int c0, int c1)
{
    assert_int_equal(w.row_start, r0);
    assert_int_equal(w.row_end, r1);
    assert_int_equal(w.col_start, c0);
    assert_int_equal(w.col_end, c1);
}

/* 10 x 7 with a step of 4: starts 0 and 4 and the moved 6 along rows; 0 and the moved 3 along columns; shifted by 2. */
static void a_small_plan_by_hand(void **state)
{
    (void)state;
    selo_plan plan = {0};
    const selo_scale scale = {4, 4};
    assert_int_equal(selo_plan_v1(10, 7, &scale, 1, &plan), SELO_OK);
    assert_true(selo_plan_count(10, 7, &scale, 1, true) == 3 * 2 + 2 * 2); /* the corner is in both grids */
    assert_true(selo_plan_count(10, 7, &scale, 1, false) == 3 * 2);
    static const int expected[][4] = {{0, 4, 0, 4}, {4, 8, 0, 4}, {6, 10, 0, 4}, {0, 4, 3, 7},  {4, 8, 3, 7},
                                      {6, 10, 3, 7}, {2, 6, 2, 6}, {6, 10, 2, 6}, {2, 6, 3, 7}};
    assert_int_equal(plan.count, COUNT(expected));
    for (size_t k = 0; k < plan.count; k++)
        assert_window(plan.windows[k], expected[k][0], expected[k][1], expected[k][2], expected[k][3]);
    selo_plan_clear(&plan);
    assert_int_equal(plan.count, 0);
}

static void no_window_occurs_twice_and_all_is_covered(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int run = 0; run < 200; run++) {
        const int height = test_random_int(&seed, 1, 60), width = test_random_int(&seed, 1, 60);
        selo_scale scales[3];
        for (int k = 0; k < 3; k++)
            scales[k].rows = scales[k].cols = test_random_int(&seed, 1, 30);
        scales[0].rows = test_random_int(&seed, 1, 30);
        selo_plan plan = {0};
        assert_int_equal(selo_plan_v1(height, width, scales, 3, &plan), SELO_OK);
        assert_true((double)plan.count <= selo_plan_count(height, width, scales, 3, true));
        uint8_t covered[60 * 60] = {0};
        for (size_t k = 0; k < plan.count; k++) {
            selo_window cut;
            if (!selo_window_clip(plan.windows[k], height, width, &cut))
                continue;
            assert_true(cut.row_start >= 0 && cut.row_end <= height && cut.col_start >= 0 && cut.col_end <= width);
            for (int y = cut.row_start; y < cut.row_end; y++)
                memset(covered + y * width + cut.col_start, 1, (size_t)(cut.col_end - cut.col_start));
            for (size_t other = 0; other < k; other++)
                assert_memory_not_equal(&plan.windows[k], &plan.windows[other], sizeof(selo_window));
        }
        bool fits = false;
        for (int k = 0; k < 3; k++)
            fits = fits || (scales[k].rows <= height && scales[k].cols <= width);
        for (int p = 0; p < height * width && fits; p++)
            assert_int_equal(covered[p], 1);
        selo_plan_clear(&plan);
    }
}

/* Starts below 0 count from the far end, as the published slices do. */
static void windows_longer_than_the_image(void **state)
{
    (void)state;
    static const struct {
        selo_window window;
        int height, width;
        bool any;
        int expected[4];
    } cases[] = {
        {{-2, 10, 0, 4}, 10, 4, true, {8, 10, 0, 4}},   {{-10, 10, 0, 4}, 10, 4, true, {0, 10, 0, 4}},
        {{-15, 10, 0, 4}, 10, 4, true, {0, 10, 0, 4}},  {{0, 4, -1, 3}, 4, 3, true, {0, 4, 2, 3}},
        {{0, 20, 0, 20}, 7, 9, true, {0, 7, 0, 9}},     {{5, 5, 0, 4}, 10, 10, false, {5, 5, 0, 4}},
        {{8, 4, 0, 4}, 10, 10, false, {8, 8, 0, 4}},    {{20, 30, 0, 4}, 10, 10, false, {20, 20, 0, 4}},
        {{-6, -2, 0, 4}, 10, 4, true, {4, 8, 0, 4}},    {{-30, -20, 0, 4}, 10, 4, false, {0, 0, 0, 4}},
    };
    for (size_t k = 0; k < COUNT(cases); k++) {
        selo_window cut;
        assert_int_equal(selo_window_clip(cases[k].window, cases[k].height, cases[k].width, &cut), cases[k].any);
        assert_window(cut, cases[k].expected[0], cases[k].expected[1], cases[k].expected[2], cases[k].expected[3]);
    }
}

static void the_best_tiles_are_selected(void **state)
{
    (void)state;
    const double similarities[] = {0.1, 0.5, NAN, 0.5, -1, 0.4, 0.2};
    uint8_t selected[COUNT(similarities)];
    const uint8_t expected[] = {0, 1, 0, 1, 0, 0, 0}; /* floor(21 / 20) + 1 = 2 */
    assert_int_equal(selo_plan_v2_select(similarities, COUNT(similarities), selected), SELO_OK);
    assert_memory_equal(selected, expected, sizeof expected);
    assert_int_equal(selo_plan_v2_select(similarities, 5, selected), SELO_OK);
    assert_memory_equal(selected, ((uint8_t[]){0, 0, 0, 1, 0}), 5); /* the later of two equal ones */
    double rising[20];
    uint8_t best[20];
    for (int k = 0; k < 20; k++)
        rising[k] = k;
    assert_int_equal(selo_plan_v2_select(rising, 20, best), SELO_OK);
    for (int k = 0; k < 20; k++)
        assert_int_equal(best[k], k >= 16); /* 60 / 20 + 1 = 4 */
    const double unknown[] = {NAN, NAN};
    assert_int_equal(selo_plan_v2_select(unknown, 2, selected), SELO_OK);
    assert_memory_equal(selected, ((uint8_t[]){0, 0}), 2);
}

/* Far from the edges: boxes of 128 and 256 px around the tile's corners, the middles of its quarters and its own. */
static void boxes_within_the_image(void **state)
{
    (void)state;
    const selo_window tile = {512, 1024, 1000, 1512};
    static const int anchors[9][2] = {{512, 1000}, {512, 1512}, {1024, 1000}, {1024, 1512}, {640, 1128},
                                      {640, 1384}, {896, 1128}, {896, 1384},  {768, 1256}};
    selo_plan boxes = {0};
    assert_int_equal(selo_plan_v2_boxes(2000, 2500, &tile, 1, NULL, &boxes), SELO_OK);
    assert_int_equal(boxes.count, 18);
    for (int a = 0; a < 9; a++) {
        const int y = anchors[a][0], x = anchors[a][1];
        assert_window(boxes.windows[2 * a], y - 64, y + 64, x - 64, x + 64);
        assert_window(boxes.windows[2 * a + 1], y - 128, y + 128, x - 128, x + 128);
    }
    selo_plan_clear(&boxes);
}

/* Around the corner of the image a box is moved inside at the near edge and cut at the far one. */
static void boxes_at_the_edges(void **state)
{
    (void)state;
    selo_plan tiles = {0}, boxes = {0};
    assert_int_equal(selo_plan_v2_tiles(600, 600, &tiles), SELO_OK);
    assert_int_equal(tiles.count, 4);
    assert_window(tiles.windows[1], 0, 512, 88, 600);
    assert_int_equal(selo_plan_v2_boxes(600, 600, tiles.windows, 1, NULL, &boxes), SELO_OK);
    assert_int_equal(boxes.count, 17); /* the large box around (128, 128) is the one of the corner */
    assert_window(boxes.windows[0], 0, 128, 0, 128);
    assert_window(boxes.windows[1], 0, 256, 0, 256);
    assert_window(boxes.windows[6], 448, 576, 448, 576);
    assert_window(boxes.windows[7], 384, 600, 384, 600);
    const uint8_t none[4] = {0};
    selo_plan_clear(&boxes);
    assert_int_equal(selo_plan_v2_boxes(600, 600, tiles.windows, 4, none, &boxes), SELO_OK);
    assert_int_equal(boxes.count, 0);
    selo_plan_clear(&tiles);
    selo_plan_clear(&boxes);
}

static void equal_windows_are_found(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int run = 0; run < 50; run++) {
        selo_window windows[300];
        size_t firsts[300];
        const size_t n = (size_t)test_random_int(&seed, 0, 300);
        for (size_t k = 0; k < n; k++)
            windows[k] = (selo_window){test_random_int(&seed, -2, 2), test_random_int(&seed, 3, 5),
                                       test_random_int(&seed, 0, 3), 7};
        assert_int_equal(selo_windows_match(windows, n, firsts), SELO_OK);
        for (size_t k = 0; k < n; k++) {
            size_t first = 0;
            while (memcmp(&windows[first], &windows[k], sizeof(selo_window)) != 0)
                first++;
            assert_int_equal(firsts[k], first);
        }
    }
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    selo_plan plan = {0};
    const selo_scale good = {4, 4}, zero = {0, 4}, huge = {4, INT32_MAX};
    assert_int_equal(selo_plan_v1(0, 5, &good, 1, &plan), SELO_E_ARGUMENT);
    assert_int_equal(selo_plan_v1(5, 5, &zero, 1, &plan), SELO_E_ARGUMENT);
    assert_int_equal(selo_plan_v1(5, 5, &huge, 1, &plan), SELO_E_ARGUMENT);
    assert_int_equal(selo_plan_v2_tiles(5, -1, &plan), SELO_E_ARGUMENT);
    assert_int_equal(plan.count, 0);
    selo_plan_clear(&plan);
}

static void short_memory_is_survived(void **state)
{
    (void)state;
    const selo_scale scale = {4, 4};
    const double similarities[3] = {1, 2, 3};
    uint8_t selected[3];
    for (long failing = 0; failing < 4; failing++) {
        selo_plan plan = {0};
        test_heap_start(failing);
        const selo_status status = selo_plan_v1(100, 100, &scale, 1, &plan);
        selo_plan_clear(&plan);
        assert_int_equal(test_heap_end(), 0);
        assert_int_equal(status, SELO_E_MEMORY);
    }
    const selo_window tile = {0, 512, 0, 512};
    for (long failing = 0; failing < 2; failing++) {
        selo_plan plan = {0};
        test_heap_start(failing);
        const selo_status status = selo_plan_v2_boxes(900, 900, &tile, 1, NULL, &plan);
        selo_plan_clear(&plan);
        assert_int_equal(test_heap_end(), 0);
        assert_int_equal(status, SELO_E_MEMORY);
    }
    for (long failing = 0; failing < 2; failing++) {
        test_heap_start(failing);
        const selo_status status = selo_plan_v2_select(similarities, 3, selected);
        assert_int_equal(test_heap_end(), 0);
        assert_int_equal(status, failing ? SELO_OK : SELO_E_MEMORY);
    }
    size_t firsts[1];
    for (long failing = 0; failing < 4; failing++) {
        test_heap_start(failing);
        const selo_status status = selo_windows_match(&tile, 1, firsts);
        assert_int_equal(test_heap_end(), 0);
        assert_int_equal(status, failing < 3 ? SELO_E_MEMORY : SELO_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_plan_by_hand),        cmocka_unit_test(no_window_occurs_twice_and_all_is_covered),
        cmocka_unit_test(windows_longer_than_the_image), cmocka_unit_test(the_best_tiles_are_selected),
        cmocka_unit_test(boxes_within_the_image),
        cmocka_unit_test(boxes_at_the_edges),          cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(short_memory_is_survived),    cmocka_unit_test(equal_windows_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
