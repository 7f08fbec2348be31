/* The runs of a benchmark: of maps made elsewhere, and of models. */
#ifndef SELO_BENCHMARK_RUNS_H
#define SELO_BENCHMARK_RUNS_H

#include "command.h"
#include "encoder_arguments.h"
#include "selo/benchmark.h"

#define SELO_BENCHMARK_RUN_ARGUMENTS                                                                                   \
    {.name = "maps", .kind = SELO_ARG_STRINGS, .flags = SELO_ARG_NO_PACKING, .metavar = "<[NAME=]PATTERN>",          \
     .help = "Map of a sample: {index}, {index:02}, {sample_id}, {image} or any field of the test set in its name; "   \
             "may be repeated, "                                                                                       \
             "a run each"},                                                                                            \
    {.name = "model", .short_name = 'm', .kind = SELO_ARG_STRINGS, .flags = SELO_ARG_NO_PACKING,                       \
     .metavar = "<[NAME=]MODEL>",                                                                                      \
     .help = "What makes the maps: spectral, or a model bundle (folder or .zip); may be repeated, a run each per "     \
             "--scales and --preset"},                                                                                 \
    {.name = "images", .kind = SELO_ARG_STRING, .metavar = "<PATTERN>", .default_value = "{image}",                    \
     .help = "Image of a sample, for --model; {FIELD} stands for a field of the test set, as in images/{image}"},      \
    {.name = "scales", .kind = SELO_ARG_STRINGS, .flags = SELO_ARG_NO_PACKING, .metavar = "<LENGTHS>",    \
     .help = "Sides of a model's windows, preset v1, such as 64px,128px or 200m; may be repeated, a run each "         \
             "(default: 256,512,768)"},                                                                                \
    {.name = "preset", .kind = SELO_ARG_STRINGS, .choices = "v1|v2",                                                   \
     .help = "Published way of a model from windows to a map: v1, v2; may be repeated, a run each (default: v1)"},     \
    {.name = "bands", .kind = SELO_ARG_STRINGS, .metavar = "<ROLE=BAND>", .help = SELO_BANDS_HELP},                    \
    {.name = "map-smoothing", .kind = SELO_ARG_STRING, .choices = "median|gaussian|none",                              \
     .help = "Smoothing of a model's maps (default: the preset's)"},                                                   \
    {.name = "map-smoothing-size", .kind = SELO_ARG_STRING, .metavar = "<LENGTH>", .role = "length",                   \
     .help = SELO_SMOOTHING_SIZE_HELP},                                                                                \
    {.name = "keep-maps", .kind = SELO_ARG_FILE, .metavar = "<FOLDER>",                                                \
     .help = "Keep a model's maps in this folder, as RUN/INDEX.tif: the report shows them"},                           \
    {.name = "shuffles", .kind = SELO_ARG_INTEGER, .flags = SELO_ARG_RANGED | SELO_ARG_ADVANCED, .minimum = 0,         \
     .maximum = 1000, .default_value = "0",                                                                            \
     .help = "Random word orders that a model's vector of a query is the mean of, as published for v2"},               \
    {.name = "shuffle-seed", .kind = SELO_ARG_INTEGER, .flags = SELO_ARG_RANGED | SELO_ARG_ADVANCED, .minimum = 0,     \
     .maximum = 2147483647, .default_value = "0", .help = "Which random word orders"},                                 \
    SELO_ENCODER_ARGUMENTS

typedef struct selo_benchmark_runs {
    selo_benchmark_run *runs;
    size_t n;
    char ***scales; /* n_sets lists, which the runs share */
    size_t n_sets;
} selo_benchmark_runs;

/* A run per --maps, then one per --model, --scales and --preset, called NAME/SCALES/PRESET; v2 has scales of its own
 * and is NAME/v2. Reported with CPLError(). Strings belong to `values` or the runs, which are ended with
 * selo_benchmark_runs_clear(), also on failure. */
selo_status selo_benchmark_runs_read(const selo_values *values, selo_benchmark_runs *runs);
void selo_benchmark_runs_clear(selo_benchmark_runs *runs);

selo_benchmark_making selo_benchmark_making_arguments(const selo_values *values);

#endif
