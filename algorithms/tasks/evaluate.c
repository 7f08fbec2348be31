#include "selo/evaluate.h"

#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "reference.h"
#include "selo/memory.h"
#include "selo/place.h"

/* Samples that share a band of a map, and so a pass over its pixels. */
struct pass {
    char *map_name;
    int band;
    size_t n;
    size_t *samples; /* indices into the truth */
};

struct job {
    const selo_evaluate_options *options;
    selo_truth *truth;
    size_t n_passes;
    struct pass *passes;
    selo_evaluation *evaluation;
    selo_results *results;
    GDALProgressFunc progress;
    void *progress_data;
    size_t current; /* pass under way */
};

static bool is_pattern(const selo_map_options *map)
{
    return !map->dataset && strchr(map->name, '{') && strchr(map->name, '}');
}

/* The map's name for a sample: each {FIELD} becomes the sample's value. NULL, with a report, where there is no such field. */
static char *map_name_of(const struct job *job, const selo_truth_sample *sample)
{
    const char *pattern = job->options->map.name;
    if (!is_pattern(&job->options->map))
        return CPLStrdup(pattern);
    char *name = CPLStrdup("");
    for (const char *at = pattern; *at;) {
        const char *open = strchr(at, '{'), *close = open ? strchr(open, '}') : NULL;
        const char *value = "";
        char *field = NULL;
        if (close) {
            field = CPLStrdup(open + 1);
            field[close - open - 1] = '\0';
            value = EQUAL(field, "sample_id") ? sample->sample_id : CSLFetchNameValue(sample->fields, field);
            if (!value) {
                CPLError(CE_Failure, CPLE_AppDefined, "map '%s': sample '%s' of truth '%s' has no value for {%s}", pattern,
                         sample->sample_id, job->truth->name, field);
                CPLFree(field);
                CPLFree(name);
                return NULL;
            }
        }
        const int literal = (int)(close ? open - at : (ptrdiff_t)strlen(at));
        char *longer = CPLStrdup(CPLSPrintf("%s%.*s%s", name, literal, at, value));
        CPLFree(name);
        CPLFree(field);
        name = longer;
        at = close ? close + 1 : at + literal;
    }
    return name;
}

/* The band whose description is the sample's query; 1 if none is. */
static selo_status band_by_description(const struct job *job, const char *map_name, const selo_truth_sample *sample, int *band)
{
    *band = 1;
    if (!sample->query || job->truth->n_samples == 1)
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
        CPLError(CE_Failure, CPLE_AppDefined, "--band: %d bands for %d samples of truth '%s'; give one band, or one a sample",
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

static selo_status report_progress(struct job *job, double done)
{
    const double all = ((double)job->current + done) / (double)job->n_passes;
    if (job->progress(all, "", job->progress_data))
        return SELO_OK;
    CPLError(CE_Failure, CPLE_UserInterrupt, "cancelled; no output was written");
    return SELO_E_CANCELLED;
}

static selo_status pixel_of_map(void *user, int x, int y, uint8_t *value)
{
    selo_map *map = user;
    uint8_t *row = selo_alloc((size_t)selo_map_grid(map)->width, 1);
    const selo_status status = row ? selo_map_read_8bit(map, y, 1, row) : SELO_E_MEMORY;
    if (status == SELO_OK)
        *value = row[x];
    selo_free(row);
    return status;
}

static selo_status stream(struct job *job, selo_map *map, selo_reference *scorer)
{
    const selo_grid *grid = selo_map_grid(map);
    const int strip = selo_map_strip(map);
    uint8_t *rows = selo_alloc((size_t)strip * (size_t)grid->width, 1);
    selo_status status = rows ? SELO_OK : SELO_E_MEMORY;
    for (int y = 0; status == SELO_OK && y < grid->height; y += strip) {
        const int n = grid->height - y < strip ? grid->height - y : strip;
        status = selo_map_read_8bit(map, y, n, rows);
        if (status == SELO_OK)
            status = selo_reference_push(scorer, rows, n);
        if (status == SELO_OK)
            status = report_progress(job, (double)(y + n) / grid->height);
    }
    selo_free(rows);
    return status == SELO_OK ? selo_map_check_data(map) : status;
}

static selo_status score_reference(struct job *job, selo_map *map, const struct pass *pass, const selo_placed *placed, selo_score *scores)
{
    const selo_grid *grid = selo_map_grid(map);
    selo_reference_sample *samples = selo_alloc(pass->n, sizeof *samples);
    if (!samples)
        return SELO_E_MEMORY;
    for (size_t i = 0; i < pass->n; i++)
        samples[i] = (selo_reference_sample){placed[i].contours, placed[i].n_contours};
    selo_reference *scorer;
    selo_status status = selo_reference_new(grid->width, grid->height, job->options->map.threads, samples, pass->n, &scorer);
    if (status == SELO_OK)
        status = stream(job, map, scorer);
    if (status == SELO_OK)
        status = selo_reference_finish(scorer, pixel_of_map, map, scores);
    selo_reference_free(scorer);
    selo_free(samples);
    return status;
}

static selo_status place_samples(const struct job *job, const struct pass *pass, const selo_grid *grid, selo_placed *placed)
{
    bool touches = false;
    for (size_t i = 0; i < pass->n; i++) {
        const selo_status status = selo_place(job->truth, pass->samples[i], grid, &placed[i]);
        if (status != SELO_OK)
            return status;
        touches = touches || placed[i].touches;
    }
    if (touches)
        return SELO_OK;
    if (grid->crs && !job->truth->pixel_coordinates) {
        CPLError(CE_Failure, CPLE_AppDefined, "truth '%s' and map '%s' do not overlap: is the CRS of each what it says?",
                 job->truth->name, grid->name);
        return SELO_E_INPUT;
    }
    CPLError(CE_Warning, CPLE_AppDefined, "truth '%s': every region lies outside map '%s' (%d x %d pixels)", job->truth->name,
             grid->name, grid->width, grid->height);
    return SELO_OK;
}

static selo_status keep_results(struct job *job, const struct pass *pass, const selo_grid *grid, const selo_placed *placed,
                                const selo_score *scores, double t_ms)
{
    for (size_t i = 0; i < pass->n; i++) {
        const selo_truth_sample *sample = &job->truth->samples[pass->samples[i]];
        selo_evaluation_row *row = &job->evaluation->rows[pass->samples[i]];
        *row = (selo_evaluation_row){.sample_id = CPLStrdup(sample->sample_id),
                                     .query = sample->query ? CPLStrdup(sample->query) : NULL,
                                     .map_name = CPLStrdup(pass->map_name), .band = pass->band, .score = scores[i]};
        if (!job->results)
            continue;
        const selo_sample_result result = {
            .sample_id = row->sample_id, .query = row->query, .map_uri = row->map_name, .gt_uri = job->truth->name,
            .score = &row->score, .crs = grid->crs, .geotransform = grid->georeferenced ? grid->geotransform : NULL,
            .width = grid->width, .height = grid->height, .regions = placed[i].geometries,
            .classes = (const char *const *)sample->classes, .t_ms = t_ms};
        const selo_status status = selo_results_add(job->results, &result);
        if (status != SELO_OK)
            return status;
    }
    return SELO_OK;
}

static selo_status run_pass(struct job *job, const struct pass *pass)
{
    selo_map_options options = job->options->map;
    options.name = pass->map_name;
    options.band = pass->band;
    selo_map *map = NULL;
    selo_placed *placed = selo_alloc_zeroed(pass->n, sizeof *placed);
    selo_score *scores = selo_alloc_zeroed(pass->n, sizeof *scores);
    selo_status status = placed && scores ? selo_map_open(&options, &map) : SELO_E_MEMORY;
    if (status == SELO_OK)
        status = place_samples(job, pass, selo_map_grid(map), placed);
    if (status == SELO_OK)
        status = score_reference(job, map, pass, placed, scores);
    if (status == SELO_OK)
        status = keep_results(job, pass, selo_map_grid(map), placed, scores, NAN);
    else
        for (size_t i = 0; scores && i < pass->n; i++)
            selo_score_clear(&scores[i]);
    for (size_t i = 0; placed && i < pass->n; i++)
        selo_placed_clear(&placed[i]);
    selo_free(placed);
    selo_free(scores);
    selo_map_close(map);
    return status;
}

static selo_status begin_results(struct job *job)
{
    const selo_run run = {.command_line = job->options->command_line, .seed = -1, .cut_ms = NAN, .sim_ms = NAN, .gnt_ms = NAN,
                          .flt_ms = NAN};
    return job->options->results ? selo_results_open(job->options->results, &run, &job->results) : SELO_OK;
}

static selo_status run_job(struct job *job)
{
    selo_status status = job->options->results ? selo_results_check(job->options->results) : SELO_OK;
    if (status == SELO_OK)
        status = selo_truth_read(&job->options->truth, &job->truth);
    if (status == SELO_OK)
        status = plan_passes(job);
    if (status != SELO_OK)
        return status;
    job->evaluation = selo_alloc_zeroed(1, sizeof *job->evaluation);
    if (!job->evaluation || !(job->evaluation->rows = selo_alloc_zeroed(job->truth->n_samples, sizeof *job->evaluation->rows)))
        return SELO_E_MEMORY;
    job->evaluation->n_rows = job->truth->n_samples;
    status = report_progress(job, 0);
    if (status == SELO_OK)
        status = begin_results(job);
    for (; status == SELO_OK && job->current < job->n_passes; job->current++)
        status = run_pass(job, &job->passes[job->current]);
    return status;
}

selo_status selo_evaluate(const selo_evaluate_options *options, GDALProgressFunc progress, void *progress_data,
                          selo_evaluation **evaluation, GDALDatasetH *layers)
{
    struct job job = {.options = options, .progress = progress ? progress : GDALDummyProgress, .progress_data = progress_data};
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
    selo_free(evaluation);
}
