/* Values, masses and histograms: the sums of the ground profile, by hand and to the bit. */
#include "selo_test.h"

#include <math.h>
#include <string.h>

#include "selo/histogram.h"
#include "selo/values.h"

static void values_by_rule(void **state)
{
    (void)state;
    const selo_value_rule bytes = {1, 0, 0, 255}, celsius = {0.1, -40, -40, 60}, unit = {1, 0, 0, 1};
    float out[5];
    uint16_t levels[5];
    uint8_t valid[5] = {1, 1, 1, 0, 1};
    size_t at;
    assert_int_equal(selo_values_apply(&bytes, (float[]){0, 255, 128, 7, 51}, 5, valid, out, levels, &at), SELO_OK);
    assert_double_equal(out[2], 128 / 255.0, 1e-7);
    assert_int_equal(levels[1], 65535);
    assert_int_equal(levels[2], 128 * 257);
    assert_int_equal(levels[3], 0); /* masked */
    assert_true(out[3] == 0 && valid[3] == 0);
    assert_int_equal(selo_values_apply(&celsius, (float[]){0, 1000, 500}, 3, valid, out, levels, &at), SELO_OK);
    assert_double_equal(out[0], 0, 1e-7);
    assert_double_equal(out[1], 1, 1e-7);
    assert_double_equal(out[2], 0.5, 1e-7);
    assert_int_equal(levels[2], 32768);
    memset(valid, 1, sizeof valid);
    assert_int_equal(selo_values_apply(&unit, (float[]){NAN, INFINITY, 1.0000005f, -5e-7f, 0.5f}, 5, valid, out, NULL,
                                       &at),
                     SELO_OK);
    assert_memory_equal(valid, ((uint8_t[]){0, 0, 1, 1, 1}), 5);
    assert_true(out[0] == 0 && out[1] == 0 && out[2] == 1 && out[3] == 0 && out[4] == 0.5f);
}

/* Values are taken in blocks: any number of them, whole blocks of good ones and those with gaps, into an array of their
 * own or in place. */
static void values_in_any_number(void **state)
{
    (void)state;
    enum { MOST = 800 };
    const selo_value_rule rule = {0.5, 3, -10, 30}; /* value = (raw / 2 + 3 + 10) / 40 */
    uint64_t seed = 14;
    for (int run = 0; run < 200; run++) {
        const size_t n = (size_t)test_random_int(&seed, 1, MOST);
        float raw[MOST], apart[MOST];
        uint8_t valid[MOST], given[MOST];
        uint16_t levels[MOST];
        size_t at;
        for (size_t i = 0; i < n; i++) {
            raw[i] = (float)test_random_int(&seed, -26, 54); /* both ends of 0..1 */
            given[i] = valid[i] = run % 2 == 0 || i < 300 || test_random_int(&seed, 0, 9) > 0;
            if (run % 4 == 1 && i > 300 && test_random_int(&seed, 0, 9) == 0)
                raw[i] = NAN;
        }
        float *values = run % 3 ? apart : raw;
        float copy[MOST];
        memcpy(copy, raw, n * sizeof *raw);
        assert_int_equal(selo_values_apply(&rule, raw, n, valid, values, levels, &at), SELO_OK);
        for (size_t i = 0; i < n; i++) {
            const bool ok = given[i] && isfinite(copy[i]);
            const double expected = ok ? ((double)copy[i] / 2 + 13) / 40 : 0;
            assert_int_equal(valid[i], ok);
            assert_double_equal(values[i], expected, 1e-7);
            assert_int_equal(levels[i], (int)(65535 * (double)values[i] + 0.5));
        }
    }
}

static void bytes_are_a_short_cut(void **state)
{
    (void)state;
    const selo_value_rule rule = {1, 0, 0, 255};
    uint8_t bytes[256], valid[256], also[256];
    float raw[256], values[256], expected[256];
    uint16_t levels[256], expected_levels[256];
    size_t at;
    for (int i = 0; i < 256; i++) {
        bytes[i] = (uint8_t)i;
        raw[i] = (float)i;
        valid[i] = also[i] = i % 7 ? 255 : 0; /* as GDAL's masks have it */
    }
    selo_values_of_bytes(bytes, 256, valid, values, levels);
    assert_int_equal(selo_values_apply(&rule, raw, 256, also, expected, expected_levels, &at), SELO_OK);
    assert_memory_equal(valid, also, sizeof valid);
    assert_memory_equal(values, expected, sizeof values);
    assert_memory_equal(levels, expected_levels, sizeof levels);
}

static void values_outside_are_refused(void **state)
{
    (void)state;
    const selo_value_rule unit = {1, 0, 0, 1}, flat = {1, 0, 3, 3};
    float out[3];
    uint8_t valid[3] = {1, 0, 1};
    size_t at;
    assert_int_equal(selo_values_apply(&unit, (float[]){0, -9999, 1.001f}, 3, valid, out, NULL, &at), SELO_E_INPUT);
    assert_int_equal(at, 2); /* the masked one does not count */
    assert_int_equal(selo_values_apply(&unit, (float[]){0, -9999, -0.01f}, 3, valid, out, NULL, &at), SELO_E_INPUT);
    assert_int_equal(selo_values_apply(&flat, (float[]){0, 1, 2}, 3, valid, out, NULL, &at), SELO_E_ARGUMENT);
    float many[600] = {0}, values[600];
    uint8_t all[600];
    memset(all, 1, sizeof all);
    many[517] = 2; /* in the third block */
    assert_int_equal(selo_values_apply(&unit, many, 600, all, values, NULL, &at), SELO_E_INPUT);
    assert_int_equal(at, 517);
}

static void mass_by_hand(void **state)
{
    (void)state;
    const float values[] = {0.5f, 0.25f, 0, 1};
    const uint8_t valid[] = {1, 1, 0, 1};
    const double areas[] = {2, 4, 8, 16};
    const selo_map_row row = {4, values, NULL, valid, areas};
    const selo_cover_run runs[] = {{0, 0, 0.5}, {1, 2, 1.0}};
    selo_mass whole = {0}, part = {0};
    selo_mass_add_row(&whole, &row);
    selo_mass_add(&part, &row, runs, 2);
    assert_true(whole.mass == 18 && whole.area == 22 && whole.pixels == 3 && whole.area_all == 30 &&
                whole.pixels_all == 4);
    assert_true(part.mass == 1.5 && part.area == 5 && part.pixels == 1.5 && part.area_all == 13 &&
                part.pixels_all == 2.5);
}

static void whole_row_is_one_run(void **state)
{
    (void)state;
    enum { N = 1003 };
    static float values[N];
    static uint8_t valid[N];
    static double areas[N];
    uint64_t seed = 11;
    for (int i = 0; i < N; i++) {
        valid[i] = test_random_int(&seed, 0, 9) > 0;
        values[i] = valid[i] ? (float)test_random_int(&seed, 0, 1000) / 1000 : 0;
        areas[i] = 0.09 + 1e-9 * test_random_int(&seed, 0, 1000);
    }
    const selo_map_row row = {N, values, NULL, valid, areas};
    selo_mass a = {0}, b = {0}, left = {0};
    selo_mass_add_row(&a, &row);
    selo_mass_add(&b, &row, &(selo_cover_run){0, N - 1, 1}, 1);
    assert_memory_equal(&a, &b, sizeof a);
    const selo_cover_run parts[] = {{0, 99, 1}, {100, 100, 1}, {101, N - 1, 1}};
    selo_mass_add(&left, &row, parts, 3);
    assert_double_equal(left.mass, a.mass, 1e-12);
    assert_double_equal(left.area, a.area, 1e-12);
}

static void check_held(const selo_histogram *h)
{
    selo_held held;
    assert_int_equal(selo_histogram_held(h, &held), SELO_OK);
    assert_int_equal(held.n, 2); /* the pixel that is not valid holds nothing */
    assert_double_equal(held.values[0], 0.5, 1e-5);
    assert_true(held.values[1] == 1);
    assert_true(held.inside[0] == 1 && held.outside[0] == 5 && held.inside[1] == 16 && held.outside[1] == 0);
    selo_held_clear(&held);
}

static void histogram_by_hand(void **state)
{
    (void)state;
    const float values[] = {0.5f, 1, 0, 0.5f};
    const uint8_t valid[] = {1, 1, 0, 1};
    const double areas[] = {2, 16, 8, 4};
    const selo_map_row row = {4, values, NULL, valid, areas};
    const selo_cover_run runs[] = {{0, 0, 0.5}, {1, 1, 1.0}};
    selo_histogram *h, *exact, *pool;
    assert_int_equal(selo_histogram_new(SELO_LEVELS_16, 0, &h), SELO_OK);
    assert_int_equal(selo_histogram_new(SELO_LEVELS_16, 4, &exact), SELO_OK);
    assert_int_equal(selo_histogram_new(SELO_LEVELS_20, 0, &pool), SELO_OK);
    selo_histogram_add_row(h, &row, runs, 2);
    selo_histogram_add_row(exact, &row, runs, 2);
    assert_true(h->all[32768] == 6 && h->inside[32768] == 1 && h->all[65535] == 16 && h->inside[65535] == 16);
    check_held(h);
    check_held(exact);
    assert_int_equal(selo_histogram_merge(pool, h), SELO_OK);
    check_held(pool);
    assert_int_equal(selo_histogram_merge(pool, exact), SELO_OK);
    assert_true(pool->all[1048575] == 32 && pool->inside[1048575] == 32);
    assert_int_equal(selo_histogram_merge(h, pool), SELO_E_ARGUMENT);
    selo_histogram_free(h);
    selo_histogram_free(exact);
    selo_histogram_free(pool);
    assert_int_equal(selo_histogram_new(1000, 0, &h), SELO_E_ARGUMENT);
}

static void short_memory_is_reported(void **state)
{
    (void)state;
    for (int budget = 0; budget < 9; budget++) {
        selo_histogram *h;
        selo_held held;
        test_heap_start(budget);
        selo_status status = selo_histogram_new(SELO_LEVELS_16, 4, &h);
        if (status == SELO_OK) {
            status = selo_histogram_held(h, &held);
            if (status == SELO_OK)
                selo_held_clear(&held);
        }
        assert_int_equal(status, budget < 8 ? SELO_E_MEMORY : SELO_OK);
        selo_histogram_free(h);
        assert_int_equal(test_heap_end(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_by_rule),
        cmocka_unit_test(values_in_any_number),
        cmocka_unit_test(bytes_are_a_short_cut),
        cmocka_unit_test(values_outside_are_refused),
        cmocka_unit_test(mass_by_hand),
        cmocka_unit_test(whole_row_is_one_run),
        cmocka_unit_test(histogram_by_hand),
        cmocka_unit_test(short_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
