/* The search for attention centres on random maps against the plain one, which visits every window pixel by pixel. */
#include "peaks_test.h"

static float g_exact[SIDE_MAX * SIDE_MAX];

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference_windows),
        cmocka_unit_test(test_mirrored),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_huge_windows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
