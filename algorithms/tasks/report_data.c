/* What a report is made from: the tables of results, and what they do not hold themselves. */
#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "report_parts.h"
#include "selo/source.h"
#include "selo/stat.h"

void selo_report_close(selo_report_data *data)
{
    selo_table *tables[] = {data->samples, data->stat, data->curve, data->diff, data->run, data->times};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; ++i)
        selo_table_free(tables[i]);
    CSLDestroy(data->runs);
    if (!data->options->dataset)
        GDALClose(data->dataset);
}

static selo_status read_tables(selo_report_data *data)
{
    const struct {
        const char *layer;
        selo_table **table;
    } parts[] = {{"selo_sample", &data->samples}, {"selo_stat", &data->stat}, {"selo_curve", &data->curve},
                 {"selo_diff", &data->diff}, {"selo_run", &data->run}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; ++i) {
        const selo_status status = selo_table_read(data->dataset, parts[i].layer, parts[i].table);
        if (status != SELO_OK)
            return status;
    }
    if (data->samples && data->samples->n_rows > 0)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined,
             "%s: has no rows in a layer selo_sample; pass the output of evaluate or benchmark",
             data->options->results);
    return SELO_E_INPUT;
}

static selo_status average_curves(selo_report_data *data)
{
    selo_table *mean;
    const selo_status status = selo_report_average_curves(data->curve, &mean);
    if (status != SELO_OK)
        return status;
    selo_table_free(data->curve);
    data->curve = mean;
    return SELO_OK;
}

static double scoring_seconds(const selo_table *samples, const char *run_id)
{
    double ms = 0.0, n = 0.0;
    for (size_t row = 0; row < samples->n_rows; ++row) {
        const double t = selo_table_real(samples, row, "t_ms");
        if (isnan(t) || strcmp(selo_table_text(samples, row, "run_id"), run_id) != 0)
            continue;
        ms += t;
        n += 1.0;
    }
    return n > 0.0 ? ms / 1000.0 : NAN;
}

static selo_status gather_times(selo_report_data *data)
{
    static const char *const stages[][2] = {{"cut", "t_cut_ms"},
                                            {"sim", "t_sim_ms"},
                                            {"gnt", "t_gnt_ms"},
                                            {"flt", "t_flt_ms"}};
    data->times = selo_table_new("times", "run_id,cut:r,sim:r,gnt:r,flt:r,score:r");
    for (int r = 0; data->times && data->runs[r]; ++r) {
        selo_table_add_row(data->times);
        selo_table_set_text(data->times, "run_id", data->runs[r]);
        selo_table_set_real(data->times, "score", scoring_seconds(data->samples, data->runs[r]));
        for (size_t row = 0; data->run && row < data->run->n_rows; ++row)
            for (size_t k = 0; k < 4 && strcmp(selo_table_text(data->run, row, "run_id"), data->runs[r]) == 0; ++k)
                selo_table_set_real(data->times, stages[k][0], selo_table_real(data->run, row, stages[k][1]) / 1000.0);
    }
    return data->times && !data->times->failed ? SELO_OK : SELO_E_MEMORY;
}

/* Runs that the results hold no means of: one of evaluate may have been appended to a benchmark. The caller destroys
 * the list. */
static char **runs_without_means(const selo_report_data *data)
{
    char **without = CSLDuplicate(data->runs);
    for (size_t row = 0; data->stat && row < data->stat->n_rows; ++row) {
        const int at = CSLFindStringCaseSensitive(without, selo_table_text(data->stat, row, "run_id"));
        without = at < 0 ? without : CSLRemoveStrings(without, at, 1, NULL);
    }
    return without;
}

static selo_status complete_means(selo_report_data *data)
{
    const selo_report_options *options = data->options;
    char **without = runs_without_means(data);
    selo_table *all = NULL;
    selo_status status = SELO_OK;
    if (CSLCount(without) > 0)
        status = selo_stat_make(data->samples, options->group_by, options->resampling, &all);
    if (!data->stat) {
        data->stat = all;
        all = NULL;
    }
    for (size_t row = 0; all && row < all->n_rows; ++row) {
        if (CSLFindStringCaseSensitive(without, selo_table_text(all, row, "run_id")) < 0)
            continue;
        selo_table_add_row(data->stat);
        for (size_t k = 0; k < all->n_columns; ++k)
            selo_table_set_text(data->stat, all->columns[k].name, all->cells[row * all->n_columns + k]);
    }
    selo_table_free(all);
    CSLDestroy(without);
    return status == SELO_OK && data->stat->failed ? SELO_E_MEMORY : status;
}

static selo_status complete(selo_report_data *data)
{
    selo_status status = SELO_OK;
    selo_stat_split_profiles(data->samples, data->curve);
    for (size_t row = 0; row < data->samples->n_rows; ++row)
        if (CSLFindStringCaseSensitive(data->runs, selo_table_text(data->samples, row, "run_id")) < 0)
            data->runs = CSLAddString(data->runs, selo_table_text(data->samples, row, "run_id"));
    status = complete_means(data);
    if (status == SELO_OK && data->curve)
        status = average_curves(data);
    return status == SELO_OK ? gather_times(data) : status;
}

selo_status selo_report_open(selo_report_data *data)
{
    const selo_report_options *options = data->options;
    data->dataset = options->dataset
                        ? options->dataset
                        : selo_source_open(&(selo_source){.what = "results", .name = options->results,
                                                          .flags = GDAL_OF_VECTOR, .formats = options->formats,
                                                          .open_options = options->open_options});
    if (!data->dataset)
        return SELO_E_INPUT;
    selo_status status = read_tables(data);
    if (status == SELO_OK)
        status = complete(data);
    if (status != SELO_OK)
        selo_report_close(data);
    return status;
}
