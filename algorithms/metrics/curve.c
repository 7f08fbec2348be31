#include "selo/curve.h"

#include <math.h>

static double total(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = n; i-- > 0;)
        sum += values[i];
    return sum;
}

static selo_curve_point point_of(double threshold, double hit, double false_hit, double inside)
{
    return (selo_curve_point){
        .threshold = threshold,
        .precision = hit + false_hit > 0 ? hit / (hit + false_hit) : NAN,
        .recall = hit / inside,
        .f1 = 2 * hit / (hit + false_hit + inside),
        .iou = hit / (false_hit + inside),
    };
}

selo_pixel_scores selo_pixel_scores_of(const double *inside, const double *outside, size_t n)
{
    const double all_in = total(inside, n), all_out = total(outside, n), top = (double)(n - 1);
    selo_pixel_scores s = {NAN, NAN, NAN, NAN, NAN};
    if (!(all_in > 0))
        return s;
    double hit = 0, false_hit = 0, ranked = 0;
    s.ap = 0;
    s.best_f1 = -1;
    s.iou_50 = 0;
    for (size_t i = n; i-- > 0;) {
        if (inside[i] > 0 || outside[i] > 0) {
            ranked += outside[i] * (hit + 0.5 * inside[i]);
            hit += inside[i];
            false_hit += outside[i];
            const selo_curve_point p = point_of((double)i / top, hit, false_hit, all_in);
            s.ap += inside[i] / all_in * p.precision;
            if (p.f1 > s.best_f1) {
                s.best_f1 = p.f1;
                s.best_f1_thr = p.threshold;
            }
        }
        if (i == n / 2)
            s.iou_50 = point_of(0.5, hit, false_hit, all_in).iou;
    }
    if (all_out > 0)
        s.auc = ranked / all_in / all_out;
    return s;
}

static size_t held_levels(const double *inside, const double *outside, size_t n)
{
    size_t held = 0;
    for (size_t i = 0; i < n; i++)
        held += inside[i] > 0 || outside[i] > 0;
    return held;
}

size_t selo_curve_points(const double *inside, const double *outside, size_t n, selo_curve_point *points, size_t max_points)
{
    const double all_in = total(inside, n), top = (double)(n - 1);
    const size_t held = held_levels(inside, outside, n), count = held <= max_points ? held : max_points;
    if (!(all_in > 0))
        return 0;
    double hit = 0, false_hit = 0;
    size_t left = count; /* points are filled from the highest threshold down */
    for (size_t i = n; i-- > 0 && left > 0;) {
        hit += inside[i];
        false_hit += outside[i];
        if (held <= max_points) {
            if (inside[i] > 0 || outside[i] > 0)
                points[--left] = point_of((double)i / top, hit, false_hit, all_in);
            continue;
        }
        /* Thresholds above the next lower level, and not above this one. */
        for (double t = (double)(left - 1) / (double)(count - 1); left > 0 && t * top > (double)i - 1;
             t = (double)(left - 1) / (double)(count - 1))
            points[--left] = point_of(t, hit, false_hit, all_in);
    }
    return count;
}
