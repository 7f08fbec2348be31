/* What bench_image.c encodes once for all runs on an image, and bench_share.c makes maps and scores of (private to
 * these two). */
#ifndef SELO_TASKS_BENCH_JOB_H
#define SELO_TASKS_BENCH_JOB_H

#include "bench_image.h"
#include "heard.h"
#include "image_tables.h"
#include "window_plan.h"

/* A task that is left. */
typedef struct bench_item {
    const selo_bench_task *task;
    const float *query; /* NULL: not encoded, for the reason `why`; both belong to the model */
    const char *why;
    double text_ms;
    selo_window_table table;
} bench_item;

/* The items of one run. */
typedef struct bench_share {
    const selo_benchmark_run *run;
    bench_item *items;
    size_t n;
    double start, items_start, end; /* of its part in the unit's progress */
    selo_plan windows;
    double cut_ms, sim_ms; /* each item's part */
    char why[500];         /* none can be done; "": they can */
} bench_share;

typedef struct bench_job {
    const selo_bench_plan *plan;
    selo_bench_model *model;
    const selo_bench_sink *sink;
    int threads;
    bench_item *items;
    bench_share *shares;
    size_t n_shares;
    GDALDatasetH image;
    GDALDataType type; /* of the maps */
    char **notes;
    selo_image_vectors vectors;
    double read_ms; /* for the windows of all shares together */
    bool stopped;
} bench_job;

/* For GDALScaledProgress(), of the unit's progress; freed with GDALDestroyScaledProgress(). */
void *bench_job_part(const bench_job *j, double start, double end);

/* Ends listening; if it went wrong, why that is, in `why`. Warnings go on to whoever listens outside. */
selo_status bench_job_learn(bench_job *j, const selo_heard *heard, selo_status status, char why[500]);

/* Tells of a task that could not be done, for a reason. */
void bench_job_fail(const bench_job *j, const selo_bench_task *task, const char *why);

/* Items with a query that can be asked; 0 where none of the share can be done. */
size_t bench_share_asked(const bench_share *s);

/* Makes the maps of a run, and scores them; the tables in between live no longer than that. */
void bench_share_run(bench_job *j, bench_share *s);

#endif
