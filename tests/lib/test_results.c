/* Scored samples as layers: each number in its field, undefined as null, geometries where they belong. */
#include "results_test.h"

static void every_number_has_its_field(void **state)
{
    (void)state;
    GDALDatasetH data = in_memory(&reference, NULL);
    assert_int_equal(GDALDatasetGetLayerCount(data), 7);
    assert_fields(
        data, "selo_sample", 0,
        "run_id=r1 sample_id=s7 model=null map_uri=map.tif gt_uri=null profile=reference status=ok rsu=0.75 ras=0.5 "
        "rda=0.2 rmi=0.525 n_region=2 n_cand=3 gt_frac=0.02875 nodata_fr=0 area_m2=null t_ms=12 nss=1.25");
    assert_fields(data, "selo_region", 0,
                  "run_id=r1 sample_id=s7 profile=reference "
                  "region_id=0 n_in=2 cls=lawn cx_px=10 cy_px=20 r_px=15 r_m=null shift_px=5 "
                  "shift_m=null spread_px=5 spread_m=null rda_r=0.4 mass_in=0.7 area_px=200 area_m2=null hidden_fr=0");
    assert_fields(data, "selo_region", 1, "region_id=1 n_in=0 cls=null spread_px=null ras_r=1 rda_r=0");
    assert_fields(data, "selo_circle", 1, "sample_id=s7 profile=reference region_id=1 r_px=5 r_m=null");
    assert_fields(data, "selo_cand", 1,
                  "sample_id=s7 profile=reference cand_id=1 rank=2 prob=0.8 x_px=16 y_px=28 plateau_px=1 n_hit=1");
    assert_fields(data, "selo_run", 0, "run_id=r1 params={} seed=null t_cut_ms=null");
    (void)GDALClose(data);
}

/* Whole pixels are drawn at their middle, rows count downwards. */
static void pixel_coordinates_have_no_crs(void **state)
{
    (void)state;
    GDALDatasetH data = in_memory(&reference, NULL);
    assert_wkt(data, "selo_sample", 0, "POLYGON ((0 0,100 0,100 80,0 80,0 0))");
    assert_wkt(data, "selo_region", 0, "MULTIPOLYGON (((4 14,16 14,16 26,4 26,4 14)))");
    assert_wkt(data, "selo_cand", 1, "POINT (16.5 28.5)");
    assert_wkt(data, "selo_shift", 1, "LINESTRING (10.5 20.5,16.5 28.5)");
    assert_null(OGR_L_GetSpatialRef(GDALDatasetGetLayerByName(data, "selo_cand")));
    assert_fields(data, "selo_shift", 1, "dist_px=10 dist_m=null azim_deg=null");
    (void)GDALClose(data);
}

/* As many lines as candidates in the circle, nearest first; one to the nearest where none is. */
static void shifts_show_what_counted(void **state)
{
    (void)state;
    GDALDatasetH data = in_memory(&reference, NULL);
    assert_int_equal(OGR_L_GetFeatureCount(GDALDatasetGetLayerByName(data, "selo_shift"), TRUE), 3);
    assert_fields(data, "selo_shift", 0, "region_id=0 cand_id=0 dist_px=0 inside=1");
    assert_fields(data, "selo_shift", 1, "profile=reference region_id=0 cand_id=1 dist_px=10 inside=1");
    assert_fields(data, "selo_shift", 2, "region_id=1 cand_id=2 inside=0");
    (void)GDALClose(data);
}

static void a_map_on_the_earth_has_metres(void **state)
{
    (void)state;
    OGRSpatialReferenceH utm = crs_of(32725);
    GDALDatasetH data = in_memory(&reference, utm);
    assert_wkt(data, "selo_sample", 0,
               "POLYGON ((290000 9120000,290050 9120000,290050 9119960,290000 9119960,290000 9120000))");
    assert_wkt(data, "selo_cand", 1, "POINT (290008.25 9119985.75)");
    assert_fields(data, "selo_shift", 0, "dist_px=0 dist_m=0 azim_deg=null");
    OGRFeatureH row = row_of(data, "selo_shift", 1);
    const double metres = OGR_F_GetFieldAsDouble(row, OGR_F_GetFieldIndex(row, "dist_m"));
    const double azimuth = OGR_F_GetFieldAsDouble(row, OGR_F_GetFieldIndex(row, "azim_deg"));
    /* (3, -4) m on the grid: 5 m, less or more by the scale of the projection (1.00014 here); 143.13 degrees from grid
     * north, and grid north is turned by the convergence, below half a degree */
    assert_true(metres > 4.999 && metres < 5.0 && fabs(azimuth - 143.13) < 0.5);
    OGRGeometryH line = OGR_F_GetGeometryRef(row);
    OGR_G_AssignSpatialReference(line, utm);
    assert_true(fabs(OGR_G_GeodesicLength(line) - metres) < 1e-6);
    OGR_F_Destroy(row);
    (void)GDALClose(data);
    OSRDestroySpatialReference(utm);
}

/* Distance from (x, y) of every vertex of a circle, least and most: on the plane, or geodesic where crs is given. */
static void circle_reach(GDALDatasetH data, double x, double y, OGRSpatialReferenceH crs, double *least, double *most)
{
    OGRFeatureH row = row_of(data, "selo_circle", 0);
    OGRGeometryH ring = OGR_G_GetGeometryRef(OGR_F_GetGeometryRef(row), 0);
    *least = INFINITY;
    *most = 0;
    assert_true(OGR_G_GetPointCount(ring) > 64);
    for (int i = 0; i < OGR_G_GetPointCount(ring); i++) {
        OGRGeometryH line = OGR_G_CreateGeometry(wkbLineString);
        OGR_G_AddPoint_2D(line, x, y);
        OGR_G_AddPoint_2D(line, OGR_G_GetX(ring, i), OGR_G_GetY(ring, i));
        OGR_G_AssignSpatialReference(line, crs);
        const double reach = crs ? OGR_G_GeodesicLength(line) : OGR_G_Length(line);
        *least = fmin(*least, reach);
        *most = fmax(*most, reach);
        OGR_G_DestroyGeometry(line);
    }
    OGR_F_Destroy(row);
}

static void circles_are_round_where_they_were_measured(void **state)
{
    (void)state;
    double least, most;
    OGRSpatialReferenceH utm = crs_of(32725);
    GDALDatasetH data = in_memory(&reference, utm);
    circle_reach(data, 290000 + 10.5 * 0.5, 9120000 - 20.5 * 0.5, NULL, &least, &most);
    assert_true(fabs(least - 7.5) < 1e-8 && fabs(most - 7.5) < 1e-8);
    (void)GDALClose(data);

    selo_region_score on_ground[2] = {regions[0], regions[1]};
    on_ground[0].r_m = 30;
    selo_score ground = reference;
    ground.profile = SELO_PROFILE_GROUND;
    ground.regions = on_ground;
    data = in_memory(&ground, utm);
    circle_reach(data, 290000 + 10 * 0.5, 9120000 - 20 * 0.5, utm, &least, &most);
    assert_true(fabs(least - 30) < 1e-4 && fabs(most - 30) < 1e-4);
    assert_wkt(data, "selo_cand", 0, "POINT (290005 9119990)");
    (void)GDALClose(data);
    OSRDestroySpatialReference(utm);
}

static void undefined_scores_are_null_and_say_why(void **state)
{
    (void)state;
    selo_score nothing = {.profile = SELO_PROFILE_REFERENCE,
                          .verdict = SELO_REGION_OUTSIDE,
                          .rsu = NAN,
                          .ras = 1,
                          .rda = 0,
                          .rmi = NAN,
                          .gt_frac = 0,
                          .area_m2 = NAN};
    GDALDatasetH data = in_memory(&nothing, NULL);
    assert_fields(data, "selo_sample", 0, "status=region_outside rsu=null ras=1 rda=0 rmi=null n_region=0 n_cand=0");
    assert_int_equal(OGR_L_GetFeatureCount(GDALDatasetGetLayerByName(data, "selo_shift"), TRUE), 0);
    (void)GDALClose(data);
}

/* The words under which a reader finds the layers: short enough for a Shapefile, explained, and not twice the same. */
static void every_field_is_explained(void **state)
{
    (void)state;
    GDALDatasetH data = in_memory(&reference, NULL);
    for (int l = 0; l < GDALDatasetGetLayerCount(data); l++) {
        OGRLayerH layer = GDALDatasetGetLayer(data, l);
        OGRFeatureDefnH fields = OGR_L_GetLayerDefn(layer);
        char **titles = NULL;
        assert_string_equal(GDALGetMetadataItem(layer, "SELO_SCHEMA", NULL), "1");
        assert_string_equal(GDALGetMetadataItem(layer, "SELO_PARAMS", NULL), "{}");
        for (int i = 0; i < OGR_FD_GetFieldCount(fields); i++) {
            OGRFieldDefnH field = OGR_FD_GetFieldDefn(fields, i);
            const char *name = OGR_Fld_GetNameRef(field), *title = OGR_Fld_GetAlternativeNameRef(field);
            if (strlen(name) > 10)
                fail_msg("%s is longer than 10 characters", name);
            if (strcmp(name, "nss") == 0)
                continue;
            if (!*OGR_Fld_GetComment(field) || !*title || CSLFindString(titles, title) >= 0)
                fail_msg("%s.%s: no comment, or no title of its own", OGR_L_GetName(layer), name);
            titles = CSLAddString(titles, title);
        }
        CSLDestroy(titles);
    }
    (void)GDALClose(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_number_has_its_field, clean),
        cmocka_unit_test_setup(pixel_coordinates_have_no_crs, clean),
        cmocka_unit_test_setup(shifts_show_what_counted, clean),
        cmocka_unit_test_setup(a_map_on_the_earth_has_metres, clean),
        cmocka_unit_test_setup(circles_are_round_where_they_were_measured, clean),
        cmocka_unit_test_setup(undefined_scores_are_null_and_say_why, clean),
        cmocka_unit_test_setup(every_field_is_explained, clean),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
