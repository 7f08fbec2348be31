/* Filled polygons on hand-made grids, and random ones against the plain way. */
#include "plain_spans.h"

/* Draws the mask from its spans and checks that these are sorted, disjoint, apart from each other and on the image. */
static int64_t draw(image *im, const selo_point_px *points, const size_t *sizes, size_t n_contours)
{
    selo_fill *fill;
    int64_t area = 0;
    memset(im->mask, 0, sizeof im->mask);
    assert_int_equal(selo_fill_new(points, sizes, n_contours, im->width, im->height, &fill), SELO_OK);
    for (int y = 0; y < im->height; y++) {
        const selo_span *spans;
        size_t count;
        int end = -2;
        assert_int_equal(selo_fill_row(fill, y, &spans, &count), SELO_OK);
        for (size_t i = 0; i < count; i++) {
            assert_true(spans[i].x0 > end + 1 && spans[i].x0 >= 0);
            assert_true(spans[i].x1 >= spans[i].x0 && spans[i].x1 < im->width);
            end = spans[i].x1;
            area += end - spans[i].x0 + 1;
            memset(im->mask + y * im->width + spans[i].x0, 1, (size_t)(end - spans[i].x0 + 1));
        }
    }
    selo_fill_free(fill);
    return area;
}

/* Rows of the picture, '#' for the mask. */
static void assert_picture(int width, int height, const char *picture, const selo_point_px *points, const size_t *sizes,
                           size_t n_contours)
{
    static image im;
    im.width = width;
    im.height = height;
    draw(&im, points, sizes, n_contours);
    for (int i = 0; i < width * height; i++)
        assert_int_equal(im.mask[i], picture[i] == '#');
}

static void test_hand_made(void **state)
{
    (void)state;
    const size_t one = 1, two = 2, three = 3, four = 4;
    const selo_point_px pixel[] = {{1, 1}};
    assert_picture(3, 3, "..."
                         ".#."
                         "...", pixel, &one, 1);
    const selo_point_px line[] = {{0, 0}, {2, 2}};
    assert_picture(3, 3, "#.."
                         ".#."
                         "..#", line, &two, 1);
    /* A flat line: steps 0..4 go down at 2k + 3 over 8, half rounds down, so at k = 3. */
    const selo_point_px flat[] = {{0, 0}, {4, 1}};
    assert_picture(5, 2, "###.."
                         "...##", flat, &two, 1);
    const selo_point_px rising[] = {{0, 1}, {4, 0}};
    assert_picture(5, 2, "...##"
                         "###..", rising, &two, 1);
    const selo_point_px triangle[] = {{0, 0}, {3, 0}, {0, 3}};
    assert_picture(4, 4, "####"
                         "###."
                         "##.."
                         "#...", triangle, &three, 1);
    const selo_point_px square[] = {{1, 1}, {3, 1}, {3, 3}, {1, 3}};
    assert_picture(5, 5, "....."
                         ".###."
                         ".###."
                         ".###."
                         ".....", square, &four, 1);
    assert_picture(2, 2, "....", NULL, NULL, 0);
}

static void test_clipped(void **state)
{
    (void)state;
    const size_t two = 2, four = 4;
    const selo_point_px around[] = {{-5, -5}, {9, -5}, {9, 9}, {-5, 9}};
    assert_picture(3, 3, "###"
                         "###"
                         "###", around, &four, 1);
    const selo_point_px beside[] = {{4, -5}, {9, -5}, {9, 9}, {4, 9}};
    assert_picture(3, 3, "..."
                         "..."
                         "...", beside, &four, 1);
    const selo_point_px corner[] = {{-2, -2}, {1, -2}, {1, 1}, {-2, 1}};
    assert_picture(3, 3, "##."
                         "##."
                         "...", corner, &four, 1);
    const selo_point_px through[] = {{-3, 1}, {5, 1}};
    assert_picture(3, 3, "..."
                         "###"
                         "...", through, &two, 1);
}

/* Overlaps cancel: a square listed twice leaves its outline; three times, the square. */
static void test_repeated(void **state)
{
    (void)state;
    static image im = {.width = 120, .height = 120};
    selo_point_px points[12];
    const selo_point_px square[] = {{10, 10}, {110, 10}, {110, 110}, {10, 110}};
    const size_t sizes[] = {4, 4, 4};
    for (size_t i = 0; i < COUNT(points); i++)
        points[i] = square[i % 4];
    assert_int_equal(draw(&im, points, sizes, 1), 10201);
    assert_int_equal(draw(&im, points, sizes, 2), 400);
    assert_int_equal(draw(&im, points, sizes, 3), 10201);
}

/* Measured with the pinned version of the published requirements; later ones fill 506 pixels. */
static void test_published_version(void **state)
{
    (void)state;
    static image im = {.width = 50, .height = 50};
    const selo_point_px quad[] = {{44, 27}, {7, 37}, {7, 19}, {38, 19}};
    const size_t four = 4;
    assert_int_equal(draw(&im, quad, &four, 1), 504);
}

static selo_point_px random_point(uint64_t *seed, int kind, const image *im)
{
    const int w = im->width, h = im->height;
    switch (kind) {
    case 0: return (selo_point_px){test_random_int(seed, 0, w - 1), test_random_int(seed, 0, h - 1)};
    case 1: return (selo_point_px){test_random_int(seed, -w, 2 * w), test_random_int(seed, -h, 2 * h)};
    case 2: return (selo_point_px){test_random_int(seed, -100000, 100000), test_random_int(seed, -100000, 100000)};
    case 3: return (selo_point_px){test_random_int(seed, -2, 2) * w / 2, test_random_int(seed, -2, 2) * h / 2};
    default:
        return (selo_point_px){test_random_int(seed, INT32_MIN, INT32_MAX),
                               test_random_int(seed, INT32_MIN, INT32_MAX)};
    }
}

/* A few contours: new points, repeats of the last one, and repeats of whole contours. */
static size_t random_contours(uint64_t *seed, const image *im, selo_point_px *points, size_t *sizes)
{
    const int kind = test_random_int(seed, 0, 5);
    const size_t n_contours = (size_t)test_random_int(seed, 1, 4);
    size_t n = 0;
    for (size_t k = 0; k < n_contours; k++) {
        const int repeat = k > 0 && test_random_int(seed, 0, 4) == 0;
        sizes[k] = repeat ? sizes[k - 1] : (size_t)test_random_int(seed, 1, 9);
        for (size_t i = 0; i < sizes[k]; i++, n++) {
            if (repeat)
                points[n] = points[n - sizes[k]];
            else if (i > 0 && test_random_int(seed, 0, 7) == 0)
                points[n] = points[n - 1];
            else
                points[n] = random_point(seed, kind < 5 ? kind : test_random_int(seed, 0, 4), im);
        }
    }
    return n_contours;
}

static void test_against_whole_image(void **state)
{
    (void)state;
    static image streamed, plain;
    selo_point_px points[POINTS_MAX];
    size_t sizes[4];
    uint64_t seed = 20220715;
    for (int round = 0; round < 6000; round++) {
        const int top = round % 3 == 0 ? 6 : SIDE_MAX;
        streamed.width = plain.width = test_random_int(&seed, 1, top);
        streamed.height = plain.height = test_random_int(&seed, 1, top);
        const size_t n = random_contours(&seed, &plain, points, sizes);
        draw_plainly(&plain, points, sizes, n);
        draw(&streamed, points, sizes, n);
        assert_memory_equal(streamed.mask, plain.mask, (size_t)plain.width * (size_t)plain.height);
    }
}

static void test_rows_left_out(void **state)
{
    (void)state;
    const selo_point_px points[] = {{0, 0}, {9, 0}, {9, 4}, {0, 4}, {2, 6}, {5, 6}, {5, 9}};
    const size_t sizes[] = {4, 3};
    const selo_span *spans;
    size_t count;
    selo_fill *fill;
    assert_int_equal(selo_fill_new(points, sizes, 2, 10, 10, &fill), SELO_OK);
    assert_int_equal(selo_fill_row(fill, 3, &spans, &count), SELO_OK);
    assert_int_equal(count, 1);
    assert_int_equal(spans[0].x1, 9);
    assert_int_equal(selo_fill_row(fill, 8, &spans, &count), SELO_OK);
    assert_int_equal(count, 1);
    assert_int_equal(spans[0].x0, 4);
    assert_int_equal(spans[0].x1, 5);
    assert_int_equal(selo_fill_row(fill, 7, &spans, &count), SELO_E_ARGUMENT);
    assert_int_equal(selo_fill_row(fill, 10, &spans, &count), SELO_E_ARGUMENT);
    selo_fill_free(fill);
}

static void test_arguments(void **state)
{
    (void)state;
    const selo_point_px points[] = {{0, 0}};
    const size_t none = 0, one = 1, huge[] = {SIZE_MAX / 2, SIZE_MAX / 2};
    selo_fill *fill;
    assert_int_equal(selo_fill_new(points, &one, 1, 0, 1, &fill), SELO_E_ARGUMENT);
    assert_int_equal(selo_fill_new(points, &one, 1, 1, 0, &fill), SELO_E_ARGUMENT);
    assert_int_equal(selo_fill_new(points, &none, 1, 1, 1, &fill), SELO_E_ARGUMENT);
    assert_int_equal(selo_fill_new(points, huge, 2, 1, 1, &fill), SELO_E_ARGUMENT);
    assert_int_equal(selo_fill_new(NULL, &one, 1, 1, 1, &fill), SELO_E_ARGUMENT);
    assert_null(fill);
    selo_fill_free(NULL);
}

static void test_short_of_memory(void **state)
{
    (void)state;
    const selo_point_px points[] = {{0, 0}, {9, 0}, {9, 9}};
    const size_t three = 3;
    selo_fill *fill;
    long failing = 0;
    selo_status status;
    do {
        test_heap_start(failing++);
        status = selo_fill_new(points, &three, 1, 10, 10, &fill);
        assert_true(status == SELO_OK || (status == SELO_E_MEMORY && !fill));
        selo_fill_free(fill);
        assert_int_equal(test_heap_end(), 0);
    } while (status != SELO_OK);
    assert_true(failing > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hand_made),         cmocka_unit_test(test_clipped),
        cmocka_unit_test(test_repeated),          cmocka_unit_test(test_published_version),
        cmocka_unit_test(test_against_whole_image), cmocka_unit_test(test_rows_left_out),
        cmocka_unit_test(test_arguments),         cmocka_unit_test(test_short_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
