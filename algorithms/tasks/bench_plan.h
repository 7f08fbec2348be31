/* What a benchmark has to do: every sample of every run, and what each depends on. */
#ifndef SELO_TASKS_BENCH_PLAN_H
#define SELO_TASKS_BENCH_PLAN_H

#include "selo/benchmark.h"

/* A sample as the test set has it. */
typedef struct selo_bench_sample {
    const selo_truth_sample *truth; /* NULL: no region */
    char *sample_id, *query, *image;
    char **fields; /* "NAME=value", for patterns and groups */
    long no;       /* place in the test set */
    size_t image_no;
    char sha[65];  /* of query and regions */
} selo_bench_sample;

/* One run on one sample. */
typedef struct selo_bench_task {
    size_t run;
    const selo_bench_sample *sample;
    char *map_name;
    char *problem; /* why it cannot be tried; NULL: it can */
    bool done;     /* taken over from earlier */
} selo_bench_task;

typedef struct selo_bench_plan {
    const selo_benchmark_options *options;
    selo_truth *truth;
    selo_bench_sample *samples;
    size_t n_samples;
    selo_bench_task *tasks;
    size_t n_tasks;
    char testset_sha[65];
} selo_bench_plan;

/* Reads the test set into the plan's truth and samples; a part of making one. */
selo_status selo_bench_samples_read(selo_bench_plan *plan);

selo_status selo_bench_plan_make(const selo_benchmark_options *options, selo_bench_plan *plan);
void selo_bench_plan_clear(selo_bench_plan *plan);

/* Hash of all that the scores of a task depend on: parameters, sample, and the bytes of the map's files. */
void selo_bench_task_sha(const selo_bench_plan *plan, const selo_bench_task *task, char sha[65]);

/* "FIELD=value" of the group fields; the caller destroys it. */
char **selo_bench_groups(const selo_bench_plan *plan, const selo_bench_sample *sample);

#endif
