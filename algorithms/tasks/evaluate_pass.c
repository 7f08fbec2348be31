/* One pass over a map: its rows go to both profiles' scorers, its scores to the evaluation and the results. */
#include <math.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "evaluate_extras.h"
#include "evaluate_job.h"
#include "ground_pass.h"
#include "reference.h"
#include "selo/clock.h"
#include "selo/memory.h"
#include "selo/place.h"

/* What a pass holds for each profile; unused halves are zero. */
struct halves {
    selo_map *map;
    bool with_reference, with_ground;
    selo_placed *placed;            /* reference: per sample */
    selo_reference_sample *samples; /* the same, as the scorer takes them */
    selo_reference *reference;
    ground_pass *ground;
    double started; /* ms */
};

static bool asked_for(const selo_evaluate_options *options, selo_profile profile)
{
    for (size_t i = 0; i < options->n_profiles; i++)
        if (options->profiles[i] == profile)
            return true;
    return false;
}

static void choose_profiles(const selo_evaluate_options *options, struct halves *h)
{
    const selo_grid *grid = selo_map_grid(h->map);
    h->with_reference = asked_for(options, SELO_PROFILE_REFERENCE);
    h->with_ground = asked_for(options, SELO_PROFILE_GROUND);
    if (options->n_profiles == 0) {
        h->with_ground = grid->crs && grid->georeferenced;
        h->with_reference = !h->with_ground;
    }
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

static selo_status place_samples(const struct job *job, const struct pass *pass, const selo_grid *grid,
                                 selo_placed *placed)
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
        CPLError(CE_Failure, CPLE_AppDefined,
                 "truth '%s' and map '%s' do not overlap: is the CRS of each what it says?", job->truth->name,
                 grid->name);
        return SELO_E_INPUT;
    }
    CPLError(CE_Warning, CPLE_AppDefined, "truth '%s': every region lies outside map '%s' (%d x %d pixels)",
             job->truth->name, grid->name, grid->width, grid->height);
    return SELO_OK;
}

static selo_status begin_reference(const struct job *job, const struct pass *pass, struct halves *h)
{
    const selo_grid *grid = selo_map_grid(h->map);
    h->placed = selo_alloc_zeroed(pass->n, sizeof *h->placed);
    h->samples = selo_alloc(pass->n, sizeof *h->samples);
    if (!h->placed || !h->samples)
        return SELO_E_MEMORY;
    const selo_status status = place_samples(job, pass, grid, h->placed);
    if (status != SELO_OK)
        return status;
    for (size_t i = 0; i < pass->n; i++)
        h->samples[i] = (selo_reference_sample){h->placed[i].contours, h->placed[i].n_contours};
    return selo_reference_new(grid->width, grid->height, job->options->map.threads, h->samples, pass->n, &h->reference);
}

static selo_status begin(const struct job *job, const struct pass *pass, struct halves *h)
{
    selo_map_options options = job->options->map;
    options.name = pass->map_name;
    options.band = pass->band;
    selo_status status = selo_map_open(&options, &h->map);
    if (status != SELO_OK)
        return status;
    choose_profiles(job->options, h);
    if (h->with_reference)
        status = begin_reference(job, pass, h);
    if (status == SELO_OK && h->with_ground)
        status = ground_pass_new(job->options->ground, job->truth, pass->samples, pass->n, h->map, options.threads,
                                 &h->ground);
    return status;
}

static void end(const struct pass *pass, struct halves *h)
{
    ground_pass_free(h->ground);
    selo_reference_free(h->reference);
    selo_free(h->samples);
    for (size_t i = 0; h->placed && i < pass->n; i++)
        selo_placed_clear(&h->placed[i]);
    selo_free(h->placed);
    selo_map_close(h->map);
}

static selo_status stream(struct job *job, const struct halves *h)
{
    const selo_grid *grid = selo_map_grid(h->map);
    const int strip = selo_map_strip(h->map);
    uint8_t *rows = h->with_reference ? selo_alloc((size_t)strip * (size_t)grid->width, 1) : NULL;
    selo_status status = h->with_reference && !rows ? SELO_E_MEMORY : SELO_OK;
    for (int y = 0; status == SELO_OK && y < grid->height; y += strip) {
        const int n = grid->height - y < strip ? grid->height - y : strip;
        if (h->with_ground)
            status = ground_pass_push(h->ground, y, n, h->with_reference);
        if (status == SELO_OK && h->with_reference)
            status = selo_map_read_8bit(h->map, y, n, rows);
        if (status == SELO_OK && h->with_reference)
            status = selo_reference_push(h->reference, rows, n);
        if (status == SELO_OK)
            status = job_progress(job, (double)(y + n) / grid->height);
    }
    selo_free(rows);
    return status == SELO_OK && h->with_reference ? selo_map_check_data(h->map) : status;
}

/* Which of a sample's rows a profile fills. */
static size_t slot_of(const selo_evaluate_options *options, selo_profile profile)
{
    size_t slot = 0;
    while (slot < options->n_profiles && options->profiles[slot] != profile)
        slot++;
    return options->n_profiles ? slot : 0;
}

static selo_status write_row(struct job *job, const struct pass *pass, const struct halves *h, size_t i,
                             const selo_evaluation_row *row)
{
    const selo_truth_sample *sample = &job->truth->samples[pass->samples[i]];
    const selo_grid *grid = selo_map_grid(h->map);
    const bool ground = row->score.profile == SELO_PROFILE_GROUND;
    double extras[N_EXTRA];
    for (int k = 0; k < N_EXTRA; k++)
        extras[k] = NAN;
    if (row->has_extras)
        selo_extras_list(&row->extras, extras);
    const bool only_reference = job->options->n_profiles == 1 && job->options->profiles[0] == SELO_PROFILE_REFERENCE;
    selo_sample_result result = {
        .sample_id = row->sample_id, .query = row->query, .map_uri = row->map_name, .gt_uri = job->truth->name,
        .score = &row->score, .crs = grid->crs, .geotransform = grid->georeferenced ? grid->geotransform : NULL,
        .width = grid->width, .height = grid->height,
        .regions = ground ? ground_pass_regions(h->ground, i) : h->placed[i].geometries,
        .classes = ground ? ground_pass_classes(h->ground, i) : (const char *const *)sample->classes,
        .t_ms = (selo_now_ms() - h->started) / (double)pass->n,
        .n_extra = only_reference ? 0 : N_EXTRA, .extra_names = selo_extra_names, .extra_values = extras,
        .extra_comments = selo_extra_comments};
    if (!ground)
        return selo_results_add(job->results, &result);
    selo_curve_point *curve;
    selo_status status = selo_histogram_curve(selo_ground_histogram(ground_pass_scorer(h->ground, i)), CURVE_POINTS,
                                              &curve, &result.n_curve);
    result.curve = curve;
    if (status == SELO_OK)
        status = selo_results_add(job->results, &result);
    selo_free(curve);
    return status;
}

/* The evaluation's row for a sample, with everything but its score. */
static selo_evaluation_row *open_row(struct job *job, const struct pass *pass, size_t i, selo_profile profile)
{
    const selo_truth_sample *sample = &job->truth->samples[pass->samples[i]];
    selo_evaluation_row *row = job->evaluation->rows + slot_of(job->options, profile) * job->truth->n_samples +
                               pass->samples[i];
    *row = (selo_evaluation_row){.sample_id = CPLStrdup(sample->sample_id),
                                 .query = sample->query ? CPLStrdup(sample->query) : NULL,
                                 .map_name = CPLStrdup(pass->map_name), .band = pass->band};
    return row;
}

static selo_status keep_reference(struct job *job, const struct pass *pass, const struct halves *h)
{
    selo_score *scores = selo_alloc_zeroed(pass->n, sizeof *scores);
    if (!scores)
        return SELO_E_MEMORY;
    selo_status status = selo_reference_finish(h->reference, pixel_of_map, h->map, scores);
    for (size_t i = 0; i < pass->n; i++) {
        if (status != SELO_OK) {
            selo_score_clear(&scores[i]);
            continue;
        }
        selo_evaluation_row *row = open_row(job, pass, i, SELO_PROFILE_REFERENCE);
        row->score = scores[i];
        if (job->results)
            status = write_row(job, pass, h, i, row);
    }
    selo_free(scores);
    return status;
}

static selo_status keep_ground(struct job *job, const struct pass *pass, const struct halves *h)
{
    selo_status status = SELO_OK;
    if (!job->evaluation->pool && job->truth->n_samples > 1)
        status = selo_histogram_new(SELO_LEVELS_20, 0, &job->evaluation->pool);
    for (size_t i = 0; status == SELO_OK && i < pass->n; i++) {
        selo_evaluation_row *row = open_row(job, pass, i, SELO_PROFILE_GROUND);
        row->has_extras = true;
        status = ground_pass_finish(h->ground, i, &row->score, &row->extras, job->evaluation->pool);
        if (status == SELO_OK && job->results)
            status = write_row(job, pass, h, i, row);
    }
    return status;
}

selo_status job_run_pass(struct job *job, const struct pass *pass)
{
    struct halves h = {.started = selo_now_ms()};
    selo_status status = begin(job, pass, &h);
    if (status == SELO_OK)
        status = stream(job, &h);
    if (status == SELO_OK && h.with_reference)
        status = keep_reference(job, pass, &h);
    if (status == SELO_OK && h.with_ground)
        status = keep_ground(job, pass, &h);
    end(pass, &h);
    return status;
}
