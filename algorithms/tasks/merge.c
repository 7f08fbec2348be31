/* Joins the parts of a benchmark. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "assemble.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "run_param.h"
#include "selo/benchmark.h"
#include "selo/memory.h"
#include "selo/source.h"

typedef struct merger {
    selo_assembly_source *sources;
    size_t n_sources;
    selo_table **run_tables; /* selo_run per part */
    selo_run *runs;          /* texts belong to run_tables */
    size_t n_runs;
    char **group_by;
    selo_resampling resampling;
} merger;

static selo_status complain(const char *name, const char *what)
{
    CPLError(CE_Failure, CPLE_AppDefined, "%s: %s", name, what);
    return SELO_E_INPUT;
}

static selo_status open_part(merger *m, const char *name)
{
    GDALDatasetH dataset = selo_source_open(&(selo_source){.what = "part", .name = name, .flags = GDAL_OF_VECTOR});
    if (!dataset)
        return SELO_E_INPUT;
    m->sources[m->n_sources] = (selo_assembly_source){name, dataset};
    selo_table **run = &m->run_tables[m->n_sources++];
    const selo_status status = selo_table_read(dataset, "selo_run", run);
    if (status != SELO_OK)
        return status;
    if (!*run || (*run)->n_rows == 0 || !GDALDatasetGetLayerByName(dataset, "selo_sample"))
        return complain(name, "is no part of a benchmark: it has no layers selo_sample and selo_run");
    return SELO_OK;
}

/* Text of a row; NULL where it is null. */
static const char *text_or_null(const selo_table *table, size_t row, const char *column)
{
    const char *text = selo_table_text(table, row, column);
    return *text ? text : NULL;
}

static double added(double a, double b)
{
    return isnan(a) ? b : isnan(b) ? a : a + b;
}

/* Runs in order of appearance; their times add up. All parts must say the same of how they were made. */
static selo_status add_runs(merger *m, size_t part)
{
    const selo_table *table = m->run_tables[part];
    const char *first = selo_table_text(m->run_tables[0], 0, "params");
    for (size_t row = 0; row < table->n_rows; ++row) {
        const char *run_id = selo_table_text(table, row, "run_id");
        if (strcmp(selo_table_text(table, row, "params"), first) != 0)
            return complain(m->sources[part].name,
                            "was made of another test set or with other parameters than the first part");
        size_t r = 0;
        while (r < m->n_runs && strcmp(m->runs[r].run_id, run_id) != 0)
            r++;
        if (r == m->n_runs) {
            selo_run *runs = selo_realloc(m->runs, m->n_runs + 1, sizeof *runs);
            if (!runs)
                return SELO_E_MEMORY;
            m->runs = runs;
            m->runs[m->n_runs++] = (selo_run){.run_id = run_id, .command_line = selo_table_text(table, row, "cmdline"),
                                              .params_json = first, .model_sha = text_or_null(table, row, "model_sha"),
                                              .provider = text_or_null(table, row, "provider"),
                                              .seed = (int64_t)selo_table_real(table, row, "seed"), .cut_ms = NAN,
                                              .sim_ms = NAN, .gnt_ms = NAN, .flt_ms = NAN};
        }
        const char *model = m->runs[r].model_sha ? m->runs[r].model_sha : "";
        if (strcmp(model, selo_table_text(table, row, "model_sha")) != 0)
            return complain(m->sources[part].name,
                            CPLSPrintf("its run '%s' was made with another model than in a part before", run_id));
        m->runs[r].cut_ms = added(m->runs[r].cut_ms, selo_table_real(table, row, "t_cut_ms"));
        m->runs[r].sim_ms = added(m->runs[r].sim_ms, selo_table_real(table, row, "t_sim_ms"));
        m->runs[r].gnt_ms = added(m->runs[r].gnt_ms, selo_table_real(table, row, "t_gnt_ms"));
        m->runs[r].flt_ms = added(m->runs[r].flt_ms, selo_table_real(table, row, "t_flt_ms"));
    }
    return SELO_OK;
}

static void read_params(merger *m)
{
    const char *params = selo_table_text(m->run_tables[0], 0, "params");
    char *seed = selo_run_param(params, "seed"), *replicates = selo_run_param(params, "replicates");
    char *level = selo_run_param(params, "level"), *groups = selo_run_param(params, "group_by");
    char *interval = selo_run_param(params, "interval");
    m->resampling = (selo_resampling)SELO_RESAMPLING_DEFAULT;
    if (*seed)
        m->resampling.seed = (uint64_t)strtoull(seed, NULL, 10);
    if (*replicates)
        m->resampling.replicates = (size_t)strtoull(replicates, NULL, 10);
    if (*level)
        m->resampling.level = CPLAtof(level);
    if (EQUAL(interval, "percentile"))
        m->resampling.method = SELO_INTERVAL_PERCENTILE;
    yyjson_doc *list = yyjson_read(groups, strlen(groups), 0);
    yyjson_val *value;
    yyjson_arr_iter each;
    yyjson_arr_iter_init(yyjson_doc_get_root(list), &each);
    while ((value = yyjson_arr_iter_next(&each)) != NULL)
        m->group_by = CSLAddString(m->group_by, yyjson_get_str(value));
    yyjson_doc_free(list);
    CPLFree(seed);
    CPLFree(replicates);
    CPLFree(level);
    CPLFree(interval);
    CPLFree(groups);
}

/* Says when parts are missing: the means are then over those that are there. */
static void check_complete(const merger *m, const selo_table *samples)
{
    char *n = selo_run_param(m->runs[0].params_json, "n_samples");
    const double expected = CPLAtof(n) * (double)m->n_runs;
    if (*n && (double)samples->n_rows < expected)
        CPLError(CE_Warning, CPLE_AppDefined, "%s and the other parts hold %lu of %.0f samples: are all parts there?",
                 m->sources[0].name, (unsigned long)samples->n_rows, expected);
    CPLFree(n);
}

selo_status selo_merge(CSLConstList parts, const selo_layers_options *output, selo_table **stat)
{
    const size_t n = (size_t)CSLCount(parts);
    merger m = {selo_alloc(n, sizeof *m.sources), 0, selo_alloc_zeroed(n, sizeof *m.run_tables), NULL, 0, NULL,
                SELO_RESAMPLING_DEFAULT};
    selo_table *samples = NULL;
    selo_status status = m.sources && m.run_tables && n > 0 ? SELO_OK : SELO_E_MEMORY;
    for (size_t i = 0; status == SELO_OK && i < n; ++i) {
        status = open_part(&m, parts[i]);
        if (status == SELO_OK)
            status = add_runs(&m, i);
    }
    if (status == SELO_OK) {
        read_params(&m);
        const selo_assembly assembly = {m.sources, m.n_sources, m.runs, m.n_runs, m.group_by, m.resampling, output};
        status = selo_assemble(&assembly, &samples, stat);
    }
    if (status == SELO_OK)
        check_complete(&m, samples);
    selo_table_free(samples);
    for (size_t i = 0; i < m.n_sources; ++i) {
        selo_table_free(m.run_tables[i]);
        GDALClose(m.sources[i].dataset);
    }
    CSLDestroy(m.group_by);
    selo_free(m.sources);
    selo_free(m.run_tables);
    selo_free(m.runs);
    return status;
}
