/* The ground profile on a scene that can be counted: 20 x 20 pixels of 10 m on the central meridian of a UTM zone, 0.1
 * throughout but for four pixels of 1, the last row without values. */
#include "selo_test.h"

#include <math.h>

#include "gdal.h"
#include "selo/ground.h"

enum { SIDE = 20, LEFT = 500000, TOP = 4000000, PIXEL_M = 10 };

static OGRSpatialReferenceH crs;
static selo_earth *earth;

/* Columns x0 ... x1 and rows y0 ... y1, the ends left out. */
static OGRGeometryH rectangle(int x0, int y0, int x1, int y1)
{
    const int corners[][2] = {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}};
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing), area = OGR_G_CreateGeometry(wkbPolygon);
    for (int i = 0; i < 5; i++)
        OGR_G_AddPoint_2D(ring, LEFT + PIXEL_M * corners[i][0], TOP - PIXEL_M * corners[i][1]);
    assert_int_equal(OGR_G_AddGeometryDirectly(area, ring), OGRERR_NONE);
    return area;
}

/* Windows of one pixel for the mean and of three for the separation. */
static selo_ground_options small_windows(void)
{
    selo_ground_options options = SELO_GROUND_OPTIONS_DEFAULT;
    options.smoothing = (selo_length){1, SELO_UNIT_PX};
    options.separation = (selo_length){3, SELO_UNIT_PX};
    return options;
}

/* Four bright pixels: this one and its neighbours right and below. */
typedef struct spot {
    int x, y;
} spot;

static float value_at(const spot *spots, size_t n, int x, int y)
{
    for (size_t i = 0; i < n; i++)
        if (x >= spots[i].x && x < spots[i].x + 2 && y >= spots[i].y && y < spots[i].y + 2)
            return 1;
    return 0.1F;
}

typedef struct scene {
    const spot *spots;
    size_t n_spots;
    int n_valid; /* rows that have values */
} scene;

static void score_scene(OGRGeometryH *regions, size_t n_regions, scene map, selo_score *score,
                        selo_ground_extras *extras)
{
    const selo_frame frame = {.width = SIDE, .height = SIDE, .gt = {LEFT, PIXEL_M, 0, TOP, 0, -PIXEL_M}};
    const selo_ground_options options = small_windows();
    selo_ground *ground;
    assert_int_equal(selo_ground_new(&frame, earth, regions, n_regions, &options, "scene", &ground), SELO_OK);
    for (int y = 0; y < SIDE; y++) {
        float values[SIDE];
        uint16_t levels[SIDE];
        uint8_t valid[SIDE];
        for (int x = 0; x < SIDE; x++) {
            valid[x] = y < map.n_valid;
            values[x] = valid[x] ? value_at(map.spots, map.n_spots, x, y) : 0;
            levels[x] = (uint16_t)lrintf(65535 * values[x]);
        }
        assert_int_equal(selo_ground_push(ground, values, levels, valid, 1), SELO_OK);
    }
    assert_int_equal(selo_ground_finish(ground, score, extras), SELO_OK);
    selo_ground_free(ground);
    for (size_t i = 0; i < n_regions; i++)
        OGR_G_DestroyGeometry(regions[i]);
}

/* A region of 6 x 6 pixels around (7, 7), the bright ones two pixels right of its middle. Inside are 4 pixels of 1 and
 * 32 of 0.1, outside 344 of 0.1: 7.2 / 34.4 * 344 / 36 = 2. The circle's radius is 1.5 times half of the diagonal. */
static void scores_by_hand(void **state)
{
    (void)state;
    OGRGeometryH region = rectangle(4, 4, 10, 10);
    selo_score score;
    selo_ground_extras extras;
    score_scene(&region, 1, (scene){&(spot){8, 6}, 1, SIDE - 1}, &score, &extras);
    const double radius_px = 1.5 * 3 * sqrt(2.0), ratio = 2 / radius_px, scale = 0.9996; /* of the projection */
    const double ras = (exp(3 * ratio) - 1) / (exp(3.0) - 1), rsu = 1 - exp(-0.707 * 2);
    assert_int_equal(score.verdict, SELO_SCORED);
    assert_double_equal(score.rsu, rsu, 1e-6);
    assert_double_equal(score.ras, ras, 1e-6);
    assert_double_equal(score.rda, 1, 0); /* one candidate in the circle */
    assert_double_equal(score.rmi, 0.40 * rsu + 0.35 * (1 - ras) + 0.25, 1e-6);
    assert_double_equal(score.gt_frac, 36.0 / 380, 1e-8);
    assert_double_equal(score.nodata_fr, 0.05, 1e-8);
    assert_double_equal(score.area_m2, 38000 / (scale * scale), 1e-2);
    assert_int_equal(score.n_candidates, 1);
    assert_double_equal(score.candidates[0].x_px, 9, 1e-12);
    assert_double_equal(score.candidates[0].y_px, 7, 1e-12);
    assert_double_equal(score.candidates[0].prob, 1, 0);
    assert_int_equal(score.candidates[0].plateau_px, 4);
    assert_int_equal(score.candidates[0].n_hit, 1);
    const selo_region_score *r = score.regions;
    assert_double_equal(r->r_m, 10 * radius_px / scale, 1e-4);
    assert_double_equal(r->r_px, radius_px, 1e-5);
    assert_double_equal(r->shift_m, 20 / scale, 1e-4);
    assert_double_equal(r->shift_px, 2, 1e-9);
    assert_double_equal(r->mass_in, 7.2 / (7.2 + 34.4), 1e-6);
    assert_double_equal(r->area_px, 36, 0);
    assert_double_equal(r->area_m2, 3600 / (scale * scale), 1e-3);
    assert_double_equal(r->hidden, 0, 0);
    assert_double_equal(extras.pointing, 1, 0);
    assert_double_equal(extras.attention_in, 7.2 / (7.2 + 34.4), 1e-6);
    assert_double_equal(extras.step_x_m, 10 / scale, 1e-5);
    assert_int_equal(extras.apart_x_px, 3);
    selo_score_clear(&score);
}

/* Three candidates in the circle, of the same probability: by rows, then by columns. Their centroid is the region's
 * centre, so that their shift is their spread. */
static void several_candidates_are_spread(void **state)
{
    (void)state;
    static const spot spots[] = {{5, 8}, {8, 5}, {5, 5}};
    static const double expected[][2] = {{6, 6}, {9, 6}, {6, 9}};
    OGRGeometryH region = rectangle(4, 4, 10, 10);
    selo_score score;
    score_scene(&region, 1, (scene){spots, 3, SIDE}, &score, NULL);
    assert_int_equal(score.n_candidates, 3);
    for (int i = 0; i < 3; i++) {
        assert_double_equal(score.candidates[i].x_px, expected[i][0], 1e-12);
        assert_double_equal(score.candidates[i].y_px, expected[i][1], 1e-12);
    }
    const double radius_px = 1.5 * 3 * sqrt(2.0), distance_px = (sqrt(2.0) + 2 * sqrt(5.0)) / 3;
    assert_int_equal(score.regions[0].n_in, 3);
    assert_double_equal(score.regions[0].shift_px, distance_px, 1e-9);
    assert_double_equal(score.regions[0].spread_px, distance_px, 1e-9);
    assert_double_equal(score.regions[0].spread_m, 10 * distance_px / 0.9996, 1e-4);
    assert_double_equal(score.ras, (exp(3 * distance_px / radius_px) - 1) / (exp(3.0) - 1), 1e-6);
    assert_double_equal(score.rda, 0.5 * (1 - distance_px / radius_px) + exp(-0.5 * 5), 1e-6);
    selo_score_clear(&score);
}

/* The bright pixels lie beside the region, and out of its circle. */
static void what_lies_elsewhere_counts_for_nothing(void **state)
{
    (void)state;
    OGRGeometryH region = rectangle(1, 1, 4, 4);
    selo_score score;
    selo_ground_extras extras;
    score_scene(&region, 1, (scene){&(spot){14, 14}, 1, SIDE}, &score, &extras);
    assert_int_equal(score.verdict, SELO_SCORED);
    assert_double_equal(score.ras, 1, 1e-9); /* as far as the circle reaches */
    assert_double_equal(score.rda, 0, 0);
    assert_double_equal(score.nodata_fr, 0, 0);
    assert_int_equal(score.candidates[0].n_hit, 0);
    assert_int_equal(score.regions[0].n_in, 0);
    assert_true(isnan(score.regions[0].spread_m));
    assert_double_equal(extras.pointing, 0, 0);
    selo_score_clear(&score);
}

static void verdicts_say_why(void **state)
{
    (void)state;
    static const struct {
        int region[4], n_valid;
        selo_verdict verdict;
        bool has_rsu, has_ras;
    } rows[] = {
        {{4, 4, 10, 10}, SIDE, SELO_SCORED, true, true},
        {{0, 0, SIDE, SIDE}, SIDE, SELO_REGION_EVERYWHERE, false, true},
        {{0, 0, SIDE, 8}, 8, SELO_REGION_EVERYWHERE, false, true}, /* all that is valid */
        {{30, 4, 40, 10}, SIDE, SELO_REGION_OUTSIDE, false, true},
        {{4, 4, 10, 10}, 0, SELO_NO_VALID_PIXEL, false, false},
        {{4, 4, 10, 10}, 6, SELO_REGION_HIDDEN, true, true}, /* two of its six rows are seen */
        {{4, 4, 10, 10}, 7, SELO_SCORED, true, true},        /* half of them */
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const int *r = rows[i].region;
        OGRGeometryH region = rectangle(r[0], r[1], r[2], r[3]);
        selo_score score;
        score_scene(&region, 1, (scene){&(spot){5, 5}, 1, rows[i].n_valid}, &score, NULL);
        assert_int_equal(score.verdict, rows[i].verdict);
        assert_int_equal(isfinite(score.rsu) != 0, rows[i].has_rsu);
        assert_int_equal(isfinite(score.ras) != 0, rows[i].has_ras);
        selo_score_clear(&score);
    }
    selo_score score;
    score_scene(NULL, 0, (scene){&(spot){5, 5}, 1, SIDE}, &score, NULL);
    assert_int_equal(score.verdict, SELO_NO_REGION);
    assert_true(isnan(score.rsu) && isnan(score.ras) && isnan(score.rda) && isnan(score.rmi));
    selo_score_clear(&score);
}

/* Two regions whose rows begin and end apart: each has its own pixels, the overlap counts once in all. */
static void regions_that_overlap_count_once(void **state)
{
    (void)state;
    OGRGeometryH regions[] = {rectangle(2, 9, 6, 15), rectangle(4, 2, 8, 11)};
    selo_score score;
    score_scene(regions, 2, (scene){&(spot){5, 9}, 1, SIDE}, &score, NULL);
    assert_double_equal(score.regions[0].area_px, 24, 0);
    assert_double_equal(score.regions[1].area_px, 36, 0);
    assert_double_equal(score.gt_frac, 56.0 / 400, 1e-8);
    assert_double_equal(score.regions[0].mass_in, (2 + 22 * 0.1) / 43.6, 1e-6);
    assert_double_equal(score.regions[1].mass_in, (4 + 32 * 0.1) / 43.6, 1e-6);
    selo_score_clear(&score);
}

int main(void)
{
    crs = OSRNewSpatialReference(NULL);
    if (OSRImportFromEPSG(crs, 32631) != OGRERR_NONE)
        return 1;
    OSRSetAxisMappingStrategy(crs, OAMS_TRADITIONAL_GIS_ORDER);
    if (selo_earth_new(crs, &earth) != SELO_OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_by_hand),
        cmocka_unit_test(several_candidates_are_spread),
        cmocka_unit_test(what_lies_elsewhere_counts_for_nothing),
        cmocka_unit_test(verdicts_say_why),
        cmocka_unit_test(regions_that_overlap_count_once),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    selo_earth_free(earth);
    OSRDestroySpatialReference(crs);
    return failed;
}
