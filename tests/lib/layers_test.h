/* What the tests of layers share: two layers, a folder of their own, and what is to come back from a file. */
#ifndef SELO_LAYERS_TEST_H
#define SELO_LAYERS_TEST_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "selo/layers.h"

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

static inline void CPL_STDCALL remember(CPLErr class, CPLErrorNum number, const char *message)
{
    (void)number;
    n_errors += class == CE_Failure;
    n_warnings += class == CE_Warning;
    if (class == CE_Failure || n_errors == 0)
        (void)snprintf(last_error, sizeof last_error, "%s", message);
}

/* A path in the folder of these tests; valid until the eighth call after it. */
static inline const char *in_root(const char *name)
{
    static char paths[8][200];
    static int next;
    char *path = paths[next++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

static inline int make_root(void **state)
{
    (void)state;
    GDALAllRegister();
    CPLSetErrorHandler(remember);
    (void)snprintf(root, sizeof root, "%s", "/tmp/selo-layers-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static inline int remove_root(void **state)
{
    (void)state;
    return VSIRmdirRecursive(root);
}

static inline int forget_errors(void **state)
{
    (void)state;
    n_errors = n_warnings = 0;
    last_error[0] = '\0';
    return 0;
}

static inline void assert_said(const char *part)
{
    if (!strstr(last_error, part))
        fail_msg("expected \"%s\" in \"%s\"", part, last_error);
    assert_int_equal(n_errors, 1);
}

/* Temporary folders begin with a dot. */
static inline void assert_nothing_left(const char *folder)
{
    char **entries = VSIReadDir(folder);
    for (char **entry = entries; entry && *entry; entry++)
        if ((*entry)[0] == '.' && strstr(*entry, ".selo-"))
            fail_msg("%s was left", *entry);
    CSLDestroy(entries);
}

static inline selo_status write_one(selo_layers *layers, const char *sample_id, double x, double height)
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

static inline selo_status write_output(const selo_layers_options *options, const char *sample_id)
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

static inline GDALDatasetH open_vector(const char *path)
{
    GDALDatasetH dataset = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL);
    if (!dataset)
        fail_msg("%s cannot be opened: %s", path, last_error);
    return dataset;
}

static inline GIntBig count_rows(const char *path, const char *layer)
{
    GDALDatasetH dataset = open_vector(path);
    OGRLayerH found = GDALDatasetGetLayerByName(dataset, layer);
    if (!found)
        fail_msg("%s has no layer %s", path, layer);
    const GIntBig count = OGR_L_GetFeatureCount(found, TRUE);
    (void)GDALClose(dataset);
    return count;
}

static inline void check_first_place(OGRFeatureH row)
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
static inline void check_places(const char *path, const char *layer)
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

/* A new output holds its rows, its sums and its run, nothing was said, and nothing lies beside it. */
static inline void check_new_output(const selo_layers_options *options)
{
    assert_int_equal(write_output(options, "s1"), SELO_OK);
    check_places(options->path, "selo_place");
    assert_int_equal(count_rows(options->path, "selo_sum"), 2);
    assert_int_equal(count_rows(options->path, "selo_run"), 1);
    assert_int_equal(n_errors + n_warnings, 0);
    assert_nothing_left(root);
}

#endif
