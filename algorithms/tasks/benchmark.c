/* Runs a plan: workers score samples, the work file takes them in, the output is assembled of it. */
#include "selo/benchmark.h"

#include <math.h>
#include <string.h>

#include "assemble.h"
#include "bench_crew.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "draft.h"
#include "results_schema.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "selo/stat.h"

typedef struct bench {
    selo_bench_plan plan;
    selo_draft *draft;
} bench;

/* A model's map that shall be kept must be there, too. */
static bool is_kept(const selo_bench_task *task)
{
    return !task->image_name || !task->map_name || selo_source_exists(task->map_name);
}

/* Rows that are there and still true need not be computed again; others must go. */
static selo_status take_over(bench *b)
{
    selo_table *rows = NULL;
    selo_status status = selo_draft_samples(b->draft, &rows);
    for (size_t row = 0; status == SELO_OK && rows && row < rows->n_rows; ++row) {
        const char *run_id = selo_table_text(rows, row, "run_id"), *sample_id = selo_table_text(rows, row, "sample_id");
        bool true_still = false;
        for (size_t t = 0; t < b->plan.n_tasks; ++t) {
            selo_bench_task *task = &b->plan.tasks[t];
            if (task->done || strcmp(b->plan.options->runs[task->run].run_id, run_id) != 0 ||
                strcmp(task->sample->sample_id, sample_id) != 0)
                continue;
            char sha[65];
            selo_bench_task_sha(&b->plan, task, sha);
            true_still = task->done = strcmp(sha, selo_table_text(rows, row, "input_sha")) == 0 &&
                                      selo_table_real(rows, row, "sample_no") == (double)task->sample->no &&
                                      !*selo_table_text(rows, row, "message") && is_kept(task);
            break;
        }
        if (!true_still)
            status = selo_draft_forget(b->draft, run_id, sample_id);
    }
    selo_table_free(rows);
    return status;
}

static selo_status open_draft(bench *b)
{
    const selo_benchmark_options *options = b->plan.options;
    char *path = selo_draft_path(options->output.path), *copy = CPLStrdup(CPLSPrintf("%s.copy", path));
    /* A kill must not leave half a work file under its name. */
    if (options->resume && !selo_source_exists(path) && selo_source_exists(options->output.path) &&
        CPLCopyFile(copy, options->output.path) == 0)
        VSIRename(copy, path);
    selo_status status = selo_draft_open(path, options->resume ? path : NULL, options->group_by, &b->draft);
    CPLFree(copy);
    CPLFree(path);
    return status == SELO_OK ? take_over(b) : status;
}

/* ---- the output ---- */

/* All that the rows of a run depend on, and not on which part of the test set was done where. */
static char *params_of(const bench *b)
{
    const selo_benchmark_options *options = b->plan.options;
    selo_text text = {0};
    selo_text_add(&text,
                  "{\"testset_sha\":\"%s\",\"n_samples\":%lu,%s%s\"seed\":%llu,\"replicates\":%lu,\"level\":%.17g,"
                  "\"interval\":\"%s\",\"group_by\":[",
                  b->plan.testset_sha, (unsigned long)b->plan.n_samples,
                  options->params_json ? options->params_json : "",
                  options->params_json && *options->params_json ? "," : "",
                  (unsigned long long)options->resampling.seed, (unsigned long)options->resampling.replicates,
                  options->resampling.level,
                  options->resampling.method == SELO_INTERVAL_PERCENTILE ? "percentile" : "bca");
    for (int g = 0; options->group_by && options->group_by[g]; ++g) {
        selo_text_add(&text, g ? "," : "");
        selo_text_add_json(&text, options->group_by[g]);
    }
    selo_text_add(&text, "]%s%s}", b->plan.n_models ? "," : "", b->plan.n_models ? b->plan.making_json : "");
    char *json = CPLStrdup(text.data ? text.data : "{}");
    selo_text_clear(&text);
    return json;
}

static double added(double a, double b)
{
    return isnan(a) ? b : isnan(b) ? a : a + b;
}

/* What selo_run holds of a run: its samples' times add up to its own. */
static selo_run describe_run(const bench *b, size_t r, const selo_table *samples, const char *params)
{
    const selo_benchmark_options *options = b->plan.options;
    selo_run run = {.run_id = options->runs[r].run_id, .command_line = options->command_line, .params_json = params,
                    .seed = (int64_t)options->resampling.seed, .cut_ms = NAN, .sim_ms = NAN, .gnt_ms = NAN,
                    .flt_ms = NAN};
    const size_t model = selo_bench_model_of(&b->plan, r);
    if (model < b->plan.n_models) {
        run.model_sha = selo_bench_model_sha(b->plan.models[model]);
        run.provider = selo_bench_model_provider(b->plan.models[model]);
    }
    for (size_t row = 0; samples && row < samples->n_rows; ++row)
        if (strcmp(selo_table_text(samples, row, "run_id"), run.run_id) == 0) {
            run.cut_ms = added(run.cut_ms, selo_table_real(samples, row, "t_cut_ms"));
            run.sim_ms = added(run.sim_ms, selo_table_real(samples, row, "t_sim_ms"));
            run.gnt_ms = added(run.gnt_ms, selo_table_real(samples, row, "t_gnt_ms"));
            run.flt_ms = added(run.flt_ms, selo_table_real(samples, row, "t_flt_ms"));
        }
    return run;
}

/* How many samples failed; the reason of the first one is said here, those of all are in selo_sample. */
static size_t count_failed(const selo_table *samples)
{
    size_t n = 0, first = 0;
    for (size_t row = 0; row < samples->n_rows; ++row)
        if (*selo_table_text(samples, row, "message")) {
            first = n ? first : row;
            n++;
        }
    if (n)
        CPLError(CE_Warning, CPLE_AppDefined, "samples that could not be scored: %lu, the first '%s' of run '%s': %s",
                 (unsigned long)n, selo_table_text(samples, first, "sample_id"),
                 selo_table_text(samples, first, "run_id"), selo_table_text(samples, first, "message"));
    return n;
}

static selo_status write_output(bench *b, selo_table **stat, size_t *n_failed)
{
    const selo_benchmark_options *options = b->plan.options;
    selo_run *runs = selo_alloc(options->n_runs, sizeof *runs);
    selo_layers_options output = options->output;
    selo_table *samples = NULL, *drafted = NULL;
    if (!runs || selo_draft_samples(b->draft, &drafted) != SELO_OK) {
        selo_free(runs);
        return SELO_E_MEMORY;
    }
    char *params = params_of(b);
    for (size_t r = 0; r < options->n_runs; ++r)
        runs[r] = describe_run(b, r, drafted, params);
    selo_table_free(drafted);
    output.overwrite = output.overwrite || options->resume;
    const selo_assembly_source source = {options->output.path, selo_draft_dataset(b->draft)};
    const selo_assembly assembly = {&source, 1, runs, options->n_runs, options->group_by, options->resampling, &output};
    const selo_status status = selo_assemble(&assembly, &samples, stat);
    if (samples && n_failed)
        *n_failed = count_failed(samples);
    selo_table_free(samples);
    CPLFree(params);
    selo_free(runs);
    return status;
}

static selo_status check(const selo_benchmark_options *options)
{
    selo_layers_options output = options->output;
    if (!output.path || !selo_source_is_random_access(output.path)) {
        CPLError(CE_Failure, CPLE_IllegalArg,
                 "output%s%s: a benchmark needs a file on a disk, for its work file lies beside it; copy it afterwards",
                 output.path ? " " : "", output.path ? output.path : "");
        return SELO_E_ARGUMENT;
    }
    if (options->shard < 1 || options->shard > options->n_shards) {
        CPLError(CE_Failure, CPLE_IllegalArg, "--shard: %d/%d is no part; the first of four is 1/4", options->shard,
                 options->n_shards);
        return SELO_E_ARGUMENT;
    }
    if (options->scoring.n_profiles > 1) {
        CPLError(CE_Failure, CPLE_IllegalArg, "--profile: a benchmark has one profile; make two and compare them");
        return SELO_E_ARGUMENT;
    }
    for (size_t a = 0; a < options->n_runs; ++a)
        for (size_t k = a + 1; k < options->n_runs; ++k)
            if (strcmp(options->runs[a].run_id, options->runs[k].run_id) == 0) {
                CPLError(CE_Failure, CPLE_IllegalArg,
                         "two runs are called '%s'; name them, as in --maps new=PATTERN or --model new=BUNDLE",
                         options->runs[a].run_id);
                return SELO_E_ARGUMENT;
            }
    output.overwrite = output.overwrite || options->resume;
    return selo_layers_check(&output, selo_result_schemas, SELO_N_RESULT_LAYERS);
}

selo_status selo_benchmark(const selo_benchmark_options *options, GDALProgressFunc progress, void *progress_data,
                           selo_table **stat, size_t *n_failed)
{
    bench b = {.draft = NULL};
    size_t failed = 0;
    selo_status status = check(options);
    if (status != SELO_OK || (status = selo_bench_plan_make(options, &b.plan)) != SELO_OK)
        return status;
    status = open_draft(&b);
    if (status == SELO_OK)
        status = selo_bench_crew_run(&b.plan, b.draft, progress, progress_data);
    if (status == SELO_OK)
        status = write_output(&b, stat, &failed);
    if (status == SELO_OK && progress)
        progress(1.0, "", progress_data);
    selo_draft_close(b.draft, status == SELO_OK);
    selo_bench_plan_clear(&b.plan);
    if (n_failed)
        *n_failed = failed;
    return status;
}
