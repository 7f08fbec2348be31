/* Sections of a report that are a chart and its numbers. */
#include <math.h>
#include <string.h>

#include "cpl_string.h"
#include "report_parts.h"
#include "selo/memory.h"
#include "svg.h"

static const char *const scores[] = {"rsu", "ras", "rda", "rmi"};
static const char *const score_titles[] = {"Rsu ↑ attention inside", "Ras ↓ shift of attention", "Rda ↑ few candidates",
                                           "Rmi ↑ all in one"};
enum { n_scores = 4, n_bins = 20 };

static void table_below(const selo_table *table, const char *columns, const char *caption, selo_text *html)
{
    selo_text_add(html, "<details><summary>Numbers</summary>\n");
    selo_table_html(table, columns, caption, html);
    selo_text_add(html, "</details>\n");
}

/* ---- means ---- */

static size_t series_of(const selo_report_data *data, const char *run_id)
{
    const int place = CSLFindStringCaseSensitive(data->runs, run_id);
    return place < 0 ? 0 : (size_t)place;
}

static void means_chart(const selo_report_data *data, selo_text *html)
{
    selo_bar *bars = selo_alloc(data->stat->n_rows, sizeof *bars);
    size_t n = 0;
    for (size_t k = 0; bars && k < n_scores; ++k)
        for (size_t row = 0; row < data->stat->n_rows; ++row)
            if (EQUAL(selo_table_text(data->stat, row, "grp"), "all") &&
                EQUAL(selo_table_text(data->stat, row, "metric"), scores[k]))
                bars[n++] = (selo_bar){score_titles[k], series_of(data, selo_table_text(data->stat, row, "run_id")),
                                       selo_table_real(data->stat, row, "mean"),
                                       selo_table_real(data->stat, row, "ci_lo"),
                                       selo_table_real(data->stat, row, "ci_hi")};
    if (bars)
        selo_svg_intervals(html, "Mean scores with their intervals; the numbers are in the table below", bars, n, 0.0,
                           1.0);
    selo_free(bars);
}

static void run_key(const selo_report_data *data, selo_text *html)
{
    if (CSLCount(data->runs) < 2)
        return;
    selo_text_add(html, "<p>");
    for (int r = 0; data->runs[r]; ++r) {
        selo_text_add(html,
                      "<svg width=\"14\" height=\"12\" aria-hidden=\"true\"><circle class=\"dot s%d\" cx=\"6\" "
                      "cy=\"6\" r=\"5\"/></svg> ",
                      r % selo_series_colours);
        selo_text_add_html(html, data->runs[r]);
        selo_text_add(html, "&emsp;");
    }
    selo_text_add(html, "</p>\n");
}

void selo_report_means(const selo_report_data *data, selo_text *html)
{
    selo_text_add(html, "<h2 id=\"means\">Means</h2>\n"
                        "<p>The mean over all samples with a score, and its bootstrap interval, images drawn as a "
                        "whole. ↑ higher is better, ↓ lower is better.</p>\n"
                        "<div class=\"panel wide\">\n");
    run_key(data, html);
    means_chart(data, html);
    selo_text_add(html, "</div>\n");
    selo_table_html(data->stat,
                    "run_id=Run,grp=Group,metric=Score,n=Samples,n_image=Images,mean=Mean,ci_lo=From,ci_hi=To,ci_level="
                    "Level,median=Median,std=Std",
                    "Means with intervals", html);
    if (data->diff) {
        selo_text_add(html,
                      "<h2 id=\"differences\">Differences</h2>\n"
                      "<p>Paired by sample: the other run minus the first. p from flipped signs of whole images; "
                      "Holm's p allows for all rows of the table.</p>\n");
        selo_table_html(data->diff,
                        "run_a=First,run_b=Other,metric=Score,n=Samples,diff=Difference,ci_lo=From,ci_hi=To,p_value=p,"
                        "p_holm=p (Holm),higher=Higher,equal=Equal,lower=Lower",
                        "Paired differences", html);
    }
}

/* ---- distributions ---- */

/* Bins of one score: a row per bin, a column per run ("r0", "r1", ...) with the share of the run's samples. */
static selo_table *binned(const selo_report_data *data, const char *score)
{
    char columns[64 + 8 * 64] = "from:r,to:r";
    const int n_runs = CSLCount(data->runs) < 64 ? CSLCount(data->runs) : 64;
    for (int r = 0; r < n_runs; ++r)
        CPLsnprintf(columns + strlen(columns), sizeof columns - strlen(columns), ",r%d:r", r);
    selo_table *bins = selo_table_new("bins", columns);
    for (size_t k = 0; bins && k < n_bins; ++k) {
        selo_table_add_row(bins);
        selo_table_set_real(bins, "from", (double)k / (double)n_bins);
        selo_table_set_real(bins, "to", (double)(k + 1) / (double)n_bins);
        for (int r = 0; r < n_runs; ++r) {
            size_t n = 0, inside = 0;
            for (size_t row = 0; row < data->samples->n_rows; ++row) {
                const double value = selo_table_real(data->samples, row, score);
                if (isnan(value) || strcmp(selo_table_text(data->samples, row, "run_id"), data->runs[r]) != 0)
                    continue;
                n++;
                inside += (size_t)fmin(fmax(value, 0.0) * (double)n_bins, (double)(n_bins - 1)) == k;
            }
            selo_table_set_real(bins, CPLSPrintf("r%d", r), n > 0 ? (double)inside / (double)n : NAN);
        }
    }
    return bins;
}

static void distribution(const selo_report_data *data, size_t score, selo_text *html)
{
    selo_table *bins = binned(data, scores[score]);
    const size_t n_runs = bins ? bins->n_columns - 2 : 0;
    double *shares = selo_alloc(n_runs, n_bins * sizeof *shares);
    selo_bins *sets = selo_alloc(n_runs, sizeof *sets);
    selo_text columns = {0};
    selo_text_add(&columns, "from=From,to=To");
    for (size_t r = 0; shares && sets && r < n_runs; ++r) {
        for (size_t k = 0; k < n_bins; ++k)
            shares[r * n_bins + k] = fmax(selo_table_real(bins, k, CPLSPrintf("r%zu", r)), 0.0);
        sets[r] = (selo_bins){data->runs[r], r, shares + r * n_bins};
        selo_text_add(&columns, ",r%zu=", r);
        const size_t name = columns.size;
        selo_text_add(&columns, "%s", data->runs[r]);
        for (char *comma = columns.failed ? NULL : strchr(columns.data + name, ','); comma; comma = strchr(comma, ','))
            *comma = ';'; /* a comma in a run's name would end the heading */
    }
    selo_text_add(html, "<div class=\"panel\"><h3>%s</h3>\n", score_titles[score]);
    if (bins && shares && sets && !columns.failed) {
        selo_svg_histograms(html, CPLSPrintf("Share of samples per twentieth of %s", scores[score]), sets, n_runs,
                            n_bins);
        table_below(bins, columns.data, CPLSPrintf("Share of samples per bin of %s", scores[score]), html);
    }
    selo_text_add(html, "</div>\n");
    selo_text_clear(&columns);
    selo_free(sets);
    selo_free(shares);
    selo_table_free(bins);
}

void selo_report_distributions(const selo_report_data *data, selo_text *html)
{
    selo_text_add(html, "<h2 id=\"distributions\">Distributions</h2>\n"
                        "<p>The share of samples in each twentieth of a score's range: a mean can hide two kinds of "
                        "samples.</p>\n"
                        "<div class=\"panels\">\n");
    for (size_t k = 0; k < n_scores; ++k)
        distribution(data, k, html);
    selo_text_add(html, "</div>\n");
}

/* ---- curves ---- */

static void curve(const selo_report_data *data, const char *column, const char *title, selo_text *html)
{
    const size_t n_rows = data->curve->n_rows, n_runs = (size_t)CSLCount(data->runs);
    double *x = selo_alloc(n_rows, sizeof *x), *y = selo_alloc(n_rows, sizeof *y);
    selo_line *lines = selo_alloc(n_runs, sizeof *lines);
    size_t used = 0, n = 0;
    for (size_t r = 0; x && y && lines && r < n_runs; ++r) {
        const size_t first = used;
        for (size_t row = 0; row < n_rows; ++row) {
            if (strcmp(selo_table_text(data->curve, row, "run_id"), data->runs[r]) != 0)
                continue;
            x[used] = selo_table_real(data->curve, row, "thr");
            y[used++] = selo_table_real(data->curve, row, column);
        }
        if (used > first)
            lines[n++] = (selo_line){data->runs[r], r, x + first, y + first, used - first};
    }
    selo_text_add(html, "<div class=\"panel\"><h3>%s</h3>\n", title);
    if (n > 0)
        selo_svg_lines(html, CPLSPrintf("%s against the threshold on the map", title), "threshold", lines, n);
    selo_text_add(html, "</div>\n");
    selo_free(x);
    selo_free(y);
    selo_free(lines);
}

void selo_report_curves(const selo_report_data *data, selo_text *html)
{
    if (!data->curve || data->curve->n_rows == 0)
        return;
    selo_text_add(html, "<h2 id=\"curves\">Thresholds</h2>\n"
                        "<p>What the map finds when everything above a threshold counts as found, mean over "
                        "samples.</p>\n"
                        "<div class=\"panels\">\n");
    curve(data, "f1", "F1", html);
    curve(data, "iou", "IoU", html);
    curve(data, "prec", "Precision", html);
    curve(data, "recall", "Recall", html);
    selo_text_add(html, "</div>\n");
    table_below(data->curve, "run_id=Run,thr=Threshold,prec=Precision,recall=Recall,f1=F1,iou=IoU", "Threshold curves",
                html);
}

/* ---- stage times ---- */

void selo_report_times(const selo_report_data *data, selo_text *html)
{
    static const char *const names[] = {"cut windows", "similarity", "generate map", "filter", "score"};
    static const char *const columns[] = {"cut", "sim", "gnt", "flt", "score"};
    enum { n_parts = 5 };
    const size_t n = data->times ? data->times->n_rows : 0;
    double *parts = selo_alloc(n, n_parts * sizeof *parts);
    selo_stack *stacks = selo_alloc(n, sizeof *stacks);
    for (size_t row = 0; parts && stacks && row < n; ++row) {
        for (size_t k = 0; k < n_parts; ++k)
            parts[row * n_parts + k] = selo_table_real(data->times, row, columns[k]);
        stacks[row] = (selo_stack){selo_table_text(data->times, row, "run_id"), parts + row * n_parts};
    }
    if (parts && stacks && n > 0) {
        selo_text_add(html, "<h2 id=\"times\">Time by stage</h2>\n"
                            "<p>Seconds of all samples together, as the paper splits them: cutting the image, "
                            "similarities, generating the map, filtering it; and scoring it. Samples run side by side, "
                            "so the run itself may be shorter.</p>\n"
                            "<div class=\"panel wide\">\n");
        selo_svg_stacks(html, "Seconds by stage", "seconds", names, n_parts, stacks, n);
        selo_text_add(html, "</div>\n");
        selo_table_html(data->times, "run_id=Run,cut=Cut,sim=Similarity,gnt=Generate,flt=Filter,score=Score",
                        "Seconds by stage", html);
    }
    selo_free(parts);
    selo_free(stacks);
}
