#include "bench_plan.h"

#include <stdlib.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "pattern.h"
#include "selo/memory.h"
#include "selo/text.h"

typedef struct asked {
    const selo_bench_sample *sample;
    char index[24];
} asked;

static const char *field_of_sample(void *user, const char *field)
{
    asked *about = user;
    if (EQUAL(field, "sample_id"))
        return about->sample->sample_id;
    const char *value = CSLFetchNameValue(about->sample->fields, field);
    if (value || !EQUAL(field, "index"))
        return value;
    CPLsnprintf(about->index, sizeof about->index, "%ld", about->sample->no);
    return about->index;
}

char *selo_bench_name(const char *pattern, const selo_bench_sample *sample, const char *subject, char **problem)
{
    asked about = {.sample = sample};
    CPLPushErrorHandler(CPLQuietErrorHandler);
    char *name = selo_pattern_expand(pattern, field_of_sample, &about, subject);
    CPLPopErrorHandler();
    if (!name)
        *problem = CPLStrdup(CPLGetLastErrorMsg());
    CPLErrorReset();
    return name;
}

size_t selo_bench_model_of(const selo_bench_plan *plan, size_t r)
{
    const selo_benchmark_run *run = &plan->options->runs[r];
    size_t m = 0;
    while (m < plan->n_models && (run->maps || strcmp(selo_bench_model_name(plan->models[m]), run->model) != 0))
        m++;
    return run->maps ? plan->n_models : m;
}

static void plan_task(selo_bench_plan *plan, size_t run, const selo_bench_sample *sample)
{
    const selo_benchmark_run *way = &plan->options->runs[run];
    const selo_benchmark_making *making = &plan->options->making;
    selo_bench_task *task = &plan->tasks[plan->n_tasks++];
    *task = (selo_bench_task){.run = run, .sample = sample, .model = selo_bench_model_of(plan, run)};
    if (way->maps)
        task->map_name = selo_bench_name(way->maps, sample, "maps", &task->problem);
    else {
        task->image_name = selo_bench_name(making->images ? making->images : "{image}", sample, "images",
                                           &task->problem);
        if (making->keep_maps)
            task->map_name = CPLStrdup(CPLSPrintf("%s/%s/%ld.tif", making->keep_maps, way->run_id, sample->no));
        if (!task->problem && !(sample->query && *sample->query))
            task->problem = CPLStrdup("the sample has no query; name the field that holds it with --query-field");
    }
    if (!task->problem && !sample->truth)
        task->problem = CPLStrdup("the sample has no region");
}

/* ---- units ---- */

/* By model, image, run and sample: what shares an image's vectors lies side by side. Tasks without a model, or that
 * cannot be tried, stay as they were, in the order of runs and samples. */
static int compare_tasks(const void *left, const void *right)
{
    const selo_bench_task *a = left, *b = right;
    if (a->model != b->model)
        return a->model < b->model ? -1 : 1;
    const int images = a->image_name && b->image_name ? strcmp(a->image_name, b->image_name)
                                                      : !!a->image_name - !!b->image_name;
    if (images != 0)
        return images;
    if (a->run != b->run)
        return a->run < b->run ? -1 : 1;
    return a->sample->no < b->sample->no ? -1 : 1;
}

static bool share_a_unit(const selo_bench_plan *plan, const selo_bench_task *a, const selo_bench_task *b)
{
    return a->model == b->model && a->model < plan->n_models && a->image_name && b->image_name &&
           strcmp(a->image_name, b->image_name) == 0;
}

static selo_status make_units(selo_bench_plan *plan)
{
    plan->units = selo_alloc_zeroed(plan->n_tasks, sizeof *plan->units);
    if (!plan->units)
        return SELO_E_MEMORY;
    qsort(plan->tasks, plan->n_tasks, sizeof *plan->tasks, compare_tasks);
    for (size_t t = 0; t < plan->n_tasks; ++t) {
        if (t == 0 || !share_a_unit(plan, &plan->tasks[t - 1], &plan->tasks[t]))
            plan->units[plan->n_units++].first = t;
        plan->tasks[t].unit = plan->n_units - 1;
        plan->units[plan->n_units - 1].n++;
    }
    return SELO_OK;
}

static selo_status open_models(selo_bench_plan *plan)
{
    const selo_benchmark_options *options = plan->options;
    const selo_benchmark_making *making = &options->making;
    plan->models = selo_alloc_zeroed(options->n_runs, sizeof *plan->models);
    selo_status status = plan->models ? SELO_OK : SELO_E_MEMORY;
    for (size_t r = 0; r < options->n_runs && status == SELO_OK; ++r) {
        selo_bench_model_options how = {.encoder = making->encoder, .n_queries = plan->n_queries,
                                        .shuffles = making->shuffles,
                                        .seed = making->shuffle_seed, .workers = options->workers};
        how.encoder.model = options->runs[r].model;
        how.encoder.threads = options->workers;
        if (options->runs[r].maps || selo_bench_model_of(plan, r) < plan->n_models)
            continue;
        status = selo_bench_model_open(&how, &plan->models[plan->n_models]);
        plan->n_models += status == SELO_OK;
    }
    return status;
}

static selo_status make_tasks(selo_bench_plan *plan)
{
    const selo_benchmark_options *options = plan->options;
    plan->tasks = selo_alloc_zeroed(plan->n_samples, options->n_runs * sizeof *plan->tasks);
    if (!plan->tasks)
        return SELO_E_MEMORY;
    for (size_t run = 0; run < options->n_runs; ++run)
        for (size_t i = 0; i < plan->n_samples; ++i)
            if (plan->samples[i].image_no % (size_t)options->n_shards == (size_t)(options->shard - 1))
                plan_task(plan, run, &plan->samples[i]);
    return make_units(plan);
}

/* Members of a JSON object, without braces. */
static char *making_json(const selo_benchmark_making *making)
{
    selo_text text = {0};
    selo_text_add(&text, "\"bands\":[");
    for (CSLConstList band = making->bands; band && *band; ++band) {
        selo_text_add(&text, band == making->bands ? "" : ",");
        selo_text_add_json(&text, *band);
    }
    selo_text_add(&text,
                  "],\"min_valid\":%.17g,\"white\":%.17g,\"shuffles\":%d,\"shuffle_seed\":%llu,\"map_smoothing\":",
                  making->least_valid, making->encoder.white, making->shuffles, making->shuffle_seed);
    selo_text_add_json(&text, making->smoothing);
    selo_text_add(&text, ",\"map_smoothing_size\":");
    selo_text_add_json(&text, making->smoothing_size);
    char *json = CPLStrdup(text.data ? text.data : "");
    selo_text_clear(&text);
    return json;
}

selo_status selo_bench_plan_make(const selo_benchmark_options *options, selo_bench_plan *plan)
{
    *plan = (selo_bench_plan){.options = options, .making_json = making_json(&options->making)};
    selo_bench_hash_area(&options->scoring, plan->area_sha);
    selo_status status = selo_bench_samples_read(plan);
    if (status == SELO_OK)
        status = open_models(plan);
    if (status == SELO_OK)
        status = make_tasks(plan);
    if (status != SELO_OK)
        selo_bench_plan_clear(plan);
    if (status == SELO_E_MEMORY)
        CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory to plan the benchmark");
    return status;
}

void selo_bench_plan_clear(selo_bench_plan *plan)
{
    for (size_t i = 0; i < plan->n_tasks; ++i) {
        CPLFree(plan->tasks[i].map_name);
        CPLFree(plan->tasks[i].image_name);
        CPLFree(plan->tasks[i].problem);
    }
    for (size_t i = 0; i < plan->n_samples; ++i) {
        CPLFree(plan->samples[i].sample_id);
        CPLFree(plan->samples[i].query);
        CPLFree(plan->samples[i].image);
        CSLDestroy(plan->samples[i].fields);
    }
    for (size_t i = 0; i < plan->n_models; ++i)
        selo_bench_model_free(plan->models[i]);
    CPLFree(plan->making_json);
    selo_free(plan->models);
    selo_free(plan->units);
    selo_free(plan->tasks);
    selo_free(plan->samples);
    selo_truth_free(plan->truth);
}

char **selo_bench_groups(const selo_bench_plan *plan, const selo_bench_sample *sample)
{
    char **groups = NULL;
    for (int g = 0; plan->options->group_by && plan->options->group_by[g]; ++g)
        groups = CSLSetNameValue(groups, plan->options->group_by[g],
                                 CSLFetchNameValueDef(sample->fields, plan->options->group_by[g], ""));
    return groups;
}
