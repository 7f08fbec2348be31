/* What the tests of results share: a scored sample, its writing, and what is to come back. */
#ifndef SELO_RESULTS_TEST_H
#define SELO_RESULTS_TEST_H

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

static inline void CPL_STDCALL remember(CPLErr class, CPLErrorNum number, const char *message)
{
    (void)number;
    n_messages += class >= CE_Warning;
    (void)snprintf(last_message, sizeof last_message, "%s", message);
}

static inline int begin(void **state)
{
    (void)state;
    GDALAllRegister();
    CPLSetErrorHandler(remember);
    return 0;
}

static inline int clean(void **state)
{
    (void)state;
    n_messages = 0;
    (void)VSIRmdirRecursive(folder);
    return 0;
}

static inline OGRSpatialReferenceH crs_of(int epsg)
{
    OGRSpatialReferenceH crs = OSRNewSpatialReference(NULL);
    assert_int_equal(OSRImportFromEPSG(crs, epsg), OGRERR_NONE);
    OSRSetAxisMappingStrategy(crs, OAMS_TRADITIONAL_GIS_ORDER);
    return crs;
}

static inline OGRGeometryH square(double x, double y, double side)
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
static inline GDALDatasetH write_sample(const selo_results_options *options, const selo_score *score,
                                        OGRSpatialReferenceH crs)
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

static inline GDALDatasetH in_memory(const selo_score *score, OGRSpatialReferenceH crs)
{
    const selo_results_options options = {.path = NULL};
    return write_sample(&options, score, crs);
}

/* Row `index` of a layer; the caller destroys it. */
static inline OGRFeatureH row_of(GDALDatasetH dataset, const char *layer, int index)
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
static inline void assert_fields(GDALDatasetH dataset, const char *layer, int index, const char *expected)
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

static inline void assert_wkt(GDALDatasetH dataset, const char *layer, int index, const char *expected)
{
    OGRFeatureH row = row_of(dataset, layer, index);
    char *wkt = NULL;
    (void)OGR_G_ExportToWkt(OGR_F_GetGeometryRef(row), &wkt);
    assert_string_equal(wkt, expected);
    CPLFree(wkt);
    OGR_F_Destroy(row);
}

#endif
