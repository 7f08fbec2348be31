/* Bootstrap intervals and sign-flip p-values over groups; sources in selo/statistics.h. */
#include "selo/statistics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "distributions.h"
#include "random.h"
#include "selo/memory.h"

/* ---- groups ---- */

typedef struct cluster {
    double sum;
    double count;
} cluster;

typedef struct labelled {
    size_t label, index;
} labelled;

static int by_label(const void *a, const void *b)
{
    const labelled *left = a, *right = b;
    if (left->label != right->label)
        return left->label < right->label ? -1 : 1;
    return left->index < right->index ? -1 : 1;
}

/* One cluster per label, in the order of the labels. *clusters is the caller's, freed with selo_free(). */
static selo_status gather(const double *values, const size_t *groups, size_t n, cluster **clusters, size_t *count)
{
    labelled *order = selo_alloc(n, sizeof *order);
    *clusters = selo_alloc(n, sizeof **clusters);
    *count = 0;
    if (!order || !*clusters) {
        selo_free(order);
        selo_free(*clusters);
        *clusters = NULL;
        return SELO_E_MEMORY;
    }
    for (size_t i = 0; i < n; ++i)
        order[i] = (labelled){groups ? groups[i] : i, i};
    if (n > 1)
        qsort(order, n, sizeof *order, by_label);
    for (size_t i = 0; i < n; ++i) {
        if (i == 0 || order[i].label != order[i - 1].label)
            (*clusters)[(*count)++] = (cluster){0.0, 0.0};
        cluster *last = &(*clusters)[*count - 1];
        last->sum += values[order[i].index];
        last->count += 1.0;
    }
    selo_free(order);
    return SELO_OK;
}

static cluster total(const cluster *clusters, size_t count)
{
    cluster all = {0.0, 0.0};
    for (size_t i = 0; i < count; ++i) {
        all.sum += clusters[i].sum;
        all.count += clusters[i].count;
    }
    return all;
}

/* ---- bootstrap ---- */

static double replicate_mean(const cluster *clusters, size_t count, selo_random random)
{
    cluster drawn = {0.0, 0.0};
    for (size_t i = 0; i < count; ++i) {
        const cluster *next = &clusters[selo_random_below(&random, (uint32_t)count)];
        drawn.sum += next->sum;
        drawn.count += next->count;
    }
    return drawn.sum / drawn.count;
}

/* Acceleration: skewness of the mean, from leaving out one group at a time. */
static double acceleration(const cluster *clusters, size_t count)
{
    const cluster all = total(clusters, count);
    double middle = 0.0, squares = 0.0, cubes = 0.0;
    for (size_t i = 0; i < count; ++i)
        middle += (all.sum - clusters[i].sum) / (all.count - clusters[i].count) / (double)count;
    for (size_t i = 0; i < count; ++i) {
        const double away = middle - (all.sum - clusters[i].sum) / (all.count - clusters[i].count);
        squares += away * away;
        cubes += away * away * away;
    }
    return squares > 0.0 ? cubes / (6.0 * squares * sqrt(squares)) : 0.0;
}

/* Which quantile of the replicates bounds the interval on one side; `z` is that side's normal
 * quantile, already widened. */
static double adjusted_level(double z, double bias, double accel)
{
    const double shifted = bias + z, scale = 1.0 - accel * shifted;
    return scale > 0.0 ? selo_normal_cdf(bias + shifted / scale) : shifted > 0.0 ? 1.0 : 0.0;
}

/* Median bias of the replicates about the estimate; ties count half, and rounding noise as a tie. */
static double median_bias(const double *ascending, size_t n, double estimate)
{
    const double noise = 1e-12 * (fabs(estimate) + ascending[n - 1] - ascending[0]);
    double below = 0.0;
    for (size_t i = 0; i < n; ++i)
        below += ascending[i] < estimate - noise ? 1.0 : ascending[i] <= estimate + noise ? 0.5 : 0.0;
    const double share = below / (double)n, least = 0.5 / (double)n;
    return selo_normal_quantile(fmin(fmax(share, least), 1.0 - least));
}

static void bounds(const double *ascending, selo_resampling options, const cluster *clusters, selo_interval *interval)
{
    const size_t count = interval->n_groups;
    double bias = 0.0, accel = 0.0;
    if (options.method == SELO_INTERVAL_BCA) {
        const cluster all = total(clusters, count);
        bias = median_bias(ascending, options.replicates, all.sum / all.count);
        accel = acceleration(clusters, count);
    }
    const double widen = sqrt((double)count / (double)(count - 1));
    const double z = widen * selo_student_quantile(0.5 + 0.5 * options.level, count - 1);
    interval->low = selo_quantile(ascending, options.replicates, adjusted_level(-z, bias, accel));
    interval->high = selo_quantile(ascending, options.replicates, adjusted_level(z, bias, accel));
}

static bool acceptable(selo_resampling options, size_t n)
{
    return options.replicates >= 1 && options.level > 0.0 && options.level < 1.0 && n <= UINT32_MAX;
}

selo_status selo_bootstrap_mean(const double *values, const size_t *groups, size_t n, selo_resampling options,
                                selo_interval *interval)
{
    *interval = (selo_interval){NAN, NAN, 0};
    if (!acceptable(options, n))
        return SELO_E_ARGUMENT;
    cluster *clusters;
    const selo_status status = gather(values, groups, n, &clusters, &interval->n_groups);
    if (status != SELO_OK || interval->n_groups < 2) {
        selo_free(clusters);
        return status;
    }
    double *means = selo_alloc(options.replicates, sizeof *means);
    if (means) {
        for (size_t r = 0; r < options.replicates; ++r)
            means[r] = replicate_mean(clusters, interval->n_groups, selo_random_start(options.seed, r));
        selo_sort(means, options.replicates);
        bounds(means, options, clusters, interval);
    }
    selo_free(clusters);
    selo_free(means);
    return means ? SELO_OK : SELO_E_MEMORY;
}

/* ---- sign flips ---- */

enum { exact_groups = 14 };

/* Bit k of `signs` flips group k. */
static double flipped_sum(const cluster *clusters, size_t count, uint64_t signs)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; ++i)
        sum += (signs >> i & 1u) ? -clusters[i].sum : clusters[i].sum;
    return sum;
}

static double random_flip(const cluster *clusters, size_t count, selo_random random)
{
    double sum = 0.0;
    for (size_t first = 0; first < count; first += 64)
        sum += flipped_sum(clusters + first, count - first < 64 ? count - first : 64, selo_random_next(&random));
    return sum;
}

static double flip_p(const cluster *clusters, size_t count, selo_resampling options)
{
    double size = 0.0;
    for (size_t i = 0; i < count; ++i)
        size += fabs(clusters[i].sum);
    const double reached = fabs(total(clusters, count).sum) - 1e-12 * size; /* sums in another order still count as
                                                                               equal */
    size_t hits = 0;
    if (count <= exact_groups) {
        const uint64_t ways = (uint64_t)1 << count;
        for (uint64_t signs = 0; signs < ways; ++signs)
            hits += fabs(flipped_sum(clusters, count, signs)) >= reached;
        return (double)hits / (double)ways;
    }
    for (size_t r = 0; r < options.replicates; ++r)
        hits += fabs(random_flip(clusters, count, selo_random_start(options.seed, r))) >= reached;
    return (double)(hits + 1) / (double)(options.replicates + 1);
}

selo_status selo_permutation_p(const double *differences, const size_t *groups, size_t n, selo_resampling options,
                               double *p_value)
{
    *p_value = NAN;
    if (!acceptable(options, n))
        return SELO_E_ARGUMENT;
    cluster *clusters;
    size_t count;
    const selo_status status = gather(differences, groups, n, &clusters, &count);
    if (status == SELO_OK && count > 0)
        *p_value = flip_p(clusters, count, options);
    selo_free(clusters);
    return status;
}
