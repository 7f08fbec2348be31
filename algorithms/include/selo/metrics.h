/* The four scores of a semantic localization map: numbers in, numbers out.
 *
 * Source: TGRS 2022, doi 10.1109/TGRS.2022.3207171, and the published evaluation class. The formulas hold for both
 * profiles; units are the caller's (pixels or metres), the same throughout one call. Undefined results are NaN. */
#ifndef SELO_METRICS_H
#define SELO_METRICS_H

#include <stddef.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_point {
    double x;
    double y;
} selo_point;

typedef struct selo_circle {
    double x;
    double y;
    double radius;
} selo_circle;

typedef struct selo_weights {
    double rsu; /* default 0.40 */
    double ras; /* default 0.35 */
    double rda; /* default 0.25 */
} selo_weights;

#define SELO_WEIGHTS_DEFAULT {0.40, 0.35, 0.25}
#define SELO_EXPANSION_DEFAULT 1.5
#define SELO_THRESHOLD_DEFAULT 0.5

/* Significant area proportion, 0..1, higher is better.
 *   mass_in   attention inside the regions          mass_out  attention outside
 *   area_in   area of the regions                   area_out  area outside
 *   epsilon   1e-7 in the units of mass_out
 * 1 - exp(-0.707 * mass_in / (mass_out + epsilon) * area_out / area_in); NaN where that is undefined. */
SELO_API double selo_rsu(double mass_in, double mass_out, double area_in, double area_out, double epsilon);

/* Attention shift distance of one region as a ratio, from the distances of all n candidates to its centre: mean of
 * those within `radius` divided by radius; 1 if none is. */
SELO_API double selo_ras_ratio(const double *distances, size_t n, double radius);

/* Attention shift distance over regions, 0..1, lower is better: (exp(3 m) - 1) / (exp(3) - 1), m the mean of ratios. */
SELO_API double selo_ras(const double *ratios, size_t n);

/* Discrete attention distance of one region, from n candidates inside its circle and their mean distance `spread` from
 * their own centroid: 0 for none, 1 for one, else 0.5 * (1 - spread / radius) + exp(-0.5 * (n + 2)). */
SELO_API double selo_rda_region(size_t n, double spread, double radius);

/* Sum of values in numpy's pairwise order, divided by n; NaN for n = 0. */
SELO_API double selo_mean(const double *values, size_t n);

/* weights.rsu * rsu + weights.ras * (1 - ras) + weights.rda * rda, added left to right. */
SELO_API double selo_rmi(double rsu, double ras, double rda, selo_weights weights);

/* The published centre and radius of a region: mean of the n raw vertices truncated toward zero, and `expansion` times
 * the mean distance of the vertices from it, truncated. A repeated vertex counts each time.
 * SELO_E_ARGUMENT for n = 0 and for vertices that are not finite. */
SELO_API selo_status selo_vertex_circle(const selo_point *vertices, size_t n, double expansion, selo_circle *circle);

#ifdef __cplusplus
}
#endif
#endif
