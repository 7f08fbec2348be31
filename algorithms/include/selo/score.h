/* What scoring one sample on one map gives. Lengths carry their unit in their name; what is undefined is NaN.
 *
 * Pixel coordinates: x = column, y = row, downwards, from the outer corner of the first pixel; so the
 * centre of the first pixel is (0.5, 0.5). The reference profile's candidates are whole pixels, given by
 * their integer column and row. */
#ifndef SELO_SCORE_H
#define SELO_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "selo/metrics.h"
#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum selo_profile {
    SELO_PROFILE_REFERENCE, /* the published pixel arithmetic */
    SELO_PROFILE_GROUND     /* the same ideas on the Earth, in metres */
} selo_profile;

/* "reference" or "ground"; static. */
SELO_API const char *selo_profile_name(selo_profile profile);

/* Why a score is undefined, or that none is. */
typedef enum selo_verdict {
    SELO_SCORED = 0,            /* "ok": all four scores are defined */
    SELO_NO_REGION = 1,         /* "no_region": the sample has no region */
    SELO_REGION_OUTSIDE = 2,    /* "region_outside": no region covers a pixel of the map */
    SELO_REGION_EVERYWHERE = 3, /* "region_everywhere": nothing is left outside the regions (ground profile) */
    SELO_ZERO_RADIUS = 4,       /* "zero_radius": a region's circle has no extent, so distances have no measure */
    SELO_NO_VALID_PIXEL = 5,    /* "no_valid_pixel": every pixel is NoData, masked or out of the area of interest */
    SELO_REGION_HIDDEN = 6,     /* "region_hidden": scores are defined, but a region lies mostly
                                   under excluded pixels */
    SELO_FAILED = 7             /* "failed": the sample could not be scored; the log says why */
} selo_verdict;

/* The word above in quotes; static. It is what the field `status` holds. */
SELO_API const char *selo_verdict_name(selo_verdict verdict);

typedef struct selo_candidate {
    double x_px, y_px;
    double prob;        /* 0..1, on the unsmoothed map */
    int64_t plateau_px; /* pixels of the plateau */
    int n_hit;          /* circles that it lies in */
} selo_candidate;

typedef struct selo_region_score {
    double cx_px, cy_px;         /* centre */
    double r_px, r_m;            /* radius of the circle; r_m: ground profile and georeferenced maps, else NaN */
    int n_in;                    /* candidates within the circle */
    double shift_px, shift_m;    /* their mean distance to the centre; the radius if there is none */
    double spread_px, spread_m;  /* their mean distance to their own centroid; NaN if there is none */
    double ras_r;                /* shift / radius, 0..1 */
    double rda_r;                /* 0..1 */
    double mass_in;              /* share of the map's attention on this region, 0..1 */
    double area_px, area_m2;     /* of the region on the map */
    double hidden;               /* share of its area under excluded pixels, 0..1 */
} selo_region_score;

typedef struct selo_score {
    selo_profile profile;
    selo_verdict verdict;
    double rsu, ras, rda, rmi;
    size_t n_candidates;
    selo_candidate *candidates; /* prob descending */
    size_t n_regions;
    selo_region_score *regions; /* in the order of the truth */
    double gt_frac;             /* share of the map inside the regions, 0..1 */
    double nodata_fr;           /* share of the map that is excluded, 0..1 */
    double area_m2;             /* of the map's valid pixels */
} selo_score;

/* Frees what a score holds, not the score itself. */
SELO_API void selo_score_clear(selo_score *score);

/* A closed contour in pixel coordinates, its last vertex joined to its first and not repeated. */
typedef struct selo_contour {
    const selo_point *vertices;
    size_t n;
    bool hole; /* a hole belongs to the region before it: it takes part in the mask and in nothing else */
    bool part; /* a further part of the region before it: its vertices count for centre and radius as well */
} selo_contour;

/* Scores an 8-bit map in the reference profile.
 *   map        height x width, row-major, 0..255; the caller keeps it
 *   contours   regions (hole = part = false), each followed by its holes and further parts; a region has a vertex at
 *              least, and coordinates are finite and within +-1e9
 * SELO_E_ARGUMENT otherwise, and for a map without pixels; nothing is reported.
 * On SELO_OK the caller clears `score` with selo_score_clear().
 *
 *     selo_point square[] = {{100, 100}, {300, 100}, {300, 300}, {100, 300}};
 *     selo_contour region = {.vertices = square, .n = 4};
 *     selo_score score;
 *     if (selo_score_array(map, 700, 600, &region, 1, &score) == SELO_OK) {
 *         printf("%.4f %.4f %.4f %.4f\n", score.rsu, score.ras, score.rda, score.rmi);
 *         selo_score_clear(&score);
 *     }
 */
SELO_API selo_status selo_score_array(const uint8_t *map, int width, int height, const selo_contour *contours,
                                      size_t n_contours, selo_score *score);

#ifdef __cplusplus
}
#endif
#endif
