/* Layers driven by tables: what is written where, what survives, and what is said when it cannot be. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "selo/layers.h"
#include "selo/memory.h"

static const selo_field place_fields[] = {
    {"name", SELO_FIELD_TEXT, "Name", "of the place"},      {"height_m", SELO_FIELD_REAL, "Height", "m"},
    {"floors", SELO_FIELD_INTEGER, "Floors", "count"},      {"people", SELO_FIELD_BIG, "People", "count"},
    {"open", SELO_FIELD_FLAG, "Open", "yes or no"},         {"since", SELO_FIELD_TIME, "Since", "UTC"},
};
static const selo_layer_schema places = {"selo_place", wkbPoint, "Places of this test", true, place_fields, 6};
static const selo_field sum_fields[] = {{"total", SELO_FIELD_REAL, NULL, "m"}};
static const selo_layer_schema sums = {"selo_sum", wkbNone, "Sums of this test", false, sum_fields, 1};
static const selo_layer_schema *const both[] = {&places, &sums};
static const selo_run test_run = {.run_id = "run-1", .command_line = "gdal selo test", .params_json = "{\"a\": 1}",
                                  .seed = 7, .cut_ms = NAN, .sim_ms = 12.6, .gnt_ms = NAN, .flt_ms = NAN};

static char root[64];
static char last_error[1000];
static int n_errors, n_warnings;

static void CPL_STDCALL remember(CPLErr class, CPLErrorNum number, const char *message)
{
    (void)number;
    n_errors += class == CE_Failure;
    n_warnings += class == CE_Warning;
    if (class == CE_Failure || n_errors == 0)
        (void)snprintf(last_error, sizeof last_error, "%s", message);
}

/* A path in the folder of these tests; valid until the eighth call after it. */
static const char *in_root(const char *name)
{
    static char paths[8][200];
    static int next;
    char *path = paths[next++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

static int make_root(void **state)
{
    (void)state;
    GDALAllRegister();
    CPLSetErrorHandler(remember);
    (void)snprintf(root, sizeof root, "%s", "/tmp/selo-layers-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    (void)umount2(in_root("small"), MNT_DETACH);
    return VSIRmdirRecursive(root);
}

static int forget_errors(void **state)
{
    (void)state;
    n_errors = n_warnings = 0;
    last_error[0] = '\0';
    return 0;
}

static void assert_said(const char *part)
{
    if (!strstr(last_error, part))
        fail_msg("expected \"%s\" in \"%s\"", part, last_error);
    assert_int_equal(n_errors, 1);
}

/* Temporary folders begin with a dot. */
static void assert_nothing_left(const char *folder)
{
    char **entries = VSIReadDir(folder);
    for (char **entry = entries; entry && *entry; entry++)
        if ((*entry)[0] == '.' && strstr(*entry, ".selo-"))
            fail_msg("%s was left", *entry);
    CSLDestroy(entries);
}

static selo_status write_one(selo_layers *layers, const char *sample_id, double x, double height)
{
    OGRGeometryH point = OGR_G_CreateGeometry(wkbPoint);
    OGR_G_SetPoint_2D(point, 0, x, 2.5);
    const selo_value row[] = {selo_value_text("Tür ü"), selo_value_real(height), selo_value_integer(3),
                              selo_value_integer(5000000000), selo_value_flag(true),
                              selo_value_text("2026-01-31T12:00:00Z")};
    selo_status status = selo_layers_set_sample(layers, sample_id, NULL);
    if (status == SELO_OK)
        status = selo_layers_write(layers, 0, point, row, 6);
    OGR_G_DestroyGeometry(point);
    const selo_value sum[] = {selo_value_real(height)};
    return status == SELO_OK ? selo_layers_write(layers, 1, NULL, sum, 1) : status;
}

static selo_status write_output(const selo_layers_options *options, const char *sample_id)
{
    selo_layers *layers;
    selo_status status = selo_layers_open(options, both, 2, &test_run, &layers);
    if (status != SELO_OK) {
        assert_null(layers);
        return status;
    }
    status = write_one(layers, sample_id, 1.5, 0.1);
    if (status == SELO_OK)
        status = write_one(layers, sample_id, 2.5, NAN);
    if (status == SELO_OK)
        return selo_layers_close(layers, NULL);
    selo_layers_abandon(layers);
    return status;
}

static GDALDatasetH open_vector(const char *path)
{
    GDALDatasetH dataset = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL);
    if (!dataset)
        fail_msg("%s cannot be opened: %s", path, last_error);
    return dataset;
}

static GIntBig count_rows(const char *path, const char *layer)
{
    GDALDatasetH dataset = open_vector(path);
    OGRLayerH found = GDALDatasetGetLayerByName(dataset, layer);
    if (!found)
        fail_msg("%s has no layer %s", path, layer);
    const GIntBig count = OGR_L_GetFeatureCount(found, TRUE);
    (void)GDALClose(dataset);
    return count;
}

static void check_first_place(OGRFeatureH row)
{
    assert_string_equal(OGR_F_GetFieldAsString(row, OGR_F_GetFieldIndex(row, "run_id")), "run-1");
    assert_string_equal(OGR_F_GetFieldAsString(row, OGR_F_GetFieldIndex(row, "sample_id")), "s1");
    assert_string_equal(OGR_F_GetFieldAsString(row, OGR_F_GetFieldIndex(row, "name")), "Tür ü");
    assert_true(fabs(OGR_F_GetFieldAsDouble(row, OGR_F_GetFieldIndex(row, "height_m")) - 0.1) < 1e-15);
    assert_int_equal(OGR_F_GetFieldAsInteger(row, OGR_F_GetFieldIndex(row, "floors")), 3);
    assert_true(OGR_F_GetFieldAsInteger64(row, OGR_F_GetFieldIndex(row, "people")) == 5000000000);
    OGRGeometryH point = OGR_F_GetGeometryRef(row);
    assert_non_null(point);
    assert_true(OGR_G_GetX(point, 0) == 1.5 && OGR_G_GetY(point, 0) == 2.5);
}

/* The same rows come back from every format, one with a null; FlatGeobuf puts them in an order of its own. */
static void check_places(const char *path, const char *layer)
{
    GDALDatasetH dataset = open_vector(path);
    OGRLayerH found = layer ? GDALDatasetGetLayerByName(dataset, layer) : GDALDatasetGetLayer(dataset, 0);
    assert_non_null(found);
    int n_full = 0, n_null = 0;
    for (OGRFeatureH row = OGR_L_GetNextFeature(found); row; row = OGR_L_GetNextFeature(found)) {
        if (OGR_F_IsFieldSetAndNotNull(row, OGR_F_GetFieldIndex(row, "height_m"))) {
            check_first_place(row);
            n_full++;
        } else {
            n_null++;
        }
        OGR_F_Destroy(row);
    }
    assert_int_equal(n_full, 1);
    assert_int_equal(n_null, 1);
    (void)GDALClose(dataset);
}

static void a_geopackage_holds_all_layers(void **state)
{
    (void)state;
    const char *path = in_root("a.gpkg");
    const selo_layers_options options = {.path = path};
    assert_int_equal(write_output(&options, "s1"), SELO_OK);
    check_places(path, "selo_place");
    assert_int_equal(count_rows(path, "selo_sum"), 2);
    assert_int_equal(count_rows(path, "selo_run"), 1);
    assert_int_equal(n_errors + n_warnings, 0);
    assert_nothing_left(root);
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

static void an_output_is_not_replaced_unasked(void **state)
{
    (void)state;
    const selo_layers_options options = {.path = in_root("a.gpkg")};
    assert_int_equal(selo_layers_check(&options, both, 2), SELO_E_OUTPUT);
    assert_said("--overwrite");
    forget_errors(NULL);
    assert_int_equal(write_output(&options, "s2"), SELO_E_OUTPUT);
    assert_said("a.gpkg exists");
    assert_int_equal(count_rows(in_root("a.gpkg"), "selo_place"), 2);
}

static void abandoned_output_leaves_what_was_there(void **state)
{
    (void)state;
    const char *path = in_root("a.gpkg");
    const selo_layers_options options = {.path = path, .overwrite = true};
    selo_layers *layers;
    assert_int_equal(selo_layers_open(&options, both, 2, &test_run, &layers), SELO_OK);
    assert_int_equal(write_one(layers, "s2", 1, 1), SELO_OK);
    selo_layers_abandon(layers);
    assert_int_equal(count_rows(path, "selo_place"), 2);
    assert_nothing_left(root);
    selo_layers_abandon(NULL);
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
        assert_int_equal(write_output(&options, "s1"), SELO_OK);
        check_places(path, "selo_place");
        assert_int_equal(count_rows(path, "selo_sum"), 2);
        assert_int_equal(count_rows(path, "selo_run"), 1);
        assert_int_equal(n_errors + n_warnings, 0);
        assert_nothing_left(root);
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

static size_t allocations_left;

static void *sometimes_allocate(size_t bytes)
{
    if (allocations_left == 0)
        return NULL;
    allocations_left--;
    return malloc(bytes);
}

static void *sometimes_resize(void *block, size_t bytes)
{
    if (allocations_left == 0)
        return NULL;
    allocations_left--;
    return realloc(block, bytes);
}

/* Memory that runs short at any point leaves no output, no temporary folder, and (under the address sanitizer) no leak. */
static void short_memory_leaves_nothing(void **state)
{
    (void)state;
    selo_status status = SELO_E_MEMORY;
    VSIStatBufL entry;
    for (size_t n = 0; n < 1000 && status != SELO_OK; n++) {
        const selo_layers_options options = {.path = in_root("short.gpkg")};
        allocations_left = n;
        selo_set_allocator(sometimes_allocate, sometimes_resize, free);
        status = write_output(&options, "s1");
        selo_set_allocator(NULL, NULL, NULL);
        assert_nothing_left(root);
        if (status != SELO_OK)
            assert_int_not_equal(VSIStatL(options.path, &entry), 0);
    }
    assert_int_equal(status, SELO_OK);
    check_places(in_root("short.gpkg"), "selo_place");
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
    assert_int_equal(strlen(selo_layers_run_id(layers)), 25);
    assert_int_equal(selo_layers_close(layers, &dataset), SELO_OK);
    assert_int_equal(GDALDatasetGetLayerCount(dataset), 3);
    assert_int_equal(OGR_L_GetFeatureCount(GDALDatasetGetLayerByName(dataset, "selo_place"), TRUE), 1);
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

static const struct {
    const char *name, *format, *layer;
    bool overwrite, append;
    selo_status status;
    const char *said;
} refusals[] = {
    {"h.gpkg", "Nonsense", NULL, false, false, SELO_E_ARGUMENT, "Nonsense is not a format of this GDAL"},
    {"h.gpkg", "GTiff", NULL, false, false, SELO_E_ARGUMENT, "GTiff cannot make new files of vector layers"},
    {"h.xyzzy", NULL, NULL, false, false, SELO_E_ARGUMENT, "h.xyzzy: no format that can be written has this extension"},
    {"no/h.gpkg", NULL, NULL, false, false, SELO_E_OUTPUT, "no does not exist: make it first"},
    {"h.gpkg", NULL, "selo_hat", false, false, SELO_E_ARGUMENT,
     "selo_hat is not a layer of this output: choose from selo_place"},
    {"h.gpkg", NULL, NULL, true, true, SELO_E_ARGUMENT, "--overwrite and --append exclude each other"},
    {"others", NULL, NULL, true, false, SELO_E_ARGUMENT, "others is a folder: name a file in it"},
    {"others", "CSV", NULL, true, false, SELO_E_ARGUMENT, "the folder holds other files (mine.txt)"},
    {"a.gpkg", "CSV", NULL, true, false, SELO_E_ARGUMENT, "is a file, and the layers of CSV need a folder"},
    {"h.gpx", NULL, NULL, false, false, SELO_E_OUTPUT, "GPX cannot hold field run_id of layer selo_place: "},
    {"foreign.gpkg", NULL, NULL, false, true, SELO_E_OUTPUT, "layer selo_place has no field run_id"},
    {"newer.gpkg", NULL, NULL, false, true, SELO_E_OUTPUT, "layer selo_place has schema version 9, not 1"},
    {"others/mine.txt", "GPKG", NULL, false, true, SELO_E_OUTPUT, "mine.txt: rows cannot be added"},
};

static void make_awkward_places(void)
{
    (void)VSIMkdir(in_root("others"), 0755);
    VSILFILE *file = VSIFOpenL(in_root("others/mine.txt"), "wb");
    (void)VSIFPrintfL(file, "precious\n");
    (void)VSIFCloseL(file);
    GDALDatasetH dataset = GDALCreate(GDALGetDriverByName("GPKG"), in_root("foreign.gpkg"), 0, 0, 0, GDT_Unknown, NULL);
    (void)GDALDatasetCreateLayer(dataset, "selo_place", NULL, wkbPoint, NULL);
    (void)GDALClose(dataset);
    dataset = GDALCreate(GDALGetDriverByName("GPKG"), in_root("newer.gpkg"), 0, 0, 0, GDT_Unknown, NULL);
    OGRLayerH layer = GDALDatasetCreateLayer(dataset, "selo_place", NULL, wkbPoint, NULL);
    (void)GDALSetMetadataItem(layer, "SELO_SCHEMA", "9", NULL);
    (void)GDALClose(dataset);
}

static void refusals_name_the_culprit(void **state)
{
    (void)state;
    make_awkward_places();
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const char *const layer[] = {refusals[i].layer, NULL};
        const selo_layers_options options = {.path = in_root(refusals[i].name), .format = refusals[i].format,
                                             .layers = refusals[i].layer ? (CSLConstList)(uintptr_t)layer : NULL,
                                             .overwrite = refusals[i].overwrite, .append = refusals[i].append};
        forget_errors(NULL);
        assert_int_equal(write_output(&options, "s1"), refusals[i].status);
        assert_said(refusals[i].said);
        assert_nothing_left(root);
    }
    VSIStatBufL mine;
    assert_int_equal(VSIStatL(in_root("others/mine.txt"), &mine), 0);
    assert_int_equal(mine.st_size, 9);
}

/* Root may write anywhere, so the folder is one that takes no files from anybody. */
static void a_folder_that_cannot_be_written(void **state)
{
    (void)state;
    const selo_layers_options options = {.path = "/proc/selo.gpkg"};
    VSIStatBufL entry;
    if (VSIStatL("/proc/self", &entry) != 0)
        skip();
    assert_int_equal(selo_layers_check(&options, both, 2), SELO_E_OUTPUT);
    assert_said("/proc/selo.gpkg: cannot write in folder /proc: ");
}

static selo_status fill(const selo_layers_options *options)
{
    selo_layers *layers;
    selo_status status = selo_layers_open(options, both, 2, &test_run, &layers);
    if (status != SELO_OK)
        return status;
    for (int i = 0; i < 20000 && status == SELO_OK; i++)
        status = write_one(layers, "s1", i, i);
    if (status == SELO_OK)
        return selo_layers_close(layers, NULL);
    selo_layers_abandon(layers);
    return status;
}

static void a_full_disk_leaves_what_was_there(void **state)
{
    static const struct {
        const char *name, *format, *layer;
    } outputs[] = {{"a.gpkg", NULL, NULL},        {"a_shp", "ESRI Shapefile", NULL}, {"a_csv", "CSV", NULL},
                   {"a.geojson", NULL, "selo_place"}, {"a.fgb", NULL, "selo_place"}, {"a.sqlite", NULL, NULL},
                   {"a.gml", NULL, NULL}};
    (void)state;
    (void)VSIMkdir(in_root("small"), 0755);
    if (mount("selo-test", in_root("small"), "tmpfs", 0, "size=768k") != 0) {
        print_message("skipped: a small tmpfs needs the right to mount: %s\n", strerror(errno));
        skip();
    }
    bool failed_all = true;
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        const char *const layer[] = {outputs[i].layer, NULL};
        char path[200];
        (void)snprintf(path, sizeof path, "%s/%s", in_root("small"), outputs[i].name);
        const selo_layers_options options = {.path = path, .format = outputs[i].format, .overwrite = true,
                                             .layers = outputs[i].layer ? (CSLConstList)(uintptr_t)layer : NULL};
        forget_errors(NULL);
        const bool made = write_output(&options, "s1") == SELO_OK;
        forget_errors(NULL);
        const bool failed =
            fill(&options) == SELO_E_OUTPUT && n_errors == 1 && strstr(last_error, path) && strstr(last_error, "full");
        if (!made || !failed)
            print_message("%s: made %d, failed %d: %s\n", outputs[i].name, made, failed, last_error);
        else
            check_places(path, outputs[i].layer ? NULL : "selo_place");
        failed_all = failed_all && made && failed;
        assert_nothing_left(in_root("small"));
        (void)VSIRmdirRecursive(path);
        (void)VSIUnlink(path);
    }
    assert_true(failed_all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_geopackage_holds_all_layers, forget_errors),
        cmocka_unit_test_setup(fields_say_what_they_are, forget_errors),
        cmocka_unit_test_setup(the_run_is_a_row, forget_errors),
        cmocka_unit_test_setup(an_output_is_not_replaced_unasked, forget_errors),
        cmocka_unit_test_setup(abandoned_output_leaves_what_was_there, forget_errors),
        cmocka_unit_test_setup(rows_are_added_to_a_copy, forget_errors),
        cmocka_unit_test_setup(overwriting_replaces_everything, forget_errors),
        cmocka_unit_test_setup(formats_of_several_layers, forget_errors),
        cmocka_unit_test_setup(formats_take_more_rows_or_say_no, forget_errors),
        cmocka_unit_test_setup(formats_are_replaced_whole, forget_errors),
        cmocka_unit_test_setup(a_format_without_nulls_says_so, forget_errors),
        cmocka_unit_test_setup(long_texts_in_a_shapefile_are_cut_with_a_warning, forget_errors),
        cmocka_unit_test_setup(short_memory_leaves_nothing, forget_errors),
        cmocka_unit_test_setup(formats_of_one_layer, forget_errors),
        cmocka_unit_test_setup(a_lone_csv_is_readable, forget_errors),
        cmocka_unit_test_setup(files_beside_go_with_the_old_output, forget_errors),
        cmocka_unit_test_setup(memory_files_and_datasets, forget_errors),
        cmocka_unit_test_setup(an_output_without_rows_has_its_layers, forget_errors),
        cmocka_unit_test_setup(fields_can_be_added, forget_errors),
        cmocka_unit_test_setup(rows_meet_in_one_crs, forget_errors),
        cmocka_unit_test_setup(numbers_of_any_size_survive_a_shapefile, forget_errors),
        cmocka_unit_test_setup(refusals_name_the_culprit, forget_errors),
        cmocka_unit_test_setup(a_folder_that_cannot_be_written, forget_errors),
        cmocka_unit_test_setup(a_full_disk_leaves_what_was_there, forget_errors),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
