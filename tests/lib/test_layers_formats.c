/* Layers in every kind of format: the same rows come back, and what a format cannot hold is said. */
#include "layers_test.h"

static const struct {
    const char *name, *format;
    bool added; /* rows can be added later */
} several[] = {
    {"b.gpkg", NULL, true},           {"b.sqlite", NULL, true},       {"b.shp.zip", NULL, true}, {"b.gml", NULL, false},
    {"b.gdb", "OpenFileGDB", true},   {"b_shp", "ESRI Shapefile", true}, {"b_csv", "CSV", true},
    {"b_fgb", "FlatGeobuf", false},
};

static void formats_of_several_layers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof several / sizeof *several; i++) {
        const char *path = in_root(several[i].name);
        const selo_layers_options options = {.path = path, .format = several[i].format};
        check_new_output(&options);
    }
}

static void formats_take_more_rows_or_say_no(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof several / sizeof *several; i++) {
        const char *path = in_root(several[i].name);
        const selo_layers_options options = {.path = path, .format = several[i].format, .append = true};
        forget_errors(NULL);
        assert_int_equal(write_output(&options, "s2"), several[i].added ? SELO_OK : SELO_E_OUTPUT);
        if (!several[i].added)
            assert_said(several[i].name);
        assert_int_equal(count_rows(path, "selo_place"), several[i].added ? 4 : 2);
        assert_int_equal(count_rows(path, "selo_run"), several[i].added ? 2 : 1);
        assert_nothing_left(root);
    }
}

static void formats_are_replaced_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof several / sizeof *several; i++) {
        const char *path = in_root(several[i].name);
        const selo_layers_options options = {.path = path, .format = several[i].format, .overwrite = true};
        assert_int_equal(write_output(&options, "s1"), SELO_OK);
        check_places(path, "selo_place");
        assert_nothing_left(root);
    }
}

static void a_format_without_nulls_says_so(void **state)
{
    (void)state;
    const selo_layers_options options = {.path = in_root("b_tab"), .format = "MapInfo File"};
    assert_int_equal(write_output(&options, "s1"), SELO_OK);
    assert_int_equal(n_warnings, 1);
    assert_non_null(strstr(last_error, "MapInfo File holds no nulls"));
    assert_int_equal(count_rows(options.path, "selo_place"), 2);
    assert_int_equal(count_rows(options.path, "selo_run"), 1);
}

/* What does not fit into a DBF field is cut, and said to be. */
static void long_texts_in_a_shapefile_are_cut_with_a_warning(void **state)
{
    char params[400];
    (void)state;
    memset(params, 'x', sizeof params - 1);
    params[sizeof params - 1] = '\0';
    selo_run run = test_run;
    run.params_json = params;
    const selo_layers_options options = {.path = in_root("long_shp"), .format = "ESRI Shapefile"};
    selo_layers *layers;
    assert_int_equal(selo_layers_open(&options, both, 2, &run, &layers), SELO_OK);
    assert_int_equal(selo_layers_close(layers, NULL), SELO_OK);
    assert_int_equal(n_errors, 0);
    assert_int_equal(n_warnings, 1);
    assert_non_null(strstr(last_error, "params"));
}

static const char *const one_place[] = {"selo_place", NULL};

static void formats_of_one_layer(void **state)
{
    static const char *const names[] = {"c.geojson", "c.shp", "c.csv", "c.fgb", "c.kml"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        selo_layers_options options = {.path = in_root(names[i])};
        forget_errors(NULL);
        assert_int_equal(selo_layers_check(&options, both, 2), SELO_E_ARGUMENT);
        assert_said("holds one layer, not 3: choose one of selo_place, selo_sum, selo_run");
        assert_said(names[i]);
        forget_errors(NULL);
        options.layers = (CSLConstList)(uintptr_t)one_place;
        assert_int_equal(write_output(&options, "s1"), SELO_OK);
        if (strcmp(names[i], "c.csv") != 0 && strcmp(names[i], "c.kml") != 0)
            check_places(options.path, NULL);
        const bool takes_degrees = strcmp(names[i], "c.geojson") == 0 || strcmp(names[i], "c.kml") == 0;
        assert_int_equal(n_errors, 0);
        assert_int_equal(n_warnings, takes_degrees);
        assert_nothing_left(root);
    }
}

/* A table of text only: nulls are empty there. */
static void a_lone_csv_is_readable(void **state)
{
    (void)state;
    VSILFILE *file = VSIFOpenL(in_root("c.csv"), "rb");
    char text[600] = "";
    assert_non_null(file);
    (void)VSIFReadL(text, 1, sizeof text - 1, file);
    (void)VSIFCloseL(file);
    assert_string_equal(text, "WKT,run_id,sample_id,name,height_m,floors,people,open,since\n"
                              "\"POINT (1.5 2.5)\",run-1,s1,Tür ü,0.1,3,5000000000,1,2026/01/31 12:00:00+00\n"
                              "\"POINT (2.5 2.5)\",run-1,s1,Tür ü,,3,5000000000,1,2026/01/31 12:00:00+00\n");
}

/* A Shapefile is several files: an old index or projection must not stay beside the new ones. */
static void files_beside_go_with_the_old_output(void **state)
{
    (void)state;
    const selo_layers_options options = {.path = in_root("c.shp"), .overwrite = true,
                                         .layers = (CSLConstList)(uintptr_t)one_place};
    VSIStatBufL entry;
    VSILFILE *file = VSIFOpenL(in_root("c.prj"), "wb");
    assert_non_null(file);
    (void)VSIFPrintfL(file, "LOCAL_CS[\"old\"]");
    (void)VSIFCloseL(file);
    assert_int_equal(write_output(&options, "s1"), SELO_OK);
    check_places(in_root("c.shp"), "c");
    assert_int_not_equal(VSIStatL(in_root("c.prj"), &entry), 0);
}

static void numbers_of_any_size_survive_a_shapefile(void **state)
{
    static const double totals[] = {1e10 / 3, -123456789.123456789, 1e-9, 0.1 + 0.2, 6.02e23, 12345678901234567.0};
    (void)state;
    const selo_layers_options options = {.path = in_root("g_shp"), .format = "ESRI Shapefile"};
    selo_layers *layers;
    assert_int_equal(selo_layers_open(&options, both, 2, &test_run, &layers), SELO_OK);
    for (size_t i = 0; i < sizeof totals / sizeof *totals; i++) {
        const selo_value row[] = {selo_value_real(totals[i])};
        assert_int_equal(selo_layers_write(layers, 1, NULL, row, 1), SELO_OK);
    }
    assert_int_equal(selo_layers_close(layers, NULL), SELO_OK);
    assert_int_equal(n_errors + n_warnings, 0);
    GDALDatasetH dataset = open_vector(options.path);
    OGRLayerH layer = GDALDatasetGetLayerByName(dataset, "selo_sum");
    for (size_t i = 0; i < sizeof totals / sizeof *totals; i++) {
        OGRFeatureH row = OGR_L_GetNextFeature(layer);
        const double total = OGR_F_GetFieldAsDouble(row, OGR_F_GetFieldIndex(row, "total"));
        if (fabs(total - totals[i]) > 1e-12 * fabs(totals[i]))
            fail_msg("%.17g became %.17g", totals[i], total);
        OGR_F_Destroy(row);
    }
    (void)GDALClose(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(formats_of_several_layers, forget_errors),
        cmocka_unit_test_setup(formats_take_more_rows_or_say_no, forget_errors),
        cmocka_unit_test_setup(formats_are_replaced_whole, forget_errors),
        cmocka_unit_test_setup(a_format_without_nulls_says_so, forget_errors),
        cmocka_unit_test_setup(long_texts_in_a_shapefile_are_cut_with_a_warning, forget_errors),
        cmocka_unit_test_setup(formats_of_one_layer, forget_errors),
        cmocka_unit_test_setup(a_lone_csv_is_readable, forget_errors),
        cmocka_unit_test_setup(files_beside_go_with_the_old_output, forget_errors),
        cmocka_unit_test_setup(numbers_of_any_size_survive_a_shapefile, forget_errors),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
