/* The ground profile through the library: the golden scenes, where they are. A scene that can be counted is in
 * test_ground_by_hand.c. */
#include "selo_test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <yyjson.h>

#include "cpl_conv.h"
#include "cpl_string.h"
#include "gdal.h"
#include "selo/ground.h"
#include "selo/values.h"

enum { MAX_REGIONS = 64 };

typedef struct scene {
    GDALDatasetH raster, truth;
    selo_frame frame;
    selo_earth *earth;
    OGRGeometryH regions[MAX_REGIONS];
    size_t n_regions;
} scene;

/* Polygons of all features; a part of a multipolygon is a region. */
static void add_regions(scene *s, OGRGeometryH g)
{
    if (wkbFlatten(OGR_G_GetGeometryType(g)) == wkbPolygon) {
        assert_true(s->n_regions < MAX_REGIONS);
        s->regions[s->n_regions++] = OGR_G_Clone(g);
        return;
    }
    for (int i = 0; i < OGR_G_GetGeometryCount(g); i++)
        add_regions(s, OGR_G_GetGeometryRef(g, i));
}

static void open_scene(scene *s, const char *raster, const char *truth)
{
    memset(s, 0, sizeof *s);
    s->raster = GDALOpenEx(raster, GDAL_OF_RASTER, NULL, NULL, NULL);
    s->truth = GDALOpenEx(truth, GDAL_OF_VECTOR, NULL, NULL, NULL);
    assert_non_null(s->raster);
    assert_non_null(s->truth);
    s->frame.width = GDALGetRasterXSize(s->raster);
    s->frame.height = GDALGetRasterYSize(s->raster);
    assert_int_equal(GDALGetGeoTransform(s->raster, s->frame.gt), CE_None);
    assert_int_equal(selo_earth_new(GDALGetSpatialRef(s->raster), &s->earth), SELO_OK);
    OGRLayerH layer = GDALDatasetGetLayer(s->truth, 0);
    for (OGRFeatureH f; (f = OGR_L_GetNextFeature(layer)); OGR_F_Destroy(f))
        add_regions(s, OGR_F_GetGeometryRef(f));
}

static void close_scene(scene *s)
{
    for (size_t i = 0; i < s->n_regions; i++)
        OGR_G_DestroyGeometry(s->regions[i]);
    selo_earth_free(s->earth);
    GDALClose(s->raster);
    GDALClose(s->truth);
}

static void score_scene(scene *s, const selo_ground_options *options, int strip, selo_score *score,
                        selo_ground_extras *extras)
{
    const size_t n = (size_t)s->frame.width * (size_t)strip;
    float *values = selo_alloc(n, sizeof *values);
    uint16_t *levels = selo_alloc(n, sizeof *levels);
    uint8_t *valid = selo_alloc(n, 1);
    GDALRasterBandH band = GDALGetRasterBand(s->raster, 1);
    const selo_value_rule rule = {1, 0, 0, 1};
    selo_ground *ground;
    assert_int_equal(selo_ground_new(&s->frame, s->earth, s->regions, s->n_regions, options, "scene", &ground),
                     SELO_OK);
    for (int y = 0; y < s->frame.height; y += strip) {
        const int rows = s->frame.height - y < strip ? s->frame.height - y : strip, w = s->frame.width;
        size_t at;
        assert_int_equal(GDALRasterIO(band, GF_Read, 0, y, w, rows, values, w, rows, GDT_Float32, 0, 0), CE_None);
        assert_int_equal(GDALRasterIO(GDALGetMaskBand(band), GF_Read, 0, y, w, rows, valid, w, rows, GDT_Byte, 0, 0),
                         CE_None);
        assert_int_equal(selo_values_apply(&rule, values, (size_t)w * (size_t)rows, valid, values, levels, &at),
                         SELO_OK);
        assert_int_equal(selo_ground_push(ground, values, levels, valid, rows), SELO_OK);
    }
    assert_int_equal(selo_ground_finish(ground, score, extras), SELO_OK);
    selo_ground_free(ground);
    selo_free(values);
    selo_free(levels);
    selo_free(valid);
}

static double number(yyjson_val *object, const char *key)
{
    return yyjson_get_num(yyjson_obj_get(object, key));
}

static void check_candidates(const selo_score *score, yyjson_val *expected)
{
    assert_int_equal(score->n_candidates, yyjson_arr_size(expected));
    for (size_t i = 0; i < score->n_candidates; i++) {
        yyjson_val *row = yyjson_arr_get(expected, i);
        assert_double_equal(score->candidates[i].x_px, yyjson_get_num(yyjson_arr_get(row, 0)), 1e-9);
        assert_double_equal(score->candidates[i].y_px, yyjson_get_num(yyjson_arr_get(row, 1)), 1e-9);
        assert_double_equal(score->candidates[i].prob, yyjson_get_num(yyjson_arr_get(row, 2)), 1e-9);
    }
}

static void check_scene(yyjson_val *expected, const char *folder)
{
    scene s;
    selo_score score, again;
    selo_ground_extras extras;
    selo_ground_options options = SELO_GROUND_OPTIONS_DEFAULT;
    const int number_of = (int)number(expected, "scene");
    options.smoothing.value = number(expected, "smoothing_m");
    options.separation.value = number(expected, "separation_m");
    open_scene(&s, CPLSPrintf("%s/scene_%d.tif", folder, number_of),
               CPLSPrintf("%s/scene_%d.geojson", folder, number_of));
    score_scene(&s, &options, s.frame.height, &score, &extras);
    assert_double_equal(score.rsu, number(expected, "rsu"), 1e-6);
    assert_double_equal(score.ras, number(expected, "ras"), 1e-6);
    assert_double_equal(score.rda, number(expected, "rda"), 1e-6);
    assert_double_equal(score.rmi, number(expected, "rmi"), 1e-6);
    /* 2e-6: scene 15 (a rotated grid of degrees) lists 25.2548206 m2; the integral over the polygon is 25.2547935. */
    assert_double_equal(score.gt_frac * score.area_m2 / number(expected, "area_in_m2"), 1, 2e-6);
    yyjson_val *radii = yyjson_obj_get(expected, "r_m");
    assert_int_equal(score.n_regions, yyjson_arr_size(radii));
    for (size_t i = 0; i < score.n_regions; i++)
        assert_double_equal(score.regions[i].r_m / yyjson_get_num(yyjson_arr_get(radii, i)), 1, 1e-6);
    check_candidates(&score, yyjson_obj_get(expected, "candidates"));
    options.threads = 2;
    score_scene(&s, &options, 7, &again, NULL); /* another tiling, another number of threads: not one bit */
    assert_memory_equal(&score.rsu, &again.rsu, 4 * sizeof score.rsu);
    selo_score_clear(&score);
    selo_score_clear(&again);
    close_scene(&s);
}

static void golden_scenes(void **state)
{
    (void)state;
    const char *source = getenv("SELO_SOURCE");
    char *folder = CPLStrdup(CPLSPrintf("%s/../shared/golden/ground", source ? source : "."));
    yyjson_doc *doc = yyjson_read_file(CPLSPrintf("%s/scenes.json", folder), 0, NULL, NULL);
    if (!doc) {
        print_message("skipped: no golden scenes in %s\n", folder);
        CPLFree(folder);
        skip();
    }
    size_t i, n;
    yyjson_val *one;
    yyjson_arr_foreach(yyjson_doc_get_root(doc), i, n, one)
        check_scene(one, folder);
    assert_true(n >= 21);
    yyjson_doc_free(doc);
    CPLFree(folder);
}

int main(void)
{
    GDALAllRegister();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_scenes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
