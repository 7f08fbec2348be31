/* The maps of one run on an image whose windows are encoded, and their scores. */
#include <string.h>

#include "bench_job.h"
#include "bench_score.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_vsi.h"
#include "selo/clock.h"
#include "selo/memory.h"

size_t bench_share_asked(const bench_share *s)
{
    size_t n = 0;
    for (size_t k = 0; k < s->n; ++k)
        n += s->items[k].query != NULL;
    return *s->why ? 0 : n;
}

/* From one item of a share to another; halves are allowed. */
static void *part_of_items(const bench_job *j, const bench_share *s, double from, double to)
{
    const double each = (s->end - s->items_start) / (double)s->n;
    return bench_job_part(j, s->items_start + from * each, s->items_start + to * each);
}

static selo_status make_tables(bench_job *j, bench_share *s, const selo_image_queries *queries)
{
    const bool v2 = s->run->preset == SELO_PRESET_V2; /* looks closer: only then are there windows left to encode */
    selo_encoder *encoder = v2 ? selo_bench_model_borrow(j->model) : NULL;
    if (v2 && !encoder)
        return SELO_E_INPUT;
    const size_t before = j->vectors.stored.n;
    void *progress = bench_job_part(j, s->start, s->items_start);
    const selo_status status = selo_image_tables_make(&j->vectors, encoder, s->run->preset, &s->windows, queries,
                                                      GDALScaledProgress, progress);
    GDALDestroyScaledProgress(progress);
    if (encoder)
        selo_bench_model_give_back(j->model, encoder);
    if (v2)
        CPLDebug("SELO", "benchmark: %s: %d windows encoded more", s->run->run_id, (int)(j->vectors.stored.n - before));
    return status;
}

/* What the run would have taken alone: reading, its own windows, and what it made its tables of. */
static void share_times(const bench_job *j, bench_share *s, size_t n, double table_ms, const selo_encode_times *before)
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

static selo_status compare(bench_job *j, bench_share *s)
{
    const size_t n = bench_share_asked(s), size = selo_bench_model_size(j->model);
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
        status = make_tables(j, s, &(selo_image_queries){queries, n, tables});
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

static selo_status make_map(const bench_job *j, const bench_share *s, const bench_item *i, selo_localize_times *times,
                            GDALDatasetH *map)
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

static selo_status score_map(const bench_job *j, const bench_share *s, const bench_item *i, GDALDatasetH map,
                             GDALDatasetH *layers)
{
    const double before = (double)(i - s->items);
    void *progress = part_of_items(j, s, before + 0.5, before + 1);
    const selo_status status = selo_bench_score(j->plan, i->task, map, j->threads, GDALScaledProgress, progress,
                                                layers);
    GDALDestroyScaledProgress(progress);
    return status;
}

static void score(bench_job *j, const bench_share *s, const bench_item *i)
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
    bench_job_learn(j, &heard, status, why);
    outcome.message = *why ? why : NULL;
    const double stages[SELO_N_STAGES] = {s->cut_ms, s->sim_ms + i->text_ms, times.generate_ms, times.filter_ms};
    memcpy(outcome.stages_ms, stages, sizeof stages);
    if (!j->stopped)
        j->sink->take(j->sink->user, i->task, &outcome);
    else
        GDALClose(outcome.layers);
}

void bench_share_run(bench_job *j, bench_share *s)
{
    selo_heard heard;
    selo_heard_start(&heard);
    bench_job_learn(j, &heard, *s->why ? SELO_OK : compare(j, s), s->why);
    for (size_t k = 0; k < s->n && !j->stopped; ++k) {
        if (*s->why || !s->items[k].query)
            bench_job_fail(j, s->items[k].task, s->items[k].why ? s->items[k].why : s->why);
        else
            score(j, s, &s->items[k]);
    }
    for (size_t k = 0; k < s->n; ++k)
        selo_window_table_clear(&s->items[k].table);
}
