/* Maps made of windows against the plain way: painting every pixel, and medians and Gaussians by their definition. */
#include <math.h>
#include <string.h>

#include "selo/lattice.h"
#include "selo_test.h"

#define SIDE_MAX 48
#define PIXELS_MAX (SIDE_MAX * SIDE_MAX)
#define WINDOWS_MAX 40

typedef struct {
    int height, width;
    size_t n;
    selo_window windows[WINDOWS_MAX];
    double similarities[WINDOWS_MAX];
    double map[PIXELS_MAX]; /* the mean, painted */
} scene;

/* Similarities are multiples of 1/64: sums of them have no rounding in either way. */
static void make_scene(scene *s, uint64_t *seed, size_t n, bool covered)
{
    s->height = test_random_int(seed, 1, SIDE_MAX);
    s->width = test_random_int(seed, 1, SIDE_MAX);
    s->n = n;
    for (size_t k = 0; k < n; k++) {
        selo_window *w = &s->windows[k];
        w->row_start = test_random_int(seed, 0, s->height - 1);
        w->row_end = test_random_int(seed, w->row_start + 1, s->height + 3);
        w->col_start = test_random_int(seed, 0, s->width - 1);
        w->col_end = test_random_int(seed, w->col_start + 1, s->width + 3);
        s->similarities[k] = test_random_int(seed, -64, 64) / 64.0;
    }
    if (covered)
        s->windows[0] = (selo_window){0, s->height, 0, s->width};
    for (int p = 0; p < s->height * s->width; p++) {
        double sum = 0, count = 0;
        for (size_t k = 0; k < n; k++) {
            const selo_window w = s->windows[k];
            const int y = p / s->width, x = p % s->width;
            if (y >= w.row_start && y < w.row_end && x >= w.col_start && x < w.col_end)
                sum += s->similarities[k], count++;
        }
        s->map[p] = count > 0 ? sum / count : (double)NAN;
    }
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void cells_are_means(void **state)
{
    (void)state;
    uint64_t seed = 3;
    static scene s;
    static float rows[PIXELS_MAX];
    for (int run = 0; run < 300; run++) {
        make_scene(&s, &seed, (size_t)test_random_int(&seed, 0, WINDOWS_MAX), run % 2 && run > 3);
        selo_lattice *lattice;
        selo_surface *surface;
        assert_int_equal(selo_lattice_new(s.height, s.width, s.windows, s.similarities, s.n, &lattice), SELO_OK);
        assert_int_equal(selo_surface_new(lattice, SELO_SAMPLE_FLOAT, SELO_FILTER_NONE, 0, 0, &surface), SELO_OK);
        const int first = test_random_int(&seed, 0, s.height - 1);
        assert_int_equal(selo_surface_rows(surface, first, s.height - first, rows + first * s.width), SELO_OK);
        assert_int_equal(selo_surface_rows(surface, 0, first, rows), SELO_OK);
        for (int p = 0; p < s.height * s.width; p++)
            assert_true(same((double)rows[p], (double)(float)s.map[p]));
        selo_surface_free(surface);
        selo_lattice_free(lattice);
    }
}

static void normalize_naively(double *map, int n, bool zero)
{
    double low = (double)INFINITY, high = -(double)INFINITY;
    for (int p = 0; p < n; p++) {
        if (isnan(map[p]) && zero)
            map[p] = 0;
        if (map[p] < low)
            low = map[p];
        if (map[p] > high)
            high = map[p];
    }
    for (int p = 0; p < n; p++)
        map[p] = isnan(map[p]) ? map[p] : low == high ? 0 : (map[p] - low) / (high - low);
}

/* Smallest value of which at least half of the valid pixels of the window are not greater; the edge is repeated. */
static double median_naively(const double *map, int height, int width, int y, int x, int ry, int rx)
{
    static double values[4096];
    size_t n = 0;
    for (int dy = -ry; dy <= ry; dy++)
        for (int dx = -rx; dx <= rx; dx++) {
            int yy = y + dy, xx = x + dx;
            yy = yy < 0 ? 0 : yy >= height ? height - 1 : yy;
            xx = xx < 0 ? 0 : xx >= width ? width - 1 : xx;
            if (!isnan(map[yy * width + xx]))
                values[n++] = map[yy * width + xx];
        }
    for (size_t k = 1; k < n; k++) {
        const double v = values[k];
        size_t at = k;
        for (; at > 0 && values[at - 1] > v; at--)
            values[at] = values[at - 1];
        values[at] = v;
    }
    return isnan(map[y * width + x]) ? (double)NAN : values[(n - 1) / 2];
}

static double gaussian_naively(const double *map, int height, int width, int y, int x, const int *wy, int ry,
                               const int *wx, int rx)
{
    double sum = 0, whole = 0;
    for (int dy = -ry; dy <= ry; dy++)
        for (int dx = -rx; dx <= rx; dx++) {
            const double value = map[test_mirror(y + dy, height) * width + test_mirror(x + dx, width)];
            const double weight = wy[dy + ry] * wx[dx + rx];
            if (!isnan(value))
                sum += weight * value, whole += weight;
        }
    return isnan(map[y * width + x]) ? (double)NAN : sum / whole;
}

typedef struct {
    selo_filter_method filter;
    int rx, ry;
    bool bytes;
    const int *wx, *wy;
} smoothing;

static void check_surface(const scene *s, const selo_lattice *lattice, const double *map, const smoothing *how,
                          uint64_t *seed)
{
    static float floats[PIXELS_MAX];
    static uint8_t bytes[PIXELS_MAX];
    void *rows = how->bytes ? (void *)bytes : (void *)floats;
    selo_surface *surface;
    assert_int_equal(selo_surface_new(lattice, how->bytes ? SELO_SAMPLE_BYTE : SELO_SAMPLE_FLOAT, how->filter,
                                      2 * how->rx + 1, 2 * how->ry + 1, &surface), SELO_OK);
    assert_true(selo_surface_cost(surface) > 0);
    for (int y = 0; y < s->height;) {
        const int n = test_random_int(seed, 1, s->height - y);
        void *at = how->bytes ? (void *)(bytes + y * s->width) : (void *)(floats + y * s->width);
        assert_int_equal(selo_surface_rows(surface, y, n, at), SELO_OK);
        y += n;
    }
    selo_surface_free(surface);
    for (int p = 0; p < s->height * s->width; p++) {
        const int y = p / s->width, x = p % s->width;
        const double expected =
            how->filter == SELO_FILTER_MEDIAN
                ? median_naively(map, s->height, s->width, y, x, how->ry, how->rx)
                : gaussian_naively(map, s->height, s->width, y, x, how->wy, how->ry, how->wx, how->rx);
        const double got = how->bytes ? bytes[p] : (double)((float *)rows)[p];
        if (isnan(expected))
            assert_true(how->bytes ? got == 0 : isnan(got));
        else if (how->filter == SELO_FILTER_MEDIAN)
            assert_true(got == (double)(float)expected);
        else if (how->bytes) /* a tie of x.5 goes up; with gaps the division may round before it */
            assert_true(fabs(got - floor(expected + 0.5)) < 0.5 || fabs(expected + 0.5 - rint(expected + 0.5)) < 1e-4);
        else
            assert_true(fabs(got - expected) < 1e-6);
    }
}

static void run_smoothings(selo_filter_method filter, uint64_t seed, int runs)
{
    static scene s;
    static int wy[15], wx[15];
    for (int run = 0; run < runs; run++) {
        make_scene(&s, &seed, (size_t)test_random_int(&seed, 1, run % 3 ? 12 : WINDOWS_MAX), run % 4 < 2);
        const smoothing how = {filter, test_random_int(&seed, 0, 7), test_random_int(&seed, 0, 7), run % 5 < 3, wx, wy};
        assert_int_equal(selo_gaussian_weights(2 * how.rx + 1, wx), SELO_OK);
        assert_int_equal(selo_gaussian_weights(2 * how.ry + 1, wy), SELO_OK);
        selo_lattice *lattice;
        assert_int_equal(selo_lattice_new(s.height, s.width, s.windows, s.similarities, s.n, &lattice), SELO_OK);
        const selo_uncovered uncovered = run % 7 ? SELO_UNCOVERED_NO_DATA : SELO_UNCOVERED_ZERO;
        selo_lattice_normalize(lattice, uncovered, NULL);
        normalize_naively(s.map, s.height * s.width, uncovered == SELO_UNCOVERED_ZERO);
        if (how.bytes) {
            selo_lattice_to_bytes(lattice);
            for (int p = 0; p < s.height * s.width; p++)
                s.map[p] = floor(255.0 * s.map[p]);
        }
        check_surface(&s, lattice, s.map, &how, &seed);
        selo_lattice_free(lattice);
    }
}

static void medians_agree_with_their_definition(void **state)
{
    (void)state;
    run_smoothings(SELO_FILTER_MEDIAN, 5, 250);
}

static void gaussians_agree_with_their_definition(void **state)
{
    (void)state;
    run_smoothings(SELO_FILTER_GAUSSIAN, 7, 120);
}

/* The order in which windows come must not matter, also where sums round. */
static void order_does_not_matter(void **state)
{
    (void)state;
    uint64_t seed = 17;
    enum { N = 500 };
    static selo_window windows[N];
    static double similarities[N];
    for (int k = 0; k < N; k++) {
        const int y = test_random_int(&seed, 0, 20), x = test_random_int(&seed, 0, 20);
        windows[k] = (selo_window){y, y + 10, x, x + 10};
        similarities[k] = (double)test_random(&seed) / 1e20 * (k % 3 ? 1 : -1e-6);
    }
    selo_lattice *first, *second;
    assert_int_equal(selo_lattice_new(30, 30, windows, similarities, N, &first), SELO_OK);
    for (int k = N - 1; k > 0; k--) {
        const int other = test_random_int(&seed, 0, k);
        const selo_window w = windows[k];
        const double v = similarities[k];
        windows[k] = windows[other], similarities[k] = similarities[other];
        windows[other] = w, similarities[other] = v;
    }
    assert_int_equal(selo_lattice_new(30, 30, windows, similarities, N, &second), SELO_OK);
    const size_t cells = (size_t)first->n_rows * (size_t)first->n_cols;
    assert_memory_equal(first->values, second->values, cells * sizeof(double));
    selo_lattice_free(first);
    selo_lattice_free(second);
}

static void awkward_similarities(void **state)
{
    (void)state;
    const selo_window windows[] = {{0, 2, 0, 2}, {0, 2, 1, 3}, {0, 2, 3, 4}};
    const double similarities[] = {(double)NAN, 1e-300, (double)INFINITY};
    selo_lattice *lattice;
    selo_range range;
    assert_int_equal(selo_lattice_new(2, 4, windows, similarities, 3, &lattice), SELO_OK);
    selo_lattice_normalize(lattice, SELO_UNCOVERED_NO_DATA, &range);
    assert_true(range.flat);
    assert_int_equal(range.uncovered_px, 4);
    assert_true(range.low == 1e-300 && range.high == 1e-300);
    assert_int_equal(lattice->n_cols, 3);
    assert_true(isnan(lattice->values[0]) && lattice->values[1] == 0 && isnan(lattice->values[2]));
    selo_lattice_free(lattice);
    assert_int_equal(selo_lattice_new(2, 4, windows, similarities, 1, &lattice), SELO_OK);
    selo_lattice_normalize(lattice, SELO_UNCOVERED_ZERO, &range);
    assert_true(range.flat && range.low == 0 && range.uncovered_px == 8);
    selo_lattice_free(lattice);
    const double large[] = {1e300, -1e300, 1e300};
    assert_int_equal(selo_lattice_new(2, 4, windows, large, 3, &lattice), SELO_OK);
    assert_true(lattice->values[0] == 1e300 && lattice->values[1] == 0 && lattice->values[2] == -1e300);
    selo_lattice_free(lattice);
}

static void short_memory_is_survived(void **state)
{
    (void)state;
    const selo_window windows[] = {{0, 20, 0, 20}, {5, 12, 3, 9}, {7, 20, 1, 15}};
    const double similarities[] = {0.25, 0.5, 1};
    static float rows[400];
    static const selo_filter_method filters[] = {SELO_FILTER_MEDIAN, SELO_FILTER_GAUSSIAN};
    for (size_t f = 0; f < COUNT(filters); f++) {
        selo_status status = SELO_E_MEMORY;
        for (long failing = 0; status != SELO_OK; failing++) {
            assert_true(failing < 60);
            selo_lattice *lattice = NULL;
            selo_surface *surface = NULL;
            test_heap_start(failing);
            status = selo_lattice_new(20, 20, windows, similarities, 3, &lattice);
            if (!status)
                status = selo_surface_new(lattice, SELO_SAMPLE_FLOAT, filters[f], 5, 3, &surface);
            if (!status)
                status = selo_surface_rows(surface, 0, 20, rows);
            selo_surface_free(surface);
            selo_lattice_free(lattice);
            assert_int_equal(test_heap_end(), 0);
            assert_true(status == SELO_OK || status == SELO_E_MEMORY);
        }
    }
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    selo_lattice *lattice;
    selo_surface *surface;
    static float rows[100];
    assert_int_equal(selo_lattice_new(0, 10, NULL, NULL, 0, &lattice), SELO_E_ARGUMENT);
    assert_int_equal(selo_lattice_new(10, 10, NULL, NULL, 1, &lattice), SELO_E_ARGUMENT);
    assert_int_equal(selo_lattice_new(10, 10, NULL, NULL, 0, &lattice), SELO_OK);
    assert_int_equal(selo_surface_new(lattice, SELO_SAMPLE_FLOAT, SELO_FILTER_MEDIAN, 4, 3, &surface), SELO_E_ARGUMENT);
    assert_int_equal(selo_surface_new(lattice, SELO_SAMPLE_FLOAT, SELO_FILTER_NONE, 0, 0, &surface), SELO_OK);
    assert_int_equal(selo_surface_rows(surface, 5, 6, rows), SELO_E_ARGUMENT);
    assert_int_equal(selo_surface_rows(surface, -1, 2, rows), SELO_E_ARGUMENT);
    selo_surface_free(surface);
    selo_lattice_free(lattice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_means),
        cmocka_unit_test(medians_agree_with_their_definition),
        cmocka_unit_test(gaussians_agree_with_their_definition),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(awkward_similarities),
        cmocka_unit_test(short_memory_is_survived),
        cmocka_unit_test(bad_arguments_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
