#include <math.h>

#include "selo/metrics.h"
#include "selo_test.h"

static void test_rsu(void **state)
{
    (void)state;
    /* in/out = 1, area ratio 1: 1 - exp(-0.707) */
    assert_double_equal(selo_rsu(2, 2, 3, 3, 0), 1 - exp(-0.707), 1e-16);
    assert_double_equal(selo_rsu(0, 0, 4, 5, 1e-7), 0, 0);       /* an all-zero map */
    assert_double_equal(selo_rsu(3, 0, 4, 0, 1e-7), 0, 0);       /* the mask covers everything */
    assert_double_equal(selo_rsu(3, 0, 4, 5, 1e-7), 1, 0);       /* everything inside */
    assert_true(isnan(selo_rsu(0, 3, 0, 5, 1e-7)));              /* no mask: 0 times infinity */
}

static void test_ras_ratio(void **state)
{
    (void)state;
    const double distances[] = {1, 9, 3, 4.5, 4};
    assert_double_equal(selo_ras_ratio(distances, 5, 4), (1 + 3 + 4) / 3.0 / 4, 0); /* at the radius is inside */
    assert_double_equal(selo_ras_ratio(distances, 5, 0.5), 1, 0);
    assert_double_equal(selo_ras_ratio(NULL, 0, 7), 1, 0);
    const double at_centre[] = {0, 5};
    assert_true(isnan(selo_ras_ratio(at_centre, 2, 0)));
    assert_true(isnan(selo_ras_ratio(at_centre + 1, 1, 0)));
    assert_true(isnan(selo_ras_ratio(NULL, 0, 0)));
    const double missing[] = {NAN, 2, NAN};
    assert_double_equal(selo_ras_ratio(missing, 3, 4), 0.5, 0);
}

static void test_ras(void **state)
{
    (void)state;
    const double one[] = {1, 1}, zero[] = {0}, half[] = {0.25, 0.75};
    assert_double_equal(selo_ras(one, 2), 1, 0);
    assert_double_equal(selo_ras(zero, 1), 0, 0);
    assert_double_equal(selo_ras(half, 2), (exp(1.5) - 1) / (exp(3.0) - 1), 0);
    assert_true(isnan(selo_ras(NULL, 0)));
}

static void test_rda(void **state)
{
    (void)state;
    assert_double_equal(selo_rda_region(0, 0, 0), 0, 0);
    assert_double_equal(selo_rda_region(1, 0, 0), 1, 0);
    assert_double_equal(selo_rda_region(2, 0, 5), 0.5 + exp(-2.0), 0); /* 0.635, the most that two can reach */
    assert_double_equal(selo_rda_region(3, 2, 8), 0.375 + exp(-2.5), 0);
    assert_true(isnan(selo_rda_region(2, 0, 0)));
}

static void test_rmi(void **state)
{
    (void)state;
    const selo_weights weights = SELO_WEIGHTS_DEFAULT;
    assert_double_equal(selo_rmi(1, 0, 1, weights), 1, 0);
    assert_double_equal(selo_rmi(0, 1, 0, weights), 0, 0);
    assert_double_equal(selo_rmi(0.5, 0.25, 0.75, weights), 0.4 * 0.5 + 0.35 * 0.75 + 0.25 * 0.75, 1e-16);
    assert_true(isnan(selo_rmi(NAN, 0, 1, weights)));
}

/* Orders of addition that tell numpy's sum from a plain loop: sums made with numpy 2.4. */
static void test_mean_order(void **state)
{
    (void)state;
    double values[1000];
    for (size_t i = 0; i < COUNT(values); i++)
        values[i] = 1.0 / (double)(i + 1);
    static const struct {
        size_t n;
        double mean;
    } rows[] = {
        {1, 0x1.0000000000000p+0},
        {7, 0x1.7b4c470d956b9p-2},
        {8, 0x1.5be2be2be2be2p-2},
        {9, 0x1.41dfac33a6c8ap-2},
        {16, 0x1.b0bbba47475d4p-3},
        {127, 0x1.5df497c4cb612p-5},
        {128, 0x1.5bb8ae9541ca7p-5},
        {129, 0x1.5984a742c4323p-5},
        {136, 0x1.4ae7b7db64d90p-5},
        {200, 0x1.e1873e5bdbbfap-6},
        {257, 0x1.86ae567c720c1p-6},
        {511, 0x1.b4fc4cb77df14p-7},
        {1000, 0x1.ea915c8a8db3dp-8},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_true(selo_mean(values, rows[i].n) == rows[i].mean);
    assert_true(isnan(selo_mean(values, 0)));
}

static void test_circle(void **state)
{
    (void)state;
    selo_circle circle;
    const selo_point square[] = {{0, 0}, {6, 0}, {6, 8}, {0, 8}};
    assert_int_equal(selo_vertex_circle(square, 4, 1.5, &circle), SELO_OK);
    assert_double_equal(circle.x, 3, 0);
    assert_double_equal(circle.y, 4, 0);
    assert_double_equal(circle.radius, 7, 0); /* 7.5 cut */
    /* A closing vertex that repeats the first one counts again: the centre is (2.4, 3.2) before it is cut. */
    const selo_point closed[] = {{0, 0}, {6, 0}, {6, 8}, {0, 8}, {0, 0}};
    assert_int_equal(selo_vertex_circle(closed, 5, 1.0, &circle), SELO_OK);
    assert_double_equal(circle.x, 2, 0);
    assert_double_equal(circle.y, 3, 0);
    assert_double_equal(circle.radius, trunc((2 * sqrt(13) + 5 + sqrt(41) + sqrt(29)) / 5), 0);
    const selo_point negative[] = {{-3.8, -0.9}};
    assert_int_equal(selo_vertex_circle(negative, 1, 1.5, &circle), SELO_OK);
    assert_double_equal(circle.x, -3, 0); /* toward zero */
    assert_double_equal(circle.y, 0, 0);
    assert_double_equal(circle.radius, 1, 0); /* 1.5 * sqrt(0.64 + 0.81) = 1.806 */
}

static void test_circle_arguments(void **state)
{
    (void)state;
    selo_circle circle;
    const selo_point nowhere = {NAN, 0}, far = {0, INFINITY};
    assert_int_equal(selo_vertex_circle(&nowhere, 0, 1.5, &circle), SELO_E_ARGUMENT);
    assert_int_equal(selo_vertex_circle(&nowhere, 1, 1.5, &circle), SELO_E_ARGUMENT);
    assert_int_equal(selo_vertex_circle(&far, 1, 1.5, &circle), SELO_E_ARGUMENT);
    assert_int_equal(selo_vertex_circle(NULL, 1, 1.5, &circle), SELO_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rsu),        cmocka_unit_test(test_ras_ratio), cmocka_unit_test(test_ras),
        cmocka_unit_test(test_rda),        cmocka_unit_test(test_rmi),       cmocka_unit_test(test_mean_order),
        cmocka_unit_test(test_circle),     cmocka_unit_test(test_circle_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
