/* Workers take units of the plan until none is left; what they find out goes to the work file, one at a time. */
#include "bench_crew.h"

#include <pthread.h>
#include <time.h>

#include "bench_score.h"
#include "clock.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"

typedef struct crew {
    const selo_bench_plan *plan;
    selo_draft *draft;
    pthread_mutex_t lock; /* of the draft and all below */
    pthread_cond_t changed;
    size_t next, finished, n_left;
    int working;
    bool stop;
    selo_status status;
} crew;

/* ---- one sample ---- */

static int CPL_STDCALL go_on(double done, const char *message, void *user)
{
    crew *c = user;
    (void)done;
    (void)message;
    pthread_mutex_lock(&c->lock);
    const bool stop = c->stop;
    pthread_mutex_unlock(&c->lock);
    return !stop;
}

/* What this thread was told went wrong. */
typedef struct heard {
    char message[500];
} heard;

static void CPL_STDCALL listen(CPLErr class, CPLErrorNum number, const char *message)
{
    heard *to = CPLGetErrorHandlerUserData();
    (void)number;
    if (class >= CE_Failure && !to->message[0])
        CPLsnprintf(to->message, sizeof to->message, "%s", message);
}

static selo_status keep(crew *c, const selo_bench_task *task, const char *sha, const char *message, double t_ms, GDALDatasetH layers)
{
    const selo_benchmark_options *options = c->plan->options;
    const selo_profile profile = options->scoring.n_profiles ? options->scoring.profiles[0] : SELO_PROFILE_REFERENCE;
    selo_draft_row row = {.run_id = options->runs[task->run].run_id, .sample_id = task->sample->sample_id, .sample_no = task->sample->no,
                          .image = task->sample->image, .input_sha = sha, .message = layers ? NULL : message,
                          .query = task->sample->query, .map_uri = task->map_name, .gt_uri = c->plan->truth->name,
                          .profile = options->scoring.n_profiles ? selo_profile_name(profile) : NULL,
                          .status = selo_verdict_name(task->sample->truth ? SELO_FAILED : SELO_NO_REGION), .t_ms = t_ms,
                          .groups = selo_bench_groups(c->plan, task->sample)};
    const selo_status status = selo_draft_add(c->draft, &row, layers);
    CSLDestroy(row.groups);
    return status;
}

static void run_task(crew *c, const selo_bench_task *task)
{
    heard said = {""};
    char sha[65];
    GDALDatasetH layers = NULL;
    selo_status status = SELO_E_INPUT;
    CPLPushErrorHandlerEx(listen, &said);
    const double started = now_ms();
    selo_bench_task_sha(c->plan, task, sha);
    if (!task->problem)
        status = selo_bench_score(c->plan, task, go_on, c, &layers);
    const double t_ms = now_ms() - started;
    CPLPopErrorHandler();
    if (status == SELO_E_CANCELLED)
        return;
    pthread_mutex_lock(&c->lock);
    if (c->status == SELO_OK && !c->stop)
        c->status = keep(c, task, sha, task->problem ? task->problem : *said.message ? said.message : selo_status_text(status), t_ms,
                         status == SELO_OK ? layers : NULL);
    c->finished++;
    c->stop = c->stop || c->status != SELO_OK;
    pthread_cond_signal(&c->changed);
    pthread_mutex_unlock(&c->lock);
    GDALClose(layers);
}

/* ---- all samples ---- */

static const selo_bench_task *take(crew *c)
{
    const selo_bench_task *task = NULL;
    pthread_mutex_lock(&c->lock);
    while (!c->stop && c->next < c->plan->n_tasks && c->plan->tasks[c->next].done)
        c->next++;
    if (!c->stop && c->next < c->plan->n_tasks)
        task = &c->plan->tasks[c->next++];
    pthread_mutex_unlock(&c->lock);
    return task;
}

static void *work(void *user)
{
    crew *c = user;
    for (const selo_bench_task *task; (task = take(c)) != NULL;)
        run_task(c, task);
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
        const double done = c->n_left ? 0.99 * (double)c->finished / (double)c->n_left : 0.99;
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
    const int wanted = c->plan->options->workers < most_workers ? c->plan->options->workers : most_workers;
    int started = 0;
    pthread_mutex_lock(&c->lock);
    for (; started < wanted && (size_t)started < c->n_left; ++started) {
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
    if (c->status == SELO_E_CANCELLED)
        CPLError(CE_Failure, CPLE_UserInterrupt, "benchmark cancelled; run it again with --resume to go on from here");
    return c->status;
}

selo_status selo_bench_crew_run(const selo_bench_plan *plan, selo_draft *draft, GDALProgressFunc progress, void *progress_data)
{
    crew c = {.plan = plan, .draft = draft, .status = SELO_OK};
    for (size_t t = 0; t < plan->n_tasks; ++t)
        c.n_left += !plan->tasks[t].done;
    pthread_mutex_init(&c.lock, NULL);
    pthread_cond_init(&c.changed, NULL);
    const selo_status status = run(&c, progress, progress_data);
    pthread_cond_destroy(&c.changed);
    pthread_mutex_destroy(&c.lock);
    return status;
}
