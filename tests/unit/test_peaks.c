#include <math.h>
#include <string.h>

#include "plain_peaks.h"
#include "selo/peaks.h"
#include "selo_test.h"
#include "survey.h"

#define SIDE_MAX 160

static uint16_t g_values[SIDE_MAX * SIDE_MAX];
static uint8_t g_valid[SIDE_MAX * SIDE_MAX];
static float g_exact[SIDE_MAX * SIDE_MAX];

/* The published windows: 50 and 1000 pixels, even. */
static selo_peaks_options reference_options(int width, int height)
{
    return (selo_peaks_options){.width = width, .height = height, .passes = 5, .smooth_x = {25, 24},
                                .smooth_y = {25, 24},
                                .apart_x = {500, 499}, .apart_y = {500, 499}, .border = SELO_BORDER_REFLECT,
                                .threads = 1};
}

/* The map as bytes, if it can be handed over as such. */
static const uint8_t *bytes_of(const plain_map *map)
{
    static uint8_t bytes[SIDE_MAX * SIDE_MAX];
    bool fit = !map->valid && !map->exact;
    for (int i = 0; i < map->width * map->height && fit; i++) {
        bytes[i] = (uint8_t)map->values[i];
        fit = map->values[i] <= UINT8_MAX;
    }
    return fit ? bytes : NULL;
}

/* Searches the map in strips of at most n_rows rows; an odd number of rows goes in as bytes where it can. */
static selo_plateau *search(const plain_map *map, const selo_peaks_options *options, int n_rows, size_t *count)
{
    selo_peaks *peaks;
    selo_plateau *found;
    const uint8_t *bytes = n_rows % 2 ? bytes_of(map) : NULL;
    assert_int_equal(selo_peaks_new(options, &peaks), SELO_OK);
    for (int y = 0; y < map->height; y += n_rows) {
        const size_t at = (size_t)y * (size_t)map->width;
        const int n = n_rows < map->height - y ? n_rows : map->height - y;
        if (bytes)
            assert_int_equal(selo_peaks_push_bytes(peaks, bytes + at, n), SELO_OK);
        else
            assert_int_equal(selo_peaks_push(peaks, map->values + at, map->valid ? map->valid + at : NULL,
                                             map->exact ? map->exact + at : NULL, n), SELO_OK);
    }
    assert_int_equal(selo_peaks_finish(peaks, &found, count), SELO_OK);
    selo_peaks_free(peaks);
    return found;
}

static void assert_plateau(const selo_plateau *a, const selo_plateau *b)
{
    assert_int_equal(a->size, b->size);
    assert_int_equal(a->sum_x, b->sum_x);
    assert_int_equal(a->sum_y, b->sum_y);
    assert_int_equal(a->first_x, b->first_x);
    assert_int_equal(a->first_y, b->first_y);
    assert_int_equal(a->level, b->level);
    assert_double_equal(a->value_sum, b->value_sum, 1e-9 * fabs(b->value_sum));
    if (a->centre_value != -1)
        assert_int_equal(a->centre_value, b->centre_value);
}

static void assert_found(const plain_map *map, const selo_peaks_options *options, int n_rows,
                         const selo_plateau *expected, size_t n_expected)
{
    size_t count;
    selo_plateau *found = search(map, options, n_rows, &count);
    assert_int_equal(count, n_expected);
    for (size_t i = 0; i < count; i++)
        assert_plateau(found + i, expected + i);
    selo_free(found);
}

/* The streaming search, exhaustive or not, with any threads and strips, against the plain one. */
static void assert_all_ways(const plain_map *map, selo_peaks_options options, uint64_t *seed)
{
    size_t count;
    selo_plateau *expected = plain_search(map, &options, &count);
    for (int way = 0; way < 4; way++) {
        options.exhaustive = way < 1;
        options.threads = way < 2 ? 1 : test_random_int(seed, 2, 5);
        assert_found(map, &options, way < 3 ? test_random_int(seed, 1, map->height) : map->height, expected, count);
    }
    free(expected);
}

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

/* ---- random maps ------------------------------------------------------------------------------------------------- */

enum { NOISE, CONSTANT, TWO_VALUED, STRIPES, RAMP, BLOBS, STEPS, CHECKERBOARD, SPARSE, N_KINDS };

static int value_at(int kind, int x, int y, const int p[8], int top, uint64_t *seed)
{
    switch (kind) {
    case NOISE: return test_random_int(seed, 0, top);
    case CONSTANT: return p[0] % (top + 1);
    case TWO_VALUED: return test_random_int(seed, 0, 1) ? top : top / 2;
    case STRIPES: return (x * (p[0] % 3) + y * (p[1] % 3)) / (1 + p[2] % 20) % 2 ? top : p[3] % (top + 1);
    case RAMP: return (x * (p[0] % 5) + y * (p[1] % 5)) % (top + 1);
    case CHECKERBOARD: return (x + y) % 2 ? top : 0;
    case SPARSE: return test_random_int(seed, 0, 200) ? 0 : top;
    case STEPS: return ((x / (1 + p[0] % 40)) * 7 + (y / (1 + p[1] % 40)) * 11 + p[2] % 13) % 17 * top / 16;
    default: break;
    }
    double v = 0;
    for (int i = 0; i < 3; i++) {
        const double dx = x - p[2 * i] % SIDE_MAX, dy = y - p[2 * i + 1] % SIDE_MAX;
        v += exp(-(dx * dx + dy * dy) / (20.0 + p[6] % 3000));
    }
    return (int)(top * (v > 1 ? 1 : v));
}

static void fill_map(plain_map *map, int round, uint64_t *seed)
{
    int p[8];
    const int kind = round % N_KINDS, top = round % 4 == 3 ? 65535 : round % 4 == 2 ? 3 : 255;
    for (int i = 0; i < 8; i++)
        p[i] = test_random_int(seed, 0, 1 << 20);
    for (int y = 0; y < map->height; y++)
        for (int x = 0; x < map->width; x++)
            g_values[y * map->width + x] = (uint16_t)value_at(kind, x, y, p, top, seed);
}

static plain_map random_map(uint64_t *seed, int round)
{
    plain_map map = {test_random_int(seed, 1, SIDE_MAX), test_random_int(seed, 1, SIDE_MAX), g_values, NULL, NULL};
    if (round % 7 == 0)
        map.width = test_random_int(seed, 1, 3);
    if (round % 11 == 0)
        map.height = test_random_int(seed, 1, 3);
    fill_map(&map, round, seed);
    return map;
}

static selo_extent random_extent(uint64_t *seed, int most)
{
    return (selo_extent){test_random_int(seed, 0, most), test_random_int(seed, 0, most)};
}

static void test_reference_windows(void **state)
{
    (void)state;
    uint64_t seed = 77;
    for (int round = 0; round < 27; round++) {
        plain_map map = random_map(&seed, round);
        for (int i = 0; i < map.width * map.height; i++)
            g_values[i] &= 255;
        assert_all_ways(&map, reference_options(map.width, map.height), &seed);
    }
}

/* Small even windows, so that a map holds many. */
static void test_mirrored(void **state)
{
    (void)state;
    uint64_t seed = 78;
    for (int round = 0; round < 300; round++) {
        const plain_map map = random_map(&seed, round);
        selo_peaks_options o = reference_options(map.width, map.height);
        o.passes = test_random_int(&seed, 0, 5);
        o.smooth_x = random_extent(&seed, 6);
        o.smooth_y = random_extent(&seed, 6);
        o.apart_x = random_extent(&seed, round % 3 ? 60 : 5);
        o.apart_y = random_extent(&seed, round % 3 ? 60 : 5);
        assert_all_ways(&map, o, &seed);
    }
}

/* Odd symmetric windows, wider than the map or not, cut to it, with and without a mask. */
static void test_cut(void **state)
{
    (void)state;
    uint64_t seed = 79;
    for (int round = 0; round < 300; round++) {
        plain_map map = random_map(&seed, round);
        selo_peaks_options o = reference_options(map.width, map.height);
        const int a = test_random_int(&seed, 0, 9), b = test_random_int(&seed, 0, 9), c = test_random_int(&seed, 0, 70);
        o.border = SELO_BORDER_CUT;
        o.passes = test_random_int(&seed, 0, 5);
        o.smooth_x = (selo_extent){a, a};
        o.smooth_y = (selo_extent){b, b};
        o.apart_x = (selo_extent){c, c};
        o.apart_y = random_extent(&seed, 70);
        for (int i = 0; i < map.width * map.height; i++) {
            g_valid[i] = (uint8_t)(round % 4 == 1 ? (i / 37) % 3 > 0 : test_random_int(&seed, 0, 9) > 0);
            g_exact[i] = (float)g_values[i] / 65535;
        }
        map.valid = round % 2 ? g_valid : NULL;
        map.exact = round % 3 ? g_exact : NULL;
        assert_all_ways(&map, o, &seed);
    }
}

/* Long strips, of which only a part is in memory at a time. */
static void test_long(void **state)
{
    (void)state;
    uint64_t seed = 81;
    for (int round = 0; round < 72; round++) {
        const int n = test_random_int(&seed, 500, SIDE_MAX * SIDE_MAX / 20), m = test_random_int(&seed, 1, 20);
        plain_map map = {round % 4 ? m : n, round % 4 ? n : m, g_values, NULL, NULL};
        selo_peaks_options o = reference_options(map.width, map.height);
        fill_map(&map, round / 2, &seed);
        o.passes = test_random_int(&seed, 1, 5);
        o.smooth_x = random_extent(&seed, 4);
        o.smooth_y = random_extent(&seed, 9);
        o.apart_x = (selo_extent){test_random_int(&seed, 7, 40), test_random_int(&seed, 7, 40)};
        o.apart_y = (selo_extent){test_random_int(&seed, 7, 90), test_random_int(&seed, 7, 90)};
        o.border = round % 2 ? SELO_BORDER_CUT : SELO_BORDER_REFLECT;
        for (int i = 0; i < n * m; i++)
            g_valid[i] = test_random_int(&seed, 0, 99) > 0 && (i / map.width) % 300 < 280;
        map.valid = round % 6 == 1 ? g_valid : NULL;
        assert_all_ways(&map, o, &seed);
    }
}

/* Maps of several published windows, smooth as those of models are, stepped, and noisy: the survey against the
 * exhaustive search, which the other tests compare with the plain one. */
static void test_large(void **state)
{
    (void)state;
    uint64_t seed = 82;
    const int side = 1300;
    uint8_t *bytes = malloc((size_t)side * (size_t)side);
    static const int kinds[] = {BLOBS, STEPS, BLOBS, RAMP, NOISE, BLOBS, SPARSE, STEPS};
    for (int round = 0; round < 8; round++) {
        selo_peaks_options o = reference_options(test_random_int(&seed, 300, side), test_random_int(&seed, 300, side));
        size_t counts[2];
        selo_plateau *found[2];
        int p[8];
        for (int i = 0; i < 8; i++)
            p[i] = test_random_int(&seed, 0, 1 << 20);
        for (int i = 0; i < o.width * o.height; i++) /* features eight times as large as in the other tests */
            bytes[i] = (uint8_t)value_at(kinds[round], i % o.width / 8, i / o.width / 8, p, 255, &seed);
        for (int way = 0; way < 2; way++) {
            selo_peaks *peaks;
            o.exhaustive = way == 0;
            o.threads = 1 + way * (round % 3);
            assert_int_equal(selo_peaks_new(&o, &peaks), SELO_OK);
            assert_int_equal(selo_peaks_push_bytes(peaks, bytes, o.height), SELO_OK);
            assert_int_equal(selo_peaks_finish(peaks, &found[way], &counts[way]), SELO_OK);
            selo_peaks_free(peaks);
        }
        assert_int_equal(counts[0], counts[1]);
        for (size_t i = 0; i < counts[0]; i++)
            assert_plateau(found[1] + i, found[0] + i);
        selo_free(found[0]);
        selo_free(found[1]);
    }
    free(bytes);
}

static void test_huge_windows(void **state)
{
    (void)state;
    uint64_t seed = 80;
    plain_map map = random_map(&seed, BLOBS);
    selo_peaks_options o = reference_options(map.width, map.height);
    size_t count;
    o.border = SELO_BORDER_CUT;
    o.smooth_x = o.smooth_y = o.apart_x = o.apart_y = (selo_extent){1 << 28, 1 << 28};
    selo_plateau *found = search(&map, &o, 7, &count);
    assert_int_equal(count, 1);
    assert_int_equal(found[0].size, map.width * map.height);
    selo_free(found);
}

/* ---- the contract ------------------------------------------------------------------------------------------------ */

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
        cmocka_unit_test(test_mirrored),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_huge_windows),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_short_of_memory),
        cmocka_unit_test(test_reference_windows),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
