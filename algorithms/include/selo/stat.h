/* From tables of samples (selo_sample) to answers: means with intervals (selo_stat) and paired differences
 * (selo_diff). */
#ifndef SELO_STAT_H
#define SELO_STAT_H

#include "selo/statistics.h"
#include "selo/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Names of the scores in a table of samples: rsu, ras, rda, rmi and every further real column that is no fact about the
 * map and holds a value anywhere. NULL on short memory; the caller frees it with CSLDestroy(). */
SELO_API char **selo_stat_metrics(const selo_table *samples);

/* A label per row: rows with the same text in `column` have the same one, labels ascend with the texts, so that they do
 * not depend on the order of the rows. Rows without a text, or all rows if there is no such column, have labels of
 * their own. NULL on short memory; the caller frees it with selo_free(). */
SELO_API size_t *selo_stat_labels(const selo_table *samples, const char *column);

/* selo_stat: per run, per group ("all", then "FIELD=value" for each of group_fields, which may be NULL) and per
 * score its mean over the samples where it is defined, with the interval clustered by the column `image`.
 * Reports with CPLError(). */
SELO_API selo_status selo_stat_make(const selo_table *samples, CSLConstList group_fields, selo_resampling resampling,
                                    selo_table **stat);

/* One run that takes part in a comparison: the rows of `samples` whose run_id is `run_id`. */
typedef struct selo_contender {
    const char *label;
    const selo_table *samples;
    const char *run_id;
} selo_contender;

/* selo_diff: per pair (the first contender against each other one) and score: paired differences other - first over the
 * samples that both define, their interval and p-value, Holm's p over all rows, and how many samples are higher, equal
 * and lower. `worst`, if not NULL, receives the n_worst samples per pair whose rmi differs most (columns run_a run_b
 * sample_id query rmi_a rmi_b diff). */
SELO_API selo_status selo_diff_make(const selo_contender *contenders, size_t n, selo_resampling resampling,
                                    selo_table **diff, size_t n_worst, selo_table **worst);

#ifdef __cplusplus
}
#endif
#endif
