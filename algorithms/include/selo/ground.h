/* The ground profile: scoring one sample on one georeferenced map while its rows stream by. docs/metrics-ground.md has
 * the definitions and formulas. Memory: width x (smoothing + separation window) as in selo/peaks.h, and the truth. */
#ifndef SELO_GROUND_H
#define SELO_GROUND_H

#include "selo/curve.h"
#include "selo/histogram.h"
#include "selo/length.h"
#include "selo/region.h"
#include "selo/score.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_ground_options {
    selo_length smoothing;   /* default 16 m */
    selo_length separation;  /* default 325 m */
    double threshold;        /* on the unsmoothed map, 0..1 */
    double expansion;        /* circle radius over minimum bounding radius, > 0 */
    selo_weights weights;
    double tolerance_m;      /* pointing game: how far from a region the maximum may lie, >= 0 */
    size_t levels;           /* SELO_LEVELS_16, or SELO_LEVELS_20 for a map of floats */
    bool levels_exact;       /* every value is its level / 65535, as in a Byte map of 0..255: saves memory and time */
    bool all_valid;          /* no pixel pushed will be invalid: saves memory and time */
    int threads;             /* at least 1; the result does not depend on it */
    OGRGeometryH aoi;        /* area of interest in the map's CRS; NULL: all. Pixels with their centre
                                outside are not valid */
} selo_ground_options;

#define SELO_GROUND_OPTIONS_DEFAULT                                                                                    \
    {                                                                                                                  \
        .smoothing = {16, SELO_UNIT_M}, .separation = {325, SELO_UNIT_M}, .threshold = SELO_THRESHOLD_DEFAULT,         \
        .expansion = SELO_EXPANSION_DEFAULT, .weights = SELO_WEIGHTS_DEFAULT, .levels = SELO_LEVELS_16, .threads = 1   \
    }

/* What comes with the score from the same pass; NaN where undefined. */
typedef struct selo_ground_extras {
    double step_x_m, step_y_m; /* pixel step at the map's centre */
    double variation;          /* how much the step varies over the map; 0.01 = 1 % */
    int smooth_x_px, smooth_y_px, apart_x_px, apart_y_px; /* windows that were used */
    double pointing;           /* share of the map's maximum (its area, where tied) within
                                  tolerance_m of a region: 0 or 1 */
    double attention_in;       /* share of the attention inside the regions, 0..1 */
    double hidden;             /* share of the truth's area on the map under excluded pixels, 0..1 */
    selo_pixel_scores pixel;
} selo_ground_extras;

typedef struct selo_ground selo_ground;

/* Starts scoring. `regions` are n polygons or multipolygons, valid and in the map's CRS; they may overlap. All
 * that is passed must live until selo_ground_free(); `name` is the sample's name in messages. Errors are
 * reported with CPLError(). */
SELO_API selo_status selo_ground_new(const selo_frame *frame, const selo_earth *earth, const OGRGeometryH *regions,
                                     size_t n, const selo_ground_options *options, const char *name,
                                     selo_ground **ground);

/* The next n_rows rows, top to bottom: what selo_values_apply() gives. Pixels outside the area of interest or off the
 * Earth are set to "not valid" and 0 in place. */
SELO_API selo_status selo_ground_push(selo_ground *ground, float *values, uint16_t *levels, uint8_t *valid, int n_rows);

/* After the last row. The caller clears `score` with selo_score_clear(); `extras` may be NULL. */
SELO_API selo_status selo_ground_finish(selo_ground *ground, selo_score *score, selo_ground_extras *extras);

/* Areas per level of attention, inside and outside, for curves and for pooling; valid until selo_ground_free(). */
SELO_API const selo_histogram *selo_ground_histogram(const selo_ground *ground);

/* Scores over all thresholds of what a histogram holds, one map's or many maps' together. */
SELO_API selo_status selo_histogram_scores(const selo_histogram *histogram, selo_pixel_scores *scores);

/* The curve of what a histogram holds, as of selo_curve_points(); the caller frees *points with selo_free(). */
SELO_API selo_status selo_histogram_curve(const selo_histogram *histogram, size_t max_points, selo_curve_point **points,
                                          size_t *n);

SELO_API void selo_ground_free(selo_ground *ground);

#ifdef __cplusplus
}
#endif
#endif
