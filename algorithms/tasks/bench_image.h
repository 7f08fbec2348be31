/* All that a model has to do on one image: its windows are encoded once, then each sample of each run gets its map and
 * its scores (private to this room). */
#ifndef SELO_TASKS_BENCH_IMAGE_H
#define SELO_TASKS_BENCH_IMAGE_H

#include "bench_plan.h"

enum { SELO_N_STAGES = 4 }; /* cut, sim, gnt, flt */

/* What became of a task. */
typedef struct selo_bench_outcome {
    char sha[SELO_HASH_HEX_SIZE];
    const char *message;                 /* why it failed; NULL: it did not */
    double t_ms;                         /* of scoring */
    double stages_ms[SELO_N_STAGES];     /* NaN: there were no such stages */
    GDALDatasetH layers;                 /* NULL: it failed; whoever takes the outcome closes it */
} selo_bench_outcome;

/* Who is told. */
typedef struct selo_bench_sink {
    void *user;
    GDALProgressFunc progress; /* with user; how much of the unit is done, 0..1; false: stop */
    void (*take)(void *user, const selo_bench_task *task, const selo_bench_outcome *outcome);
} selo_bench_sink;

/* Does the tasks of a unit that are not done. Failures are outcomes; after a stop the rest is left.
 * Warnings go to CPLError(). */
void selo_bench_image_run(const selo_bench_plan *plan, const selo_bench_unit *unit, int threads,
                          const selo_bench_sink *sink);

#endif
