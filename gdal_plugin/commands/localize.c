#include "selo/localize.h"

#include <string.h>

#include "command.h"
#include "cpl_error.h"
#include "cpl_string.h"

static const selo_arg arguments[] = {
    {.name = "windows", .short_name = 'i', .kind = SELO_ARG_VECTOR, .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED, .aliases = "input",
     .help = "Windows with similarities: a CSV file or a layer with row_start, row_end, col_start, col_end and sim (or similarity)"},
    {.name = "output", .short_name = 'o', .kind = SELO_ARG_RASTER, .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED | SELO_ARG_OUTPUT,
     .help = "The map"},
    {.name = "like", .kind = SELO_ARG_RASTER, .flags = SELO_ARG_REQUIRED, .metavar = "<IMAGE>",
     .help = "Image that the windows are of: gives size, CRS and geotransform"},
    {.kind = SELO_ARG_OUTPUT_FORMAT, .choices = "raster"},
    {.name = "preset", .kind = SELO_ARG_STRING, .choices = "v1|v2", .default_value = "v1",
     .help = "Published arithmetic: v1 (median; pixels without a window have no value) or v2 (Gaussian; they count as similarity 0)"},
    {.name = "smoothing", .kind = SELO_ARG_STRING, .choices = "median|gaussian|none", .help = "Smoothing (default: the preset's)"},
    {.name = "smoothing-size", .kind = SELO_ARG_STRING, .metavar = "<LENGTH>", .role = "length",
     .help = "Side of the smoothing window, such as 251px or 81m (default: 251px for the median, 255px for the Gaussian)"},
    {.kind = SELO_ARG_OUTPUT_DATA_TYPE},
    {.name = "query", .kind = SELO_ARG_STRING, .help = "Text of the query, kept in the metadata domain SELO"},
    {.name = "model", .kind = SELO_ARG_STRING, .help = "Name of the model, kept in the metadata domain SELO"},
    {.name = "layer", .short_name = 'l', .kind = SELO_ARG_STRING, .aliases = "input-layer", .role = "layer:windows",
     .help = "Layer of the windows (default: selo_win, or the only one)"},
    {.name = "where", .kind = SELO_ARG_STRING, .metavar = "<WHERE>", .help = "Attribute filter on the windows, as in SQL"},
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_INPUT_FORMATS},
    {.kind = SELO_ARG_OPEN_OPTIONS},
    {.kind = SELO_ARG_CREATION_OPTIONS},
    {.kind = SELO_ARG_NUM_THREADS},
    {.kind = SELO_ARG_QUIET},
};

static selo_status output_type(const selo_values *values, GDALDataType *type)
{
    const char *name = selo_values_string(values, "output-data-type");
    *type = name && *name ? GDALGetDataTypeByName(name) : GDT_Float32;
    if (*type == GDT_Float32 || *type == GDT_Byte)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_IllegalArg, "--output-data-type: a map is Float32 (0 to 1) or Byte (0 to 255), not %s", name);
    return SELO_E_ARGUMENT;
}

static selo_status run(selo_values *values, GDALProgressFunc progress, void *progress_data)
{
    selo_localize_options options = {
        .windows = {.name = selo_values_dataset_name(values, "windows"), .dataset = selo_values_dataset(values, "windows"),
                    .layer = selo_values_string(values, "layer"), .where = selo_values_string(values, "where"),
                    .formats = selo_values_strings(values, "input-format"),
                    .open_options = selo_values_strings(values, "open-option")},
        .like = selo_values_dataset_name(values, "like"), .like_dataset = selo_values_dataset(values, "like"),
        .preset = EQUAL(selo_values_string(values, "preset"), "v2") ? SELO_PRESET_V2 : SELO_PRESET_V1,
        .smoothing = selo_values_string(values, "smoothing"), .smoothing_size = selo_values_string(values, "smoothing-size"),
        .query = selo_values_string(values, "query"), .model = selo_values_string(values, "model"),
        .threads = selo_values_integer(values, "num-threads"),
        .output = {.path = selo_values_dataset_name(values, "output"), .format = selo_values_string(values, "output-format"),
                   .creation_options = selo_values_strings(values, "creation-option"),
                   .overwrite = selo_values_flag(values, "overwrite")}};
    GDALDatasetH map;
    selo_status status = output_type(values, &options.type);
    if (!status)
        status = selo_localize(&options, progress, progress_data, &map);
    if (!status && map)
        selo_values_set_dataset(values, "output", map);
    return status;
}

const selo_command selo_command_localize = {
    .path = "localize",
    .summary = "Make a SeLo map of windows and their similarities.",
    .details = "Example: gdal selo localize windows.csv map.tif --like image.tif --query \"ships in a harbour\"",
    .group = "Make",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .run = run,
};
