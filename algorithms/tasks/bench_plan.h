/* What a benchmark has to do: every sample of every run, and what each depends on. */
#ifndef SELO_TASKS_BENCH_PLAN_H
#define SELO_TASKS_BENCH_PLAN_H

#include "bench_model.h"
#include "selo/benchmark.h"
#include "selo/hash.h"

/* A sample as the test set has it. */
typedef struct selo_bench_sample {
    const selo_truth_sample *truth; /* NULL: no region */
    char *sample_id, *query;
    char *image;    /* what tells images apart; NULL: each sample may have its own */
    char **fields; /* "NAME=value", for patterns and groups */
    long no;       /* place in the test set */
    size_t image_no, query_no; /* the same for the same image, the same query */
    char sha[SELO_HASH_HEX_SIZE]; /* of query and regions */
} selo_bench_sample;

/* One run on one sample. */
typedef struct selo_bench_task {
    size_t run;
    const selo_bench_sample *sample;
    char *map_name;   /* the map to score, or where a model's is kept; NULL: it is not kept */
    char *image_name; /* what a model makes the map of; NULL: the map is there */
    char *problem;    /* why it cannot be tried; NULL: it can */
    size_t model;     /* index; n_models: none takes part */
    size_t unit;      /* index */
    bool done;        /* taken over from earlier */
} selo_bench_task;

/* What a worker does in one go: a map to score, or all that a model has to do on one image. Its tasks lie side by
 * side, those of a run too. */
typedef struct selo_bench_unit {
    size_t first, n;
    char image_sha[SELO_HASH_HEX_SIZE]; /* filled in when it is first asked for */
} selo_bench_unit;

typedef struct selo_bench_plan {
    const selo_benchmark_options *options;
    selo_truth *truth;
    selo_bench_sample *samples;
    size_t n_samples;
    selo_bench_task *tasks;
    size_t n_tasks;
    selo_bench_unit *units;
    size_t n_units;
    selo_bench_model **models; /* distinct ones */
    size_t n_models;
    size_t n_queries;  /* distinct ones */
    char *making_json; /* how models make maps: part of what their scores depend on */
    char testset_sha[SELO_HASH_HEX_SIZE], area_sha[SELO_HASH_HEX_SIZE];
} selo_bench_plan;

/* A pattern filled in for a sample, for CPLFree(); NULL, with *problem the reason (as well), where it cannot be. */
char *selo_bench_name(const char *pattern, const selo_bench_sample *sample, const char *subject, char **problem);

/* Reads the test set into the plan's truth and samples; a part of making one. */
selo_status selo_bench_samples_read(selo_bench_plan *plan);

/* The index of a run's model; n_models: its maps are made already. */
size_t selo_bench_model_of(const selo_bench_plan *plan, size_t run);

selo_status selo_bench_plan_make(const selo_benchmark_options *options, selo_bench_plan *plan);
void selo_bench_plan_clear(selo_bench_plan *plan);

/* Hash of all that the scores of a task depend on: parameters, sample, and the map's files, or image, model and how it
 * makes maps. Units may be asked about side by side, the tasks of one may not. */
void selo_bench_task_sha(const selo_bench_plan *plan, const selo_bench_task *task, char sha[SELO_HASH_HEX_SIZE]);

/* Hash of the area of interest, which is read once for all tasks. */
void selo_bench_hash_area(const selo_evaluate_options *scoring, char sha[SELO_HASH_HEX_SIZE]);
void selo_bench_hash_geometry(selo_hash *hash, OGRGeometryH geometry);

/* "FIELD=value" of the group fields; the caller destroys it. */
char **selo_bench_groups(const selo_bench_plan *plan, const selo_bench_sample *sample);

#endif
