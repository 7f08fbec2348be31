/* Scored samples in files: styles once, the same in every format, one layer where there is room for one, nothing
 * that is abandoned. */
#include "results_test.h"

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
        cmocka_unit_test_setup(a_geopackage_brings_its_styles, clean),
        cmocka_unit_test_setup(styles_are_written_once, clean),
        cmocka_unit_test_setup(other_formats_hold_the_same, clean),
        cmocka_unit_test_setup(one_layer_goes_into_a_geojson, clean),
        cmocka_unit_test_setup(abandoned_results_leave_nothing, clean),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
