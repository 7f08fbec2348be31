/* `gdal selo benchmark` and `gdal selo merge`. */
#include "selo/benchmark.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "ground_arguments.h"
#include "resampling_arguments.h"
#include "selo/memory.h"

/* A file, not a dataset: GDAL would refuse an existing one, which --resume goes on with. */
#define OUTPUT                                                                                                         \
    {.name = "output", .kind = SELO_ARG_FILE, .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED, .short_name = 'o', .metavar = "<OUTPUT>", \
     .help = "Dataset for the results: layers selo_sample, selo_region, selo_circle, selo_cand, selo_shift, selo_stat, selo_run"}

static const selo_arg arguments[] = {
    {.name = "testset", .kind = SELO_ARG_VECTOR, .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED, .aliases = "input", .short_name = 'i',
     .help = "Test set of `gdal selo testset import`, or any truth"},
    OUTPUT,
    {.kind = SELO_ARG_OUTPUT_FORMAT},
    {.name = "maps", .kind = SELO_ARG_STRINGS, .flags = SELO_ARG_REQUIRED | SELO_ARG_NO_PACKING, .metavar = "[<NAME>=]<PATTERN>",
     .help = "Map of a sample: {index}, {index:02}, {sample_id}, {image} or any field of the test set in its name; may be repeated, "
             "a run each"},
    SELO_GROUND_ARGUMENTS,
    {.name = "band", .short_name = 'b', .kind = SELO_ARG_INTEGER, .flags = SELO_ARG_RANGED, .minimum = 1, .maximum = 65536,
     .help = "Band of the maps (default: the one that the query describes, else 1)"},
    {.name = "layer", .short_name = 'l', .kind = SELO_ARG_STRING, .aliases = "input-layer", .role = "layer:testset",
     .help = "Layer of the truth, where the input is no test set"},
    {.name = "query-field", .kind = SELO_ARG_STRING, .role = "field:testset",
     .help = "Field that holds the query, where the input is no test set"},
    {.name = "map-crs", .kind = SELO_ARG_STRING, .role = "crs", .flags = SELO_ARG_ADVANCED, .help = "CRS of the maps, instead of their own"},
    {.name = "truth-crs", .kind = SELO_ARG_STRING, .role = "crs", .flags = SELO_ARG_ADVANCED,
     .help = "CRS of the truth, instead of its own; none: it is in pixel coordinates"},
    {.name = "group-by", .kind = SELO_ARG_STRINGS, .help = "Field of the test set to split means by"},
    {.name = "resume", .kind = SELO_ARG_FLAG,
     .help = "Go on with an interrupted run, or renew an output: only samples whose map, truth or parameters changed are scored again"},
    {.name = "shard", .kind = SELO_ARG_STRING, .metavar = "<I>/<N>",
     .help = "Score only part I of N (from 1), to be joined with `gdal selo merge`; images are kept together"},
    SELO_RESAMPLING_ARGUMENTS,
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_CREATION_OPTIONS},
    {.kind = SELO_ARG_LAYER_CREATION_OPTIONS},
    {.kind = SELO_ARG_NUM_THREADS},
    {.kind = SELO_ARG_OUTPUT_STRING},
    {.kind = SELO_ARG_QUIET},
};

/* "NAME=PATTERN"; without a name the run is called maps, maps2, ... */
static void read_run(const char *text, size_t place, selo_benchmark_run *run)
{
    const size_t name = strcspn(text, "=/\\{");
    const bool named = text[name] == '=' && name > 0;
    run->run_id = CPLStrdup(named ? CPLSPrintf("%.*s", (int)name, text) : place ? CPLSPrintf("maps%lu", (unsigned long)place + 1) : "maps");
    run->maps = named ? text + name + 1 : text;
    run->model = NULL;
}

/* The given arguments that scores depend on, as members of a JSON object. */
static void add_params(const selo_values *values, selo_text *text)
{
    static const char *const strings[] = {"smoothing", "separation", "tolerance", "layer", "query-field", "map-crs", "truth-crs"};
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

static selo_status print(selo_values *values, const selo_table *stat, size_t n_failed)
{
    const char *choice = selo_summary_choice(values);
    selo_text text = {0};
    if (EQUAL(choice, "json")) {
        selo_text_add(&text, "{\"n_failed\": %lu, \"stat\": ", (unsigned long)n_failed);
        selo_table_json(stat, &text);
        selo_text_add(&text, "}\n");
    } else if (EQUAL(choice, "text")) {
        selo_table_plain(stat, "run_id=run,grp=group,metric=score,n=samples,n_image=images,mean,ci_lo=from,ci_hi=to,median,std", &text);
        if (n_failed)
            selo_text_add(&text, "%lu samples could not be scored: see status and message in selo_sample\n", (unsigned long)n_failed);
    }
    return selo_hand_out(values, &text);
}

static selo_layers_options output_options(const selo_values *values)
{
    return (selo_layers_options){.path = selo_values_string(values, "output"), .format = selo_values_string(values, "output-format"),
                                 .dataset_options = selo_values_strings(values, "creation-option"),
                                 .layer_options = selo_values_strings(values, "layer-creation-option"),
                                 .overwrite = selo_values_flag(values, "overwrite")};
}

static selo_status run(selo_values *values, GDALProgressFunc progress, void *progress_data)
{
    selo_profile_choice choice = {.n_profiles = 0};
    selo_evaluate_ground ground;
    selo_benchmark_options options = {.resume = selo_values_flag(values, "resume"), .group_by = selo_values_strings(values, "group-by"),
                                      .workers = selo_values_integer(values, "num-threads"), .output = output_options(values),
                                      .resampling = selo_resampling_arguments(values)};
    selo_status status = selo_ground_arguments(values, &choice, &ground);
    if (status == SELO_OK)
        status = read_shard(selo_values_string(values, "shard"), &options);
    if (status != SELO_OK)
        return status;
    const CSLConstList maps = selo_values_strings(values, "maps");
    selo_benchmark_run *runs = selo_alloc((size_t)CSLCount(maps), sizeof *runs);
    if (!runs)
        return SELO_E_MEMORY;
    for (; options.n_runs < (size_t)CSLCount(maps); ++options.n_runs)
        read_run(maps[options.n_runs], options.n_runs, &runs[options.n_runs]);
    options.runs = runs;
    const int band = selo_values_is_set(values, "band") ? selo_values_integer(values, "band") : 0;
    options.testset = (selo_truth_options){.name = selo_values_dataset_name(values, "testset"), .dataset = selo_values_dataset(values, "testset"),
                                           .layer = selo_values_string(values, "layer"), .query_field = selo_values_string(values, "query-field"),
                                           .crs = selo_values_string(values, "truth-crs")};
    options.scoring = (selo_evaluate_options){.map = {.crs = selo_values_string(values, "map-crs")}, .profiles = choice.profiles,
                                              .n_profiles = choice.n_profiles, .ground = &ground, .bands = band ? &band : NULL,
                                              .n_bands = band ? 1 : 0};
    selo_text params = {0};
    add_params(values, &params);
    options.params_json = params.data;
    selo_table *stat = NULL;
    size_t n_failed = 0;
    status = selo_benchmark(&options, progress, progress_data, &stat, &n_failed);
    if (status == SELO_OK)
        status = print(values, stat, n_failed);
    selo_table_free(stat);
    selo_text_clear(&params);
    for (size_t i = 0; i < options.n_runs; ++i)
        CPLFree((char *)(uintptr_t)runs[i].run_id);
    selo_free(runs);
    return status;
}

const selo_command selo_command_benchmark = {
    .path = "benchmark",
    .summary = "Score maps over a whole test set: means with intervals, per group; resumable, in parts.",
    .details = "A sample that cannot be scored becomes a row with a status and a message. A run that was interrupted goes on with "
               "--resume.\n\n"
               "Example: gdal selo benchmark airslt.gpkg results.gpkg --maps old=a/probmap_{index}.jpg --maps new=b/probmap_{index}.jpg",
    .group = "Benchmark",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .run = run,
};

/* merge */

static const selo_arg merge_arguments[] = {
    {.name = "parts", .kind = SELO_ARG_STRINGS, .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED | SELO_ARG_NO_PACKING, .aliases = "input",
     .short_name = 'i', .metavar = "<PART>", .help = "Outputs of `gdal selo benchmark --shard`"},
    OUTPUT,
    {.kind = SELO_ARG_OUTPUT_FORMAT},
    {.name = "summary", .kind = SELO_ARG_STRING, .choices = "text|json|none",
     .help = "What goes to standard output (default: text on the command line, json through the API)"},
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_CREATION_OPTIONS},
    {.kind = SELO_ARG_LAYER_CREATION_OPTIONS},
    {.kind = SELO_ARG_OUTPUT_STRING},
    {.kind = SELO_ARG_QUIET},
};

static selo_status run_merge(selo_values *values, GDALProgressFunc progress, void *progress_data)
{
    const selo_layers_options output = output_options(values);
    selo_table *stat = NULL;
    selo_status status = selo_merge(selo_values_strings(values, "parts"), &output, &stat);
    if (status == SELO_OK)
        status = print(values, stat, 0);
    selo_table_free(stat);
    if (status == SELO_OK && progress)
        progress(1.0, "", progress_data);
    return status;
}

const selo_command selo_command_merge = {
    .path = "merge",
    .summary = "Join the parts of a benchmark into the result of one run.",
    .details = "Example: gdal selo merge part_1.gpkg part_2.gpkg results.gpkg",
    .group = "Benchmark",
    .args = merge_arguments,
    .n_args = sizeof merge_arguments / sizeof *merge_arguments,
    .run = run_merge,
};
