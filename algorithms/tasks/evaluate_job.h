/* An evaluation under way: shared by its planning (evaluate.c) and its passes over maps (evaluate_pass.c). */
#ifndef SELO_EVALUATE_JOB_H
#define SELO_EVALUATE_JOB_H

#include "selo/evaluate.h"

enum { CURVE_POINTS = 1001 }; /* most rows of a selo_curve */

/* Samples that share a band of a map, and so a pass over its pixels. */
struct pass {
    char *map_name;
    int band;
    size_t n;
    size_t *samples; /* indices into the truth */
};

struct job {
    const selo_evaluate_options *options;
    selo_truth *truth;
    size_t n_passes;
    struct pass *passes;
    selo_evaluation *evaluation;
    selo_results *results;
    GDALProgressFunc progress;
    void *progress_data;
    size_t current; /* pass under way */
};

/* Fails when the caller asks to stop; `done` is a share of the pass under way. */
selo_status job_progress(struct job *job, double done);

/* Scores the samples of a pass in every profile and puts them into the evaluation and the results. */
selo_status job_run_pass(struct job *job, const struct pass *pass);

#endif
