/* Bounds of the smoothed map against the smoothed map; and exact patches of it against the whole. */
#include <string.h>

#include "bounds.h"
#include "patch.h"
#include "plain_peaks.h"
#include "selo_test.h"

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define SIDE_MAX 130
#define CELL 8

static uint16_t g_values[SIDE_MAX * SIDE_MAX], g_smoothed[SIDE_MAX * SIDE_MAX];
static uint8_t g_valid[SIDE_MAX * SIDE_MAX];

typedef struct bounded {
    const plain_map *map;
    int rows;       /* that have come out */
    int64_t slack;  /* how far the bounds lie apart, over all cells */
} bounded;

/* A row of bounds holds for the smoothed map. */
static selo_status check_row(void *context, int y, const selo_cell_row *row)
{
    bounded *b = context;
    assert_int_equal(y, b->rows++);
    for (int i = 0; i < b->map->width * CELL; i++) {
        const int px = i % b->map->width, py = y * CELL + i / b->map->width, at = py * b->map->width + px;
        if (py >= b->map->height || (b->map->valid && !b->map->valid[at]))
            continue;
        assert_true(row->low[px / CELL] <= g_smoothed[at] && g_smoothed[at] <= row->high[px / CELL]);
        assert_int_not_equal(row->holes[px / CELL], SELO_CELL_EMPTY);
    }
    for (int x = 0; x <= (b->map->width - 1) / CELL; x++)
        b->slack += row->holes[x] == SELO_CELL_EMPTY ? 0 : row->high[x] - row->low[x];
    return SELO_OK;
}

static void cells_of_row(const plain_map *map, int y, selo_cell_row *row)
{
    for (int x = 0; x <= (map->width - 1) / CELL; x++) {
        int n = 0, area = 0;
        row->high[x] = 0;
        row->low[x] = UINT16_MAX;
        for (int py = y * CELL; py < MIN(map->height, (y + 1) * CELL); py++)
            for (int px = x * CELL; px < MIN(map->width, (x + 1) * CELL); px++, area++) {
                const int at = py * map->width + px;
                if (map->valid && !map->valid[at])
                    continue;
                n++;
                row->high[x] = row->high[x] > map->values[at] ? row->high[x] : map->values[at];
                row->low[x] = MIN(row->low[x], map->values[at]);
            }
        row->holes[x] = n == 0 ? SELO_CELL_EMPTY : n < area ? SELO_CELL_PARTLY : SELO_CELL_FULL;
    }
}

/* Checks all bounds; returns how far they lie apart. */
static int64_t check_bounds(const plain_map *map, const selo_peaks_options *o)
{
    selo_bounds bounds;
    uint16_t high[SIDE_MAX], low[SIDE_MAX];
    uint8_t holes[SIDE_MAX];
    selo_cell_row row = {high, low, holes};
    bounded b = {map, 0, 0};
    plain_smooth(g_smoothed, map, o);
    assert_int_equal(selo_bounds_new(&bounds, o, CELL, CELL, map->valid != NULL, UINT16_MAX), SELO_OK);
    const int n = (map->height - 1) / CELL + 1;
    for (int y = 0; y < n; y++) {
        cells_of_row(map, y, &row);
        assert_int_equal(selo_bounds_push(&bounds, &row, check_row, &b), SELO_OK);
        assert_true(b.rows >= y + 1 - selo_bounds_lag(&bounds));
    }
    assert_int_equal(b.rows, n);
    selo_bounds_free(&bounds);
    return b.slack;
}

static selo_peaks_options random_options(uint64_t *seed, int width, int height)
{
    selo_peaks_options o = {.width = width, .height = height, .passes = test_random_int(seed, 0, 5), .threads = 1};
    o.border = test_random_int(seed, 0, 1) ? SELO_BORDER_CUT : SELO_BORDER_REFLECT;
    o.smooth_x = (selo_extent){test_random_int(seed, 0, 25), test_random_int(seed, 0, 25)};
    o.smooth_y = (selo_extent){test_random_int(seed, 0, 25), test_random_int(seed, 0, 25)};
    return o;
}

static plain_map random_map(uint64_t *seed, int round)
{
    const plain_map map = {test_random_int(seed, 1, SIDE_MAX), test_random_int(seed, 1, SIDE_MAX), g_values, NULL,
                           NULL};
    const int a = test_random_int(seed, 0, 900), b = test_random_int(seed, 0, 900), step = test_random_int(seed, 1, 60);
    for (int i = 0; i < map.width * map.height; i++) {
        const int x = i % map.width, y = i / map.width, smooth = x * a + y * b,
                  steps = (x / step * 997 + y / step * 1777) & 65535;
        g_values[i] = (uint16_t)(round % 3 == 0   ? test_random_int(seed, 0, 65535)
                                 : round % 3 == 1 ? smooth & 65535
                                                  : steps);
        g_valid[i] = (uint8_t)(test_random_int(seed, 0, 99) > 0 && (x / 31 + y / 23) % 4 != 0);
    }
    return map;
}

static void test_bounds_hold(void **state)
{
    (void)state;
    uint64_t seed = 31;
    for (int round = 0; round < 240; round++) {
        plain_map map = random_map(&seed, round);
        const selo_peaks_options o = random_options(&seed, map.width, map.height);
        check_bounds(&map, &o);
        map.valid = g_valid;
        if (o.border == SELO_BORDER_CUT)
            check_bounds(&map, &o);
    }
}

/* Bounds of a constant map meet, whatever the window; those of a ramp are much closer than its extremes. */
static void test_bounds_are_close(void **state)
{
    (void)state;
    uint64_t seed = 32;
    plain_map map = {SIDE_MAX, SIDE_MAX, g_values, NULL, NULL};
    for (int round = 0; round < 40; round++) {
        const selo_peaks_options o = random_options(&seed, map.width, map.height);
        for (int i = 0; i < SIDE_MAX * SIDE_MAX; i++)
            g_values[i] = (uint16_t)(round * 1680);
        assert_int_equal(check_bounds(&map, &o), 0);
    }
    const selo_peaks_options o = {.width = SIDE_MAX, .height = SIDE_MAX, .passes = 5, .smooth_x = {12, 12},
                                  .smooth_y = {12, 12}, .border = SELO_BORDER_REFLECT, .threads = 1};
    for (int i = 0; i < SIDE_MAX * SIDE_MAX; i++)
        g_values[i] = (uint16_t)(100 * (i % SIDE_MAX));
    const int64_t cells = (SIDE_MAX / CELL + 1) * (SIDE_MAX / CELL + 1);
    assert_true(check_bounds(&map, &o) < cells * 100 * 6 * CELL); /* a window of 12 cells either way has 2 *
                                                                     15 * CELL */
}

/* The map is given in full, as 8 or 16 bit, with or without mask; patches anywhere equal the same part of the whole. */
static void test_patches(void **state)
{
    (void)state;
    uint64_t seed = 33;
    static uint8_t bytes[SIDE_MAX * SIDE_MAX];
    for (int round = 0; round < 120; round++) {
        plain_map map = random_map(&seed, round);
        const selo_peaks_options o = random_options(&seed, map.width, map.height);
        const bool narrow = round % 2, masked = o.border == SELO_BORDER_CUT && round % 4 > 1;
        for (int i = 0; i < map.width * map.height && narrow; i++)
            bytes[i] = (uint8_t)(g_values[i] &= 255);
        map.valid = masked ? g_valid : NULL;
        plain_smooth(g_smoothed, &map, &o);
        const size_t width = (size_t)map.width;
        const selo_patch_map given = {&o,
                                      {narrow ? (char *)bytes : (char *)g_values, narrow ? width : 2 * width,
                                       map.height},
                                      {(char *)g_valid, width, map.height},
                                      narrow,
                                      masked};
        selo_patch patch;
        assert_int_equal(selo_patch_new(&patch, &given, 40, 30), SELO_OK);
        for (int i = 0; i < 8; i++) {
            const int x0 = test_random_int(&seed, 0, map.width - 1), y0 = test_random_int(&seed, 0, map.height - 1);
            const int right = x0 + test_random_int(&seed, 1, 40), below = y0 + test_random_int(&seed, 1, 30);
            const selo_rect r = {x0, y0, MIN(map.width, right), MIN(map.height, below)};
            const size_t n = (size_t)(r.x1 - r.x0);
            selo_patch_smooth(&patch, r);
            for (int y = r.y0; y < r.y1; y++)
                assert_memory_equal(patch.now + (size_t)(y - r.y0) * n, g_smoothed + (size_t)y * width + r.x0, 2 * n);
        }
        selo_patch_free(&patch);
    }
}

/* Every sum of the published window, 50 x 50 pixels of 8 bit, by way of a window that a row of any sums fills: the
 * values of a column are those of a sum spread over the window. */
static void test_all_sums(void **state)
{
    (void)state;
    enum { AREA = 2500, WHITE = 255 };
    static uint8_t bytes[AREA];
    const selo_peaks_options o = {.width = AREA, .height = 1, .passes = 1, .smooth_x = {0, AREA - 1},
                                  .border = SELO_BORDER_REFLECT, .threads = 1};
    const selo_patch_map given = {&o, {(char *)bytes, AREA, 1}, {NULL, 0, 0}, true, false};
    selo_patch patch;
    assert_int_equal(selo_patch_new(&patch, &given, 1, 1), SELO_OK);
    assert_true(patch.inverse > 0);
    for (int sum = 0; sum <= AREA * WHITE; sum += sum % AREA > AREA / 2 - 3 && sum % AREA < AREA / 2 + 3 ? 1 : 13) {
        const int q = sum / AREA, r = sum % AREA;
        memset(bytes, q, AREA);
        for (int i = 0; i < r; i++)
            bytes[i]++;
        selo_patch_smooth(&patch, (selo_rect){0, 0, 1, 1});
        assert_int_equal(patch.now[0], q + (r > AREA / 2) + (r == AREA / 2 && q % 2));
    }
    selo_patch_free(&patch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds_hold),
        cmocka_unit_test(test_bounds_are_close),
        cmocka_unit_test(test_patches),
        cmocka_unit_test(test_all_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
