/* Paired differences between runs over the same samples. */
#include <math.h>
#include <string.h>

#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/memory.h"
#include "selo/stat.h"
#include "stat_columns.h"

/* Two runs side by side: rows of the same sample. */
typedef struct pairing {
    const selo_contender *a, *b;
    size_t *rows_a, *rows_b;
    size_t n;
    size_t *images;     /* label per row of a's table */
    double *difference; /* of the pairs where both are defined */
    size_t *groups;
} pairing;

/* Sample ids of a run with their rows, sorted by id. */
static selo_table *ids_of(const selo_contender *run)
{
    selo_table *ids = selo_table_new("ids", "sample_id,row:i");
    for (size_t row = 0; ids && row < run->samples->n_rows; ++row) {
        if (strcmp(selo_table_text(run->samples, row, "run_id"), run->run_id) != 0)
            continue;
        selo_table_add_row(ids);
        selo_table_set_text(ids, "sample_id", selo_table_text(run->samples, row, "sample_id"));
        selo_table_set_real(ids, "row", (double)row);
    }
    if (ids)
        selo_table_sort(ids, "sample_id,row");
    return ids;
}

static void join(pairing *p, const selo_table *a, const selo_table *b)
{
    for (size_t i = 0, k = 0; i < a->n_rows && k < b->n_rows;) {
        const int order = strcmp(selo_table_text(a, i, "sample_id"), selo_table_text(b, k, "sample_id"));
        if (order == 0) {
            p->rows_a[p->n] = (size_t)selo_table_real(a, i, "row");
            p->rows_b[p->n++] = (size_t)selo_table_real(b, k, "row");
        }
        i += order <= 0;
        k += order >= 0;
    }
}

static void end_pairing(pairing *p)
{
    selo_free(p->rows_a);
    selo_free(p->rows_b);
    selo_free(p->images);
    selo_free(p->difference);
    selo_free(p->groups);
}

static selo_status begin_pairing(pairing *p, const selo_contender *a, const selo_contender *b)
{
    selo_table *ids_a = ids_of(a), *ids_b = ids_of(b);
    const size_t most = a->samples->n_rows;
    *p = (pairing){a,
                   b,
                   selo_alloc(most, sizeof(size_t)),
                   selo_alloc(most, sizeof(size_t)),
                   0,
                   selo_stat_images(a->samples),
                   selo_alloc(most, sizeof(double)),
                   selo_alloc(most, sizeof(size_t))};
    const bool made = ids_a && ids_b && !ids_a->failed && !ids_b->failed && p->rows_a && p->rows_b && p->images &&
                      p->difference && p->groups;
    if (made)
        join(p, ids_a, ids_b);
    selo_table_free(ids_a);
    selo_table_free(ids_b);
    if (!made)
        end_pairing(p);
    return made ? SELO_OK : SELO_E_MEMORY;
}

/* How a pair of runs differs in one score. */
typedef struct verdict {
    size_t n, higher, equal, lower;
    double mean_a, mean_b;
} verdict;

static verdict differences(pairing *p, const char *metric)
{
    verdict v = {0};
    for (size_t i = 0; i < p->n; ++i) {
        const double a = selo_table_real(p->a->samples, p->rows_a[i], metric);
        const double b = selo_table_real(p->b->samples, p->rows_b[i], metric);
        if (isnan(a) || isnan(b))
            continue;
        p->groups[v.n] = p->images[p->rows_a[i]];
        p->difference[v.n++] = b - a;
        v.mean_a += a;
        v.mean_b += b;
        v.higher += b > a;
        v.equal += b == a;
        v.lower += b < a;
    }
    v.mean_a /= (double)v.n;
    v.mean_b /= (double)v.n;
    return v;
}

static selo_status add_metric(pairing *p, const char *metric, selo_resampling resampling, selo_table *diff)
{
    const verdict v = differences(p, metric);
    if (v.n == 0 && !selo_stat_is_published(metric))
        return SELO_OK;
    selo_summary summary;
    selo_interval interval;
    double p_value;
    selo_status status = selo_summarize(p->difference, v.n, &summary);
    if (status == SELO_OK)
        status = selo_bootstrap_mean(p->difference, p->groups, v.n, resampling, &interval);
    if (status == SELO_OK)
        status = selo_permutation_p(p->difference, p->groups, v.n, resampling, &p_value);
    if (status != SELO_OK)
        return status;
    selo_table_add_row(diff);
    selo_table_set_text(diff, "run_a", p->a->label);
    selo_table_set_text(diff, "run_b", p->b->label);
    selo_table_set_text(diff, "metric", metric);
    const struct {
        const char *column;
        double value;
    } cells[] = {{"n", (double)v.n},         {"n_image", (double)interval.n_groups},
                 {"mean_a", v.mean_a},       {"mean_b", v.mean_b},
                 {"diff", summary.mean},     {"ci_lo", interval.low},
                 {"ci_hi", interval.high},   {"ci_level", resampling.level},
                 {"p_value", p_value},       {"higher", (double)v.higher},
                 {"equal", (double)v.equal}, {"lower", (double)v.lower}};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; ++i)
        selo_table_set_real(diff, cells[i].column, cells[i].value);
    return diff->failed ? SELO_E_MEMORY : SELO_OK;
}

/* The n_worst pairs by the size of their difference in rmi, largest first. */
static void add_worst(const pairing *p, size_t n_worst, selo_table *worst)
{
    selo_table *all = selo_table_new("all", "away:r,pair:i");
    for (size_t i = 0; all && i < p->n; ++i) {
        const double a = selo_table_real(p->a->samples, p->rows_a[i], "rmi"),
                     b = selo_table_real(p->b->samples, p->rows_b[i], "rmi");
        if (isnan(a) || isnan(b))
            continue;
        selo_table_add_row(all);
        selo_table_set_real(all, "away", -fabs(b - a));
        selo_table_set_real(all, "pair", (double)i);
    }
    if (all)
        selo_table_sort(all, "away");
    for (size_t k = 0; all && k < all->n_rows && k < n_worst; ++k) {
        const size_t i = (size_t)selo_table_real(all, k, "pair");
        const double a = selo_table_real(p->a->samples, p->rows_a[i], "rmi"),
                     b = selo_table_real(p->b->samples, p->rows_b[i], "rmi");
        selo_table_add_row(worst);
        selo_table_set_text(worst, "run_a", p->a->label);
        selo_table_set_text(worst, "run_b", p->b->label);
        selo_table_set_text(worst, "sample_id", selo_table_text(p->a->samples, p->rows_a[i], "sample_id"));
        selo_table_set_text(worst, "query", selo_table_text(p->a->samples, p->rows_a[i], "query"));
        selo_table_set_real(worst, "rmi_a", a);
        selo_table_set_real(worst, "rmi_b", b);
        selo_table_set_real(worst, "diff", b - a);
    }
    worst->failed = worst->failed || !all || all->failed;
    selo_table_free(all);
}

static selo_status add_pair(const selo_contender *a, const selo_contender *b, selo_resampling resampling,
                            selo_table *diff, size_t n_worst, selo_table *worst)
{
    pairing p;
    selo_status status = begin_pairing(&p, a, b);
    if (status != SELO_OK)
        return status;
    if (p.n == 0) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s and %s have no sample_id in common: nothing to compare", a->label,
                 b->label);
        end_pairing(&p);
        return SELO_E_INPUT;
    }
    char **metrics = selo_stat_metrics(a->samples);
    for (int k = 0; status == SELO_OK && metrics && metrics[k]; ++k)
        if (selo_table_column(b->samples, metrics[k]) < b->samples->n_columns)
            status = add_metric(&p, metrics[k], resampling, diff);
    if (status == SELO_OK)
        add_worst(&p, n_worst, worst);
    CSLDestroy(metrics);
    end_pairing(&p);
    return status;
}

static selo_status adjust(selo_table *diff)
{
    double *p = selo_alloc(diff->n_rows, sizeof *p);
    if (!p)
        return SELO_E_MEMORY;
    for (size_t row = 0; row < diff->n_rows; ++row)
        p[row] = selo_table_real(diff, row, "p_value");
    const selo_status status = selo_holm(p, diff->n_rows);
    const size_t n = diff->n_rows, k = selo_table_column(diff, "p_holm");
    for (size_t row = 0; status == SELO_OK && row < n; ++row)
        if (!isnan(p[row]))
            diff->cells[row * diff->n_columns + k] = CPLStrdup(CPLSPrintf("%.17g", p[row]));
    selo_free(p);
    return status;
}

selo_status selo_diff_make(const selo_contender *contenders, size_t n, selo_resampling resampling, selo_table **diff,
                           size_t n_worst, selo_table **worst)
{
    selo_table *made = selo_table_new("selo_diff",
                                      "run_a,run_b,metric,n:i,n_image:i,mean_a:r,mean_b:r,diff:r,ci_lo:r,ci_hi:r,"
                                      "ci_level:r,p_value:r,p_holm:r,higher:i,equal:i,lower:i");
    selo_table *most = selo_table_new("most", "run_a,run_b,sample_id,query,rmi_a:r,rmi_b:r,diff:r");
    selo_status status = made && most ? SELO_OK : SELO_E_MEMORY;
    for (size_t i = 0; status == SELO_OK && i < n; ++i)
        if (contenders[i].against != i)
            status = add_pair(&contenders[contenders[i].against], &contenders[i], resampling, made, n_worst, most);
    if (status == SELO_OK)
        status = adjust(made);
    if (status == SELO_E_MEMORY)
        CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory for the comparison");
    *diff = status == SELO_OK ? made : NULL;
    if (status != SELO_OK)
        selo_table_free(made);
    if (worst && status == SELO_OK)
        *worst = most;
    else
        selo_table_free(most);
    return status;
}
