#include "selo/metrics.h"

#include <math.h>

#include "pairwise.h"

#define BETA 0.707
#define LAMBDA 3.0
#define ETA 0.5

/* The distances of an array that do not exceed a radius. */
typedef struct within {
    const double *next;
    double radius;
} within;

static double next_value(void *source)
{
    const double **next = source;
    return *(*next)++;
}

static double next_within(void *source)
{
    within *distances = source;
    while (!(*distances->next <= distances->radius))
        distances->next++;
    return *distances->next++;
}

double selo_rsu(double mass_in, double mass_out, double area_in, double area_out, double epsilon)
{
    const double attention = mass_in / (mass_out + epsilon);
    const double area = area_out / area_in;
    return -exp(-BETA * attention * area) + 1.0;
}

double selo_ras_ratio(const double *distances, size_t n, double radius)
{
    size_t inside = 0;
    for (size_t i = 0; i < n; i++)
        inside += distances[i] <= radius;
    if (inside == 0)
        return radius / radius; /* 1, or NaN for no radius: there the published code divides by zero */
    within source = {distances, radius};
    return selo_pairwise_sum(next_within, &source, inside) / (double)inside / radius;
}

double selo_ras(const double *ratios, size_t n)
{
    return (exp(LAMBDA * selo_mean(ratios, n)) - 1.0) / (exp(LAMBDA) - 1.0);
}

double selo_rda_region(size_t n, double spread, double radius)
{
    if (n < 2)
        return (double)n;
    return 0.5 * (1.0 - spread / radius) + exp(-ETA * (double)(n + 2));
}

double selo_mean(const double *values, size_t n)
{
    if (n == 0)
        return NAN;
    return selo_pairwise_sum(next_value, &values, n) / (double)n;
}

double selo_rmi(double rsu, double ras, double rda, selo_weights weights)
{
    return weights.rsu * rsu + weights.ras * (1.0 - ras) + weights.rda * rda;
}
