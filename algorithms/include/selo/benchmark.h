/* Scores runs over a test set, of maps made elsewhere or of models: what `gdal selo benchmark`
 * and `gdal selo merge` do. */
#ifndef SELO_BENCHMARK_H
#define SELO_BENCHMARK_H

#include "selo/encoder.h"
#include "selo/evaluate.h"
#include "selo/layers.h"
#include "selo/localize.h"
#include "selo/statistics.h"
#include "selo/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One run: a way to get a map for each sample. */
typedef struct selo_benchmark_run {
    const char *run_id; /* also its name in reports; unique */
    const char *maps; /* name of a sample's map: {index}, {sample_id}, {image}, any field of the test set; {index:02}
                         fills up with 0; NULL: the model makes them */
    const char *model; /* with maps: what made them, NULL: unknown; else "spectral" or a bundle */
    selo_preset preset;  /* of the model's windows and maps */
    CSLConstList scales; /* of preset v1's windows, as of selo_localize_image(); NULL: the published ones */
} selo_benchmark_run;

/* How models make maps: the same for all runs. A map is what selo_localize_image() makes of the sample's image and
 * query: as Byte, the published 8-bit arithmetic, for the reference profile, as Float32 for the ground profile. An
 * image is encoded once per model. */
typedef struct selo_benchmark_making {
    const char *images;           /* name of a sample's image, as of maps; NULL: {image} */
    selo_encoder_options encoder; /* model and threads are not read */
    CSLConstList bands;           /* as selo_bands_find() takes them; NULL: found */
    double least_valid;           /* share of valid pixels below which a window takes no part, 0..1 */
    const char *smoothing;        /* "median", "gaussian", "none"; NULL: the preset's */
    const char *smoothing_size;   /* "251px", "81m"; NULL: the preset's */
    int shuffles;                 /* random word orders averaged with each query; 0: none */
    unsigned long long shuffle_seed;
    const char *keep_maps; /* folder where maps are kept, as RUN_ID/INDEX.tif with the sample's place from
                              0; NULL: they are not */
} selo_benchmark_making;

typedef struct selo_benchmark_options {
    selo_truth_options testset; /* a test set (layers selo_manifest and selo_truth), or any truth */
    const selo_benchmark_run *runs;
    size_t n_runs;
    selo_benchmark_making making;
    selo_evaluate_options scoring; /* profiles (at most one), ground, buffer, bands and map
                                      options; the rest is not read */
    const char *params_json; /* members of a JSON object, without braces, that say how is scored: part of
                                what results depend on */
    CSLConstList group_by;   /* fields of the test set; NULL: none */
    int shard, n_shards;     /* this part, from 1, of so many; images are kept together. 1, 1: everything */
    int workers;             /* samples at a time, at least 1 */
    bool resume;             /* take over what an interrupted run, or the output, holds and is still true */
    selo_resampling resampling;
    selo_layers_options output;
    const char *command_line; /* may be NULL */
} selo_benchmark_options;

/* A sample that fails becomes a row with a status and a message, and the rest goes on. A run that is cancelled or
 * killed leaves its work file, ".OUTPUT.draft.gpkg" beside the output, for `resume`. *stat receives the means, which
 * the caller frees with selo_table_free(), *n_failed how many samples failed; both may be NULL. Reports with
 * CPLError(). */
SELO_API selo_status selo_benchmark(const selo_benchmark_options *options, GDALProgressFunc progress,
                                    void *progress_data, selo_table **stat, size_t *n_failed);

/* Joins parts (dataset names) made with n_shards > 1 into what one run would have given. The parts must be of the same
 * test set and parameters. *stat as of selo_benchmark(). Reports with CPLError(). */
SELO_API selo_status selo_merge(CSLConstList parts, const selo_layers_options *output, selo_table **stat);

#ifdef __cplusplus
}
#endif
#endif
