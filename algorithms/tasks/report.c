#include "selo/report.h"

#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "report_parts.h"

/* Different texts of a column, with commas between. The caller frees it. */
static char *listed(const selo_table *table, const char *column)
{
    char *list = CPLStrdup(""), **seen = NULL;
    for (size_t row = 0; row < table->n_rows; ++row) {
        const char *text = selo_table_text(table, row, column);
        if (!*text || CSLFindStringCaseSensitive(seen, text) >= 0)
            continue;
        char *longer = CPLStrdup(CPLSPrintf("%s%s%s", list, seen ? ", " : "", text));
        seen = CSLAddString(seen, text);
        CPLFree(list);
        list = longer;
    }
    CSLDestroy(seen);
    return list;
}

/* Samples per status, as a sentence: failures are part of the answer. */
static void facts(const selo_report_data *data, selo_text *text)
{
    size_t n_bad = 0;
    char *profiles = listed(data->samples, "profile");
    for (size_t row = 0; row < data->samples->n_rows; ++row)
        n_bad += !EQUAL(selo_table_text(data->samples, row, "status"), "ok");
    selo_text_add(text, "%zu samples in %d run%s, %zu of them not fully scored (see their status). Profile: ",
                  data->samples->n_rows, CSLCount(data->runs), CSLCount(data->runs) == 1 ? "" : "s", n_bad);
    selo_text_add_html(text, profiles);
    selo_text_add(text, ".");
    CPLFree(profiles);
}

static void samples_section(const selo_report_data *data, selo_text *html)
{
    selo_text_add(html, "<h2 id=\"samples\">Samples</h2>\n");
    selo_table_html(data->samples,
                    "run_id=Run,sample_id=Sample,query=Query,status=Status,rsu=Rsu,ras=Ras,rda=Rda,rmi=Rmi,n_region="
                    "Regions,n_cand=Candidates,t_ms=ms",
                    "All samples", html);
}

static void run_section(const selo_report_data *data, selo_text *html)
{
    if (!data->run)
        return;
    selo_text_add(html, "<h2 id=\"runs\">How it was made</h2>\n");
    selo_table_html(data->run,
                    "run_id=Run,tool_ver=gdal selo,gdal_ver=GDAL,started=Started (UTC),provider=Provider,seed=Seed",
                    "Runs", html);
    for (size_t row = 0; row < data->run->n_rows; ++row) {
        selo_text_add(html, "<details><summary>Command and parameters of ");
        selo_text_add_html(html, selo_table_text(data->run, row, "run_id"));
        selo_text_add(html, "</summary><pre>");
        selo_text_add_html(html, selo_table_text(data->run, row, "cmdline"));
        selo_text_add(html, "\n");
        selo_text_add_html(html, selo_table_text(data->run, row, "params"));
        selo_text_add(html, "</pre></details>\n");
    }
}

static selo_status page(const selo_report_data *data, const char *title, selo_text *html)
{
    selo_report_begin(html, title);
    selo_text_add(html, "<p>");
    facts(data, html);
    selo_text_add(html,
                  "</p>\n"
                  "<nav aria-label=\"Sections\"><a href=\"#means\">Means</a>%s<a "
                  "href=\"#distributions\">Distributions</a>%s<a href=\"#times\">Time</a>%s<a "
                  "href=\"#samples\">Samples</a></nav>\n"
                  "</header>\n"
                  "<main id=\"main\">\n",
                  data->diff ? "<a href=\"#differences\">Differences</a>" : "",
                  data->curve && data->curve->n_rows > 0 ? "<a href=\"#curves\">Thresholds</a>" : "",
                  data->options->gallery > 0 ? "<a href=\"#gallery\">Worst and best</a>" : "");
    selo_report_means(data, html);
    selo_report_distributions(data, html);
    selo_report_curves(data, html);
    selo_report_times(data, html);
    const selo_status status = selo_report_gallery(data, html);
    samples_section(data, html);
    run_section(data, html);
    selo_report_end(html);
    return status;
}

static void markdown(const selo_report_data *data, const char *title, selo_text *text)
{
    selo_text_add(text, "# %s\n\n", title);
    facts(data, text);
    selo_text_add(text, "\n\n## Means\n\n");
    selo_table_markdown(data->stat,
                        "run_id=Run,grp=Group,metric=Score,n=Samples,mean=Mean,ci_lo=From,ci_hi=To,median=Median",
                        text);
    if (data->diff) {
        selo_text_add(text, "\n## Differences\n\n");
        selo_table_markdown(data->diff,
                            "run_a=First,run_b=Other,metric=Score,n=Samples,diff=Difference,ci_lo=From,ci_hi=To,p_"
                            "value=p,p_holm=p (Holm),higher=Higher,equal=Equal,lower=Lower",
                            text);
    }
    selo_text_add(text, "\n## Seconds by stage\n\n");
    selo_table_markdown(data->times, NULL, text);
    selo_text_add(text, "\n## Samples\n\n");
    selo_table_markdown(data->samples,
                        "run_id=Run,sample_id=Sample,query=Query,status=Status,rsu=Rsu,ras=Ras,rda=Rda,rmi=Rmi", text);
}

static selo_status csv(const selo_report_data *data, selo_text *text)
{
    const char *name = data->options->table ? data->options->table : "selo_stat";
    const selo_table *tables[] = {data->stat, data->samples, data->curve, data->diff, data->run};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; ++i)
        if (tables[i] && EQUAL(tables[i]->name, name)) {
            selo_table_csv(tables[i], text);
            return SELO_OK;
        }
    CPLError(CE_Failure, CPLE_IllegalArg, "table: %s has no layer '%s'; choose selo_stat or selo_sample",
             data->options->results, name);
    return SELO_E_ARGUMENT;
}

/* NULL, with a report, where the output's name says nothing that is known. */
static const char *format_of(const selo_report_options *options)
{
    if (options->format)
        return options->format;
    const char *extension = CPLGetExtension(options->output);
    const bool html = EQUAL(extension, "") || EQUAL(extension, "html") || EQUAL(extension, "htm");
    const char *format = EQUAL(extension, "md") ? "markdown" : EQUAL(extension, "csv") ? "csv" : html ? "html" : NULL;
    if (!format)
        CPLError(CE_Failure, CPLE_IllegalArg,
                 "%s: a report is html, markdown or csv: name it so, or say which with --output-format",
                 options->output);
    return format;
}

selo_status selo_report(const selo_report_options *options, GDALProgressFunc progress, void *progress_data)
{
    const char *title = options->title ? options->title : "Semantic localization: results",
               *format = format_of(options);
    selo_report_data data = {.options = options};
    if (!format)
        return SELO_E_ARGUMENT;
    selo_status status = selo_report_open(&data);
    if (status != SELO_OK)
        return status;
    selo_text text = {0};
    if (progress && !progress(0.1, "", progress_data)) {
        CPLError(CE_Failure, CPLE_UserInterrupt, "report cancelled");
        status = SELO_E_CANCELLED;
    } else if (EQUAL(format, "markdown"))
        markdown(&data, title, &text);
    else if (EQUAL(format, "csv"))
        status = csv(&data, &text);
    else
        status = page(&data, title, &text);
    if (status == SELO_OK)
        status = selo_text_write(&text, options->output, options->overwrite);
    if (status == SELO_OK && progress)
        progress(1.0, "", progress_data);
    selo_text_clear(&text);
    selo_report_close(&data);
    return status;
}
