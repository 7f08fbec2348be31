#include "selo/stat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/memory.h"
#include "stat_columns.h"

/* What all rows of selo_stat are made from. */
typedef struct maker {
    const selo_table *samples;
    const size_t *images;
    double *values; /* of the samples of one row of the table */
    size_t *groups;
    selo_resampling resampling;
    selo_table *stat;
} maker;

/* Samples of a run, and of a group where `field` is not NULL, that define the metric. */
static size_t gather(const maker *m, const char *run_id, const char *field, const char *value, const char *metric)
{
    size_t n = 0;
    for (size_t row = 0; row < m->samples->n_rows; ++row) {
        if (strcmp(selo_table_text(m->samples, row, "run_id"), run_id) != 0)
            continue;
        if (field && strcmp(selo_table_text(m->samples, row, field), value) != 0)
            continue;
        m->values[n] = selo_table_real(m->samples, row, metric);
        m->groups[n] = m->images[row];
        n += isnan(m->values[n]) ? 0u : 1u;
    }
    return n;
}

static selo_status add_row(const maker *m, const char *run_id, const char *field, const char *value, const char *metric)
{
    const size_t n = gather(m, run_id, field, value, metric);
    if (n == 0 && !selo_stat_is_published(metric))
        return SELO_OK;
    selo_summary summary;
    selo_interval interval;
    selo_status status = selo_summarize(m->values, n, &summary);
    if (status == SELO_OK)
        status = selo_bootstrap_mean(m->values, m->groups, n, m->resampling, &interval);
    if (status != SELO_OK)
        return status;
    selo_table_add_row(m->stat);
    selo_table_set_text(m->stat, "run_id", run_id);
    selo_table_set_text(m->stat, "grp", field ? CPLSPrintf("%s=%s", field, value) : "all");
    selo_table_set_text(m->stat, "metric", metric);
    selo_table_set_real(m->stat, "n", (double)n);
    selo_table_set_real(m->stat, "n_image", (double)interval.n_groups);
    selo_table_set_real(m->stat, "mean", summary.mean);
    selo_table_set_real(m->stat, "std", summary.std);
    selo_table_set_real(m->stat, "median", summary.median);
    selo_table_set_real(m->stat, "ci_lo", interval.low);
    selo_table_set_real(m->stat, "ci_hi", interval.high);
    selo_table_set_real(m->stat, "ci_level", m->resampling.level);
    return m->stat->failed ? SELO_E_MEMORY : SELO_OK;
}

/* Numbers as numbers, before texts. */
static int by_number_or_text(const void *a, const void *b)
{
    const char *left = *(char *const *)a, *right = *(char *const *)b;
    const bool numbers[] = {CPLGetValueType(left) != CPL_VALUE_STRING, CPLGetValueType(right) != CPL_VALUE_STRING};
    if (numbers[0] != numbers[1])
        return numbers[0] ? -1 : 1;
    const double x = numbers[0] ? CPLAtof(left) : 0.0, y = numbers[0] ? CPLAtof(right) : 0.0;
    return x != y ? (x > y) - (x < y) : strcmp(left, right);
}

/* Distinct texts of a column in order of first appearance. */
static char **distinct(const selo_table *samples, const char *column)
{
    char **values = NULL;
    for (size_t row = 0; row < samples->n_rows; ++row)
        if (CSLFindStringCaseSensitive(values, selo_table_text(samples, row, column)) < 0)
            values = CSLAddString(values, selo_table_text(samples, row, column));
    return values;
}

static selo_status add_group(const maker *m, const char *run_id, const char *field, const char *value, char **metrics)
{
    selo_status status = SELO_OK;
    for (int k = 0; status == SELO_OK && metrics && metrics[k]; ++k)
        status = add_row(m, run_id, field, value, metrics[k]);
    return status;
}

static selo_status add_run(const maker *m, const char *run_id, CSLConstList fields, char **metrics)
{
    selo_status status = add_group(m, run_id, NULL, NULL, metrics);
    for (int f = 0; status == SELO_OK && fields && fields[f]; ++f) {
        char **values = distinct(m->samples, fields[f]);
        if (values)
            qsort(values, (size_t)CSLCount(values), sizeof *values, by_number_or_text);
        for (int v = 0; status == SELO_OK && values && values[v]; ++v)
            status = add_group(m, run_id, fields[f], values[v], metrics);
        CSLDestroy(values);
    }
    return status;
}

static selo_status check_fields(const selo_table *samples, CSLConstList fields)
{
    for (int f = 0; fields && fields[f]; ++f)
        if (selo_table_column(samples, fields[f]) == samples->n_columns) {
            CPLError(CE_Failure, CPLE_IllegalArg, "group-by: there is no field '%s' in the samples", fields[f]);
            return SELO_E_ARGUMENT;
        }
    return SELO_OK;
}

selo_status selo_stat_make(const selo_table *samples, CSLConstList group_fields, selo_resampling resampling,
                           selo_table **stat)
{
    *stat = NULL;
    if (check_fields(samples, group_fields) != SELO_OK)
        return SELO_E_ARGUMENT;
    size_t *images = selo_stat_images(samples);
    maker m = {samples,
               images,
               selo_alloc(samples->n_rows, sizeof(double)),
               selo_alloc(samples->n_rows, sizeof(size_t)),
               resampling,
               selo_table_new("selo_stat",
                              "run_id,grp,metric,n:i,n_image:i,mean:r,std:r,median:r,ci_lo:r,ci_hi:r,ci_level:r")};
    char **metrics = selo_stat_metrics(samples), **runs = distinct(samples, "run_id");
    selo_status status = images && m.values && m.groups && m.stat ? SELO_OK : SELO_E_MEMORY;
    for (int r = 0; status == SELO_OK && runs && runs[r]; ++r)
        status = add_run(&m, runs[r], group_fields, metrics);
    CSLDestroy(runs);
    CSLDestroy(metrics);
    selo_free(images);
    selo_free(m.values);
    selo_free(m.groups);
    if (status == SELO_OK) {
        *stat = m.stat;
        return SELO_OK;
    }
    selo_table_free(m.stat);
    CPLError(CE_Failure, CPLE_AppDefined, "means of the samples: %s", selo_status_text(status));
    return status;
}
