#include "command.h"

static const selo_arg arguments[] = {
    {.name = "map", .kind = SELO_ARG_RASTER, .help = "SeLo map", .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED, .aliases = "input"},
    {.name = "truth", .kind = SELO_ARG_VECTOR, .help = "Truth", .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED},
    {.name = "output", .kind = SELO_ARG_VECTOR, .help = "Results", .flags = SELO_ARG_POSITIONAL | SELO_ARG_OUTPUT},
    {.kind = SELO_ARG_OUTPUT_FORMAT_STREAM},
    {.kind = SELO_ARG_OUTPUT_STRING},
    {.kind = SELO_ARG_NUM_THREADS},
    {.kind = SELO_ARG_RETURN_CODE},
    {.kind = SELO_ARG_QUIET},
};

static selo_status run(selo_values *values, GDALProgressFunc progress, void *data)
{
    progress(0, "", data); progress(0.5, "", data); progress(1, "", data);
    selo_values_set_text(values, selo_values_dataset_name(values, "map"));
    selo_values_set_return_code(values, 3);
    return SELO_OK;
}

const selo_command selo_command_evaluate = {
    .path = "evaluate", .summary = "Score a SeLo map", .details = "Example", .group = "Score",
    .args = arguments, .n_args = sizeof arguments / sizeof *arguments, .streams = true, .run = run};
