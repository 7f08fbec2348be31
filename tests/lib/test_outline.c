/* The way of a truth's areas to the map's CRS: along bent edges, repaired, over the antimeridian, or refused. */
#include "earth_test.h"

#include <math.h>
#include <string.h>

#include "cpl_error.h"
#include "gdal.h"
#include "selo/outline.h"

/* What selo_way_area() makes of a truth in one CRS for a map in another; NULL if it refuses. */
static OGRGeometryH brought(const char *from, const char *to, const selo_frame *frame, const char *wkt, bool ballpark,
                            bool *repaired)
{
    OGRSpatialReferenceH a = crs_of(from), b = crs_of(to);
    selo_earth *earth;
    selo_way *way = NULL;
    OGRGeometryH g, area = NULL;
    char *text = (char *)wkt;
    const selo_way_options options = {.from_name = "truth.gpkg", .to_name = "map.tif", .allow_ballpark = ballpark};
    assert_int_equal(selo_earth_new(b, &earth), SELO_OK);
    assert_int_equal(OGR_G_CreateFromWkt(&text, NULL, &g), OGRERR_NONE);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    CPLErrorReset();
    if (selo_way_new(a, b, frame, earth, &options, &way) == SELO_OK)
        (void)selo_way_area(way, g, &area, repaired);
    CPLPopErrorHandler();
    selo_way_free(way);
    OGR_G_DestroyGeometry(g);
    selo_earth_free(earth);
    OSRDestroySpatialReference(a);
    OSRDestroySpatialReference(b);
    return area;
}

static void edges_bend_with_the_transformation(void **state)
{
    (void)state;
    const selo_frame frame = {1000, 1000, {300000, 100, 0, 6700000, 0, -100}};
    bool repaired;
    OGRGeometryH area = brought("EPSG:4326", "EPSG:32633", &frame, "POLYGON((12 59.7,13 59.7,13 60.3,12 60.3,12 59.7))",
                                false, &repaired);
    assert_non_null(area);
    assert_false(repaired);
    OGRGeometryH ring = OGR_G_GetGeometryRef(area, 0);
    selo_earth *earth = earth_of("EPSG:32633");
    double farthest = 0; /* of a side's middle from the box's edge, in degrees */
    for (int i = 1; i < OGR_G_GetPointCount(ring); i++) {
        selo_point middle = {0.5 * (OGR_G_GetX(ring, i - 1) + OGR_G_GetX(ring, i)),
                             0.5 * (OGR_G_GetY(ring, i - 1) + OGR_G_GetY(ring, i))};
        assert_true(selo_earth_to_lonlat(earth, 1, &middle.x, &middle.y));
        farthest = fmax(farthest, fmin(fmin(fabs(middle.x - 12), fabs(middle.x - 13)),
                                       fmin(fabs(middle.y - 59.7), fabs(middle.y - 60.3))));
    }
    assert_true(farthest < 2e-9); /* 0.2 mm, or 2e-6 of a pixel; some 100 m along straight edges */
    OGR_G_DestroyGeometry(area);
    selo_earth_free(earth);
}

static void bad_geometries_are_repaired(void **state)
{
    (void)state;
    const selo_frame frame = {100, 100, {500000, 1, 0, 4000000, 0, -1}};
    bool repaired;
    OGRGeometryH bow = brought("EPSG:32650", "EPSG:32650", &frame,
                               "POLYGON((500000 3999990,500010 3999980,500010 3999990,500000 3999980,500000 3999990))",
                               false, &repaired);
    assert_non_null(bow);
    assert_true(repaired);
    assert_double_equal(OGR_G_Area(bow), 50, 1e-9);
    OGR_G_DestroyGeometry(bow);
    OGRGeometryH flat = brought("EPSG:32650", "EPSG:32650", &frame,
                                "POLYGON((500000 3999990,500010 3999980,500000 3999990))", false, &repaired);
    assert_null(flat);
    OGRGeometryH curved =
        brought("EPSG:32650", "EPSG:32650", &frame,
                "CURVEPOLYGON Z (CIRCULARSTRING Z (500010 3999990 1,500030 3999990 1,500010 3999990 1))", false,
                &repaired);
    assert_non_null(curved);
    assert_double_equal(OGR_G_Area(curved), 314.159, 0.5);
    OGR_G_DestroyGeometry(curved);
}

static void ballpark_is_refused(void **state)
{
    (void)state;
    const selo_frame frame = {1000, 1000, {300000, 10, 0, 5700000, 0, -10}};
    const char *wkt = "POLYGON((12.1 51.3,12.2 51.3,12.2 51.4,12.1 51.3))",
               *unknown = "+proj=longlat +ellps=bessel +no_defs";
    bool repaired;
    assert_null(brought(unknown, "EPSG:32633", &frame, wkt, false, &repaired));
    assert_non_null(strstr(CPLGetLastErrorMsg(), "--allow-ballpark"));
    assert_non_null(strstr(CPLGetLastErrorMsg(), "truth.gpkg"));
    OGRGeometryH area = brought(unknown, "EPSG:32633", &frame, wkt, true, &repaired);
    assert_non_null(area);
    OGR_G_DestroyGeometry(area);
}

static void longitudes_go_on_over_the_antimeridian(void **state)
{
    (void)state;
    const selo_frame frame = {200, 100, {179, 0.01, 0, 10, 0, -0.01}};
    bool repaired;
    /* a box that starts west of 180 and ends east of it, in the coordinates of a UTM zone there */
    OGRGeometryH area = brought("EPSG:32601", "EPSG:4326", &frame,
                                "POLYGON((150000 1030000,200000 1030000,200000 1060000,150000 1060000,150000 1030000))",
                                false, &repaired);
    assert_non_null(area);
    assert_true(envelope_x(area, 0) > 179 && envelope_x(area, 0) < 180 && envelope_x(area, 1) > 180 &&
                envelope_x(area, 1) < 181);
    OGR_G_DestroyGeometry(area);
    /* the part beyond, as RFC 7946 has it */
    area = brought("EPSG:4326", "EPSG:4326", &frame, "POLYGON((-180 9.2,-179.5 9.2,-179.5 9.8,-180 9.8,-180 9.2))",
                   false, &repaired);
    assert_non_null(area);
    assert_double_equal(envelope_x(area, 0), 180, 1e-9);
    OGR_G_DestroyGeometry(area);
    const selo_frame mercator = {100, 100, {20000000, 100, 0, 1100000, 0, -100}};
    assert_null(brought("EPSG:32601", "EPSG:3857", &mercator,
                        "POLYGON((150000 1030000,200000 1030000,200000 1060000,150000 1060000,150000 1030000))", false,
                        &repaired));
    assert_non_null(strstr(CPLGetLastErrorMsg(), "far meridian"));
}

int main(void)
{
    GDALAllRegister();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_bend_with_the_transformation),
        cmocka_unit_test(bad_geometries_are_repaired),
        cmocka_unit_test(ballpark_is_refused),
        cmocka_unit_test(longitudes_go_on_over_the_antimeridian),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
