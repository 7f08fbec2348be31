#include "selo/evaluate.h"

#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "evaluate_job.h"
#include "ground_pass.h"
#include "pattern.h"
#include "repeated.h"
#include "selo/memory.h"

static bool is_pattern(const selo_map_options *map)
{
    return !map->dataset && strchr(map->name, '{') && strchr(map->name, '}');
}

/* The map's name for a sample: each {FIELD} becomes the sample's value. NULL, with a report,
 * where there is no such field. */
static char *map_name_of(const struct job *job, selo_truth_sample *sample)
{
    const char *pattern = job->options->map.name;
    if (!is_pattern(&job->options->map))
        return CPLStrdup(pattern);
    char *subject = CPLStrdup(CPLSPrintf("map of sample '%s' of truth '%s'", sample->sample_id, job->truth->name));
    char *name = selo_pattern_expand(pattern, selo_pattern_field_of_sample, sample, subject);
    CPLFree(subject);
    return name;
}

/* The band whose description is the sample's query; 1 if none is. */
static selo_status band_by_description(const struct job *job, const char *map_name, const selo_truth_sample *sample,
                                       int *band)
{
    *band = 1;
    if (!sample->query)
        return SELO_OK;
    selo_map_options options = job->options->map;
    options.name = map_name;
    options.band = 1;
    selo_map *map;
    const selo_status status = selo_map_open(&options, &map);
    if (status != SELO_OK)
        return status;
    GDALDatasetH dataset = GDALGetBandDataset(selo_map_band(map));
    for (int b = GDALGetRasterCount(dataset); b >= 1; b--)
        if (strcmp(GDALGetDescription(GDALGetRasterBand(dataset, b)), sample->query) == 0)
            *band = b;
    selo_map_close(map);
    return SELO_OK;
}

static selo_status band_of(const struct job *job, const char *map_name, size_t sample, int *band)
{
    const selo_evaluate_options *options = job->options;
    if (options->n_bands == 0)
        return band_by_description(job, map_name, &job->truth->samples[sample], band);
    *band = options->bands[options->n_bands == 1 ? 0 : sample];
    return SELO_OK;
}

static selo_status join_pass(struct job *job, char *map_name, int band, size_t sample)
{
    size_t p = 0;
    while (p < job->n_passes && (job->passes[p].band != band || strcmp(job->passes[p].map_name, map_name) != 0))
        p++;
    if (p == job->n_passes) {
        job->passes[p] = (struct pass){.map_name = CPLStrdup(map_name), .band = band};
        job->n_passes++;
    }
    size_t *samples = selo_realloc(job->passes[p].samples, job->passes[p].n + 1, sizeof *samples);
    if (!samples)
        return SELO_E_MEMORY;
    samples[job->passes[p].n++] = sample;
    job->passes[p].samples = samples;
    return SELO_OK;
}

static selo_status plan_passes(struct job *job)
{
    const size_t n = job->truth->n_samples;
    if (job->options->n_bands > 1 && job->options->n_bands != n) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "--band: %d bands for %d samples of truth '%s'; give one band, or one a sample",
                 (int)job->options->n_bands, (int)n, job->truth->name);
        return SELO_E_ARGUMENT;
    }
    job->passes = selo_alloc_zeroed(n, sizeof *job->passes);
    if (!job->passes)
        return SELO_E_MEMORY;
    selo_status status = SELO_OK;
    for (size_t i = 0; status == SELO_OK && i < n; i++) {
        char *name = map_name_of(job, &job->truth->samples[i]);
        int band = 1;
        status = name ? band_of(job, name, i, &band) : SELO_E_INPUT;
        if (status == SELO_OK)
            status = join_pass(job, name, band, i);
        CPLFree(name);
    }
    return status;
}

selo_status job_progress(struct job *job, double done)
{
    const double all = ((double)job->current + done) / (double)job->n_passes;
    if (job->progress(all, "", job->progress_data))
        return SELO_OK;
    CPLError(CE_Failure, CPLE_UserInterrupt, "cancelled; no output was written");
    return SELO_E_CANCELLED;
}

static selo_status begin_results(struct job *job)
{
    const selo_run run = {.command_line = job->options->command_line,
                          .params_json = job->options->params_json, .seed = -1, .cut_ms = NAN, .sim_ms = NAN,
                          .gnt_ms = NAN, .flt_ms = NAN};
    return job->options->results ? selo_results_open(job->options->results, &run, &job->results) : SELO_OK;
}

/* The layers of results know a sample by its name. */
static selo_status warn_of_names(const struct job *job)
{
    const selo_truth *truth = job->truth;
    const char *twice;
    const selo_status status =
        selo_repeated_name(&truth->samples->sample_id, truth->n_samples, sizeof *truth->samples, &twice);
    if (twice)
        CPLError(CE_Warning, CPLE_AppDefined,
                 "truth '%s': several samples are called '%s': what tells them apart is their query alone", truth->name,
                 twice);
    return status;
}

static selo_status read_truth(struct job *job)
{
    selo_truth_options options = job->options->truth;
    options.keep_others = job->options->buffer != NULL;
    const selo_status status = selo_truth_read(&options, &job->truth);
    return status == SELO_OK && job->options->buffer ? truth_buffer(job->truth, *job->options->buffer) : status;
}

static selo_status write_pooled(const struct job *job)
{
    selo_curve_point *curve;
    size_t n;
    selo_status status = selo_histogram_curve(job->evaluation->pool, CURVE_POINTS, &curve, &n);
    if (status == SELO_OK)
        status = selo_results_add_pooled(job->results, curve, n);
    selo_free(curve);
    return status;
}

static selo_status run_job(struct job *job)
{
    selo_status status = job->options->results ? selo_results_check(job->options->results) : SELO_OK;
    if (status == SELO_OK)
        status = read_truth(job);
    if (status == SELO_OK)
        status = warn_of_names(job);
    if (status == SELO_OK)
        status = plan_passes(job);
    if (status != SELO_OK)
        return status;
    const size_t n_rows = job->truth->n_samples * (job->options->n_profiles ? job->options->n_profiles : 1);
    job->evaluation = selo_alloc_zeroed(1, sizeof *job->evaluation);
    if (!job->evaluation || !(job->evaluation->rows = selo_alloc_zeroed(n_rows, sizeof *job->evaluation->rows)))
        return SELO_E_MEMORY;
    job->evaluation->n_rows = n_rows;
    status = job_progress(job, 0);
    if (status == SELO_OK)
        status = begin_results(job);
    for (; status == SELO_OK && job->current < job->n_passes; job->current++)
        status = job_run_pass(job, &job->passes[job->current]);
    return status == SELO_OK && job->results && job->evaluation->pool ? write_pooled(job) : status;
}

selo_status selo_evaluate(const selo_evaluate_options *options, GDALProgressFunc progress, void *progress_data,
                          selo_evaluation **evaluation, GDALDatasetH *layers)
{
    struct job job = {.options = options, .progress = progress ? progress : GDALDummyProgress,
                      .progress_data = progress_data};
    *evaluation = NULL;
    if (layers)
        *layers = NULL;
    selo_status status = run_job(&job);
    if (status == SELO_OK && job.results)
        status = selo_results_close(job.results, layers);
    else
        selo_results_abandon(job.results);
    for (size_t p = 0; p < job.n_passes; p++) {
        CPLFree(job.passes[p].map_name);
        selo_free(job.passes[p].samples);
    }
    selo_free(job.passes);
    selo_truth_free(job.truth);
    if (status == SELO_OK)
        *evaluation = job.evaluation;
    else
        selo_evaluation_free(job.evaluation);
    return status;
}

void selo_evaluation_free(selo_evaluation *evaluation)
{
    if (!evaluation)
        return;
    for (size_t i = 0; evaluation->rows && i < evaluation->n_rows; i++) {
        CPLFree(evaluation->rows[i].sample_id);
        CPLFree(evaluation->rows[i].query);
        CPLFree(evaluation->rows[i].map_name);
        selo_score_clear(&evaluation->rows[i].score);
    }
    selo_free(evaluation->rows);
    selo_histogram_free(evaluation->pool);
    selo_free(evaluation);
}
