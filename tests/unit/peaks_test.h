/* What the tests of the search for attention centres share: the search in strips and with threads against the plain
 * one, and random maps. */
#ifndef PEAKS_TEST_H
#define PEAKS_TEST_H

#include <math.h>

#include "plain_peaks.h"
#include "selo/peaks.h"
#include "selo_test.h"

#define SIDE_MAX 160

static uint16_t g_values[SIDE_MAX * SIDE_MAX];
static uint8_t g_valid[SIDE_MAX * SIDE_MAX];

/* The published windows: 50 and 1000 pixels, even. */
static inline selo_peaks_options reference_options(int width, int height)
{
    return (selo_peaks_options){.width = width, .height = height, .passes = 5, .smooth_x = {25, 24},
                                .smooth_y = {25, 24},
                                .apart_x = {500, 499}, .apart_y = {500, 499}, .border = SELO_BORDER_REFLECT,
                                .threads = 1};
}

/* The map as bytes, if it can be handed over as such. */
static inline const uint8_t *bytes_of(const plain_map *map)
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
static inline selo_plateau *search(const plain_map *map, const selo_peaks_options *options, int n_rows, size_t *count)
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

static inline void assert_plateau(const selo_plateau *a, const selo_plateau *b)
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

static inline void assert_found(const plain_map *map, const selo_peaks_options *options, int n_rows,
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
static inline void assert_all_ways(const plain_map *map, selo_peaks_options options, uint64_t *seed)
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

enum { NOISE, CONSTANT, TWO_VALUED, STRIPES, RAMP, BLOBS, STEPS, CHECKERBOARD, SPARSE, N_KINDS };

static inline int value_at(int kind, int x, int y, const int p[8], int top, uint64_t *seed)
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

static inline void fill_map(plain_map *map, int round, uint64_t *seed)
{
    int p[8];
    const int kind = round % N_KINDS, top = round % 4 == 3 ? 65535 : round % 4 == 2 ? 3 : 255;
    for (int i = 0; i < 8; i++)
        p[i] = test_random_int(seed, 0, 1 << 20);
    for (int y = 0; y < map->height; y++)
        for (int x = 0; x < map->width; x++)
            g_values[y * map->width + x] = (uint16_t)value_at(kind, x, y, p, top, seed);
}

static inline plain_map random_map(uint64_t *seed, int round)
{
    plain_map map = {test_random_int(seed, 1, SIDE_MAX), test_random_int(seed, 1, SIDE_MAX), g_values, NULL, NULL};
    if (round % 7 == 0)
        map.width = test_random_int(seed, 1, 3);
    if (round % 11 == 0)
        map.height = test_random_int(seed, 1, 3);
    fill_map(&map, round, seed);
    return map;
}

static inline selo_extent random_extent(uint64_t *seed, int most)
{
    return (selo_extent){test_random_int(seed, 0, most), test_random_int(seed, 0, most)};
}

#endif
