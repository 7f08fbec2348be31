/* Resampling: hand cases, then what an interval and a p-value promise, on simulated test sets. */
#include <math.h>
#include <string.h>

#include "distributions.h"
#include "random.h"
#include "selo/statistics.h"
#include "selo_test.h"

static void random_numbers_are_splitmix64(void **state)
{
    (void)state;
    const uint64_t expected[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                 4593380528125082431u};
    selo_random random = {1234567};
    for (size_t i = 0; i < 4; ++i)
        assert_true(selo_random_next(&random) == expected[i]);
}

static void streams_differ_and_repeat(void **state)
{
    (void)state;
    selo_random a = selo_random_start(1, 2), b = selo_random_start(1, 2), c = selo_random_start(2, 1);
    const uint64_t first = selo_random_next(&a);
    assert_true(first == selo_random_next(&b));
    assert_true(first != selo_random_next(&c));
}

static void bounded_numbers_are_fair(void **state)
{
    (void)state;
    enum { bound = 7, draws = 70000 };
    int seen[bound] = {0};
    selo_random random = selo_random_start(5, 0);
    for (int i = 0; i < draws; ++i)
        seen[selo_random_below(&random, bound)]++;
    double chi2 = 0.0;
    for (int k = 0; k < bound; ++k)
        chi2 += (seen[k] - draws / bound) * (seen[k] - draws / bound) / (double)(draws / bound);
    assert_true(chi2 < 22.46); /* 99.9 % of chi-square with 6 degrees */
}

static void quantiles_match_tables(void **state)
{
    (void)state;
    static const struct {
        double p;
        size_t df; /* 0: normal */
        double expected;
    } rows[] = {{0.975, 0, 1.959963984540054}, {0.05, 0, -1.6448536269514722}, {0.5, 0, 0.0},
                {0.975, 1, 12.706204736432095}, {0.975, 2, 4.302652729911275}, {0.975, 3, 3.182446305284263},
                {0.95, 4, 2.1318467863266495}, {0.975, 21, 2.079613844727662}, {0.01, 22, -2.508324552898756},
                {0.975, 1000, 1.9623390808264074}, {0.975, 1001, 1.9623366977}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
        const double got = rows[i].df ? selo_student_quantile(rows[i].p, rows[i].df) : selo_normal_quantile(rows[i].p);
        assert_true(fabs(got - rows[i].expected) < 1e-8);
    }
}

static void summaries_by_hand(void **state)
{
    (void)state;
    const double values[] = {4, 1, 3, 2};
    selo_summary got;
    assert_int_equal(selo_summarize(values, 4, &got), SELO_OK);
    assert_true(got.n == 4 && got.mean == 2.5 && got.median == 2.5 && got.min == 1 && got.max == 4);
    assert_true(got.q25 == 1.75 && got.q75 == 3.25 && fabs(got.std - sqrt(5.0 / 3.0)) < 1e-15);
    assert_int_equal(selo_summarize(values, 1, &got), SELO_OK);
    assert_true(got.mean == 4 && got.median == 4 && isnan(got.std));
    assert_int_equal(selo_summarize(NULL, 0, &got), SELO_OK);
    assert_true(isnan(got.mean) && isnan(got.median) && isnan(got.max));
}

static void holm_by_hand(void **state)
{
    (void)state;
    double p[] = {0.04, NAN, 0.01, 0.03, 0.005};
    assert_int_equal(selo_holm(p, 5), SELO_OK); /* 4 * .005, 3 * .01, 2 * .03, then never less than before it */
    assert_true(fabs(p[4] - 0.02) < 1e-15 && fabs(p[2] - 0.03) < 1e-15);
    assert_true(fabs(p[3] - 0.06) < 1e-15 && fabs(p[0] - 0.06) < 1e-15 && isnan(p[1]));
    double large[] = {0.6, 0.7};
    assert_int_equal(selo_holm(large, 2), SELO_OK);
    assert_true(large[0] == 1.0 && large[1] == 1.0);
}

static double p_of(const double *differences, const size_t *groups, size_t n)
{
    double p;
    assert_int_equal(selo_permutation_p(differences, groups, n, (selo_resampling)SELO_RESAMPLING_DEFAULT, &p), SELO_OK);
    return p;
}

static void few_groups_are_flipped_all_ways(void **state)
{
    (void)state;
    const double three[] = {1, 2, 3}, none[] = {0, 0, 0}, pairs[] = {1, 2, 1, 2};
    const size_t two_groups[] = {9, 4, 9, 4};
    assert_true(p_of(three, NULL, 3) == 2.0 / 8.0);
    assert_true(p_of(none, NULL, 3) == 1.0);
    assert_true(p_of(pairs, NULL, 4) == 2.0 / 16.0);
    assert_true(p_of(pairs, two_groups, 4) == 2.0 / 4.0);
    assert_true(isnan(p_of(NULL, NULL, 0)));
}

static void an_interval_needs_two_groups(void **state)
{
    (void)state;
    const double values[] = {0.1, 0.2, 0.9}, same[] = {0.5, 0.5, 0.5};
    const size_t one[] = {7, 7, 7};
    selo_interval got;
    const selo_resampling options = SELO_RESAMPLING_DEFAULT;
    assert_int_equal(selo_bootstrap_mean(values, one, 3, options, &got), SELO_OK);
    assert_true(isnan(got.low) && isnan(got.high) && got.n_groups == 1);
    assert_int_equal(selo_bootstrap_mean(NULL, NULL, 0, options, &got), SELO_OK);
    assert_true(isnan(got.low) && got.n_groups == 0);
    assert_int_equal(selo_bootstrap_mean(same, NULL, 3, options, &got), SELO_OK);
    assert_true(got.low == 0.5 && got.high == 0.5 && got.n_groups == 3);
    assert_int_equal(selo_bootstrap_mean(values, NULL, 3, options, &got), SELO_OK);
    assert_true(got.low >= 0.1 && got.low < 0.4 && got.high > 0.4 && got.high <= 0.9);
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    const double values[] = {1, 2};
    selo_interval interval;
    double p;
    selo_resampling options = SELO_RESAMPLING_DEFAULT;
    options.level = 1.0;
    assert_int_equal(selo_bootstrap_mean(values, NULL, 2, options, &interval), SELO_E_ARGUMENT);
    options.level = 0.9;
    options.replicates = 0;
    assert_int_equal(selo_bootstrap_mean(values, NULL, 2, options, &interval), SELO_E_ARGUMENT);
    assert_int_equal(selo_permutation_p(values, NULL, 2, options, &p), SELO_E_ARGUMENT);
}

/* The order of samples and the labels' values must not matter beyond the labels' order: shards are merged in any
 * order. */
static void the_same_seed_gives_the_same_bytes(void **state)
{
    (void)state;
    const double values[] = {0.1, 0.2, 0.9, 0.4, 0.6}, shuffled[] = {0.4, 0.1, 0.2, 0.6, 0.9};
    const size_t groups[] = {1, 1, 2, 3, 4}, labels[] = {30, 10, 10, 40, 20};
    const selo_resampling options = SELO_RESAMPLING_DEFAULT;
    selo_interval a, b;
    assert_int_equal(selo_bootstrap_mean(values, groups, 5, options, &a), SELO_OK);
    assert_int_equal(selo_bootstrap_mean(shuffled, labels, 5, options, &b), SELO_OK);
    assert_true(a.low == b.low && a.high == b.high);
}

/* ---- what is promised, on simulated test sets ---- */

enum { n_sets = 500, most = 200 };

typedef struct test_set {
    double values[most];
    size_t groups[most];
    size_t n;
} test_set;

/* A number in [0, 1), a multiple of 2^-53. */
static double uniform(selo_random *random)
{
    return (double)(selo_random_next(random) >> 11) * 0x1p-53;
}

static double normal(selo_random *random)
{
    const double u = uniform(random) + 0x1p-54, v = uniform(random);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

/* 22 images of 2 to 4 samples; an image's samples share an effect. `skewed`: half of the variance from exponentials. */
static void simulate(test_set *set, uint64_t stream, size_t n_images, int skewed)
{
    selo_random random = selo_random_start(2022, stream);
    set->n = 0;
    for (size_t image = 0; image < n_images; ++image) {
        const double shared = skewed ? -log(1.0 - uniform(&random)) - 1.0 : normal(&random);
        const size_t samples = 2 + selo_random_below(&random, 3);
        for (size_t k = 0; k < samples; ++k) {
            set->values[set->n] = 0.5 + 0.1 * shared + 0.1 * normal(&random);
            set->groups[set->n++] = image;
        }
    }
}

static void check_coverage(size_t n_images, int skewed, selo_interval_method method)
{
    test_set set;
    int covered = 0;
    for (uint64_t k = 0; k < n_sets; ++k) {
        simulate(&set, k, n_images, skewed);
        selo_interval got;
        const selo_resampling options = {k, 999, 0.95, method};
        assert_int_equal(selo_bootstrap_mean(set.values, set.groups, set.n, options, &got), SELO_OK);
        covered += got.low <= 0.5 && 0.5 <= got.high;
    }
    print_message("%zu images, %s, %s: %.1f %% covered\n", n_images, skewed ? "skewed" : "normal",
                  method == SELO_INTERVAL_BCA ? "BCa" : "percentile", 100.0 * covered / (double)n_sets);
    assert_true(covered >= n_sets * 92 / 100 && covered <= n_sets * 98 / 100);
}

static void intervals_cover(void **state)
{
    (void)state;
    check_coverage(22, 0, SELO_INTERVAL_BCA);
    check_coverage(22, 1, SELO_INTERVAL_BCA);
    check_coverage(50, 1, SELO_INTERVAL_BCA);
    check_coverage(22, 0, SELO_INTERVAL_PERCENTILE);
}

/* Largest distance between the p-values' distribution and the uniform one (Kolmogorov and Smirnov). */
static double distance_to_uniform(double *p, size_t n)
{
    double most_apart = 0.0;
    selo_sort(p, n);
    for (size_t i = 0; i < n; ++i)
        most_apart = fmax(most_apart,
                          fmax(fabs(p[i] - (double)i / (double)n), fabs((double)(i + 1) / (double)n - p[i])));
    return most_apart;
}

static void p_values_are_uniform_under_no_difference(void **state)
{
    (void)state;
    double p[n_sets];
    test_set set;
    for (uint64_t k = 0; k < n_sets; ++k) {
        simulate(&set, k, 22, 1);
        selo_random random = selo_random_start(1979, k);
        int swapped = 0;
        for (size_t i = 0; i < set.n; ++i) { /* which run of an image is "A" is a coin's choice: no difference */
            if (i == 0 || set.groups[i] != set.groups[i - 1])
                swapped = selo_random_next(&random) & 1u;
            set.values[i] = swapped ? 0.4 - set.values[i] : set.values[i] - 0.4;
        }
        const selo_resampling options = {k, 999, 0.95, SELO_INTERVAL_BCA};
        assert_int_equal(selo_permutation_p(set.values, set.groups, set.n, options, &p[k]), SELO_OK);
    }
    const double distance = distance_to_uniform(p, n_sets);
    print_message("KS distance %.4f, 5 %% level %.4f\n", distance, 1.358 / sqrt((double)n_sets));
    assert_true(distance < 1.358 / sqrt((double)n_sets));
}

static void another_seed_gives_other_bytes(void **state)
{
    (void)state;
    test_set set;
    selo_interval a, b;
    simulate(&set, 5, 22, 0);
    selo_resampling options = SELO_RESAMPLING_DEFAULT;
    assert_int_equal(selo_bootstrap_mean(set.values, set.groups, set.n, options, &a), SELO_OK);
    options.seed = 2;
    assert_int_equal(selo_bootstrap_mean(set.values, set.groups, set.n, options, &b), SELO_OK);
    assert_true(a.low != b.low && a.high != b.high && fabs(a.low - b.low) < 0.01);
}

static void a_real_difference_is_found(void **state)
{
    (void)state;
    test_set set;
    simulate(&set, 77, 22, 0);
    for (size_t i = 0; i < set.n; ++i)
        set.values[i] -= 0.3;
    assert_true(p_of(set.values, set.groups, set.n) < 0.001);
}

/* ---- memory ---- */

static int allocations_left;

static void *failing_allocate(size_t bytes)
{
    return allocations_left-- > 0 ? test_malloc(bytes) : NULL;
}

static void release(void *block)
{
    if (block)
        test_free(block);
}

static void short_memory_is_reported_and_nothing_leaks(void **state)
{
    (void)state;
    double values[] = {1, 2, 4}, p;
    selo_interval interval;
    selo_summary summary;
    const selo_resampling options = SELO_RESAMPLING_DEFAULT;
    selo_set_allocator(failing_allocate, NULL, release);
    for (int allowed = 0; allowed < 3; ++allowed) {
        allocations_left = allowed;
        assert_int_equal(selo_bootstrap_mean(values, NULL, 3, options, &interval), SELO_E_MEMORY);
        allocations_left = allowed;
        assert_int_equal(selo_permutation_p(values, NULL, 3, options, &p), allowed < 2 ? SELO_E_MEMORY : SELO_OK);
        allocations_left = allowed;
        assert_int_equal(selo_summarize(values, 3, &summary), allowed < 1 ? SELO_E_MEMORY : SELO_OK);
        allocations_left = allowed;
        assert_int_equal(selo_holm(values, 3), allowed < 1 ? SELO_E_MEMORY : SELO_OK);
    }
    selo_set_allocator(NULL, NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_numbers_are_splitmix64),
        cmocka_unit_test(streams_differ_and_repeat),
        cmocka_unit_test(bounded_numbers_are_fair),
        cmocka_unit_test(quantiles_match_tables),
        cmocka_unit_test(summaries_by_hand),
        cmocka_unit_test(holm_by_hand),
        cmocka_unit_test(few_groups_are_flipped_all_ways),
        cmocka_unit_test(an_interval_needs_two_groups),
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
        cmocka_unit_test(intervals_cover),
        cmocka_unit_test(p_values_are_uniform_under_no_difference),
        cmocka_unit_test(another_seed_gives_other_bytes),
        cmocka_unit_test(a_real_difference_is_found),
        cmocka_unit_test(short_memory_is_reported_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
