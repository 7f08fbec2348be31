/* Workers that do what a plan says (private to this room). */
#ifndef SELO_TASKS_BENCH_CREW_H
#define SELO_TASKS_BENCH_CREW_H

#include "bench_plan.h"
#include "draft.h"

/* Does every task of the plan that is not done, as many at a time as options.workers says; each goes to the work file
 * as soon as it is finished. A task that fails is a row with a message, and the rest goes on. Reports with CPLError()
 * what ends the whole: a cancel, or a work file that cannot be written. */
selo_status selo_bench_crew_run(const selo_bench_plan *plan, selo_draft *draft, GDALProgressFunc progress,
                                void *progress_data);

#endif
