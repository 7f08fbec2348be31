/* Runs a plan: workers score samples, the work file takes them in, the output is assembled of it. */
#include "selo/benchmark.h"

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "assemble.h"
#include "bench_plan.h"
#include "clock.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "draft.h"
#include "results_schema.h"
#include "selo/memory.h"
#include "selo/stat.h"

typedef struct bench {
    selo_bench_plan plan;
    selo_draft *draft;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    size_t next, finished, n_left;
    int working;
    bool stop;
    selo_status status;
} bench;

/* ---- one sample ---- */

/* The sample alone, as a truth of its own. */
static GDALDatasetH truth_alone(const selo_bench_plan *plan, const selo_bench_sample *sample)
{
    static const char *const names[] = {"sample_id", "query", "cls"};
    GDALDatasetH dataset = GDALCreate(GDALGetDriverByName("MEM"), plan->truth->name, 0, 0, 0, GDT_Unknown, NULL);
    OGRLayerH layer = dataset ? GDALDatasetCreateLayer(dataset, "selo_truth", plan->truth->crs, wkbUnknown, NULL) : NULL;
    for (size_t k = 0; layer && k < 3; ++k) {
        OGRFieldDefnH field = OGR_Fld_Create(names[k], OFTString);
        OGR_L_CreateField(layer, field, TRUE);
        OGR_Fld_Destroy(field);
    }
    for (size_t i = 0; layer && i < sample->truth->n_regions; ++i) {
        OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        OGR_F_SetFieldString(feature, 0, sample->sample_id);
        if (sample->query)
            OGR_F_SetFieldString(feature, 1, sample->query);
        if (sample->truth->classes[i])
            OGR_F_SetFieldString(feature, 2, sample->truth->classes[i]);
        if (OGR_F_SetGeometry(feature, sample->truth->regions[i]) != OGRERR_NONE || OGR_L_CreateFeature(layer, feature) != OGRERR_NONE)
            layer = NULL;
        OGR_F_Destroy(feature);
    }
    if (layer)
        return dataset;
    GDALClose(dataset);
    return NULL;
}

static int CPL_STDCALL go_on(double done, const char *message, void *user)
{
    bench *b = user;
    (void)done;
    (void)message;
    pthread_mutex_lock(&b->lock);
    const bool stop = b->stop;
    pthread_mutex_unlock(&b->lock);
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

/* The band whose description is the sample's query; 1 if none is. A sample that is scored alone says nothing of the others, so
 * the evaluation would not look. */
static int described_band(const selo_bench_task *task)
{
    GDALDatasetH map = task->sample->query ? GDALOpenEx(task->map_name, GDAL_OF_RASTER, NULL, NULL, NULL) : NULL;
    int band = 1;
    for (int k = map ? GDALGetRasterCount(map) : 0; k >= 1; --k)
        if (strcmp(GDALGetDescription(GDALGetRasterBand(map, k)), task->sample->query) == 0)
            band = k;
    GDALClose(map);
    return band;
}

static selo_status score(bench *b, const selo_bench_task *task, GDALDatasetH *layers)
{
    const selo_benchmark_options *options = b->plan.options;
    const selo_results_options results = {.path = NULL};
    selo_evaluate_options scoring = options->scoring;
    selo_evaluation *evaluation = NULL;
    GDALDatasetH truth = truth_alone(&b->plan, task->sample);
    const int band = scoring.n_bands ? scoring.bands[0] : described_band(task);
    scoring.bands = &band;
    scoring.n_bands = 1;
    scoring.map.name = task->map_name;
    scoring.map.dataset = NULL;
    scoring.map.threads = 1;
    scoring.results = &results;
    scoring.truth = (selo_truth_options){.name = b->plan.truth->name, .dataset = truth, .class_field = "cls",
                                         .crs = b->plan.truth->pixel_coordinates ? "none" : NULL,
                                         .whole_features = options->testset.whole_features};
    const selo_status status = truth ? selo_evaluate(&scoring, go_on, b, &evaluation, layers) : SELO_E_MEMORY;
    selo_evaluation_free(evaluation);
    GDALClose(truth);
    return status;
}

static selo_status keep(bench *b, const selo_bench_task *task, const char *sha, const char *message, double t_ms, GDALDatasetH layers)
{
    const selo_benchmark_options *options = b->plan.options;
    const selo_profile profile = options->scoring.n_profiles ? options->scoring.profiles[0] : SELO_PROFILE_REFERENCE;
    selo_draft_row row = {.run_id = options->runs[task->run].run_id, .sample_id = task->sample->sample_id, .sample_no = task->sample->no,
                          .image = task->sample->image, .input_sha = sha, .message = layers ? NULL : message,
                          .query = task->sample->query, .map_uri = task->map_name, .gt_uri = b->plan.truth->name,
                          .profile = options->scoring.n_profiles ? selo_profile_name(profile) : NULL,
                          .status = selo_verdict_name(task->sample->truth ? SELO_FAILED : SELO_NO_REGION), .t_ms = t_ms,
                          .groups = selo_bench_groups(&b->plan, task->sample)};
    const selo_status status = selo_draft_add(b->draft, &row, layers);
    CSLDestroy(row.groups);
    return status;
}

static void run_task(bench *b, const selo_bench_task *task)
{
    heard said = {""};
    char sha[65];
    GDALDatasetH layers = NULL;
    selo_status status = SELO_E_INPUT;
    CPLPushErrorHandlerEx(listen, &said);
    const double started = now_ms();
    selo_bench_task_sha(&b->plan, task, sha);
    if (!task->problem)
        status = score(b, task, &layers);
    const double t_ms = now_ms() - started;
    CPLPopErrorHandler();
    if (status == SELO_E_CANCELLED)
        return;
    pthread_mutex_lock(&b->lock);
    if (b->status == SELO_OK && !b->stop)
        b->status = keep(b, task, sha, task->problem ? task->problem : *said.message ? said.message : selo_status_text(status), t_ms,
                         status == SELO_OK ? layers : NULL);
    b->finished++;
    b->stop = b->stop || b->status != SELO_OK;
    pthread_cond_signal(&b->changed);
    pthread_mutex_unlock(&b->lock);
    GDALClose(layers);
}

/* ---- all samples ---- */

static const selo_bench_task *take(bench *b)
{
    const selo_bench_task *task = NULL;
    pthread_mutex_lock(&b->lock);
    while (!b->stop && b->next < b->plan.n_tasks && b->plan.tasks[b->next].done)
        b->next++;
    if (!b->stop && b->next < b->plan.n_tasks)
        task = &b->plan.tasks[b->next++];
    pthread_mutex_unlock(&b->lock);
    return task;
}

static void *work(void *user)
{
    bench *b = user;
    for (const selo_bench_task *task; (task = take(b)) != NULL;)
        run_task(b, task);
    pthread_mutex_lock(&b->lock);
    b->working--;
    pthread_cond_signal(&b->changed);
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

/* Shows progress and hears of a cancel while the workers work. The lock is not held while the caller is asked. */
static void watch(bench *b, GDALProgressFunc progress, void *progress_data)
{
    pthread_mutex_lock(&b->lock);
    while (b->working > 0) {
        struct timespec soon;
        timespec_get(&soon, TIME_UTC);
        soon.tv_nsec += 200000000L;
        soon.tv_sec += soon.tv_nsec / 1000000000L;
        soon.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&b->changed, &b->lock, &soon);
        const double done = b->n_left ? 0.99 * (double)b->finished / (double)b->n_left : 0.99;
        pthread_mutex_unlock(&b->lock);
        const bool goes_on = !progress || progress(done, "", progress_data);
        pthread_mutex_lock(&b->lock);
        if (!goes_on && !b->stop) {
            b->stop = true;
            b->status = SELO_E_CANCELLED;
        }
    }
    pthread_mutex_unlock(&b->lock);
}

static selo_status run_tasks(bench *b, GDALProgressFunc progress, void *progress_data)
{
    enum { most_workers = 256 };
    pthread_t threads[most_workers];
    const int wanted = b->plan.options->workers < most_workers ? b->plan.options->workers : most_workers;
    int started = 0;
    pthread_mutex_lock(&b->lock);
    for (; started < wanted && (size_t)started < b->n_left; ++started) {
        if (pthread_create(&threads[started], NULL, work, b) != 0)
            break;
        b->working++;
    }
    pthread_mutex_unlock(&b->lock);
    if (started == 0 && b->n_left > 0) {
        CPLError(CE_Failure, CPLE_AppDefined, "no thread could be started to score samples");
        return SELO_E_MEMORY;
    }
    watch(b, progress, progress_data);
    for (int i = 0; i < started; ++i)
        pthread_join(threads[i], NULL);
    if (b->status == SELO_E_CANCELLED)
        CPLError(CE_Failure, CPLE_UserInterrupt, "benchmark cancelled; run it again with --resume to go on from here");
    return b->status;
}

/* Rows that are there and still true need not be computed again; others must go. */
static selo_status take_over(bench *b)
{
    selo_table *rows = NULL;
    selo_status status = selo_draft_samples(b->draft, &rows);
    for (size_t row = 0; status == SELO_OK && rows && row < rows->n_rows; ++row) {
        const char *run_id = selo_table_text(rows, row, "run_id"), *sample_id = selo_table_text(rows, row, "sample_id");
        bool true_still = false;
        for (size_t t = 0; t < b->plan.n_tasks; ++t) {
            selo_bench_task *task = &b->plan.tasks[t];
            if (task->done || strcmp(b->plan.options->runs[task->run].run_id, run_id) != 0 || strcmp(task->sample->sample_id, sample_id) != 0)
                continue;
            char sha[65];
            selo_bench_task_sha(&b->plan, task, sha);
            true_still = task->done = strcmp(sha, selo_table_text(rows, row, "input_sha")) == 0 &&
                                      selo_table_real(rows, row, "sample_no") == (double)task->sample->no &&
                                      !*selo_table_text(rows, row, "message");
            break;
        }
        if (!true_still)
            status = selo_draft_forget(b->draft, run_id, sample_id);
    }
    selo_table_free(rows);
    b->n_left = 0;
    for (size_t t = 0; t < b->plan.n_tasks; ++t)
        b->n_left += !b->plan.tasks[t].done;
    return status;
}

static bool exists(const char *path)
{
    VSIStatBufL stat;
    return VSIStatExL(path, &stat, VSI_STAT_EXISTS_FLAG) == 0;
}

static selo_status open_draft(bench *b)
{
    const selo_benchmark_options *options = b->plan.options;
    char *path = selo_draft_path(options->output.path);
    if (options->resume && !exists(path) && exists(options->output.path))
        CPLCopyFile(path, options->output.path);
    selo_status status = selo_draft_open(path, options->resume ? path : NULL, options->group_by, &b->draft);
    CPLFree(path);
    return status == SELO_OK ? take_over(b) : status;
}

/* ---- the output ---- */

/* All that the rows of a run depend on, and not on which part of the test set was done where. */
static char *params_of(const bench *b)
{
    const selo_benchmark_options *options = b->plan.options;
    selo_text text = {0};
    selo_text_add(&text, "{\"testset_sha\":\"%s\",\"n_samples\":%lu,%s%s\"seed\":%llu,\"replicates\":%lu,\"level\":%.17g,\"group_by\":[",
                  b->plan.testset_sha, (unsigned long)b->plan.n_samples, options->params_json ? options->params_json : "",
                  options->params_json && *options->params_json ? "," : "", (unsigned long long)options->resampling.seed,
                  (unsigned long)options->resampling.replicates, options->resampling.level);
    for (int g = 0; options->group_by && options->group_by[g]; ++g) {
        selo_text_add(&text, g ? "," : "");
        selo_text_add_json(&text, options->group_by[g]);
    }
    selo_text_add(&text, "]}");
    char *json = CPLStrdup(text.data ? text.data : "{}");
    selo_text_clear(&text);
    return json;
}

static selo_status write_output(bench *b, selo_table **stat, size_t *n_failed)
{
    const selo_benchmark_options *options = b->plan.options;
    selo_run *runs = selo_alloc(options->n_runs, sizeof *runs);
    selo_layers_options output = options->output;
    selo_table *samples = NULL;
    if (!runs)
        return SELO_E_MEMORY;
    char *params = params_of(b);
    for (size_t r = 0; r < options->n_runs; ++r)
        runs[r] = (selo_run){.run_id = options->runs[r].run_id, .command_line = options->command_line, .params_json = params,
                             .seed = (int64_t)options->resampling.seed, .cut_ms = NAN, .sim_ms = NAN, .gnt_ms = NAN, .flt_ms = NAN};
    output.overwrite = output.overwrite || options->resume;
    const selo_source source = {options->output.path, selo_draft_dataset(b->draft)};
    const selo_assembly assembly = {&source, 1, runs, options->n_runs, options->group_by, options->resampling, &output};
    const selo_status status = selo_assemble(&assembly, &samples, stat);
    for (size_t row = 0; samples && n_failed && row < samples->n_rows; ++row)
        *n_failed += *selo_table_text(samples, row, "message") != '\0';
    selo_table_free(samples);
    CPLFree(params);
    selo_free(runs);
    return status;
}

static selo_status check(const selo_benchmark_options *options)
{
    selo_layers_options output = options->output;
    if (!output.path || STARTS_WITH(output.path, "/vsistdout")) {
        CPLError(CE_Failure, CPLE_IllegalArg, "output: a benchmark needs a file, for its work file lies beside it");
        return SELO_E_ARGUMENT;
    }
    if (options->shard < 1 || options->shard > options->n_shards) {
        CPLError(CE_Failure, CPLE_IllegalArg, "--shard: %d/%d is no part; the first of four is 1/4", options->shard, options->n_shards);
        return SELO_E_ARGUMENT;
    }
    if (options->scoring.n_profiles > 1) {
        CPLError(CE_Failure, CPLE_IllegalArg, "--profile: a benchmark has one profile; make two and compare them");
        return SELO_E_ARGUMENT;
    }
    for (size_t a = 0; a < options->n_runs; ++a)
        for (size_t k = a + 1; k < options->n_runs; ++k)
            if (strcmp(options->runs[a].run_id, options->runs[k].run_id) == 0) {
                CPLError(CE_Failure, CPLE_IllegalArg, "--maps: two runs are called '%s'; name them, as in --maps new=PATTERN",
                         options->runs[a].run_id);
                return SELO_E_ARGUMENT;
            }
    output.overwrite = output.overwrite || options->resume;
    return selo_layers_check(&output, selo_result_schemas, SELO_N_RESULT_LAYERS);
}

selo_status selo_benchmark(const selo_benchmark_options *options, GDALProgressFunc progress, void *progress_data, selo_table **stat,
                           size_t *n_failed)
{
    bench b = {.status = SELO_OK};
    size_t failed = 0;
    selo_status status = check(options);
    if (status != SELO_OK || (status = selo_bench_plan_make(options, &b.plan)) != SELO_OK)
        return status;
    pthread_mutex_init(&b.lock, NULL);
    pthread_cond_init(&b.changed, NULL);
    status = open_draft(&b);
    if (status == SELO_OK)
        status = run_tasks(&b, progress, progress_data);
    if (status == SELO_OK)
        status = write_output(&b, stat, &failed);
    if (status == SELO_OK && progress)
        progress(1.0, "", progress_data);
    selo_draft_close(b.draft, status == SELO_OK);
    pthread_cond_destroy(&b.changed);
    pthread_mutex_destroy(&b.lock);
    selo_bench_plan_clear(&b.plan);
    if (n_failed)
        *n_failed = failed;
    return status;
}
