/* Lengths and areas on the ellipsoid, against geodesics of PROJ, closed forms and areas of polygons. */
#include "earth_test.h"

#include <geodesic.h>
#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "gdal.h"
#include "selo/coverage.h"
#include "selo/pixel_area.h"
#include "selo/region.h"

#define A 6378137.0
#define F (1 / 298.257223563)

/* Area of a block of pixels as a geodesic polygon whose sides, straight in the CRS, are cut into many pieces. */
static double block_area(const selo_earth *earth, const selo_frame *frame, double x0, double y0, double x1, double y1)
{
    enum { PIECES = 4000 };
    const double corners[5][2] = {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}};
    struct geod_geodesic g;
    struct geod_polygon polygon;
    double area, perimeter;
    geod_init(&g, A, F);
    geod_polygon_init(&polygon, 0);
    for (int side = 0; side < 4; side++)
        for (int i = 0; i < PIECES; i++) {
            const double t = (double)i / (double)PIECES;
            selo_point at = selo_frame_to_map(frame, corners[side][0] + t * (corners[side + 1][0] - corners[side][0]),
                                              corners[side][1] + t * (corners[side + 1][1] - corners[side][1]));
            assert_true(selo_earth_to_lonlat(earth, 1, &at.x, &at.y));
            geod_polygon_addpoint(&g, &polygon, at.y, at.x);
        }
    geod_polygon_compute(&g, &polygon, 0, 1, &area, &perimeter);
    return fabs(area);
}

/* Sum of pixel areas over a block. */
static double summed_area(selo_pixel_area *area, const selo_frame *frame, int x0, int y0, int x1, int y1)
{
    double *row = CPLMalloc(sizeof *row * (size_t)frame->width), sum = 0;
    for (int y = y0; y < y1; y++) {
        assert_int_equal(selo_pixel_area_row(area, y, row), SELO_OK);
        for (int x = x0; x < x1; x++)
            sum += row[x];
    }
    CPLFree(row);
    return sum;
}

static void pixels_add_up_to_the_ellipsoid(void **state)
{
    (void)state;
    static const struct {
        const char *crs;
        selo_frame frame;
        int block[4];
    } rows[] = {
        {"EPSG:32650", {1000, 800, {400000, 30, 0, 4000000, 0, -30}}, {100, 100, 900, 700}},
        {"EPSG:32650", {1000, 800, {500000, 25, 11, 4000000, 11, -25}}, {100, 100, 900, 700}}, /* turned */
        {"EPSG:3857", {700, 900, {1000000, 40, 0, 8400000, 0, -40}}, {0, 0, 700, 900}},
        /* large pixels, fitted by tiles */
        {"EPSG:3857", {360, 300, {-18000000, 100000, 0, 15000000, 0, -100000}}, {20, 20, 160, 280}},
        {"EPSG:4326", {500, 400, {10, 0.001, 0, 60, 0, -0.001}}, {0, 0, 500, 400}},
        {"EPSG:4326", {360, 180, {-180, 1, 0, 90, 0, -1}}, {30, 20, 200, 150}},
        {"EPSG:4326", {400, 300, {10, 0.001, 0.0004, 60, 0.0004, -0.001}}, {50, 50, 350, 250}}, /* turned */
        /* the pole is on the map */
        {"EPSG:3031", {600, 500, {-300000, 1000, 0, 250000, 0, -1000}}, {350, 300, 600, 500}},
        {"EPSG:3035", {900, 900, {2500000, 5000, 0, 5500000, 0, -5000}}, {100, 100, 800, 800}}, /* equal area */
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        selo_earth *earth = earth_of(rows[i].crs);
        const int *b = rows[i].block;
        selo_pixel_area *area;
        assert_int_equal(selo_frame_check(&rows[i].frame, earth, "map"), SELO_OK);
        assert_int_equal(selo_pixel_area_new(&rows[i].frame, earth, &area), SELO_OK);
        const double sum = summed_area(area, &rows[i].frame, b[0], b[1], b[2], b[3]);
        const double ellipsoid = block_area(earth, &rows[i].frame, b[0], b[1], b[2], b[3]);
        if (!(fabs(sum / ellipsoid - 1) < 2e-7))
            print_message("row %d, %s: %.10g, not %.10g (%.1e)\n", (int)i, rows[i].crs, sum, ellipsoid,
                          sum / ellipsoid - 1);
        assert_true(fabs(sum / ellipsoid - 1) < 2e-7);
        selo_pixel_area_free(area);
        selo_earth_free(earth);
    }
}

static void distances_are_geodesic(void **state)
{
    (void)state;
    selo_earth *earth = earth_of("EPSG:32650");
    struct geod_geodesic g;
    uint64_t seed = 3;
    geod_init(&g, A, F);
    for (int i = 0; i < 200; i++) {
        const selo_point p = {test_random_int(&seed, -180, 180), 1e-3 * test_random_int(&seed, -90000, 90000)};
        const selo_point q = {test_random_int(&seed, -180, 180), 1e-3 * test_random_int(&seed, -90000, 90000)};
        double metres, azimuth, got_azimuth;
        geod_inverse(&g, p.y, p.x, q.y, q.x, &metres, &azimuth, NULL);
        assert_double_equal(selo_earth_distance(earth, p, q, &got_azimuth), metres, 1e-9 * metres);
        assert_double_equal(got_azimuth, azimuth, 1e-9);
        if (metres > 1.9e7) /* near the other side of the Earth the plane has no inverse */
            continue;
        const selo_point back = selo_earth_from_plane(earth, p, selo_earth_to_plane(earth, p, q));
        assert_double_equal(selo_earth_distance(earth, back, q, NULL), 0, 1e-6);
    }
    /* echo "48 2 52 13" | geod +ellps=WGS84 -I -f %.3f */
    assert_double_equal(selo_earth_distance(earth, (selo_point){13, 52}, (selo_point){2, 48}, NULL), 904141.301, 1e-3);
    selo_earth_free(earth);
}

static void a_sphere_has_no_flattening(void **state)
{
    (void)state;
    selo_earth *earth = earth_of("+proj=longlat +R=6371000 +no_defs");
    const double quarter = 0.5 * 3.14159265358979323846 * 6371000;
    const selo_point equator = {20, 0}, pole = {20, 90}, east = {110, 0};
    assert_double_equal(selo_earth_distance(earth, equator, pole, NULL), quarter, 1e-6);
    assert_double_equal(selo_earth_distance(earth, equator, east, NULL), quarter, 1e-6);
    selo_earth_free(earth);
}

/* From the equator to 60 degrees north a step in longitude shrinks to half; between the two it is that of 30. */
static void steps_are_those_of_the_middle(void **state)
{
    (void)state;
    selo_earth *earth = earth_of("+proj=longlat +R=6371000 +no_defs");
    const selo_frame frame = {61, 61, {10, 1, 0, 60.5, 0, -1}};
    const double degree = 3.14159265358979323846 / 180 * 6371000;
    double x_m, y_m, variation;
    selo_frame_step(&frame, earth, &x_m, &y_m, &variation);
    assert_double_equal(y_m, degree, 1e-6);
    assert_double_equal(x_m, degree * sqrt(0.75), 1); /* a geodesic is shorter than the parallel */
    assert_double_equal(variation, 1, 1e-4);
    selo_earth_free(earth);
}

static double straight(selo_space a, selo_space b)
{
    return sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y) + (a.z - b.z) * (a.z - b.z));
}

/* What scoring leaves out by the straight way lies beyond the geodesic, too: never longer, and nearby the same. */
static void straight_ways_are_no_longer(void **state)
{
    (void)state;
    uint64_t seed = 6;
    selo_earth *earth = earth_of("EPSG:4326");
    for (int i = 0; i < 2000; i++) {
        const selo_point a = {test_random_int(&seed, -180, 180), 1e-3 * test_random_int(&seed, -90000, 90000)};
        const double reach = pow(10, 1e-3 * test_random_int(&seed, -3000, 7300));
        const double way = 3.14159265358979323846 / 180 * test_random_int(&seed, -180, 180);
        const selo_point b = selo_earth_from_plane(earth, a, (selo_point){reach * sin(way), reach * cos(way)});
        const double geodesic = selo_earth_distance(earth, a, b, NULL);
        const double chord = straight(selo_earth_in_space(earth, a), selo_earth_in_space(earth, b));
        assert_true(chord <= geodesic + 1e-7);
        if (reach < 1e4)
            assert_true(chord >= geodesic * (1 - 1e-6) - 1e-7);
    }
    selo_earth_free(earth);
}

static void circles_and_buffers(void **state)
{
    (void)state;
    selo_earth *earth = earth_of("EPSG:4326");
    OGRGeometryH circle = selo_circle_polygon(earth, (selo_point){179.9999, 10}, 1000);
    assert_true(envelope_x(circle, 0) > 179 && envelope_x(circle, 1) < 181); /* over the antimeridian in one piece */
    OGRGeometryH ring = OGR_G_GetGeometryRef(circle, 0);
    for (int i = 0; i < OGR_G_GetPointCount(ring); i++)
        assert_double_equal(selo_earth_distance(earth, (selo_point){179.9999, 10},
                                                (selo_point){OGR_G_GetX(ring, i), OGR_G_GetY(ring, i)}, NULL),
                            1000, 1e-6);
    OGR_G_DestroyGeometry(circle);
    OGRGeometryH point = OGR_G_CreateGeometry(wkbPoint);
    OGR_G_SetPoint_2D(point, 0, 13, 60);
    OGRGeometryH disc = selo_buffer_of(earth, point, 25);
    const selo_point east = {envelope_x(disc, 1), 60};
    assert_double_equal(selo_earth_distance(earth, (selo_point){13, 60}, east, NULL), 25, 1e-3);
    OGR_G_DestroyGeometry(point);
    OGR_G_DestroyGeometry(disc);
    selo_earth_free(earth);
}

static void radius_of_a_rectangle(void **state)
{
    (void)state;
    const selo_frame frame = {100, 100, {500000, 1, 0, 4000000, 0, -1}};
    selo_earth *earth = earth_of("EPSG:32650");
    char *wkt = "POLYGON((500010 3999990,500070 3999990,500070 3999910,500010 3999910,500010 3999990))";
    OGRGeometryH g;
    selo_shape shape;
    OGR_G_CreateFromWkt(&wkt, NULL, &g);
    assert_int_equal(selo_shape_of(&frame, earth, g, 1.5, "truth", &shape), SELO_OK);
    assert_double_equal(shape.centre_px.x, 40, 1e-9);
    assert_double_equal(shape.centre_px.y, 50, 1e-9);
    assert_double_equal(shape.area_px, 4800, 1e-6);
    assert_double_equal(shape.radius_m, 1.5 * 50 / 0.9996, 1e-6); /* half a diagonal of 60 x 80, at the
                                                                     central meridian's scale */
    OGR_G_DestroyGeometry(g);
    selo_earth_free(earth);
}

static void unusable_maps_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *crs;
        selo_frame frame;
        const char *message;
    } rows[] = {
        {"EPSG:4326", {10, 10, {0, 1, 0, 95, 0, -1}}, "beyond a pole"},
        {"EPSG:4326", {400, 10, {-180, 1, 0, 50, 0, -1}}, "more than once around"},
        {"EPSG:32650", {10, 10, {500000, 1, 2, 0, 2, 4}}, "no area"},
        {"EPSG:32650", {10, 10, {NAN, 1, 0, 0, 0, -1}}, "not finite"},
        {"EPSG:3035", {10, 10, {1e12, 1, 0, 1e12, 0, -1}}, "no place on the ellipsoid"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        selo_earth *earth = earth_of(rows[i].crs);
        CPLPushErrorHandler(CPLQuietErrorHandler);
        assert_int_equal(selo_frame_check(&rows[i].frame, earth, "map.tif"), SELO_E_INPUT);
        CPLPopErrorHandler();
        assert_non_null(strstr(CPLGetLastErrorMsg(), "map.tif"));
        if (!strstr(CPLGetLastErrorMsg(), rows[i].message))
            print_message("%s\n", CPLGetLastErrorMsg());
        assert_non_null(strstr(CPLGetLastErrorMsg(), rows[i].message));
        selo_earth_free(earth);
    }
    selo_earth *earth;
    OGRSpatialReferenceH crs = crs_of("EPSG:4978");
    CPLPushErrorHandler(CPLQuietErrorHandler);
    assert_int_equal(selo_earth_new(crs, &earth), SELO_E_INPUT);
    CPLPopErrorHandler();
    OSRDestroySpatialReference(crs);
}

int main(void)
{
    GDALAllRegister();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_add_up_to_the_ellipsoid),
        cmocka_unit_test(distances_are_geodesic),
        cmocka_unit_test(a_sphere_has_no_flattening),
        cmocka_unit_test(steps_are_those_of_the_middle),
        cmocka_unit_test(straight_ways_are_no_longer),
        cmocka_unit_test(circles_and_buffers),
        cmocka_unit_test(radius_of_a_rectangle),
        cmocka_unit_test(unusable_maps_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
