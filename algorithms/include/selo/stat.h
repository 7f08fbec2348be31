/* From tables of samples (selo_sample) to answers: means with intervals (selo_stat) and paired differences
 * (selo_diff). */
#ifndef SELO_STAT_H
#define SELO_STAT_H

#include "selo/statistics.h"
#include "selo/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A run that scored in both profiles is two, for means and differences: wherever the rows of `samples` that have one
 * run_id have different profiles, it becomes "RUN (PROFILE)", in these rows and in those of `others` (may be NULL). */
SELO_API void selo_stat_split_profiles(selo_table *samples, selo_table *others);

/* Length of RUN, in bytes, where run_id is "RUN (PROFILE)" with this profile; 0 where it is not. */
SELO_API size_t selo_stat_stem(const char *run_id, const char *profile);

/* selo_stat: per run, per group ("all", then "FIELD=value" for each of group_fields, which may be NULL) and per
 * score its mean over the samples where it is defined, with the interval clustered by image. Scores that a run does not
 * have at all, but for rsu, ras, rda and rmi, have no row.
 * Reports with CPLError(). */
SELO_API selo_status selo_stat_make(const selo_table *samples, CSLConstList group_fields, selo_resampling resampling,
                                    selo_table **stat);

/* One run that takes part in a comparison: the rows of `samples` whose run_id is `run_id`. */
typedef struct selo_contender {
    const char *label;
    const selo_table *samples;
    const char *run_id;
    size_t against; /* which contender it is compared with; itself: none */
} selo_contender;

/* selo_diff: per pair (a contender and the one it is compared with) and score: paired differences other - first over
 * the samples that both define, their interval and p-value, Holm's p over all rows, and how many samples are higher,
 * equal and lower. `worst`, if not NULL, receives the n_worst samples per pair whose rmi differs most (columns run_a
 * run_b sample_id query rmi_a rmi_b diff). */
SELO_API selo_status selo_diff_make(const selo_contender *contenders, size_t n, selo_resampling resampling,
                                    selo_table **diff, size_t n_worst, selo_table **worst);

#ifdef __cplusplus
}
#endif
#endif
