/* The samples of a test set, as a plan needs them. */
#include <string.h>

#include "bench_plan.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "repeated.h"
#include "selo/hash.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "stat_columns.h"

/* `crs`: that of the regions' coordinates; NULL: none. */
static void hash_sample(selo_bench_sample *sample, const char *crs)
{
    selo_hash hash;
    selo_hash_start(&hash);
    selo_hash_add_text(&hash, crs);
    selo_hash_add_text(&hash, sample->sample_id);
    selo_hash_add_text(&hash, sample->query);
    selo_hash_add_text(&hash, sample->image);
    for (size_t i = 0; sample->truth && i < sample->truth->n_regions; ++i) {
        selo_bench_hash_geometry(&hash, sample->truth->regions[i]);
        selo_hash_add_text(&hash, sample->truth->classes[i]);
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

/* Numbers from 0 that are the same where the image, and where the query, is the same. */
static selo_status number_samples(selo_bench_plan *plan)
{
    selo_table *texts = selo_table_new("texts", "image,query");
    for (size_t i = 0; texts && i < plan->n_samples; ++i) {
        selo_table_add_row(texts);
        selo_table_set_text(texts, "image", plan->samples[i].image);
        selo_table_set_text(texts, "query", plan->samples[i].query);
    }
    size_t *images = texts && !texts->failed ? selo_stat_labels(texts, "image") : NULL;
    size_t *queries = images ? selo_stat_labels(texts, "query") : NULL;
    for (size_t i = 0; queries && i < plan->n_samples; ++i) {
        plan->samples[i].image_no = images[i];
        plan->samples[i].query_no = queries[i];
        plan->n_queries = queries[i] + 1 > plan->n_queries ? queries[i] + 1 : plan->n_queries;
    }
    selo_table_free(texts);
    const selo_status status = queries ? SELO_OK : SELO_E_MEMORY;
    selo_free(images);
    selo_free(queries);
    return status;
}

/* Where the test set names no images: those that models make maps of, or the one map file of all samples. Not part of
 * any hash: it is a name on this machine. */
static void name_images(selo_bench_plan *plan)
{
    const char *images = plan->options->making.images, *maps = plan->options->runs[0].maps;
    for (size_t i = 0; i < plan->n_samples; ++i) {
        selo_bench_sample *sample = &plan->samples[i];
        char *problem = NULL; /* is told with the sample's task */
        if (!sample->image && images)
            sample->image = selo_bench_name(images, sample, "images", &problem);
        if (!sample->image && maps && !strchr(maps, '{'))
            sample->image = CPLStrdup(maps);
        CPLFree(problem);
    }
}

/* Results, and what --resume keeps of them, know a sample by its name. */
static selo_status check_names(const selo_bench_plan *plan)
{
    const char *twice;
    const selo_status status =
        selo_repeated_name(&plan->samples->sample_id, plan->n_samples, sizeof *plan->samples, &twice);
    if (status != SELO_OK || !twice)
        return status;
    CPLError(CE_Failure, CPLE_AppDefined,
             "test set '%s': several samples are called '%s': give each a sample_id of its own",
             plan->options->testset.name, twice);
    return SELO_E_INPUT;
}

static selo_status complete_samples(selo_bench_plan *plan)
{
    selo_hash all;
    char *crs = NULL;
    if (plan->truth->crs && OSRExportToWktEx(plan->truth->crs, &crs, NULL) != OGRERR_NONE)
        crs = NULL;
    selo_hash_start(&all);
    for (size_t i = 0; i < plan->n_samples; ++i) {
        selo_bench_sample *sample = &plan->samples[i];
        const char *image = CSLFetchNameValue(sample->fields, "image");
        sample->no = (long)i;
        sample->image = image ? CPLStrdup(image) : NULL;
        hash_sample(sample, crs);
        selo_hash_add_text(&all, sample->sha);
    }
    selo_hash_finish(&all, plan->testset_sha);
    CPLFree(crs);
    name_images(plan);
    return number_samples(plan);
}

static selo_status check_groups(const selo_bench_plan *plan)
{
    for (int g = 0; plan->options->group_by && plan->options->group_by[g]; ++g) {
        bool found = false;
        for (size_t i = 0; !found && i < plan->n_samples; ++i)
            found = CSLFetchNameValue(plan->samples[i].fields, plan->options->group_by[g]) != NULL;
        if (!found) {
            CPLError(CE_Failure, CPLE_IllegalArg, "--group-by: test set '%s' has no field '%s'",
                     plan->options->testset.name, plan->options->group_by[g]);
            return SELO_E_ARGUMENT;
        }
    }
    return SELO_OK;
}

selo_status selo_bench_samples_read(selo_bench_plan *plan)
{
    selo_truth_options testset = plan->options->testset;
    selo_table *manifest = NULL;
    GDALDatasetH dataset = testset.dataset ? testset.dataset
                                           : selo_source_open(&(selo_source){.what = "test set", .name = testset.name,
                                                                             .flags = GDAL_OF_VECTOR,
                                                                             .formats = testset.formats,
                                                                             .open_options = testset.open_options});
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
    if (status == SELO_OK)
        status = check_names(plan);
    if (status == SELO_OK)
        status = complete_samples(plan);
    return status == SELO_OK ? check_groups(plan) : status;
}
