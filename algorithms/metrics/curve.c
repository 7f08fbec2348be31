#include "selo/curve.h"

#include <math.h>
#include <stdbool.h>

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

selo_pixel_scores selo_pixel_scores_of(const double *values, const double *inside, const double *outside, size_t n)
{
    const double all_in = total(inside, n), all_out = total(outside, n);
    selo_pixel_scores s = {NAN, NAN, NAN, NAN, NAN};
    if (!(all_in > 0))
        return s;
    double hit = 0, false_hit = 0, ranked = 0;
    s.ap = s.iou_50 = 0;
    s.best_f1 = -1;
    for (size_t i = n; i-- > 0;) {
        ranked += outside[i] * (hit + 0.5 * inside[i]);
        hit += inside[i];
        false_hit += outside[i];
        const selo_curve_point p = point_of(values[i], hit, false_hit, all_in);
        if (inside[i] > 0)
            s.ap += inside[i] / all_in * p.precision;
        if (p.f1 > s.best_f1) {
            s.best_f1 = p.f1;
            s.best_f1_thr = p.threshold;
        }
        if (values[i] >= 0.5)
            s.iou_50 = p.iou;
    }
    if (all_out > 0)
        s.auc = ranked / all_in / all_out;
    return s;
}

size_t selo_curve_points(const double *values, const double *inside, const double *outside, size_t n,
                         selo_curve_point *points, size_t max_points)
{
    const double all_in = total(inside, n);
    const bool every = n <= max_points;
    const size_t count = every ? n : max_points;
    if (!(all_in > 0))
        return 0;
    double hit = 0, false_hit = 0;
    size_t i = n;
    for (size_t k = count; k-- > 0;) { /* from the highest threshold down */
        const double threshold = every ? values[k] : (double)k / (double)(count - 1);
        for (; i > 0 && values[i - 1] >= threshold; i--) {
            hit += inside[i - 1];
            false_hit += outside[i - 1];
        }
        points[k] = point_of(threshold, hit, false_hit, all_in);
    }
    return count;
}
