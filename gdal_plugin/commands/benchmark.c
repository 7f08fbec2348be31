#include "selo/benchmark.h"

#include <stdlib.h>

#include "benchmark_runs.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "ground_arguments.h"
#include "resampling_arguments.h"
#include "stat_output.h"

static const selo_arg arguments[] = {
    {.name = "testset",
     .kind = SELO_ARG_VECTOR,
     .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED,
     .aliases = "input",
     .short_name = 'i',
     .help = "Test set of `gdal selo testset import`, or any truth"},
    SELO_STAT_OUTPUT_ARGUMENT,
    {.kind = SELO_ARG_OUTPUT_FORMAT},
    SELO_BENCHMARK_RUN_ARGUMENTS,
    SELO_GROUND_ARGUMENTS,
    {.name = "band",
     .short_name = 'b',
     .kind = SELO_ARG_INTEGER,
     .flags = SELO_ARG_RANGED,
     .minimum = 1,
     .maximum = 65536,
     .help = "Band of the maps (default: the one that the query describes, else 1)"},
    {.name = "layer",
     .short_name = 'l',
     .kind = SELO_ARG_STRING,
     .aliases = "input-layer",
     .role = "layer:testset",
     .help = "Layer of the truth, where the input is no test set"},
    {.name = "query-field",
     .kind = SELO_ARG_STRING,
     .role = "field:testset",
     .help = "Field that holds the query, where the input is no test set"},
    {.name = "map-crs",
     .kind = SELO_ARG_STRING,
     .role = "crs",
     .flags = SELO_ARG_ADVANCED,
     .help = "CRS of the maps, instead of their own"},
    {.name = "truth-crs",
     .kind = SELO_ARG_STRING,
     .role = "crs",
     .flags = SELO_ARG_ADVANCED,
     .help = "CRS of the truth, instead of its own; none: it is in pixel coordinates"},
    {.name = "group-by", .kind = SELO_ARG_STRINGS, .help = "Field of the test set to split means by"},
    {.name = "resume",
     .kind = SELO_ARG_FLAG,
     .help = "Go on with an interrupted run, or renew an output: only samples whose map, image, model, truth or "
             "parameters changed are done again"},
    {.name = "shard",
     .kind = SELO_ARG_STRING,
     .metavar = "<I>/<N>",
     .help = "Score only part I of N (from 1), to be joined with `gdal selo merge`; images are kept together"},
    SELO_RESAMPLING_ARGUMENTS,
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_CREATION_OPTIONS},
    {.kind = SELO_ARG_LAYER_CREATION_OPTIONS},
    {.kind = SELO_ARG_NUM_THREADS},
    {.kind = SELO_ARG_OUTPUT_STRING},
    {.kind = SELO_ARG_QUIET},
};

/* The given arguments that scores depend on, as members of a JSON object. */
static void add_params(const selo_values *values, selo_text *text)
{
    static const char *const strings[] = {"smoothing",   "separation", "tolerance", "layer",
                                          "query-field", "map-crs",    "truth-crs"};
    const CSLConstList profile = selo_values_strings(values, "profile");
    selo_text_add(text, "\"profile\":");
    selo_text_add_json(text, profile && profile[0] ? profile[0] : "by map");
    for (size_t i = 0; i < sizeof strings / sizeof *strings; ++i)
        if (selo_values_is_set(values, strings[i])) {
            selo_text_add(text, ",\"%s\":", strings[i]);
            selo_text_add_json(text, selo_values_string(values, strings[i]));
        }
    if (selo_values_is_set(values, "threshold"))
        selo_text_add(text, ",\"threshold\":%.17g", selo_values_real(values, "threshold"));
    if (selo_values_is_set(values, "expand"))
        selo_text_add(text, ",\"expand\":%.17g", selo_values_real(values, "expand"));
    for (int k = 0; k < 2; ++k) {
        const char *name = k ? "value-range" : "weights";
        size_t n;
        const double *numbers = selo_values_reals(values, name, &n);
        if (n > 0)
            selo_text_add(text, ",\"%s\":[", name);
        for (size_t i = 0; i < n; ++i)
            selo_text_add(text, "%s%.17g", i ? "," : "", numbers[i]);
        selo_text_add(text, n ? "]" : "");
    }
    if (selo_values_is_set(values, "band"))
        selo_text_add(text, ",\"band\":%d", selo_values_integer(values, "band"));
    if (selo_values_flag(values, "normalize"))
        selo_text_add(text, ",\"normalize\":true");
    if (selo_values_dataset_name(values, "aoi")) {
        selo_text_add(text, ",\"aoi\":");
        selo_text_add_json(text, selo_values_dataset_name(values, "aoi"));
    }
}

static selo_status read_shard(const char *text, selo_benchmark_options *options)
{
    char *end = NULL;
    options->shard = options->n_shards = 1;
    if (!text)
        return SELO_OK;
    options->shard = (int)strtol(text, &end, 10);
    options->n_shards = *end == '/' ? (int)strtol(end + 1, &end, 10) : 0;
    if (*end == '\0' && options->n_shards >= 1 && options->shard >= 1 && options->shard <= options->n_shards)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_IllegalArg, "--shard: '%s' is no part; the first of four is 1/4", text);
    return SELO_E_ARGUMENT;
}

static bool none_scored(const selo_table *stat)
{
    for (size_t row = 0; row < stat->n_rows; row++)
        if (selo_table_real(stat, row, "n") > 0)
            return false;
    return true;
}

static selo_status run(selo_values *values, GDALProgressFunc progress, void *progress_data)
{
    selo_profile_choice choice = {.n_profiles = 0};
    selo_evaluate_ground ground;
    selo_benchmark_options options = {.resume = selo_values_flag(values, "resume"),
                                      .group_by = selo_values_strings(values, "group-by"),
                                      .workers = selo_values_integer(values, "num-threads"),
                                      .output = selo_stat_output_arguments(values),
                                      .resampling = selo_resampling_arguments(values),
                                      .making = selo_benchmark_making_arguments(values),
                                      .command_line = selo_values_command_line(values)};
    selo_benchmark_runs runs = {.n = 0};
    selo_status status = selo_ground_arguments(values, &choice, &ground);
    if (status == SELO_OK)
        status = read_shard(selo_values_string(values, "shard"), &options);
    if (status == SELO_OK)
        status = selo_benchmark_runs_read(values, &runs);
    options.runs = runs.runs;
    options.n_runs = runs.n;
    const int band = selo_values_is_set(values, "band") ? selo_values_integer(values, "band") : 0;
    options.testset = (selo_truth_options){.name = selo_values_dataset_name(values, "testset"),
                                           .dataset = selo_values_dataset(values, "testset"),
                                           .layer = selo_values_string(values, "layer"),
                                           .query_field = selo_values_string(values, "query-field"),
                                           .crs = selo_values_string(values, "truth-crs")};
    options.scoring = (selo_evaluate_options){.map = {.crs = selo_values_string(values, "map-crs")},
                                              .profiles = choice.profiles,
                                              .n_profiles = choice.n_profiles, .ground = &ground,
                                              .bands = band ? &band : NULL, .n_bands = band ? 1 : 0};
    selo_text params = {0};
    add_params(values, &params);
    options.params_json = params.data;
    selo_table *stat = NULL;
    size_t n_failed = 0;
    if (status == SELO_OK)
        status = selo_benchmark(&options, progress, progress_data, &stat, &n_failed);
    if (status == SELO_OK)
        status = selo_stat_print(values, stat, n_failed);
    if (status == SELO_OK && n_failed && none_scored(stat)) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "none of the %d samples could be scored: '%s' says why of each (selo_sample, message)", (int)n_failed,
                 selo_values_dataset_name(values, "output"));
        status = SELO_E_INPUT;
    }
    selo_table_free(stat);
    selo_text_clear(&params);
    selo_benchmark_runs_clear(&runs);
    return status;
}

const selo_command selo_command_benchmark = {
    .path = "benchmark",
    .summary = "Score maps or models over a whole test set: means with intervals, per group; resumable, in parts.",
    .details =
        "Maps are made elsewhere (--maps), or by models (--model), which encode each image once. A sample that cannot "
        "be scored becomes a row with a status and a message. A run that was interrupted goes on with --resume.\n\n"
        "Examples:\n  gdal selo benchmark airslt.gpkg results.gpkg --maps old=a/probmap_{index}.jpg --maps "
        "new=b/probmap_{index}.jpg\n"
        "  gdal selo benchmark airslt.gpkg results.gpkg --model remoteclip/ --model spectral --images images/{image} "
        "--scales 256,512,768 --scales 128,256",
    .group = "Benchmark",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .run = run,
};
