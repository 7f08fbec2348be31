/* Scores of a map against truth pixel by pixel: what every threshold gives, and what all thresholds together give.
 *
 * Numbers in, numbers out: the values that a map holds, ascending, and for each the area that has it, inside and
 * outside the truth. A pixel half covered is half a positive and half a negative, each with its area: sample weights,
 * in the terms of other libraries. "Positive at threshold t" means value >= t. */
#ifndef SELO_CURVE_H
#define SELO_CURVE_H

#include <stddef.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_curve_point {
    double threshold; /* 0..1 */
    double precision; /* inside and positive / positive; NaN if nothing is positive */
    double recall;    /* inside and positive / inside */
    double f1;        /* 2 * inside and positive / (positive + inside) */
    double iou;       /* inside and positive / (inside or positive) */
} selo_curve_point;

typedef struct selo_pixel_scores {
    double auc;         /* area under the ROC curve: Fawcett 2006, doi 10.1016/j.patrec.2005.10.010; ties count half */
    double ap;          /* average precision: sum over thresholds of precision times the gain in recall */
    double best_f1;     /* over all thresholds */
    double best_f1_thr; /* the highest threshold that gives it */
    double iou_50;      /* at threshold 0.5 */
} selo_pixel_scores;

/* All scores from n different values. NaN where undefined: auc with nothing inside or nothing outside, the others with
 * nothing inside. */
SELO_API selo_pixel_scores selo_pixel_scores_of(const double *values, const double *inside, const double *outside,
                                                size_t n);

/* The curve with each value as threshold, ascending; where these are more than max_points (>= 2), at max_points evenly
 * spaced thresholds from 0 to 1 instead. `points` has room for max_points. Returns how many were set; 0 if nothing lies
 * inside. */
SELO_API size_t selo_curve_points(const double *values, const double *inside, const double *outside, size_t n,
                                  selo_curve_point *points, size_t max_points);

#ifdef __cplusplus
}
#endif
#endif
