/* How sure a mean is, and whether two runs differ: seeded, clustered, the same bytes on every machine.
 *
 * Samples on one image are not independent, so resampling draws whole groups (images). A group is any
 * label; samples with the same label are drawn together. Undefined scores (NaN) are the caller's to leave
 * out: all values here are finite.
 *
 * Sources
 *   random numbers   SplitMix64: Steele, Lea, Flood, OOPSLA 2014, doi 10.1145/2660193.2660195; bounded without bias:
 *                    Lemire, TOMACS 2019, doi 10.1145/3230636
 *   intervals        bias-corrected and accelerated bootstrap: Efron, JASA 1987, doi 10.2307/2289144; its levels
 *                    widened for few groups ("expanded percentile"): Hesterberg, Am. Stat. 2015, doi
 *                    10.1080/00031305.2015.1089789
 *   p-values         sign flips of paired differences per group; Monte Carlo p never 0: Phipson, Smyth, SAGMB 2010,
 *                    doi 10.2202/1544-6115.1585
 *   many tests       Holm, Scand. J. Stat. 1979 */
#ifndef SELO_STATISTICS_H
#define SELO_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum selo_interval_method {
    SELO_INTERVAL_BCA,       /* corrected for bias and skewness */
    SELO_INTERVAL_PERCENTILE /* quantiles of the replicates */
} selo_interval_method;

typedef struct selo_resampling {
    uint64_t seed;
    size_t replicates; /* at least 1; 9999 is plenty for 95 % */
    double level;      /* of the interval, inside 0..1 */
    selo_interval_method method;
} selo_resampling;

#define SELO_RESAMPLING_DEFAULT {1, 9999, 0.95, SELO_INTERVAL_BCA}

typedef struct selo_interval {
    double low;
    double high;
    size_t n_groups; /* drawn from */
} selo_interval;

/* Bootstrap interval of the mean of n values, whole groups drawn with replacement.
 *   values  finite, any unit
 *   groups  label per value; NULL: each value is a group of its own
 * With fewer than two groups nothing can be said: low and high are NaN. SELO_E_ARGUMENT if the options are out
 * of range, SELO_E_MEMORY. */
SELO_API selo_status selo_bootstrap_mean(const double *values, const size_t *groups, size_t n, selo_resampling options,
                                         selo_interval *interval);

/* Two-sided p-value of "the n paired differences are symmetric about 0": the signs of whole groups are flipped, all
 * ways where there are at most 2^14, else options.replicates random ways. 1 where all differences are 0; NaN for n = 0.
 * options.level and options.method play no part. Errors as above. */
SELO_API selo_status selo_permutation_p(const double *differences, const size_t *groups, size_t n,
                                        selo_resampling options, double *p_value);

/* Holm's step-down adjustment of n p-values, in place; the order stays, NaN stays NaN and does
 * not count. SELO_E_MEMORY. */
SELO_API selo_status selo_holm(double *p_values, size_t n);

typedef struct selo_summary {
    size_t n;
    double mean;   /* numpy's pairwise order */
    double std;    /* n - 1 in the denominator; NaN for n < 2 */
    double min, q25, median, q75, max; /* quantiles between order statistics (Hyndman and Fan's type 7) */
} selo_summary;

/* All NaN for n = 0. */
SELO_API selo_status selo_summarize(const double *values, size_t n, selo_summary *summary);

/* Sorts ascending; values are not NaN. */
SELO_API void selo_sort(double *values, size_t n);

#ifdef __cplusplus
}
#endif
#endif
