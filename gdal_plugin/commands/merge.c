#include "command.h"
#include "selo/benchmark.h"
#include "stat_output.h"
#include "summary.h"

static const selo_arg arguments[] = {
    {.name = "parts", .kind = SELO_ARG_STRINGS, .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED | SELO_ARG_NO_PACKING,
     .aliases = "input",
     .short_name = 'i', .metavar = "<PART>", .role = "file", .help = "Outputs of `gdal selo benchmark --shard`"},
    SELO_STAT_OUTPUT_ARGUMENT,
    {.kind = SELO_ARG_OUTPUT_FORMAT},
    SELO_SUMMARY_ARGUMENT,
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_CREATION_OPTIONS},
    {.kind = SELO_ARG_LAYER_CREATION_OPTIONS},
    {.kind = SELO_ARG_OUTPUT_STRING},
    {.kind = SELO_ARG_QUIET},
};

static selo_status run(selo_values *values, GDALProgressFunc progress, void *progress_data)
{
    const selo_layers_options output = selo_stat_output_arguments(values);
    selo_table *stat = NULL;
    selo_status status = selo_merge(selo_values_strings(values, "parts"), &output, &stat);
    if (status == SELO_OK)
        status = selo_stat_print(values, stat, 0);
    selo_table_free(stat);
    if (status == SELO_OK && progress)
        progress(1.0, "", progress_data);
    return status;
}

const selo_command selo_command_merge = {
    .path = "merge",
    .summary = "Join the parts of a benchmark into the result of one run.",
    .details = "Example:\n  gdal selo merge part_1.gpkg part_2.gpkg results.gpkg",
    .group = "Benchmark",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .run = run,
};
