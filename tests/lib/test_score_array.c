/* The reference profile of an array: maps whose scores can be told by hand, verdicts, and what is refused. */
#include "selo_test.h"

#include <math.h>
#include <string.h>

#include "selo/score.h"

enum { SIDE = 100, WHITE = 255 };

static uint8_t map[SIDE * SIDE];

static const selo_point square[] = {{30, 30}, {70, 30}, {70, 70}, {30, 70}},
                        hole[] = {{40, 40}, {60, 40}, {60, 60}, {40, 60}},
                        beside[] = {{130, 30}, {170, 30}, {170, 70}, {130, 70}},
                        corner[] = {{2, 2}, {6, 2}, {6, 6}, {2, 6}}, dot[] = {{20, 20}};

/* Grey throughout, and brighter where the square's mask is, whose outline belongs to it: 41 x 41 pixels. */
static void fill_map(uint8_t outside, uint8_t inside)
{
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            map[y * SIDE + x] = x >= 30 && x <= 70 && y >= 30 && y <= 70 ? inside : outside;
}

static selo_status score_of(const selo_contour *contours, size_t n, selo_score *score)
{
    return selo_score_array(map, SIDE, SIDE, contours, n, score);
}

/* A map of one value is one plateau: its candidate is at (49, 49), the mean of 0 ... 99 cut off. The circle of the
 * square has radius 42, of 1.5 times half a diagonal; attention is as large as the area says. */
static void a_flat_map(void **state)
{
    (void)state;
    const selo_contour contours[] = {{.vertices = square, .n = 4}, {.vertices = hole, .n = 4, .hole = true}};
    for (size_t n = 1; n <= 2; n++) {
        selo_score score;
        fill_map(WHITE, WHITE);
        assert_int_equal(score_of(contours, n, &score), SELO_OK);
        const double ras = (exp(3 * sqrt(2.0) / 42) - 1) / (exp(3.0) - 1), rsu = 1 - exp(-0.707);
        const double pixels = n == 1 ? 41 * 41 : 41 * 41 - 19 * 19; /* the hole's outline is drawn, too */
        assert_int_equal(score.verdict, SELO_SCORED);
        assert_double_equal(score.rsu, rsu, 1e-9);
        assert_double_equal(score.ras, ras, 1e-12);
        assert_double_equal(score.rda, 1, 0);
        assert_double_equal(score.rmi, 0.40 * rsu + 0.35 * (1 - ras) + 0.25, 1e-9);
        assert_double_equal(score.gt_frac, pixels / (SIDE * SIDE), 1e-15);
        assert_int_equal(score.n_candidates, 1);
        assert_true(score.candidates[0].x_px == 49 && score.candidates[0].y_px == 49 && score.candidates[0].prob == 1);
        assert_int_equal(score.n_regions, 1);
        const selo_region_score *r = score.regions;
        assert_true(r->cx_px == 50 && r->cy_px == 50 && r->r_px == 42 && r->n_in == 1 && r->area_px == pixels);
        assert_double_equal(r->mass_in, pixels / (SIDE * SIDE), 1e-15);
        selo_score_clear(&score);
    }
}

/* Five times as bright inside as outside. */
static void attention_counts(void **state)
{
    (void)state;
    const selo_contour contour = {.vertices = square, .n = 4};
    selo_score score;
    fill_map(51, WHITE);
    assert_int_equal(score_of(&contour, 1, &score), SELO_OK);
    assert_double_equal(score.rsu, 1 - exp(-0.707 * 5), 1e-9);
    assert_double_equal(score.regions[0].mass_in, 5 * 1681 / (5 * 1681 + 8319.0), 1e-12);
    selo_score_clear(&score);
}

/* Below a half nothing is a candidate: as far off as the circle reaches, and no density. */
static void a_map_without_candidates(void **state)
{
    (void)state;
    const selo_contour contour = {.vertices = square, .n = 4};
    selo_score score;
    fill_map(127, 127);
    assert_int_equal(score_of(&contour, 1, &score), SELO_OK);
    assert_int_equal(score.n_candidates, 0);
    assert_true(score.ras == 1 && score.rda == 0);
    assert_true(score.regions[0].shift_px == 42 && isnan(score.regions[0].spread_px));
    selo_score_clear(&score);
}

static void verdicts_say_why(void **state)
{
    (void)state;
    static const struct {
        selo_contour contours[2];
        size_t n;
        selo_verdict verdict;
    } rows[] = {
        {{{.vertices = square, .n = 4}, {.vertices = corner, .n = 4}}, 2, SELO_SCORED},
        {{{.vertices = square, .n = 4}}, 0, SELO_NO_REGION},
        {{{.vertices = beside, .n = 4}}, 1, SELO_REGION_OUTSIDE},
        {{{.vertices = dot, .n = 1}}, 1, SELO_ZERO_RADIUS},
    };
    fill_map(WHITE, WHITE);
    for (size_t i = 0; i < COUNT(rows); i++) {
        selo_score score;
        assert_int_equal(score_of(rows[i].contours, rows[i].n, &score), SELO_OK);
        assert_int_equal(score.verdict, rows[i].verdict);
        assert_int_equal(score.n_regions, rows[i].n);
        assert_int_equal(isfinite(score.rmi) != 0, rows[i].verdict == SELO_SCORED);
        selo_score_clear(&score);
    }
}

/* A dark band, wider than what smoothing brings across it, leaves a plateau of the same height on either side: two
 * candidates in one circle, as far from their centroid as half of the way from one to the other. */
static void two_candidates_are_spread(void **state)
{
    (void)state;
    enum { WIDE = 700, HIGH = 20 };
    static uint8_t banded[WIDE * HIGH];
    static const selo_point all[] = {{0, 0}, {699, 0}, {699, 19}, {0, 19}};
    const selo_contour contour = {.vertices = all, .n = 4};
    selo_score score;
    for (int i = 0; i < WIDE * HIGH; i++)
        banded[i] = i % WIDE < 340 || i % WIDE >= 360 ? WHITE : 0;
    assert_int_equal(selo_score_array(banded, WIDE, HIGH, &contour, 1, &score), SELO_OK);
    assert_int_equal(score.n_candidates, 2);
    const selo_candidate *a = score.candidates, *b = a + 1;
    const selo_region_score *r = score.regions;
    const double spread = hypot(a->x_px - b->x_px, a->y_px - b->y_px) / 2;
    assert_true(a->x_px < 340 && b->x_px > 360 && a->n_hit == 1 && b->n_hit == 1);
    assert_int_equal(r->n_in, 2);
    assert_double_equal(r->spread_px, spread, 1e-9);
    assert_double_equal(score.rda, 0.5 * (1 - spread / r->r_px) + exp(-0.5 * 4), 1e-12);
    selo_score_clear(&score);
}

/* A row is added up in parts of 2^20 pixels. */
static void a_row_of_more_than_one_part(void **state)
{
    (void)state;
    enum { PART = 1 << 20, WIDE = PART + 1000, COVERED = PART + 500 };
    static const selo_point row[] = {{0, 0}, {COVERED - 1, 0}};
    const selo_contour contour = {.vertices = row, .n = 2};
    uint8_t *long_row = malloc(WIDE);
    selo_score score;
    assert_non_null(long_row);
    memset(long_row, 51, WIDE);
    memset(long_row + PART - 3, WHITE, 100);
    assert_int_equal(selo_score_array(long_row, WIDE, 1, &contour, 1, &score), SELO_OK);
    const double more = 100 * (WHITE - 51), inside = 51.0 * (double)COVERED + more;
    assert_double_equal(score.regions[0].area_px, COVERED, 0);
    assert_double_equal(score.regions[0].mass_in, inside / (51.0 * (double)WIDE + more), 1e-15);
    selo_score_clear(&score);
    free(long_row);
}

/* A part's vertices count for the centre and the radius of its region. */
static void parts_are_one_region(void **state)
{
    (void)state;
    const selo_contour contours[] = {{.vertices = square, .n = 4}, {.vertices = corner, .n = 4, .part = true}};
    selo_score score;
    fill_map(WHITE, WHITE);
    assert_int_equal(score_of(contours, 2, &score), SELO_OK);
    assert_int_equal(score.n_regions, 1);
    assert_true(score.regions[0].cx_px == 27 && score.regions[0].cy_px == 27 && score.regions[0].area_px == 1681 + 25);
    selo_score_clear(&score);
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    const selo_contour good = {.vertices = square, .n = 4}, first_hole = {.vertices = square, .n = 4, .hole = true},
                       first_part = {.vertices = square, .n = 4, .part = true}, empty = {.vertices = square, .n = 0};
    static const double far[] = {NAN, INFINITY, 1e12, -1e12, 2147483648.0};
    selo_score score;
    fill_map(WHITE, WHITE);
    assert_int_equal(selo_score_array(NULL, SIDE, SIDE, &good, 1, &score), SELO_E_ARGUMENT);
    assert_int_equal(selo_score_array(map, 0, SIDE, &good, 1, &score), SELO_E_ARGUMENT);
    assert_int_equal(selo_score_array(map, SIDE, -1, &good, 1, &score), SELO_E_ARGUMENT);
    assert_int_equal(score_of(NULL, 1, &score), SELO_E_ARGUMENT);
    assert_int_equal(score_of(&first_hole, 1, &score), SELO_E_ARGUMENT);
    assert_int_equal(score_of(&first_part, 1, &score), SELO_E_ARGUMENT);
    assert_int_equal(score_of(&empty, 1, &score), SELO_E_ARGUMENT);
    for (size_t i = 0; i < COUNT(far); i++) {
        selo_point vertices[4];
        memcpy(vertices, square, sizeof vertices);
        vertices[i % 4].y = far[i];
        assert_int_equal(score_of(&(selo_contour){.vertices = vertices, .n = 4}, 1, &score), SELO_E_ARGUMENT);
        assert_null(score.regions);
    }
}

static void short_memory_is_survived(void **state)
{
    (void)state;
    const selo_contour contours[] = {{.vertices = square, .n = 4}, {.vertices = corner, .n = 4, .part = true}};
    selo_status status = SELO_E_MEMORY;
    fill_map(WHITE, WHITE);
    for (long failing = 0; status != SELO_OK; failing++) {
        selo_score score;
        test_heap_start(failing);
        status = score_of(contours, 2, &score);
        assert_true(failing < 500 && (status == SELO_OK || status == SELO_E_MEMORY));
        selo_score_clear(&score);
        assert_int_equal(test_heap_end(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flat_map),
        cmocka_unit_test(attention_counts),
        cmocka_unit_test(a_map_without_candidates),
        cmocka_unit_test(verdicts_say_why),
        cmocka_unit_test(two_candidates_are_spread),
        cmocka_unit_test(a_row_of_more_than_one_part),
        cmocka_unit_test(parts_are_one_region),
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(short_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
