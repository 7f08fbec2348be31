/* `gdal selo testset export`. */
#include "testset.h"

static const selo_arg arguments[] = {
    TESTSET_ARGUMENT,
    {.name = "output", .short_name = 'o', .kind = SELO_ARG_FILE, .help = "JSON file to write", .metavar = "OUTPUT",
     .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED},
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_QUIET},
};

static selo_status run(selo_values *values, GDALProgressFunc progress, void *data)
{
    selo_testset *testset = NULL;
    selo_status status = testset_open(values, &testset);
    if (status == SELO_OK)
        status = selo_testset_export(testset, selo_values_string(values, "output"),
                                     selo_values_flag(values, "overwrite"));
    if (status == SELO_OK)
        progress(1, "", data);
    selo_testset_free(testset);
    return status;
}

const selo_command selo_command_testset_export = {
    .path = "testset export",
    .summary = "Write a test set as the published AIR-SLT list",
    .details = "Writes the JSON list of caption, jpg_name and points that the published evaluation reads. What "
               "`import` read from such a list comes back with the same content.\n\n"
               "Example:\n  gdal selo testset export airslt.gpkg anno.json",
    .group = "Benchmark",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .run = run,
};
