/* Curves of single samples become one curve per run: the mean over its samples at each threshold. */
#include <math.h>
#include <string.h>

#include "report_parts.h"
#include "selo/memory.h"
#include "selo/statistics.h"

enum { N_COLUMNS = 4, MOST_THRESHOLDS = 1001 };
static const char *const columns[N_COLUMNS] = {"prec", "recall", "f1", "iou"};

/* The curves of a run's samples: rows of the table from `first` on, by sample and threshold. */
typedef struct run_curves {
    const selo_table *table;
    size_t first, last;
    double *thresholds; /* where the mean is taken, ascending */
    size_t n_thresholds;
    size_t *next;       /* per sample the first row whose threshold is not below the one at hand */
    size_t *end;        /* and the row behind its last one */
    size_t n_samples;
} run_curves;

/* Rows of all samples together, and those without a threshold, are no sample's. */
static bool is_of_sample(const selo_table *table, size_t row)
{
    const bool named = selo_table_column(table, "sample_id") == table->n_columns ||
                       *selo_table_text(table, row, "sample_id");
    return named && !isnan(selo_table_real(table, row, "thr"));
}

static bool same_text(const selo_table *table, size_t a, size_t b, const char *column)
{
    return strcmp(selo_table_text(table, a, column), selo_table_text(table, b, column)) == 0;
}

/* Each threshold of the samples; an even grid where these are many. */
static void choose_thresholds(run_curves *c)
{
    size_t n = 0, kept = 0;
    for (size_t row = c->first; row < c->last; ++row)
        if (is_of_sample(c->table, row))
            c->thresholds[n++] = selo_table_real(c->table, row, "thr");
    selo_sort(c->thresholds, n);
    for (size_t i = 0; i < n; ++i)
        if (i == 0 || c->thresholds[i] != c->thresholds[kept - 1])
            c->thresholds[kept++] = c->thresholds[i];
    c->n_thresholds = kept <= MOST_THRESHOLDS ? kept : MOST_THRESHOLDS;
    for (size_t k = 0; kept > MOST_THRESHOLDS && k < MOST_THRESHOLDS; ++k)
        c->thresholds[k] = (double)k / (MOST_THRESHOLDS - 1);
}

static void find_samples(run_curves *c)
{
    for (size_t row = c->first; row < c->last; ++row) {
        if (!is_of_sample(c->table, row))
            continue;
        if (c->n_samples == 0 || c->end[c->n_samples - 1] != row || !same_text(c->table, row - 1, row, "sample_id"))
            c->next[c->n_samples++] = row;
        c->end[c->n_samples - 1] = row + 1;
    }
}

/* A sample's map holds no value between two of its thresholds: what is found at one of them is found from the one below
 * on. Above the last one nothing is found; then there is no precision. */
static void add_means(run_curves *c, selo_table *mean)
{
    for (size_t k = 0; k < c->n_thresholds; ++k) {
        const double thr = c->thresholds[k];
        double sum[N_COLUMNS] = {0}, n[N_COLUMNS] = {0};
        for (size_t s = 0; s < c->n_samples; ++s) {
            while (c->next[s] < c->end[s] && selo_table_real(c->table, c->next[s], "thr") < thr)
                c->next[s]++;
            for (size_t i = 0; i < N_COLUMNS; ++i) {
                const bool found = c->next[s] < c->end[s];
                const double value = found ? selo_table_real(c->table, c->next[s], columns[i]) : i == 0 ? NAN : 0;
                sum[i] += isnan(value) ? 0 : value;
                n[i] += isnan(value) ? 0 : 1;
            }
        }
        selo_table_add_row(mean);
        selo_table_set_text(mean, "run_id", selo_table_text(c->table, c->first, "run_id"));
        selo_table_set_real(mean, "thr", thr);
        for (size_t i = 0; i < N_COLUMNS; ++i)
            selo_table_set_real(mean, columns[i], n[i] > 0 ? sum[i] / n[i] : NAN);
    }
}

selo_status selo_report_average_curves(selo_table *all, selo_table **mean)
{
    const size_t n = all->n_rows;
    run_curves c = {.table = all, .thresholds = selo_alloc(n + MOST_THRESHOLDS, sizeof *c.thresholds),
                    .next = selo_alloc(n, sizeof *c.next), .end = selo_alloc(n, sizeof *c.end)};
    *mean = selo_table_new("selo_curve", "run_id,thr:r,prec:r,recall:r,f1:r,iou:r");
    selo_table_sort(all, "run_id,sample_id,thr");
    while (*mean && c.thresholds && c.next && c.end && c.last < n) {
        c.first = c.last;
        c.n_samples = 0;
        for (c.last = c.first + 1; c.last < n && same_text(all, c.first, c.last, "run_id"); ++c.last)
            ;
        choose_thresholds(&c);
        find_samples(&c);
        add_means(&c, *mean);
    }
    const bool made = *mean && !(*mean)->failed && !all->failed && c.thresholds && c.next && c.end;
    selo_free(c.thresholds);
    selo_free(c.next);
    selo_free(c.end);
    if (made)
        return SELO_OK;
    selo_table_free(*mean);
    *mean = NULL;
    return SELO_E_MEMORY;
}
