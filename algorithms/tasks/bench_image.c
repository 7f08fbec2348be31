#include "bench_image.h"

#include <math.h>
#include <string.h>

#include "bench_job.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/clock.h"
#include "selo/map.h"
#include "selo/memory.h"

/* ---- progress ---- */

/* What encoding the windows takes of the unit's progress, and of a share's where it looks closer later. */
static const double ENCODING = 0.5;

static void share_progress(bench_job *j)
{
    size_t n = 0, before = 0;
    for (size_t k = 0; k < j->n_shares; ++k)
        n += j->shares[k].n;
    for (size_t k = 0; k < j->n_shares; ++k) {
        bench_share *s = &j->shares[k];
        s->start = ENCODING + (1 - ENCODING) * (double)before / (double)n;
        before += s->n;
        s->end = ENCODING + (1 - ENCODING) * (double)before / (double)n;
        s->items_start = s->run->preset == SELO_PRESET_V2 ? s->start + ENCODING * (s->end - s->start) : s->start;
    }
}

void *bench_job_part(const bench_job *j, double start, double end)
{
    return GDALCreateScaledProgress(start, end, j->sink->progress, j->sink->user);
}

/* ---- what is to be done ---- */

static bool collect(bench_job *j, const selo_bench_unit *unit)
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
            j->shares[j->n_shares++] = (bench_share){.run = run, .items = &j->items[n]};
        j->shares[j->n_shares - 1].n++;
        j->items[n++] = (bench_item){.task = task, .why = task->problem};
    }
    share_progress(j);
    return true;
}

static void clear(bench_job *j)
{
    for (size_t k = 0; k < j->n_shares; ++k)
        selo_plan_clear(&j->shares[k].windows);
    selo_image_vectors_clear(&j->vectors);
    GDALClose(j->image);
    CSLDestroy(j->notes);
    selo_free(j->items);
    selo_free(j->shares);
}

selo_status bench_job_learn(bench_job *j, const selo_heard *heard, selo_status status, char why[500])
{
    selo_heard_end();
    if (*heard->warning)
        CPLError(CE_Warning, CPLE_AppDefined, "%s", heard->warning);
    if (status != SELO_OK)
        CPLStrlcpy(why, selo_heard_why(heard, status), 500);
    j->stopped = j->stopped || status == SELO_E_CANCELLED;
    return status;
}

void bench_job_fail(const bench_job *j, const selo_bench_task *task, const char *why)
{
    selo_bench_outcome outcome = {.message = why, .t_ms = NAN, .stages_ms = {NAN, NAN, NAN, NAN}};
    selo_bench_task_sha(j->plan, task, outcome.sha);
    j->sink->take(j->sink->user, task, &outcome);
}

/* ---- the image and its vectors ---- */

/* The published 8-bit arithmetic where scores are the published ones, which count pixels of 8 bits. */
static selo_status choose_type(bench_job *j)
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

static void ask_queries(bench_job *j, selo_encoder *encoder)
{
    for (size_t k = 0; k < j->n_shares; ++k)
        for (bench_item *i = j->shares[k].items; i < j->shares[k].items + j->shares[k].n; ++i) {
            const double start = selo_now_ms();
            if (!i->why)
                i->query = selo_bench_model_query(j->model, encoder, i->task->sample->query_no, i->task->sample->query,
                                                  &i->why);
            i->text_ms = selo_now_ms() - start;
        }
}

/* The windows of all shares together, so that the image is read once. */
static selo_status encode(bench_job *j, selo_encoder *encoder)
{
    selo_window *windows = NULL;
    size_t n = 0;
    for (size_t k = 0; k < j->n_shares; ++k) {
        const selo_plan *plan = &j->shares[k].windows;
        if (bench_share_asked(&j->shares[k]) == 0)
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
    void *progress = bench_job_part(j, 0, ENCODING);
    const selo_status status = n > 0 ? selo_image_vectors_add(&j->vectors, encoder, windows, n, GDALScaledProgress,
                                                              progress)
                                     : SELO_OK;
    GDALDestroyScaledProgress(progress);
    selo_free(windows);
    j->read_ms = j->vectors.times.read_ms;
    return status;
}

static void plan_windows(bench_job *j)
{
    for (size_t k = 0; k < j->n_shares; ++k) {
        bench_share *s = &j->shares[k];
        selo_heard heard;
        selo_heard_start(&heard);
        const selo_status status = selo_window_plan_make(j->image, s->run->preset, s->run->scales, &s->windows);
        bench_job_learn(j, &heard, status, s->why);
    }
}

static selo_status prepare(bench_job *j, const char *image)
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

void selo_bench_image_run(const selo_bench_plan *plan, const selo_bench_unit *unit, int threads,
                          const selo_bench_sink *sink)
{
    const selo_bench_task *first = &plan->tasks[unit->first];
    bench_job j = {.plan = plan, .model = plan->models[first->model], .sink = sink, .threads = threads};
    char why[500] = "";
    selo_heard heard;
    selo_heard_start(&heard);
    const bool collected = collect(&j, unit);
    bench_job_learn(&j, &heard, collected ? prepare(&j, first->image_name) : SELO_E_MEMORY, why);
    for (size_t k = 0; collected && k < j.n_shares && !j.stopped; ++k) {
        if (*why)
            CPLStrlcpy(j.shares[k].why, why, sizeof why);
        bench_share_run(&j, &j.shares[k]);
    }
    for (const selo_bench_task *task = first; !collected && task < first + unit->n; ++task)
        if (!task->done)
            bench_job_fail(&j, task, why);
    clear(&j);
}
