#include "bench_plan.h"

#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "pattern.h"
#include "selo/hash.h"
#include "selo/memory.h"
#include "selo/stat.h"

/* ---- samples ---- */

static void hash_sample(selo_bench_sample *sample)
{
    selo_hash hash;
    selo_hash_start(&hash);
    selo_hash_add_text(&hash, sample->sample_id);
    selo_hash_add_text(&hash, sample->query);
    selo_hash_add_text(&hash, sample->image);
    for (size_t i = 0; sample->truth && i < sample->truth->n_regions; ++i) {
        const int size = OGR_G_WkbSize(sample->truth->regions[i]);
        unsigned char *wkb = selo_alloc((size_t)size, 1);
        if (wkb && OGR_G_ExportToIsoWkb(sample->truth->regions[i], wkbNDR, wkb) == OGRERR_NONE)
            selo_hash_add(&hash, wkb, (size_t)size);
        selo_hash_add_text(&hash, sample->truth->classes[i]);
        selo_free(wkb);
    }
    selo_hash_finish(&hash, sample->sha);
}

static const selo_truth_sample *truth_of(const selo_truth *truth, const char *sample_id, size_t hint)
{
    for (size_t k = 0; k < truth->n_samples; ++k) { /* nearly always in the same order: start where it should be */
        const selo_truth_sample *sample = &truth->samples[(hint + k) % truth->n_samples];
        if (strcmp(sample->sample_id, sample_id) == 0)
            return sample;
    }
    return NULL;
}

/* From the manifest of a test set: also samples without a region. */
static void samples_of_manifest(selo_bench_plan *plan, const selo_table *manifest)
{
    for (size_t row = 0; row < manifest->n_rows; ++row) {
        selo_bench_sample *sample = &plan->samples[plan->n_samples++];
        const char *sample_id = selo_table_text(manifest, row, "sample_id");
        sample->truth = truth_of(plan->truth, sample_id, row);
        sample->fields = sample->truth ? CSLDuplicate(sample->truth->fields) : NULL;
        for (size_t k = 0; k < manifest->n_columns; ++k)
            sample->fields = CSLSetNameValue(sample->fields, manifest->columns[k].name,
                                             selo_table_text(manifest, row, manifest->columns[k].name));
        sample->sample_id = CPLStrdup(sample_id);
        sample->query = CPLStrdup(selo_table_text(manifest, row, "query"));
    }
}

static void samples_of_truth(selo_bench_plan *plan)
{
    for (size_t i = 0; i < plan->truth->n_samples; ++i) {
        selo_bench_sample *sample = &plan->samples[plan->n_samples++];
        sample->truth = &plan->truth->samples[i];
        sample->fields = CSLDuplicate(sample->truth->fields);
        sample->sample_id = CPLStrdup(sample->truth->sample_id);
        sample->query = sample->truth->query ? CPLStrdup(sample->truth->query) : NULL;
    }
}

static selo_status number_images(selo_bench_plan *plan)
{
    selo_table *images = selo_table_new("images", "image");
    for (size_t i = 0; images && i < plan->n_samples; ++i) {
        selo_table_add_row(images);
        selo_table_set_text(images, "image", plan->samples[i].image);
    }
    size_t *labels = images && !images->failed ? selo_stat_labels(images, "image") : NULL;
    for (size_t i = 0; labels && i < plan->n_samples; ++i)
        plan->samples[i].image_no = labels[i];
    selo_table_free(images);
    const selo_status status = labels ? SELO_OK : SELO_E_MEMORY;
    selo_free(labels);
    return status;
}

static selo_status complete_samples(selo_bench_plan *plan)
{
    selo_hash all;
    selo_hash_start(&all);
    for (size_t i = 0; i < plan->n_samples; ++i) {
        selo_bench_sample *sample = &plan->samples[i];
        const char *image = CSLFetchNameValue(sample->fields, "image");
        sample->no = (long)i;
        sample->image = image ? CPLStrdup(image) : NULL;
        hash_sample(sample);
        selo_hash_add_text(&all, sample->sha);
    }
    selo_hash_finish(&all, plan->testset_sha);
    return number_images(plan);
}

static selo_status check_groups(const selo_bench_plan *plan)
{
    for (int g = 0; plan->options->group_by && plan->options->group_by[g]; ++g) {
        bool found = false;
        for (size_t i = 0; !found && i < plan->n_samples; ++i)
            found = CSLFetchNameValue(plan->samples[i].fields, plan->options->group_by[g]) != NULL;
        if (!found) {
            CPLError(CE_Failure, CPLE_IllegalArg, "--group-by: test set '%s' has no field '%s'", plan->options->testset.name,
                     plan->options->group_by[g]);
            return SELO_E_ARGUMENT;
        }
    }
    return SELO_OK;
}

static selo_status read_samples(selo_bench_plan *plan)
{
    selo_truth_options testset = plan->options->testset;
    selo_table *manifest = NULL;
    GDALDatasetH dataset = testset.dataset ? testset.dataset
                                           : GDALOpenEx(testset.name, GDAL_OF_VECTOR | GDAL_OF_VERBOSE_ERROR,
                                                        (const char *const *)testset.formats, (const char *const *)testset.open_options, NULL);
    if (!dataset)
        return SELO_E_INPUT;
    selo_status status = testset.layer ? SELO_OK : selo_table_read(dataset, "selo_manifest", &manifest);
    testset.dataset = dataset;
    if (manifest && !testset.crs && !OGR_L_GetSpatialRef(GDALDatasetGetLayerByName(dataset, "selo_truth")))
        testset.crs = "none";
    if (manifest && !testset.class_field)
        testset.class_field = "cls";
    if (status == SELO_OK)
        status = selo_truth_read(&testset, &plan->truth);
    if (status == SELO_OK) {
        const size_t n = manifest ? manifest->n_rows : plan->truth->n_samples;
        plan->samples = selo_alloc_zeroed(n, sizeof *plan->samples);
        status = plan->samples ? SELO_OK : SELO_E_MEMORY;
    }
    if (status == SELO_OK && manifest)
        samples_of_manifest(plan, manifest);
    else if (status == SELO_OK)
        samples_of_truth(plan);
    selo_table_free(manifest);
    if (dataset != plan->options->testset.dataset)
        GDALClose(dataset);
    return status == SELO_OK ? complete_samples(plan) : status;
}

/* ---- tasks ---- */

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
    selo_status status = read_samples(plan);
    if (status == SELO_OK)
        status = check_groups(plan);
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
