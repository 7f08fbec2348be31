/* Normal and Student's t distribution, as far as the widening of bootstrap intervals needs them. */
#include "distributions.h"

#include <math.h>
#include <stdbool.h>

static const double pi = 3.14159265358979323846;

double selo_normal_cdf(double z)
{
    return 0.5 * erfc(-z / sqrt(2.0));
}

/* The finite series for whole df: Abramowitz and Stegun, 26.7.3 and 26.7.4. */
static double student_cdf(double t, size_t df)
{
    const double angle = atan(t / sqrt((double)df)), cosine = cos(angle);
    const bool odd = df % 2 == 1;
    double term = odd ? cosine : 1.0, sum = df == 1 ? 0.0 : term;
    for (size_t k = odd ? 3 : 2; k < df; k += 2) {
        term *= cosine * cosine * (double)(k - 1) / (double)k;
        if (k + 2 <= df)
            sum += term;
    }
    const double within = odd ? (angle + sin(angle) * sum) * 2.0 / pi : sin(angle) * sum;
    return 0.5 * (1.0 + within);
}

/* Halving is slow and sure; it runs a few times per interval. */
double selo_normal_quantile(double p)
{
    double low = -38.0, high = 38.0;
    for (int step = 0; step < 100; ++step) {
        const double middle = 0.5 * (low + high);
        *(selo_normal_cdf(middle) < p ? &low : &high) = middle;
    }
    return 0.5 * (low + high);
}

double selo_student_quantile(double p, size_t df)
{
    const double z = selo_normal_quantile(p);
    if (df > 1000) /* the first terms of the Cornish-Fisher expansion; the next is below 1e-8 here */
        return z + (z * z + 1.0) * z / (4.0 * (double)df) +
               ((5.0 * z * z + 16.0) * z * z + 3.0) * z / (96.0 * (double)df * (double)df);
    double low = -1.0, high = 1.0;
    while (student_cdf(low, df) > p && low > -1e15)
        low *= 2.0;
    while (student_cdf(high, df) < p && high < 1e15)
        high *= 2.0;
    for (int step = 0; step < 200; ++step) {
        const double middle = 0.5 * (low + high);
        *(student_cdf(middle, df) < p ? &low : &high) = middle;
    }
    return 0.5 * (low + high);
}
