/* Layers driven by tables: what is written, and how rows and fields are kept. */
#include "layers_test.h"

static void a_geopackage_holds_all_layers(void **state)
{
    (void)state;
    const selo_layers_options options = {.path = in_root("a.gpkg")};
    check_new_output(&options);
}

static void fields_say_what_they_are(void **state)
{
    (void)state;
    GDALDatasetH dataset = open_vector(in_root("a.gpkg"));
    OGRLayerH layer = GDALDatasetGetLayerByName(dataset, "selo_place");
    OGRFeatureDefnH fields = OGR_L_GetLayerDefn(layer);
    assert_string_equal(OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(fields, 0)), "run_id");
    OGRFieldDefnH height = OGR_FD_GetFieldDefn(fields, OGR_FD_GetFieldIndex(fields, "height_m"));
    assert_string_equal(OGR_Fld_GetComment(height), "m");
    assert_string_equal(OGR_Fld_GetAlternativeNameRef(height), "Height");
    OGRFieldDefnH open = OGR_FD_GetFieldDefn(fields, OGR_FD_GetFieldIndex(fields, "open"));
    assert_int_equal(OGR_Fld_GetSubType(open), OFSTBoolean);
    assert_string_equal(GDALGetMetadataItem(layer, "SELO_SCHEMA", NULL), SELO_SCHEMA_VERSION);
    assert_string_equal(GDALGetMetadataItem(layer, "SELO_PARAMS", NULL), "{\"a\": 1}");
    assert_string_equal(GDALGetMetadataItem(layer, "DESCRIPTION", NULL), "Places of this test");
    assert_null(OGR_L_GetSpatialRef(layer));
    (void)GDALClose(dataset);
}

static void the_run_is_a_row(void **state)
{
    (void)state;
    GDALDatasetH dataset = open_vector(in_root("a.gpkg"));
    OGRFeatureH row = OGR_L_GetNextFeature(GDALDatasetGetLayerByName(dataset, "selo_run"));
    assert_non_null(row);
    assert_string_equal(OGR_F_GetFieldAsString(row, OGR_F_GetFieldIndex(row, "cmdline")), "gdal selo test");
    assert_int_equal(OGR_F_GetFieldAsInteger(row, OGR_F_GetFieldIndex(row, "t_sim_ms")), 13);
    assert_int_equal(OGR_F_GetFieldAsInteger(row, OGR_F_GetFieldIndex(row, "seed")), 7);
    assert_false(OGR_F_IsFieldSetAndNotNull(row, OGR_F_GetFieldIndex(row, "t_cut_ms")));
    assert_false(OGR_F_IsFieldSetAndNotNull(row, OGR_F_GetFieldIndex(row, "model_sha")));
    assert_true(OGR_F_IsFieldSetAndNotNull(row, OGR_F_GetFieldIndex(row, "started")));
    OGR_F_Destroy(row);
    (void)GDALClose(dataset);
}

static void rows_are_added_to_a_copy(void **state)
{
    (void)state;
    const char *path = in_root("a.gpkg");
    const selo_layers_options options = {.path = path, .append = true};
    selo_layers *layers;
    assert_int_equal(selo_layers_open(&options, both, 2, &test_run, &layers), SELO_OK);
    assert_int_equal(write_one(layers, "s2", 1, 1), SELO_OK);
    assert_int_equal(count_rows(path, "selo_place"), 2);
    selo_layers_abandon(layers);
    assert_int_equal(count_rows(path, "selo_place"), 2);
    assert_int_equal(write_output(&options, "s2"), SELO_OK);
    assert_int_equal(count_rows(path, "selo_place"), 4);
    assert_int_equal(count_rows(path, "selo_run"), 2);
    assert_nothing_left(root);
}

static void overwriting_replaces_everything(void **state)
{
    (void)state;
    const char *path = in_root("a.gpkg");
    const selo_layers_options options = {.path = path, .overwrite = true};
    assert_int_equal(write_output(&options, "s1"), SELO_OK);
    check_places(path, "selo_place");
    assert_int_equal(count_rows(path, "selo_run"), 1);
}

static void memory_files_and_datasets(void **state)
{
    (void)state;
    selo_layers_options options = {.path = "/vsimem/selo_test/d.gpkg"};
    assert_int_equal(write_output(&options, "s1"), SELO_OK);
    check_places(options.path, "selo_place");
    options.overwrite = true;
    assert_int_equal(write_output(&options, "s1"), SELO_OK);
    check_places(options.path, "selo_place");
    assert_nothing_left("/vsimem/selo_test");
    (void)VSIRmdirRecursive("/vsimem/selo_test");

    const selo_layers_options memory = {.path = NULL};
    selo_layers *layers;
    GDALDatasetH dataset;
    assert_int_equal(selo_layers_open(&memory, both, 2, NULL, &layers), SELO_OK);
    assert_int_equal(write_one(layers, "s1", 1, 2), SELO_OK);
    assert_int_equal(selo_layers_close(layers, &dataset), SELO_OK);
    assert_int_equal(GDALDatasetGetLayerCount(dataset), 3);
    OGRLayerH made = GDALDatasetGetLayerByName(dataset, "selo_place");
    assert_int_equal(OGR_L_GetFeatureCount(made, TRUE), 1);
    OGRFeatureH place = OGR_L_GetNextFeature(made);
    assert_int_equal(strlen(OGR_F_GetFieldAsString(place, OGR_F_GetFieldIndex(place, "run_id"))), 25);
    OGR_F_Destroy(place);
    (void)GDALClose(dataset);
    assert_int_equal(n_errors + n_warnings, 0);
}

static void an_output_without_rows_has_its_layers(void **state)
{
    (void)state;
    const selo_layers_options options = {.path = in_root("empty.gpkg")};
    selo_layers *layers;
    assert_int_equal(selo_layers_open(&options, both, 2, &test_run, &layers), SELO_OK);
    assert_int_equal(selo_layers_close(layers, NULL), SELO_OK);
    assert_int_equal(count_rows(options.path, "selo_place"), 0);
    assert_int_equal(count_rows(options.path, "selo_run"), 1);
}

static void fields_can_be_added(void **state)
{
    (void)state;
    const selo_layers_options options = {.path = in_root("e.gpkg")};
    const selo_field extra = {"nss", SELO_FIELD_REAL, NULL, "extra score"};
    const selo_value row[] = {selo_value_real(1), selo_value_real(2.5)};
    selo_layers *layers;
    assert_int_equal(selo_layers_open(&options, both, 2, &test_run, &layers), SELO_OK);
    assert_int_equal(selo_layers_extend(layers, 1, &extra, 1), SELO_OK);
    assert_int_equal(selo_layers_write(layers, 1, NULL, row, 1), SELO_E_ARGUMENT);
    assert_int_equal(selo_layers_write(layers, 1, NULL, row, 2), SELO_OK);
    assert_int_equal(selo_layers_extend(layers, 1, &extra, 1), SELO_E_ARGUMENT);
    assert_int_equal(selo_layers_close(layers, NULL), SELO_OK);
    GDALDatasetH dataset = open_vector(options.path);
    OGRFeatureH feature = OGR_L_GetNextFeature(GDALDatasetGetLayerByName(dataset, "selo_sum"));
    assert_true(OGR_F_GetFieldAsDouble(feature, OGR_F_GetFieldIndex(feature, "nss")) == 2.5);
    OGR_F_Destroy(feature);
    (void)GDALClose(dataset);
}

static OGRSpatialReferenceH crs_of(int epsg)
{
    OGRSpatialReferenceH crs = OSRNewSpatialReference(NULL);
    assert_int_equal(OSRImportFromEPSG(crs, epsg), OGRERR_NONE);
    OSRSetAxisMappingStrategy(crs, OAMS_TRADITIONAL_GIS_ORDER);
    return crs;
}

static selo_status write_at(selo_layers *layers, OGRSpatialReferenceH crs, double x, double y)
{
    const selo_value row[6] = {selo_value_null(), selo_value_null(), selo_value_null(),
                               selo_value_null(), selo_value_null(), selo_value_null()};
    OGRGeometryH point = OGR_G_CreateGeometry(wkbPoint);
    OGR_G_SetPoint_2D(point, 0, x, y);
    selo_status status = selo_layers_set_sample(layers, "s", crs);
    if (status == SELO_OK)
        status = selo_layers_write(layers, 0, point, row, 6);
    OGR_G_DestroyGeometry(point);
    return status;
}

/* The first CRS counts; what comes in another one is transformed, also when it comes in a later run. */
static void rows_meet_in_one_crs(void **state)
{
    (void)state;
    const selo_layers_options options = {.path = in_root("f.gpkg")};
    const selo_layers_options more = {.path = options.path, .append = true};
    OGRSpatialReferenceH utm = crs_of(32625), degrees = crs_of(4326);
    selo_layers *layers;
    assert_int_equal(selo_layers_open(&options, both, 2, &test_run, &layers), SELO_OK);
    assert_int_equal(write_at(layers, utm, 500000, 0), SELO_OK);
    assert_int_equal(write_at(layers, degrees, -33, 0), SELO_OK);
    assert_int_equal(write_at(layers, NULL, 1, 1), SELO_E_OUTPUT);
    assert_said("sample s has no CRS, and the layers have one");
    assert_int_equal(selo_layers_close(layers, NULL), SELO_OK);
    assert_int_equal(selo_layers_open(&more, both, 2, &test_run, &layers), SELO_OK);
    assert_int_equal(write_at(layers, degrees, -33, 0), SELO_OK);
    assert_int_equal(selo_layers_close(layers, NULL), SELO_OK);
    GDALDatasetH dataset = open_vector(options.path);
    OGRLayerH layer = GDALDatasetGetLayerByName(dataset, "selo_place");
    assert_string_equal(OSRGetAuthorityCode(OGR_L_GetSpatialRef(layer), NULL), "32625");
    for (int i = 0; i < 3; i++) {
        OGRFeatureH row = OGR_L_GetNextFeature(layer);
        assert_non_null(row);
        OGRGeometryH point = OGR_F_GetGeometryRef(row);
        assert_true(fabs(OGR_G_GetX(point, 0) - 500000) < 1e-3 && fabs(OGR_G_GetY(point, 0)) < 1e-3);
        OGR_F_Destroy(row);
    }
    (void)GDALClose(dataset);
    OSRDestroySpatialReference(utm);
    OSRDestroySpatialReference(degrees);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_geopackage_holds_all_layers, forget_errors),
        cmocka_unit_test_setup(fields_say_what_they_are, forget_errors),
        cmocka_unit_test_setup(the_run_is_a_row, forget_errors),
        cmocka_unit_test_setup(rows_are_added_to_a_copy, forget_errors),
        cmocka_unit_test_setup(overwriting_replaces_everything, forget_errors),
        cmocka_unit_test_setup(memory_files_and_datasets, forget_errors),
        cmocka_unit_test_setup(an_output_without_rows_has_its_layers, forget_errors),
        cmocka_unit_test_setup(fields_can_be_added, forget_errors),
        cmocka_unit_test_setup(rows_meet_in_one_crs, forget_errors),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
