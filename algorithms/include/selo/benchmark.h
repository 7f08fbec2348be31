/* Scores runs over a test set: what `gdal selo benchmark` and `gdal selo merge` do. */
#ifndef SELO_BENCHMARK_H
#define SELO_BENCHMARK_H

#include "selo/evaluate.h"
#include "selo/layers.h"
#include "selo/statistics.h"
#include "selo/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One run: a way to get a map for each sample. */
typedef struct selo_benchmark_run {
    const char *run_id; /* also its name in reports; unique */
    const char *maps;   /* name of a sample's map: {index}, {sample_id}, {image}, any field of the test set; {index:02} fills up with 0 */
    const char *model;  /* NULL: unknown */
} selo_benchmark_run;

typedef struct selo_benchmark_options {
    selo_truth_options testset; /* a test set (layers selo_manifest and selo_truth), or any truth */
    const selo_benchmark_run *runs;
    size_t n_runs;
    selo_evaluate_options scoring; /* profiles (at most one), ground, buffer, bands and map options; the rest is not read */
    const char *params_json; /* members of a JSON object, without braces, that say how is scored: part of what results depend on */
    CSLConstList group_by;   /* fields of the test set; NULL: none */
    int shard, n_shards;     /* this part, from 1, of so many; images are kept together. 1, 1: everything */
    int workers;             /* samples at a time, at least 1 */
    bool resume;             /* take over what an interrupted run, or the output, holds and is still true */
    selo_resampling resampling;
    selo_layers_options output;
    const char *command_line; /* may be NULL */
} selo_benchmark_options;

/* A sample that fails becomes a row with a status and a message, and the rest goes on. A run that is cancelled or killed leaves its work
 * file, ".OUTPUT.draft.gpkg" beside the output, for `resume`. *stat receives the means, freed with selo_table_free(), *n_failed how
 * many samples failed; both may be NULL. Reports with CPLError(). */
SELO_API selo_status selo_benchmark(const selo_benchmark_options *options, GDALProgressFunc progress, void *progress_data,
                                    selo_table **stat, size_t *n_failed);

/* Joins parts made with n_shards > 1 into what one run would have given. The parts must be of the same test set and parameters. */
SELO_API selo_status selo_merge(CSLConstList parts, const selo_layers_options *output, selo_table **stat);

/* The value of a member of the parameters that selo_run keeps as JSON; "" if there is none. CPLFree() it. */
SELO_API char *selo_run_param(const char *params_json, const char *name);

#ifdef __cplusplus
}
#endif
#endif
