/* Scores one sample of one run (private to this room). */
#ifndef SELO_TASKS_BENCH_SCORE_H
#define SELO_TASKS_BENCH_SCORE_H

#include "bench_plan.h"

/* Scores the task's map: `map`, which stays the caller's, or the one that the task names where that is NULL. *layers
 * receives selo_sample and the others with this sample's rows, to be closed by the caller; NULL on failure, which is
 * reported with CPLError(). */
selo_status selo_bench_score(const selo_bench_plan *plan, const selo_bench_task *task, GDALDatasetH map, int threads,
                             GDALProgressFunc progress, void *progress_data, GDALDatasetH *layers);

#endif
