/* Threshold scores: by hand, and against the definition over all pairs. scikit-learn is asked in tests/property. */
#include "selo_test.h"

#include <math.h>

#include "selo/curve.h"

static void scores_by_hand(void **state)
{
    (void)state;
    /* levels 3, 2, 1, 0 of 4 hold: inside 1, outside 1, inside 1, outside 2 */
    const double at[] = {0, 1 / 3.0, 2 / 3.0, 1}, in[] = {0, 1, 0, 1}, out[] = {2, 0, 1, 0};
    const selo_pixel_scores s = selo_pixel_scores_of(at, in, out, 4);
    assert_double_equal(s.auc, (3 + 2) / 6.0, 1e-15);
    assert_double_equal(s.ap, 0.5 * 1 + 0.5 * 2 / 3.0, 1e-15);
    assert_double_equal(s.best_f1, 0.8, 1e-15);
    assert_double_equal(s.best_f1_thr, 1 / 3.0, 1e-15);
    assert_double_equal(s.iou_50, 1 / 3.0, 1e-15);
    selo_curve_point p[4];
    assert_int_equal(selo_curve_points(at, in, out, 4, p, 4), 4);
    assert_double_equal(p[1].precision, 2 / 3.0, 1e-15);
    assert_double_equal(p[1].recall, 1, 1e-15);
    assert_double_equal(p[1].iou, 2 / 3.0, 1e-15);
    assert_double_equal(p[3].threshold, 1, 1e-15);
    assert_double_equal(p[3].precision, 1, 1e-15);
}

static void undefined_is_nan(void **state)
{
    (void)state;
    const double at[] = {0, 0.25, 0.5, 0.75}, some[] = {0, 1, 2, 0}, none[4] = {0};
    selo_curve_point p[4];
    assert_true(isnan(selo_pixel_scores_of(at, none, some, 4).auc) &&
                isnan(selo_pixel_scores_of(at, none, some, 4).ap));
    assert_int_equal(selo_curve_points(at, none, some, 4, p, 4), 0);
    const selo_pixel_scores s = selo_pixel_scores_of(at, some, none, 4);
    assert_true(isnan(s.auc) && s.ap == 1 && s.best_f1 == 1);
    assert_double_equal(s.iou_50, 2 / 3.0, 1e-15);
}

static void pairs_agree(void **state)
{
    (void)state;
    enum { N = 64 };
    uint64_t seed = 5;
    for (int k = 0; k < 50; k++) {
        double at[N], in[N], out[N], won = 0, all = 0;
        for (int i = 0; i < N; i++) {
            at[i] = i / (double)N;
            in[i] = test_random_int(&seed, 0, 3) ? 0 : 0.1 * test_random_int(&seed, 1, 9);
            out[i] = test_random_int(&seed, 0, 1) ? 0 : 0.1 * test_random_int(&seed, 1, 9);
        }
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                won += in[i] * out[j] * (i > j ? 1 : i == j ? 0.5 : 0);
                all += in[i] * out[j];
            }
        assert_double_equal(selo_pixel_scores_of(at, in, out, N).auc, won / all, 1e-13);
    }
}

static void few_points_stand_for_many(void **state)
{
    (void)state;
    enum { N = 256 };
    double at[N], in[N], out[N];
    selo_curve_point all[N], few[11];
    for (int i = 0; i < N; i++) {
        at[i] = i / (double)(N - 1);
        in[i] = i;
        out[i] = N - i;
    }
    assert_int_equal(selo_curve_points(at, in, out, N, all, N), N);
    assert_int_equal(selo_curve_points(at, in, out, N, few, 11), 11);
    for (int i = 0; i < 11; i++) {
        const int level = (int)ceil(0.1 * i * (N - 1) - 1e-9);
        assert_double_equal(few[i].threshold, 0.1 * i, 1e-12);
        assert_double_equal(few[i].precision, all[level].precision, 1e-12);
        assert_double_equal(few[i].recall, all[level].recall, 1e-12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_by_hand),
        cmocka_unit_test(undefined_is_nan),
        cmocka_unit_test(pairs_agree),
        cmocka_unit_test(few_points_stand_for_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
