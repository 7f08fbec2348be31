/* Scored samples as layers: each number in its field, undefined as null, geometries where they belong. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cpl_conv.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "selo/results.h"

static const double gt[6] = {290000, 0.5, 0, 9120000, 0, -0.5};
static const char *const folder = "/vsimem/selo_results";
static int n_messages;
static char last_message[500];

/* Two regions on a map of 100 x 80 pixels: one with two of three candidates in its circle, one with none. */
static selo_candidate candidates[3] = {{10, 20, 0.9, 4, 1}, {16, 28, 0.8, 1, 1}, {90, 70, 0.6, 2, 0}};
static selo_region_score regions[2] = {
    {.cx_px = 10, .cy_px = 20, .r_px = 15, .r_m = NAN, .n_in = 2, .shift_px = 5, .shift_m = NAN, .spread_px = 5,
     .spread_m = NAN, .ras_r = 1.0 / 3, .rda_r = 0.4, .mass_in = 0.7, .area_px = 200, .area_m2 = NAN, .hidden = 0},
    {.cx_px = 60, .cy_px = 60, .r_px = 5, .r_m = NAN, .n_in = 0, .shift_px = 5, .shift_m = NAN, .spread_px = NAN,
     .spread_m = NAN, .ras_r = 1, .rda_r = 0, .mass_in = 0.1, .area_px = 30, .area_m2 = NAN, .hidden = 0}};
static const selo_score reference = {.profile = SELO_PROFILE_REFERENCE, .verdict = SELO_SCORED, .rsu = 0.75, .ras = 0.5,
                                     .rda = 0.2, .rmi = 0.525, .n_candidates = 3, .candidates = candidates,
                                     .n_regions = 2, .regions = regions, .gt_frac = 0.02875, .nodata_fr = 0,
                                     .area_m2 = NAN};

static void CPL_STDCALL remember(CPLErr class, CPLErrorNum number, const char *message)
{
    (void)number;
    n_messages += class >= CE_Warning;
    (void)snprintf(last_message, sizeof last_message, "%s", message);
}

static int begin(void **state)
{
    (void)state;
    GDALAllRegister();
    CPLSetErrorHandler(remember);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    n_messages = 0;
    (void)VSIRmdirRecursive(folder);
    return 0;
}

static OGRSpatialReferenceH crs_of(int epsg)
{
    OGRSpatialReferenceH crs = OSRNewSpatialReference(NULL);
    assert_int_equal(OSRImportFromEPSG(crs, epsg), OGRERR_NONE);
    OSRSetAxisMappingStrategy(crs, OAMS_TRADITIONAL_GIS_ORDER);
    return crs;
}

static OGRGeometryH square(double x, double y, double side)
{
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing), polygon = OGR_G_CreateGeometry(wkbPolygon);
    OGR_G_AddPoint_2D(ring, x, y);
    OGR_G_AddPoint_2D(ring, x + side, y);
    OGR_G_AddPoint_2D(ring, x + side, y + side);
    OGR_G_AddPoint_2D(ring, x, y + side);
    OGR_G_AddPoint_2D(ring, x, y);
    (void)OGR_G_AddGeometryDirectly(polygon, ring);
    return polygon;
}

/* Writes one sample; crs NULL: in pixel coordinates. */
static GDALDatasetH write_sample(const selo_results_options *options, const selo_score *score, OGRSpatialReferenceH crs)
{
    const OGRGeometryH areas[2] = {square(crs ? 290002 : 4, crs ? 9119990 : 14, 12), square(57, 57, 6)};
    const char *const classes[2] = {"lawn", NULL};
    const char *const extra_names[1] = {"nss"};
    const double extra_values[1] = {1.25};
    const selo_sample_result sample = {.sample_id = "s7",
                                       .query = "a lawn",
                                       .map_uri = "map.tif",
                                       .score = score,
                                       .crs = crs,
                                       .geotransform = crs ? gt : NULL,
                                       .width = 100,
                                       .height = 80,
                                       .regions = areas,
                                       .classes = classes,
                                       .t_ms = 12.4,
                                       .n_extra = 1,
                                       .extra_names = extra_names,
                                       .extra_values = extra_values};
    const selo_run run = {.run_id = "r1", .params_json = "{}", .seed = -1, .cut_ms = NAN, .sim_ms = NAN, .gnt_ms = NAN,
                          .flt_ms = NAN};
    selo_results *results;
    GDALDatasetH dataset;
    assert_int_equal(selo_results_open(options, &run, &results), SELO_OK);
    assert_int_equal(selo_results_add(results, &sample), SELO_OK);
    assert_int_equal(selo_results_close(results, &dataset), SELO_OK);
    OGR_G_DestroyGeometry(areas[0]);
    OGR_G_DestroyGeometry(areas[1]);
    if (n_messages)
        fail_msg("%s", last_message);
    if (!dataset)
        dataset = GDALOpenEx(options->path, GDAL_OF_VECTOR, NULL, NULL, NULL);
    assert_non_null(dataset);
    return dataset;
}

static GDALDatasetH in_memory(const selo_score *score, OGRSpatialReferenceH crs)
{
    const selo_results_options options = {.path = NULL};
    return write_sample(&options, score, crs);
}

/* Row `index` of a layer; the caller destroys it. */
static OGRFeatureH row_of(GDALDatasetH dataset, const char *layer, int index)
{
    OGRLayerH found = GDALDatasetGetLayerByName(dataset, layer);
    if (!found)
        fail_msg("no layer %s", layer);
    OGR_L_ResetReading(found);
    OGRFeatureH row = OGR_L_GetNextFeature(found);
    for (; row && index > 0; index--) {
        OGR_F_Destroy(row);
        row = OGR_L_GetNextFeature(found);
    }
    assert_non_null(row);
    return row;
}

/* "field=value", values as text, "null" for nulls, joined by spaces. */
static void assert_fields(GDALDatasetH dataset, const char *layer, int index, const char *expected)
{
    OGRFeatureH row = row_of(dataset, layer, index);
    char **pairs = CSLTokenizeString2(expected, " ", 0);
    for (char **pair = pairs; *pair; pair++) {
        char *name = NULL;
        const char *value = CPLParseNameValue(*pair, &name);
        const int at = OGR_F_GetFieldIndex(row, name);
        if (at < 0)
            fail_msg("%s has no field %s", layer, name);
        const char *found = OGR_F_IsFieldSetAndNotNull(row, at) ? OGR_F_GetFieldAsString(row, at) : "null";
        if (strcmp(found, value) != 0)
            fail_msg("%s, row %d: %s is %s, not %s", layer, index, name, found, value);
        CPLFree(name);
    }
    CSLDestroy(pairs);
    OGR_F_Destroy(row);
}

static void assert_wkt(GDALDatasetH dataset, const char *layer, int index, const char *expected)
{
    OGRFeatureH row = row_of(dataset, layer, index);
    char *wkt = NULL;
    (void)OGR_G_ExportToWkt(OGR_F_GetGeometryRef(row), &wkt);
    assert_string_equal(wkt, expected);
    CPLFree(wkt);
    OGR_F_Destroy(row);
}

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

static void a_geopackage_brings_its_styles(void **state)
{
    (void)state;
    const selo_results_options options = {.path = "/vsimem/selo_results/o.gpkg"};
    GDALDatasetH data = write_sample(&options, &reference, NULL);
    OGRLayerH styles = GDALDatasetGetLayerByName(data, "layer_styles");
    assert_non_null(styles);
    assert_int_equal(OGR_L_GetFeatureCount(styles, TRUE), 5);
    for (int i = 0; i < 5; i++) {
        OGRFeatureH row = row_of(data, "layer_styles", i);
        const char *layer = OGR_F_GetFieldAsString(row, OGR_F_GetFieldIndex(row, "f_table_name"));
        assert_non_null(GDALDatasetGetLayerByName(data, layer));
        assert_string_equal(OGR_F_GetFieldAsString(row, OGR_F_GetFieldIndex(row, "f_geometry_column")), "geom");
        assert_int_equal(OGR_F_GetFieldAsInteger(row, OGR_F_GetFieldIndex(row, "useAsDefault")), 1);
        assert_non_null(strstr(OGR_F_GetFieldAsString(row, OGR_F_GetFieldIndex(row, "styleQML")), "<renderer-v2 "));
        assert_non_null(strstr(OGR_F_GetFieldAsString(row, OGR_F_GetFieldIndex(row, "styleQML")), "</qgis>"));
        OGR_F_Destroy(row);
    }
    (void)GDALClose(data);
}

/* Adding rows does not add styles again, nor change one that the user has edited. */
static void styles_are_written_once(void **state)
{
    (void)state;
    selo_results_options options = {.path = "/vsimem/selo_results/o.gpkg"};
    (void)GDALClose(write_sample(&options, &reference, NULL));
    options.append = true;
    GDALDatasetH data = write_sample(&options, &reference, NULL);
    assert_int_equal(OGR_L_GetFeatureCount(GDALDatasetGetLayerByName(data, "layer_styles"), TRUE), 5);
    assert_int_equal(OGR_L_GetFeatureCount(GDALDatasetGetLayerByName(data, "selo_sample"), TRUE), 2);
    assert_fields(data, "selo_sample", 1, "rmi=0.525 nss=1.25");
    (void)GDALClose(data);
}

static void other_formats_hold_the_same(void **state)
{
    static const struct {
        const char *path, *format;
    } outputs[] = {{"/vsimem/selo_results/o_shp", "ESRI Shapefile"}, {"/vsimem/selo_results/o_csv", "CSV"},
                   {"/vsimem/selo_results/o.gml", NULL}};
    (void)state;
    OGRSpatialReferenceH utm = crs_of(32725);
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        const selo_results_options options = {.path = outputs[i].path, .format = outputs[i].format};
        GDALDatasetH data = write_sample(&options, &reference, utm);
        OGRFeatureH row = row_of(data, "selo_sample", 0);
        assert_true(fabs(OGR_F_GetFieldAsDouble(row, OGR_F_GetFieldIndex(row, "rmi")) - 0.525) < 1e-15);
        assert_string_equal(OGR_F_GetFieldAsString(row, OGR_F_GetFieldIndex(row, "sample_id")), "s7");
        assert_false(OGR_F_IsFieldSetAndNotNull(row, OGR_F_GetFieldIndex(row, "area_m2")));
        assert_int_equal(wkbFlatten(OGR_G_GetGeometryType(OGR_F_GetGeometryRef(row))), wkbPolygon);
        OGR_F_Destroy(row);
        assert_fields(data, "selo_shift", 2, "region_id=1 cand_id=2 inside=0");
        assert_wkt(data, "selo_cand", 1, "POINT (290008.25 9119985.75)");
        (void)GDALClose(data);
    }
    OSRDestroySpatialReference(utm);
}

static void one_layer_goes_into_a_geojson(void **state)
{
    const char *const layer[] = {"selo_cand", NULL};
    (void)state;
    OGRSpatialReferenceH degrees = crs_of(4326);
    const selo_results_options options = {.path = "/vsimem/selo_results/o.geojson",
                                          .layers = (CSLConstList)(uintptr_t)layer};
    GDALDatasetH data = write_sample(&options, &reference, degrees);
    assert_int_equal(GDALDatasetGetLayerCount(data), 1);
    assert_fields(data, "selo_cand", 2, "run_id=r1 sample_id=s7 cand_id=2 rank=3 prob=0.6 plateau_px=2 n_hit=0");
    (void)GDALClose(data);
    OSRDestroySpatialReference(degrees);
    const selo_results_options all = {.path = "/vsimem/selo_results/p.geojson"};
    assert_int_equal(selo_results_check(&all), SELO_E_ARGUMENT);
    assert_non_null(
        strstr(last_message, "p.geojson: one file of GeoJSON holds one layer, not 7: choose one of selo_sample"));
}

static void abandoned_results_leave_nothing(void **state)
{
    (void)state;
    const selo_results_options options = {.path = "/vsimem/selo_results/o.gpkg"};
    selo_results *results;
    VSIStatBufL entry;
    assert_int_equal(selo_results_open(&options, NULL, &results), SELO_OK);
    selo_results_abandon(results);
    selo_results_abandon(NULL);
    assert_int_not_equal(VSIStatL(options.path, &entry), 0);
    char **left = VSIReadDir(folder);
    assert_int_equal(CSLCount(left), 0);
    CSLDestroy(left);
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
        cmocka_unit_test_setup(a_geopackage_brings_its_styles, clean),
        cmocka_unit_test_setup(styles_are_written_once, clean),
        cmocka_unit_test_setup(other_formats_hold_the_same, clean),
        cmocka_unit_test_setup(one_layer_goes_into_a_geojson, clean),
        cmocka_unit_test_setup(abandoned_results_leave_nothing, clean),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
