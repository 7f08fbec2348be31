/* Distributions and quantiles that intervals are made with. */
#ifndef SELO_METRICS_DISTRIBUTIONS_H
#define SELO_METRICS_DISTRIBUTIONS_H

#include <stddef.h>

/* Standard normal distribution function and its inverse (p inside 0..1), and Student's t for df >= 1. */
double selo_normal_cdf(double z);
double selo_normal_quantile(double p);
double selo_student_quantile(double p, size_t df);

/* The quantile (0..1) of n ascending values, between order statistics (Hyndman and Fan's type 7); NaN for n = 0. */
double selo_quantile(const double *ascending, size_t n, double quantile);

#endif
