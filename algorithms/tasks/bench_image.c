#include "bench_image.h"

#include <math.h>
#include <string.h>

#include "bench_score.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "heard.h"
#include "image_tables.h"
#include "selo/clock.h"
#include "selo/map.h"
#include "selo/memory.h"
#include "window_plan.h"

/* A task that is left. */
typedef struct item {
    const selo_bench_task *task;
    const float *query; /* NULL: not encoded, for the reason `why`; both belong to the model */
    const char *why;
    double text_ms;
    selo_window_table table;
} item;

/* The items of one run. */
typedef struct share {
    const selo_benchmark_run *run;
    item *items;
    size_t n;
    double start, items_start, end; /* of its part in the unit's progress */
    selo_plan windows;
    double cut_ms, sim_ms; /* each item's part */
    char why[500];         /* none can be done; "": they can */
} share;

typedef struct job {
    const selo_bench_plan *plan;
    selo_bench_model *model;
    const selo_bench_sink *sink;
    int threads;
    item *items;
    share *shares;
    size_t n_shares;
    GDALDatasetH image;
    GDALDataType type; /* of the maps */
    char **notes;
    selo_image_vectors vectors;
    double read_ms; /* for the windows of all shares together */
    bool stopped;
} job;

/* ---- progress ---- */

/* What encoding the windows takes of the unit's progress, and of a share's where it looks closer later. */
static const double ENCODING = 0.5;

static void share_progress(job *j)
{
    size_t n = 0, before = 0;
    for (size_t k = 0; k < j->n_shares; ++k)
        n += j->shares[k].n;
    for (size_t k = 0; k < j->n_shares; ++k) {
        share *s = &j->shares[k];
        s->start = ENCODING + (1 - ENCODING) * (double)before / (double)n;
        before += s->n;
        s->end = ENCODING + (1 - ENCODING) * (double)before / (double)n;
        s->items_start = s->run->preset == SELO_PRESET_V2 ? s->start + ENCODING * (s->end - s->start) : s->start;
    }
}

/* For GDALScaledProgress(); freed with GDALDestroyScaledProgress(). */
static void *part(const job *j, double start, double end)
{
    return GDALCreateScaledProgress(start, end, j->sink->progress, j->sink->user);
}

/* From one item of a share to another; halves are allowed. */
static void *part_of_items(const job *j, const share *s, double from, double to)
{
    const double each = (s->end - s->items_start) / (double)s->n;
    return part(j, s->items_start + from * each, s->items_start + to * each);
}

/* ---- what is to be done ---- */

static bool collect(job *j, const selo_bench_unit *unit)
{
    size_t n = 0;
    j->items = selo_alloc_zeroed(unit->n, sizeof *j->items);
    j->shares = selo_alloc_zeroed(unit->n, sizeof *j->shares);
    if (!j->items || !j->shares)
        return false;
    for (const selo_bench_task *task = j->plan->tasks + unit->first; task < j->plan->tasks + unit->first + unit->n;
         ++task) {
        const selo_benchmark_run *run = &j->plan->options->runs[task->run];
        if (task->done)
            continue;
        if (j->n_shares == 0 || j->shares[j->n_shares - 1].run != run)
            j->shares[j->n_shares++] = (share){.run = run, .items = &j->items[n]};
        j->shares[j->n_shares - 1].n++;
        j->items[n++] = (item){.task = task, .why = task->problem};
    }
    share_progress(j);
    return true;
}

static void clear(job *j)
{
    for (size_t k = 0; k < j->n_shares; ++k)
        selo_plan_clear(&j->shares[k].windows);
    selo_image_vectors_clear(&j->vectors);
    GDALClose(j->image);
    CSLDestroy(j->notes);
    selo_free(j->items);
    selo_free(j->shares);
}

/* Ends listening; if it went wrong, why that is, in `why`. Warnings go on to whoever listens outside. */
static selo_status learn(job *j, const selo_heard *heard, selo_status status, char why[500])
{
    selo_heard_end();
    if (*heard->warning)
        CPLError(CE_Warning, CPLE_AppDefined, "%s", heard->warning);
    if (status != SELO_OK)
        CPLStrlcpy(why, selo_heard_why(heard, status), 500);
    j->stopped = j->stopped || status == SELO_E_CANCELLED;
    return status;
}

/* ---- the image and its vectors ---- */

/* The published 8-bit arithmetic where scores are the published ones, which count pixels of 8 bits. */
static selo_status choose_type(job *j)
{
    const selo_evaluate_options *scoring = &j->plan->options->scoring;
    const selo_map_options like = {.name = GDALGetDescription(j->image), .dataset = j->image, .band = 1,
                                   .crs = scoring->map.crs, .threads = 1};
    selo_map *map = NULL;
    bool ground = scoring->n_profiles > 0 && scoring->profiles[0] == SELO_PROFILE_GROUND;
    const selo_status status = scoring->n_profiles == 0 ? selo_map_open(&like, &map) : SELO_OK;
    if (map) /* as the scoring chooses */
        ground = selo_map_grid(map)->crs && selo_map_grid(map)->georeferenced;
    selo_map_close(map);
    j->type = ground ? GDT_Float32 : GDT_Byte;
    return status;
}

static void ask_queries(job *j, selo_encoder *encoder)
{
    for (size_t k = 0; k < j->n_shares; ++k)
        for (item *i = j->shares[k].items; i < j->shares[k].items + j->shares[k].n; ++i) {
            const double start = selo_now_ms();
            if (!i->why)
                i->query = selo_bench_model_query(j->model, encoder, i->task->sample->query_no, i->task->sample->query,
                                                  &i->why);
            i->text_ms = selo_now_ms() - start;
        }
}

static size_t count_asked(const share *s)
{
    size_t n = 0;
    for (size_t k = 0; k < s->n; ++k)
        n += s->items[k].query != NULL;
    return *s->why ? 0 : n;
}

/* The windows of all shares together, so that the image is read once. */
static selo_status encode(job *j, selo_encoder *encoder)
{
    selo_window *windows = NULL;
    size_t n = 0;
    for (size_t k = 0; k < j->n_shares; ++k) {
        const selo_plan *plan = &j->shares[k].windows;
        if (count_asked(&j->shares[k]) == 0)
            continue;
        selo_window *grown = selo_realloc(windows, n + plan->count, sizeof *windows);
        if (!grown) {
            selo_free(windows);
            return SELO_E_MEMORY;
        }
        windows = grown;
        memcpy(windows + n, plan->windows, plan->count * sizeof *windows);
        n += plan->count;
    }
    void *progress = part(j, 0, ENCODING);
    const selo_status status = n > 0 ? selo_image_vectors_add(&j->vectors, encoder, windows, n, GDALScaledProgress,
                                                              progress)
                                     : SELO_OK;
    GDALDestroyScaledProgress(progress);
    selo_free(windows);
    j->read_ms = j->vectors.times.read_ms;
    return status;
}

static void plan_windows(job *j)
{
    for (size_t k = 0; k < j->n_shares; ++k) {
        share *s = &j->shares[k];
        selo_heard heard;
        selo_heard_start(&heard);
        learn(j, &heard, selo_window_plan_make(j->image, s->run->preset, s->run->scales, &s->windows), s->why);
    }
}

static selo_status prepare(job *j, const char *image)
{
    const selo_benchmark_making *making = &j->plan->options->making;
    j->image = GDALOpenEx(image, GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR, NULL, NULL, NULL);
    selo_status status = j->image ? choose_type(j) : SELO_E_INPUT;
    if (status == SELO_OK)
        status = selo_image_vectors_start(&j->vectors, j->image, making->bands, making->least_valid);
    selo_encoder *encoder = status == SELO_OK ? selo_bench_model_borrow(j->model) : NULL;
    if (!encoder)
        return status == SELO_OK ? SELO_E_INPUT : status;
    j->notes = selo_model_notes(encoder, making->shuffles, making->shuffle_seed);
    plan_windows(j);
    ask_queries(j, encoder);
    status = encode(j, encoder);
    selo_bench_model_give_back(j->model, encoder);
    CPLDebug("SELO", "benchmark: %s: %d windows encoded of %s", selo_bench_model_name(j->model),
             (int)j->vectors.stored.n, image);
    return status;
}

/* ---- a run's maps ---- */

static selo_status make_tables(job *j, share *s, const float *queries, size_t n, selo_window_table *tables)
{
    const bool v2 = s->run->preset == SELO_PRESET_V2; /* looks closer: only then are there windows left to encode */
    selo_encoder *encoder = v2 ? selo_bench_model_borrow(j->model) : NULL;
    if (v2 && !encoder)
        return SELO_E_INPUT;
    const size_t before = j->vectors.stored.n;
    void *progress = part(j, s->start, s->items_start);
    const selo_status status = selo_image_tables_make(&j->vectors, encoder, s->run->preset, &s->windows, queries, n,
                                                      tables, GDALScaledProgress, progress);
    GDALDestroyScaledProgress(progress);
    if (encoder)
        selo_bench_model_give_back(j->model, encoder);
    if (v2)
        CPLDebug("SELO", "benchmark: %s: %d windows encoded more", s->run->run_id, (int)(j->vectors.stored.n - before));
    return status;
}

/* What the run would have taken alone: reading, its own windows, and what it made its tables of. */
static void share_times(const job *j, share *s, size_t n, double table_ms, const selo_encode_times *before)
{
    const selo_encode_times *after = &j->vectors.times;
    const selo_encode_times closer = {after->read_ms - before->read_ms, after->network_ms - before->network_ms,
                                      after->window_ms - before->window_ms};
    selo_encode_times all = selo_image_vectors_times(&j->vectors, s->windows.windows, s->windows.count);
    all.read_ms = j->read_ms + closer.read_ms;
    all.network_ms += closer.network_ms;
    all.window_ms += closer.window_ms;
    const selo_encode_stages stages = selo_encode_stages_of(&all, selo_bench_model_has_network(j->model));
    s->cut_ms = stages.cut_ms / (double)n;
    s->sim_ms = (stages.sim_ms + table_ms - closer.read_ms - closer.network_ms - closer.window_ms) / (double)n;
}

static selo_status compare(job *j, share *s)
{
    const size_t n = count_asked(s), size = selo_bench_model_size(j->model);
    float *queries = selo_alloc(n * size, sizeof *queries);
    selo_window_table *tables = selo_alloc_zeroed(n, sizeof *tables);
    selo_status status = queries && tables ? SELO_OK : SELO_E_MEMORY;
    size_t m = 0;
    for (size_t k = 0; status == SELO_OK && k < s->n; ++k)
        if (s->items[k].query)
            memcpy(queries + m++ * size, s->items[k].query, size * sizeof *queries);
    const selo_encode_times before = j->vectors.times;
    const double start = selo_now_ms();
    if (status == SELO_OK && n > 0)
        status = make_tables(j, s, queries, n, tables);
    if (status == SELO_OK && n > 0)
        share_times(j, s, n, selo_now_ms() - start, &before);
    m = 0;
    for (size_t k = 0; tables && k < s->n; ++k)
        if (s->items[k].query)
            s->items[k].table = tables[m++];
    selo_free(queries);
    selo_free(tables);
    return status;
}

static selo_status make_map(const job *j, const share *s, const item *i, selo_localize_times *times, GDALDatasetH *map)
{
    const selo_benchmark_making *making = &j->plan->options->making;
    const selo_localize_map band = {&i->table, i->task->sample->query};
    const selo_localize_options options = {.maps = &band, .n_maps = 1, .like = i->task->image_name,
                                           .like_dataset = j->image,
                                           .preset = s->run->preset, .smoothing = making->smoothing,
                                           .smoothing_size = making->smoothing_size, .type = j->type,
                                           .model = selo_bench_model_name(j->model), .metadata = (CSLConstList)j->notes,
                                           .threads = j->threads,
                                           .output = {.path = i->task->map_name, .overwrite = true}, .times = times};
    if (i->task->map_name)
        VSIMkdirRecursive(CPLGetPath(i->task->map_name), 0755);
    const double before = (double)(i - s->items);
    void *progress = part_of_items(j, s, before, before + 0.5);
    const selo_status status = selo_localize(&options, GDALScaledProgress, progress, map);
    GDALDestroyScaledProgress(progress);
    return status;
}

static selo_status score_map(const job *j, const share *s, const item *i, GDALDatasetH map, GDALDatasetH *layers)
{
    const double before = (double)(i - s->items);
    void *progress = part_of_items(j, s, before + 0.5, before + 1);
    const selo_status status = selo_bench_score(j->plan, i->task, map, j->threads, GDALScaledProgress, progress,
                                                layers);
    GDALDestroyScaledProgress(progress);
    return status;
}

static void score(job *j, const share *s, const item *i)
{
    selo_heard heard;
    selo_localize_times times = {0, 0};
    GDALDatasetH map = NULL;
    char why[500] = "";
    selo_bench_outcome outcome = {.message = NULL};
    selo_heard_start(&heard);
    selo_bench_task_sha(j->plan, i->task, outcome.sha);
    selo_status status = make_map(j, s, i, &times, &map);
    const double start = selo_now_ms();
    if (status == SELO_OK)
        status = score_map(j, s, i, map, &outcome.layers);
    outcome.t_ms = selo_now_ms() - start;
    GDALClose(map);
    learn(j, &heard, status, why);
    outcome.message = *why ? why : NULL;
    const double stages[SELO_N_STAGES] = {s->cut_ms, s->sim_ms + i->text_ms, times.generate_ms, times.filter_ms};
    memcpy(outcome.stages_ms, stages, sizeof stages);
    if (!j->stopped)
        j->sink->take(j->sink->user, i->task, &outcome);
    else
        GDALClose(outcome.layers);
}

static void fail(const job *j, const selo_bench_task *task, const char *why)
{
    selo_bench_outcome outcome = {.message = why, .t_ms = NAN, .stages_ms = {NAN, NAN, NAN, NAN}};
    selo_bench_task_sha(j->plan, task, outcome.sha);
    j->sink->take(j->sink->user, task, &outcome);
}

static void run_share(job *j, share *s)
{
    selo_heard heard;
    selo_heard_start(&heard);
    learn(j, &heard, *s->why ? SELO_OK : compare(j, s), s->why);
    for (size_t k = 0; k < s->n && !j->stopped; ++k) {
        if (*s->why || !s->items[k].query)
            fail(j, s->items[k].task, s->items[k].why ? s->items[k].why : s->why);
        else
            score(j, s, &s->items[k]);
    }
    for (size_t k = 0; k < s->n; ++k)
        selo_window_table_clear(&s->items[k].table);
}

void selo_bench_image_run(const selo_bench_plan *plan, const selo_bench_unit *unit, int threads,
                          const selo_bench_sink *sink)
{
    const selo_bench_task *first = &plan->tasks[unit->first];
    job j = {.plan = plan, .model = plan->models[first->model], .sink = sink, .threads = threads};
    char why[500] = "";
    selo_heard heard;
    selo_heard_start(&heard);
    const bool collected = collect(&j, unit);
    learn(&j, &heard, collected ? prepare(&j, first->image_name) : SELO_E_MEMORY, why);
    for (size_t k = 0; collected && k < j.n_shares && !j.stopped; ++k) {
        if (*why)
            CPLStrlcpy(j.shares[k].why, why, sizeof why);
        run_share(&j, &j.shares[k]);
    }
    for (const selo_bench_task *task = first; !collected && task < first + unit->n; ++task)
        if (!task->done)
            fail(&j, task, why);
    clear(&j);
}
