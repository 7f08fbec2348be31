#include "selo/plan.h"

#include "command.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"

static const selo_arg arguments[] = {
    {.name = "image", .short_name = 'i', .kind = SELO_ARG_RASTER, .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED,
     .aliases = "input",
     .help = "Image to plan windows for"},
    {.name = "output", .short_name = 'o', .kind = SELO_ARG_VECTOR,
     .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED | SELO_ARG_OUTPUT,
     .help = "Layer selo_win in the image's CRS, or a CSV file"},
    {.kind = SELO_ARG_OUTPUT_FORMAT_STREAM},
    {.name = "preset", .kind = SELO_ARG_STRING, .choices = "v1|v2", .default_value = "v1",
     .help = "Published plan: v1 (grids of several scales) or v2 (tiles, then boxes around the best of them)"},
    {.name = "scales", .kind = SELO_ARG_STRINGS, .metavar = "<LENGTH>", .role = "length",
     .help = "Sides of the windows of v1, such as 256,512,768 (pixels) or 83m,166m,249m (default: 256,512,768)"},
    {.name = "similarities", .kind = SELO_ARG_VECTOR,
     .help = "Windows of the first stage of v2 with their similarities; the output then has both stages"},
    {.name = "layer", .short_name = 'l', .kind = SELO_ARG_STRING, .aliases = "input-layer",
     .role = "layer:similarities",
     .help = "Layer of the similarities (default: selo_win, or the only one)"},
    {.name = "where", .kind = SELO_ARG_STRING, .metavar = "<WHERE>",
     .help = "Attribute filter on the similarities, as in SQL, such as \"query = 'sea'\""},
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_INPUT_FORMATS},
    {.kind = SELO_ARG_OPEN_OPTIONS},
    {.kind = SELO_ARG_CREATION_OPTIONS},
    {.kind = SELO_ARG_LAYER_CREATION_OPTIONS},
    {.kind = SELO_ARG_OUTPUT_STRING},
    {.kind = SELO_ARG_QUIET},
};

static selo_status run(selo_values *values, GDALProgressFunc progress, void *progress_data)
{
    const char *format = selo_values_string(values, "output-format");
    const bool v2 = EQUAL(selo_values_string(values, "preset"), "v2");
    const selo_window_source similarities = {.name = selo_values_dataset_name(values, "similarities"),
                                             .dataset = selo_values_dataset(values, "similarities"),
                                             .layer = selo_values_string(values, "layer"),
                                             .where = selo_values_string(values, "where")};
    const selo_plan_options options = {
        .image = selo_values_dataset_name(values, "image"), .image_dataset = selo_values_dataset(values, "image"),
        .image_formats = selo_values_strings(values, "input-format"),
        .image_open_options = selo_values_strings(values, "open-option"),
        .preset = v2 ? SELO_PRESET_V2 : SELO_PRESET_V1, .scales = selo_values_strings(values, "scales"),
        .similarities = similarities.name ? &similarities : NULL, .command_line = selo_values_command_line(values),
        .output = {.path = selo_values_in_memory(values) ? NULL : selo_values_dataset_name(values, "output"),
                   .format = format, .dataset_options = selo_values_strings(values, "creation-option"),
                   .layer_options = selo_values_strings(values, "layer-creation-option"),
                   .overwrite = selo_values_flag(values, "overwrite")}};
    if (v2 ? options.scales != NULL : options.similarities != NULL) {
        CPLError(CE_Failure, CPLE_IllegalArg, "--%s belongs to --preset %s", v2 ? "scales" : "similarities",
                 v2 ? "v1" : "v2");
        return SELO_E_ARGUMENT;
    }
    if (!similarities.name && (similarities.layer || similarities.where)) {
        CPLError(CE_Failure, CPLE_IllegalArg, "--%s is of --similarities, which are not given",
                 similarities.layer ? "layer" : "where");
        return SELO_E_ARGUMENT;
    }
    size_t n = 0;
    GDALDatasetH layers;
    const selo_status status = selo_plan_write(&options, &n, &layers);
    if (status != SELO_OK)
        return status;
    if (layers)
        selo_values_set_dataset(values, "output", layers);
    else if (!selo_values_quiet(values))
        selo_values_set_text(values, CPLSPrintf("%lld window%s\n", (long long)n, n == 1 ? "" : "s"));
    progress(1, "", progress_data);
    return SELO_OK;
}

const selo_command selo_command_windows = {
    .path = "windows",
    .summary = "Plan the windows of an image that a model compares with the query.",
    .details = "Preset v2 has two stages: the second one takes the output of the first, to which a model has added a "
               "column `similarity`.\n\n"
               "Examples:\n  gdal selo windows image.tif windows.csv\n"
               "  gdal selo windows image.tif windows.gpkg --scales 83m,166m,249m\n"
               "  gdal selo windows image.tif tiles.csv --preset v2\n"
               "  gdal selo windows image.tif windows.csv --preset v2 --similarities tiles.csv",
    .group = "Make",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .streams = true,
    .run = run,
};
