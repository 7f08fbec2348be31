/* Workers take units of the plan until none is left; what they find out goes to the work file, one at a time. */
#include "bench_crew.h"

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "bench_image.h"
#include "bench_score.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "heard.h"
#include "selo/clock.h"

typedef struct crew {
    const selo_bench_plan *plan;
    selo_draft *draft;
    pthread_mutex_t lock; /* of the draft and all below */
    pthread_cond_t changed;
    size_t next; /* unit */
    double done;   /* tasks, and parts of them */
    size_t n_left; /* tasks */
    size_t n_units_left;
    int threads_each; /* of a unit: more where there are fewer units than workers */
    char warning[500];
    const selo_bench_unit *warned; /* the first unit with a warning: the same whoever does it */
    size_t n_warned;               /* units */
    selo_heard broken; /* what was said when a finished sample could not be kept: the caller's thread reports it */
    int working;
    bool stop;
    selo_status status;
} crew;

/* A worker at a unit. */
typedef struct shift {
    crew *crew;
    const selo_bench_unit *unit;
    size_t n_left; /* tasks of the unit */
    double told;   /* how much of them is done, 0..1 */
} shift;

/* ---- one unit ---- */

static int CPL_STDCALL go_on(double done, const char *message, void *user)
{
    shift *s = user;
    crew *c = s->crew;
    (void)message;
    pthread_mutex_lock(&c->lock);
    if (done > s->told && !c->stop) {
        c->done += (done - s->told) * (double)s->n_left;
        s->told = done;
    }
    const bool stop = c->stop;
    pthread_mutex_unlock(&c->lock);
    return !stop;
}

static selo_status keep(crew *c, const selo_bench_task *task, const selo_bench_outcome *outcome)
{
    const selo_benchmark_options *options = c->plan->options;
    const selo_profile profile = options->scoring.n_profiles ? options->scoring.profiles[0] : SELO_PROFILE_REFERENCE;
    selo_draft_row row = {.run_id = options->runs[task->run].run_id, .sample_id = task->sample->sample_id,
                          .sample_no = task->sample->no,
                          .image = task->sample->image, .input_sha = outcome->sha, .message = outcome->message,
                          .query = task->sample->query, .map_uri = task->map_name, .gt_uri = c->plan->truth->name,
                          .profile = options->scoring.n_profiles ? selo_profile_name(profile) : NULL,
                          .status = selo_verdict_name(task->sample->truth ? SELO_FAILED : SELO_NO_REGION),
                          .model = options->runs[task->run].model, .t_ms = outcome->t_ms,
                          .groups = selo_bench_groups(c->plan, task->sample)};
    memcpy(row.stages_ms, outcome->stages_ms, sizeof row.stages_ms);
    const selo_status status = selo_draft_add(c->draft, &row, outcome->layers);
    CSLDestroy(row.groups);
    return status;
}

static void take_outcome(void *user, const selo_bench_task *task, const selo_bench_outcome *outcome)
{
    crew *c = ((shift *)user)->crew;
    pthread_mutex_lock(&c->lock);
    if (c->status == SELO_OK && !c->stop) {
        selo_heard_start(&c->broken);
        c->status = keep(c, task, outcome);
        selo_heard_end();
    }
    c->stop = c->stop || c->status != SELO_OK;
    pthread_cond_signal(&c->changed);
    pthread_mutex_unlock(&c->lock);
    GDALClose(outcome->layers);
}

static void score_map(shift *s)
{
    const selo_bench_plan *plan = s->crew->plan;
    const selo_bench_task *task = &plan->tasks[s->unit->first];
    selo_bench_outcome outcome = {.message = task->problem, .stages_ms = {NAN, NAN, NAN, NAN}};
    selo_heard heard;
    selo_heard_start(&heard);
    const double started = selo_now_ms();
    selo_bench_task_sha(plan, task, outcome.sha);
    const selo_status status = task->problem ? SELO_E_INPUT
                                             : selo_bench_score(plan, task, NULL, 1, go_on, s, &outcome.layers);
    outcome.t_ms = selo_now_ms() - started;
    selo_heard_end();
    if (status != SELO_OK && !outcome.message)
        outcome.message = selo_heard_why(&heard, status);
    if (status != SELO_E_CANCELLED)
        take_outcome(s, task, &outcome);
}

/* A unit of a model makes warnings of all kinds, the same for many samples: one is kept to be told at the end. */
static void run_image(shift *s)
{
    crew *c = s->crew;
    const selo_bench_sink sink = {s, go_on, take_outcome};
    selo_heard heard;
    selo_heard_start(&heard);
    selo_bench_image_run(c->plan, s->unit, c->threads_each, &sink);
    selo_heard_end();
    pthread_mutex_lock(&c->lock);
    if (*heard.warning && (!c->warned || s->unit < c->warned)) {
        CPLStrlcpy(c->warning, heard.warning, sizeof c->warning);
        c->warned = s->unit;
    }
    c->n_warned += *heard.warning != '\0';
    pthread_mutex_unlock(&c->lock);
}

/* ---- all samples ---- */

static size_t count_left(const selo_bench_plan *plan, const selo_bench_unit *unit)
{
    size_t n = 0;
    for (size_t t = unit->first; t < unit->first + unit->n; ++t)
        n += !plan->tasks[t].done;
    return n;
}

static const selo_bench_unit *take_unit(crew *c)
{
    const selo_bench_unit *unit = NULL;
    pthread_mutex_lock(&c->lock);
    while (!c->stop && c->next < c->plan->n_units && count_left(c->plan, &c->plan->units[c->next]) == 0)
        c->next++;
    if (!c->stop && c->next < c->plan->n_units)
        unit = &c->plan->units[c->next++];
    pthread_mutex_unlock(&c->lock);
    return unit;
}

static void *work(void *user)
{
    crew *c = user;
    for (const selo_bench_unit *unit; (unit = take_unit(c)) != NULL;) {
        const selo_bench_task *task = &c->plan->tasks[unit->first];
        shift s = {.crew = c, .unit = unit, .n_left = count_left(c->plan, unit)};
        if (task->image_name && task->model < c->plan->n_models)
            run_image(&s);
        else
            score_map(&s);
        go_on(1, "", &s);
    }
    pthread_mutex_lock(&c->lock);
    c->working--;
    pthread_cond_signal(&c->changed);
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* Shows progress and hears of a cancel while the workers work. The lock is not held while the caller is asked. */
static void watch(crew *c, GDALProgressFunc progress, void *progress_data)
{
    pthread_mutex_lock(&c->lock);
    while (c->working > 0) {
        struct timespec soon;
        timespec_get(&soon, TIME_UTC);
        soon.tv_nsec += 200000000L;
        soon.tv_sec += soon.tv_nsec / 1000000000L;
        soon.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&c->changed, &c->lock, &soon);
        const double done = 0.99 * (c->done < (double)c->n_left ? c->done / (double)c->n_left : 1);
        pthread_mutex_unlock(&c->lock);
        const bool goes_on = !progress || progress(done, "", progress_data);
        pthread_mutex_lock(&c->lock);
        if (!goes_on && !c->stop) {
            c->stop = true;
            c->status = SELO_E_CANCELLED;
        }
    }
    pthread_mutex_unlock(&c->lock);
}

static selo_status run(crew *c, GDALProgressFunc progress, void *progress_data)
{
    enum { most_workers = 256 };
    pthread_t threads[most_workers];
    const selo_benchmark_options *options = c->plan->options;
    /* an open dataset is for one thread */
    const bool one = options->scoring.ground && options->scoring.ground->aoi_dataset;
    const int wanted = one ? 1 : options->workers < most_workers ? options->workers : most_workers;
    int started = 0;
    pthread_mutex_lock(&c->lock);
    for (; started < wanted && (size_t)started < c->n_units_left; ++started) {
        if (pthread_create(&threads[started], NULL, work, c) != 0)
            break;
        c->working++;
    }
    pthread_mutex_unlock(&c->lock);
    if (started == 0 && c->n_left > 0) {
        CPLError(CE_Failure, CPLE_AppDefined, "no thread could be started to score samples");
        return SELO_E_MEMORY;
    }
    watch(c, progress, progress_data);
    for (int i = 0; i < started; ++i)
        pthread_join(threads[i], NULL);
    if (*c->warning)
        CPLError(CE_Warning, CPLE_AppDefined, "%s%s", c->warning,
                 c->n_warned > 1 ? CPLSPrintf(" (one of the warnings on %lu images)", (unsigned long)c->n_warned) : "");
    if (*c->broken.failure)
        CPLError(CE_Failure, CPLE_FileIO, "%s", c->broken.failure);
    if (c->status == SELO_E_CANCELLED)
        CPLError(CE_Failure, CPLE_UserInterrupt, "benchmark cancelled; run it again with --resume to go on from here");
    return c->status;
}

selo_status selo_bench_crew_run(const selo_bench_plan *plan, selo_draft *draft, GDALProgressFunc progress,
                                void *progress_data)
{
    crew c = {.plan = plan, .draft = draft, .status = SELO_OK};
    for (size_t t = 0; t < plan->n_tasks; ++t)
        c.n_left += !plan->tasks[t].done;
    for (size_t u = 0; u < plan->n_units; ++u)
        c.n_units_left += count_left(plan, &plan->units[u]) > 0;
    c.threads_each = c.n_units_left && (size_t)plan->options->workers > c.n_units_left
                         ? plan->options->workers / (int)c.n_units_left
                         : 1;
    pthread_mutex_init(&c.lock, NULL);
    pthread_cond_init(&c.changed, NULL);
    const selo_status status = run(&c, progress, progress_data);
    pthread_cond_destroy(&c.changed);
    pthread_mutex_destroy(&c.lock);
    return status;
}
