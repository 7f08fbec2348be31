#include "bench_plan.h"

#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "pattern.h"
#include "selo/hash.h"
#include "selo/memory.h"

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

static void plan_task(selo_bench_plan *plan, size_t run, const selo_bench_sample *sample)
{
    selo_bench_task *task = &plan->tasks[plan->n_tasks++];
    asked about = {.sample = sample};
    *task = (selo_bench_task){.run = run, .sample = sample};
    CPLPushErrorHandler(CPLQuietErrorHandler);
    task->map_name = selo_pattern_expand(plan->options->runs[run].maps, field_of_sample, &about, "maps");
    CPLPopErrorHandler();
    if (!task->map_name)
        task->problem = CPLStrdup(CPLGetLastErrorMsg());
    else if (!sample->truth)
        task->problem = CPLStrdup("the sample has no region");
    CPLErrorReset();
}

selo_status selo_bench_plan_make(const selo_benchmark_options *options, selo_bench_plan *plan)
{
    *plan = (selo_bench_plan){.options = options};
    selo_status status = selo_bench_samples_read(plan);
    if (status == SELO_OK) {
        plan->tasks = selo_alloc_zeroed(plan->n_samples, options->n_runs * sizeof *plan->tasks);
        status = plan->tasks ? SELO_OK : SELO_E_MEMORY;
    }
    for (size_t run = 0; status == SELO_OK && run < options->n_runs; ++run)
        for (size_t i = 0; i < plan->n_samples; ++i)
            if (plan->samples[i].image_no % (size_t)options->n_shards == (size_t)(options->shard - 1))
                plan_task(plan, run, &plan->samples[i]);
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
        CPLFree(plan->tasks[i].problem);
    }
    for (size_t i = 0; i < plan->n_samples; ++i) {
        CPLFree(plan->samples[i].sample_id);
        CPLFree(plan->samples[i].query);
        CPLFree(plan->samples[i].image);
        CSLDestroy(plan->samples[i].fields);
    }
    selo_free(plan->tasks);
    selo_free(plan->samples);
    selo_truth_free(plan->truth);
}

/* ---- what a task depends on ---- */

static void hash_file(selo_hash *hash, const char *path)
{
    enum { chunk = 1 << 20 };
    VSILFILE *file = VSIFOpenL(path, "rb");
    unsigned char *bytes = file ? selo_alloc(chunk, 1) : NULL;
    selo_hash_add_text(hash, path);
    for (size_t n = 1; bytes && n > 0;) {
        n = VSIFReadL(bytes, 1, chunk, file);
        selo_hash_add(hash, bytes, n);
    }
    selo_free(bytes);
    if (file)
        VSIFCloseL(file);
}

void selo_bench_task_sha(const selo_bench_plan *plan, const selo_bench_task *task, char sha[65])
{
    selo_hash hash;
    selo_hash_start(&hash);
    selo_hash_add_text(&hash, SELO_VERSION);
    selo_hash_add_text(&hash, plan->options->params_json);
    selo_hash_add_text(&hash, task->sample->sha);
    selo_hash_add_text(&hash, task->map_name);
    GDALDatasetH map = NULL;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (task->map_name)
        map = GDALOpenEx(task->map_name, GDAL_OF_RASTER, NULL, NULL, NULL);
    char **files = map ? GDALGetFileList(map) : NULL; /* with world files and the sources of a VRT */
    CPLPopErrorHandler();
    CPLErrorReset();
    for (int i = 0; files && files[i]; ++i)
        hash_file(&hash, files[i]);
    CSLDestroy(files);
    GDALClose(map);
    selo_hash_finish(&hash, sha);
}

char **selo_bench_groups(const selo_bench_plan *plan, const selo_bench_sample *sample)
{
    char **groups = NULL;
    for (int g = 0; plan->options->group_by && plan->options->group_by[g]; ++g)
        groups = CSLSetNameValue(groups, plan->options->group_by[g], CSLFetchNameValueDef(sample->fields, plan->options->group_by[g], ""));
    return groups;
}
