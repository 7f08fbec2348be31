/* Exact pixel coverage: grids by hand first, then random areas against the analytic area. */
#include "selo_test.h"

#include <math.h>
#include <string.h>

#include "selo/coverage.h"

#define PI 3.14159265358979323846

/* Writes the coverage of the whole map into grid; step > 1 asks only for every step-th row. */
static void cover(const double *xy, const size_t *sizes, size_t n_rings, int width, int height, int step, double *grid)
{
    selo_coverage *c;
    assert_int_equal(selo_coverage_new(xy, sizes, n_rings, width, height, &c), SELO_OK);
    memset(grid, 0, sizeof *grid * (size_t)width * (size_t)height);
    for (int y = 0; y < height; y += step) {
        const selo_cover_run *runs;
        size_t n;
        int next = 0;
        assert_int_equal(selo_coverage_row(c, y, &runs, &n), SELO_OK);
        for (size_t i = 0; i < n; i++) {
            assert_true(runs[i].x0 >= next && runs[i].x1 >= runs[i].x0 && runs[i].x1 < width);
            assert_true(runs[i].share > 0 && runs[i].share <= 1);
            for (int x = runs[i].x0; x <= runs[i].x1; x++)
                grid[y * width + x] = runs[i].share;
            next = runs[i].x1 + 1;
        }
    }
    selo_coverage_free(c);
}

static void check(const double *xy, const size_t *sizes, size_t n_rings, const double *expected)
{
    double grid[9], mirrored[9], reversed[64];
    cover(xy, sizes, n_rings, 3, 3, 1, grid);
    size_t n = 0;
    for (size_t r = 0; r < n_rings; n += sizes[r++])
        for (size_t i = 0; i < sizes[r]; i++)
            memcpy(reversed + 2 * (n + i), xy + 2 * (n + sizes[r] - 1 - i), 2 * sizeof *xy);
    cover(reversed, sizes, n_rings, 3, 3, 1, mirrored); /* the direction of the rings must not matter */
    for (int i = 0; i < 9; i++) {
        assert_double_equal(grid[i], expected[i], 1e-14);
        assert_double_equal(mirrored[i], expected[i], 1e-14);
    }
}

static void test_by_hand(void **state)
{
    (void)state;
    const size_t four[] = {4}, three[] = {3}, two_rings[] = {4, 4}, closed[] = {5};
    /* whole-pixel edges: nothing outside, exactly 1 inside */
    check((double[]){1, 1, 2, 1, 2, 2, 1, 2}, four, 1, (double[]){0, 0, 0, 0, 1, 0, 0, 0, 0});
    check((double[]){0, 0, 3, 0, 3, 3, 0, 3}, four, 1, (double[]){1, 1, 1, 1, 1, 1, 1, 1, 1});
    /* a repeated first point does no harm */
    check((double[]){1, 1, 2, 1, 2, 2, 1, 2, 1, 1}, closed, 1, (double[]){0, 0, 0, 0, 1, 0, 0, 0, 0});
    /* centred square of side 2: quarters at corners, halves at sides */
    check((double[]){.5, .5, 2.5, .5, 2.5, 2.5, .5, 2.5}, four, 1, (double[]){.25, .5, .25, .5, 1, .5, .25, .5, .25});
    /* the map's lower left triangle */
    check((double[]){0, 0, 3, 3, 0, 3}, three, 1, (double[]){.5, 0, 0, 1, .5, 0, 1, 1, .5});
    /* wider than the map on all sides */
    check((double[]){-9, -7, 30, -7, 30, 11, -9, 11}, four, 1, (double[]){1, 1, 1, 1, 1, 1, 1, 1, 1});
    /* a hole of one pixel */
    check((double[]){0, 0, 3, 0, 3, 3, 0, 3, 1, 1, 1, 2, 2, 2, 2, 1}, two_rings, 2,
          (double[]){1, 1, 1, 1, 0, 1, 1, 1, 1});
    /* two squares that touch in a corner */
    check((double[]){0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 2, 1, 2, 2, 1, 2}, two_rings, 2,
          (double[]){1, 0, 0, 0, 1, 0, 0, 0, 0});
    /* a sliver inside one row, over all columns */
    check((double[]){-1, 1.25, 4, 1.25, 4, 1.5, -1, 1.5}, four, 1, (double[]){0, 0, 0, .25, .25, .25, 0, 0, 0});
    /* left and right of the map: nothing */
    check((double[]){-3, 0, -1, 0, -1, 3, -3, 3}, four, 1, (double[9]){0});
    check((double[]){4, 0, 8, 0, 8, 3, 4, 3}, four, 1, (double[9]){0});
    check((double[]){0, -5, 3, -5, 3, 0, 0, 0}, four, 1, (double[9]){0});
    check((double[]){0, 3, 3, 3, 3, 9, 0, 9}, four, 1, (double[9]){0});
    /* diamond: slanted edges that cross column 1 inside one row */
    check((double[]){1.5, 0, 3, 1.5, 1.5, 3, 0, 1.5}, four, 1,
          (double[]){.125, .75, .125, .75, 1, .75, .125, .75, .125});
}

/* A star around (cx, cy), with a hole shaped alike; returns its area. */
static double star(double cx, double cy, double radius, int points, uint64_t *seed, double *xy)
{
    double area = 0;
    for (int i = 0; i < points; i++) {
        const double angle = 2 * PI * i / points;
        const double r = radius * (0.3 + 0.7e-6 * test_random_int(seed, 0, 1000000));
        xy[2 * i] = cx + r * cos(angle);
        xy[2 * i + 1] = cy + r * sin(angle);
        xy[2 * (2 * points - 1 - i)] = cx + 0.4 * r * cos(angle);
        xy[2 * (2 * points - 1 - i) + 1] = cy + 0.4 * r * sin(angle);
    }
    for (int ring = 0; ring < 2; ring++)
        for (int i = 0; i < points; i++) {
            const double *a = xy + 2 * (ring * points + i), *b = xy + 2 * (ring * points + (i + 1) % points);
            area += 0.5 * ((a[0] - cx) * (b[1] - cy) - (b[0] - cx) * (a[1] - cy));
        }
    return fabs(area);
}

enum { WIDTH = 61, HEIGHT = 47, POINTS = 40 };

static void test_sum_is_area(void **state)
{
    (void)state;
    static double grid[WIDTH * HEIGHT], xy[4 * POINTS];
    uint64_t seed = 7;
    const size_t sizes[] = {POINTS, POINTS};
    for (int k = 0; k < 200; k++) {
        const double area = star(30 + 0.013 * k, 23 + 0.007 * k, 20, POINTS, &seed, xy);
        cover(xy, sizes, 2, WIDTH, HEIGHT, 1, grid);
        double sum = 0;
        for (int i = 0; i < WIDTH * HEIGHT; i++)
            sum += grid[i];
        assert_double_equal(sum, area, 1e-10);
    }
}

/* Area of a convex polygon cut to a pixel, by half planes: slow, and nothing in common with the kernel. */
static double clipped_area(const double *xy, int n, int column, int row)
{
    double a[64], b[64];
    int m = n;
    memcpy(a, xy, sizeof *xy * 2 * (size_t)n);
    const double planes[4][3] = {{1, 0, -column}, {-1, 0, column + 1}, {0, 1, -row}, {0, -1, row + 1}};
    for (int p = 0; p < 4; p++) {
        int out = 0;
        for (int i = 0; i < m; i++) {
            const double *u = a + 2 * i, *v = a + 2 * ((i + 1) % m);
            const double du = planes[p][0] * u[0] + planes[p][1] * u[1] + planes[p][2];
            const double dv = planes[p][0] * v[0] + planes[p][1] * v[1] + planes[p][2];
            if (du >= 0) {
                b[2 * out] = u[0];
                b[2 * out++ + 1] = u[1];
            }
            if ((du > 0 && dv < 0) || (du < 0 && dv > 0)) {
                b[2 * out] = u[0] + (v[0] - u[0]) * du / (du - dv);
                b[2 * out++ + 1] = u[1] + (v[1] - u[1]) * du / (du - dv);
            }
        }
        m = out;
        memcpy(a, b, sizeof *a * 2 * (size_t)m);
    }
    double area = 0;
    for (int i = 0; i < m; i++)
        area += 0.5 * (a[2 * i] * a[2 * ((i + 1) % m) + 1] - a[2 * ((i + 1) % m)] * a[2 * i + 1]);
    return fabs(area);
}

static void test_pixel_by_pixel(void **state)
{
    (void)state;
    static double grid[20 * 20];
    double xy[16];
    const size_t sizes[] = {8};
    for (int k = 0; k < 100; k++) {
        for (int i = 0; i < 8; i++) { /* an ellipse that hangs over the map's edges now and then, right or left */
            const double x = 10 + 0.11 * k - 5 + (3 + 0.1 * k) * cos(PI * i / 4 + 0.03 * k);
            xy[2 * i] = k % 2 ? 20 - x : x;
            xy[2 * i + 1] = 9 + 0.01 * k + (1 + 0.12 * k) * sin(PI * i / 4 + 0.03 * k);
        }
        cover(xy, sizes, 1, 20, 20, 1, grid);
        for (int i = 0; i < 400; i++)
            assert_double_equal(grid[i], clipped_area(xy, 8, i % 20, i / 20), 1e-12);
    }
}

static void test_rows_stand_alone(void **state)
{
    (void)state;
    static double all[WIDTH * HEIGHT], some[WIDTH * HEIGHT], xy[4 * POINTS];
    uint64_t seed = 3;
    const size_t sizes[] = {POINTS, POINTS};
    star(30, 23, 25, POINTS, &seed, xy);
    cover(xy, sizes, 2, WIDTH, HEIGHT, 1, all);
    for (int step = 2; step < 9; step++) {
        cover(xy, sizes, 2, WIDTH, HEIGHT, step, some);
        for (int y = 0; y < HEIGHT; y += step) /* to the bit */
            assert_memory_equal(all + y * WIDTH, some + y * WIDTH, WIDTH * sizeof *all);
    }
}

static void test_far_interior_is_whole(void **state)
{
    (void)state; /* why: float sums of heights leave 1e-16 behind, which would then run to the end of each row */
    const double xy[] = {3.1, 0.3, 9000.7, 2.9, 99990.3, 7.7, 50000.1, 9.9, 7.7, 5.1};
    const size_t sizes[] = {5};
    selo_coverage *c;
    assert_int_equal(selo_coverage_new(xy, sizes, 1, 100000, 10, &c), SELO_OK);
    for (int y = 0; y < 10; y++) {
        const selo_cover_run *runs;
        size_t n;
        assert_int_equal(selo_coverage_row(c, y, &runs, &n), SELO_OK);
        assert_true(n > 0 && runs[n - 1].x1 < 99991);
        for (size_t i = 0; i < n; i++)
            assert_true(runs[i].x0 == runs[i].x1 || runs[i].share == 1.0);
    }
    selo_coverage_free(c);
}

static void test_centres(void **state)
{
    (void)state;
    const double xy[] = {0.5, 0.5, 2.5, 0.5, 2.5, 2.5, 0.5, 2.5}; /* edges through centres: right of and below */
    const size_t sizes[] = {4};
    selo_coverage *c;
    const selo_span *spans;
    size_t n;
    assert_int_equal(selo_coverage_new(xy, sizes, 1, 4, 4, &c), SELO_OK);
    for (int y = 0; y < 4; y++) {
        assert_int_equal(selo_coverage_centres(c, y, &spans, &n), SELO_OK);
        assert_int_equal(n, y < 2);
        if (n) {
            assert_int_equal(spans[0].x0, 0);
            assert_int_equal(spans[0].x1, 1);
        }
    }
    selo_coverage_free(c);
}

/* How often the rings go around a point, by the edges that it has to its left. */
static int winding_at(const double *xy, const size_t *sizes, size_t n_rings, double x, double y)
{
    int winding = 0;
    for (size_t r = 0; r < n_rings; xy += 2 * sizes[r++])
        for (size_t i = 0; i < sizes[r]; i++) {
            const double *a = xy + 2 * i, *b = xy + 2 * ((i + 1) % sizes[r]);
            if ((a[1] <= y) != (b[1] <= y) && a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]) <= x)
                winding += b[1] > a[1] ? 1 : -1;
        }
    return winding;
}

static void assert_centres(const double *xy, const size_t *sizes, size_t n_rings)
{
    selo_coverage *c;
    assert_int_equal(selo_coverage_new(xy, sizes, n_rings, WIDTH, HEIGHT, &c), SELO_OK);
    for (int y = 0; y < HEIGHT; y++) {
        const selo_span *spans;
        size_t n, next = 0;
        assert_int_equal(selo_coverage_centres(c, y, &spans, &n), SELO_OK);
        for (size_t i = 1; i < n; i++)
            assert_true(spans[i].x0 > spans[i - 1].x1 + 1);
        for (int x = 0; x < WIDTH; x++) {
            next += next < n && spans[next].x1 < x;
            const bool covered = next < n && spans[next].x0 <= x;
            assert_int_equal(covered, winding_at(xy, sizes, n_rings, x + 0.5, y + 0.5) != 0);
        }
    }
    selo_coverage_free(c);
}

/* A star with a hole, and a square over both that makes whole what it covers; now and then beyond the map's edges. */
static void test_centres_of_areas_that_overlap(void **state)
{
    (void)state;
    static double xy[4 * POINTS + 8];
    uint64_t seed = 9;
    const size_t sizes[] = {POINTS, POINTS, 4};
    for (int k = 0; k < 100; k++) {
        const double left = 0.31 * k, top = 0.42 * k, right = left + 19.3, bottom = top + 11.7;
        const double square[] = {left, top, right, top, right, bottom, left, bottom};
        star(10 + 0.413 * k, 40 - 0.307 * k, 20, POINTS, &seed, xy);
        memcpy(xy + 4 * POINTS, square, sizeof square);
        assert_centres(xy, sizes, 3);
    }
}

/* Two squares with a side in common are one span. */
static void test_centres_of_neighbours(void **state)
{
    (void)state;
    const double xy[] = {3, 2, 7, 2, 7, 9, 3, 9, 7, 2, 12, 2, 12, 9, 7, 9};
    const size_t sizes[] = {4, 4};
    assert_centres(xy, sizes, 2);
}

static void test_refusals(void **state)
{
    (void)state;
    const size_t four[] = {4}, none[] = {0};
    selo_coverage *c;
    const selo_cover_run *runs;
    size_t n;
    assert_int_equal(selo_coverage_new((double[]){0, 0, NAN, 0, 3, 3, 0, 3}, four, 1, 3, 3, &c), SELO_E_ARGUMENT);
    assert_int_equal(selo_coverage_new((double[]){0, 0, INFINITY, 0, 3, 3, 0, 3}, four, 1, 3, 3, &c), SELO_E_ARGUMENT);
    assert_int_equal(selo_coverage_new((double[]){0, 0, 3, 0, 3, 3, 0, NAN}, four, 1, 3, 3, &c), SELO_E_ARGUMENT);
    assert_int_equal(selo_coverage_new((double[]){0, 0}, none, 1, 3, 3, &c), SELO_E_ARGUMENT);
    assert_int_equal(selo_coverage_new(NULL, NULL, 0, 0, 3, &c), SELO_E_ARGUMENT);
    assert_int_equal(selo_coverage_new(NULL, NULL, 0, 3, 3, &c), SELO_OK); /* the empty area */
    assert_int_equal(selo_coverage_row(c, 1, &runs, &n), SELO_OK);
    assert_int_equal(n, 0);
    assert_int_equal(selo_coverage_row(c, 3, &runs, &n), SELO_E_ARGUMENT);
    selo_coverage_free(c);
    const double huge[] = {-1e300, -1e300, 1e300, -1e300, 1e300, 1e300, -1e300, 1e300};
    assert_int_equal(selo_coverage_new(huge, four, 1, 3, 3, &c), SELO_OK);
    assert_int_equal(selo_coverage_row(c, 1, &runs, &n), SELO_OK);
    assert_int_equal(n, 1);
    assert_true(runs[0].share == 1.0);
    assert_int_equal(selo_coverage_row(c, 0, &runs, &n), SELO_E_ARGUMENT); /* backwards */
    selo_coverage_free(c);
}

static void test_short_memory(void **state)
{
    (void)state;
    static double xy[4 * POINTS];
    uint64_t seed = 5;
    const size_t sizes[] = {POINTS, POINTS};
    star(30, 23, 25, POINTS, &seed, xy);
    for (int budget = 0; budget < 12; budget++) {
        selo_coverage *c;
        test_heap_start(budget);
        selo_status status = selo_coverage_new(xy, sizes, 2, WIDTH, HEIGHT, &c);
        for (int y = 0; status == SELO_OK && y < HEIGHT; y++) {
            const selo_cover_run *runs;
            size_t n;
            status = selo_coverage_row(c, y, &runs, &n);
        }
        assert_int_equal(status, budget < 8 ? SELO_E_MEMORY : SELO_OK);
        selo_coverage_free(c);
        assert_int_equal(test_heap_end(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),          cmocka_unit_test(test_sum_is_area),
        cmocka_unit_test(test_pixel_by_pixel),   cmocka_unit_test(test_rows_stand_alone),
        cmocka_unit_test(test_far_interior_is_whole), cmocka_unit_test(test_centres),
        cmocka_unit_test(test_centres_of_areas_that_overlap),
        cmocka_unit_test(test_centres_of_neighbours),
        cmocka_unit_test(test_refusals),         cmocka_unit_test(test_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
