/* Quantiles, summaries, and Holm's adjustment. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "distributions.h"
#include "selo/memory.h"
#include "selo/metrics.h"
#include "selo/statistics.h"

static int by_value(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

void selo_sort(double *values, size_t n)
{
    if (n > 1)
        qsort(values, n, sizeof *values, by_value);
}

double selo_quantile(const double *ascending, size_t n, double quantile)
{
    if (n == 0)
        return NAN;
    const double place = quantile * (double)(n - 1);
    const size_t below = place <= 0.0 ? 0 : place >= (double)(n - 1) ? n - 1 : (size_t)place;
    const size_t above = below + 1 < n ? below + 1 : below;
    return ascending[below] + (place - (double)below) * (ascending[above] - ascending[below]);
}

static double standard_deviation(const double *values, size_t n, double mean)
{
    double squares = 0.0;
    for (size_t i = 0; i < n; ++i)
        squares += (values[i] - mean) * (values[i] - mean);
    return n < 2 ? NAN : sqrt(squares / (double)(n - 1));
}

selo_status selo_summarize(const double *values, size_t n, selo_summary *summary)
{
    double *ascending = selo_alloc(n, sizeof *ascending);
    if (!ascending)
        return SELO_E_MEMORY;
    if (n > 0)
        memcpy(ascending, values, n * sizeof *ascending);
    selo_sort(ascending, n);
    summary->n = n;
    summary->mean = selo_mean(values, n);
    summary->std = standard_deviation(values, n, summary->mean);
    summary->min = selo_quantile(ascending, n, 0.0);
    summary->q25 = selo_quantile(ascending, n, 0.25);
    summary->median = selo_quantile(ascending, n, 0.5);
    summary->q75 = selo_quantile(ascending, n, 0.75);
    summary->max = selo_quantile(ascending, n, 1.0);
    selo_free(ascending);
    return SELO_OK;
}

selo_status selo_holm(double *p_values, size_t n)
{
    double *ascending = selo_alloc(n, sizeof *ascending);
    if (!ascending)
        return SELO_E_MEMORY;
    size_t m = 0;
    for (size_t i = 0; i < n; ++i)
        if (!isnan(p_values[i]))
            ascending[m++] = p_values[i];
    selo_sort(ascending, m);
    for (size_t i = 0; i < n; ++i) {
        double adjusted = 0.0;
        for (size_t k = 0; k < m && ascending[k] <= p_values[i]; ++k)
            adjusted = fmax(adjusted, (double)(m - k) * ascending[k]);
        if (!isnan(p_values[i]))
            p_values[i] = fmin(adjusted, 1.0);
    }
    selo_free(ascending);
    return SELO_OK;
}
