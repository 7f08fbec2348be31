#include "selo/smooth.h"

#include "command.h"
#include "cpl_string.h"

static const selo_arg arguments[] = {
    {.name = "map", .short_name = 'i', .kind = SELO_ARG_RASTER, .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED,
     .aliases = "input",
     .help = "Map to smooth"},
    {.name = "output", .short_name = 'o', .kind = SELO_ARG_RASTER,
     .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED | SELO_ARG_OUTPUT,
     .help = "The smoothed map: Byte if the map is Byte without NoData, else Float32"},
    {.kind = SELO_ARG_OUTPUT_FORMAT, .choices = "raster"},
    {.name = "method", .kind = SELO_ARG_STRING, .choices = "median|gaussian|box", .default_value = "median",
     .help = "How to smooth"},
    {.name = "size", .kind = SELO_ARG_STRING, .default_value = "251px", .metavar = "<LENGTH>", .role = "length",
     .help = "Side of the window, such as 251px or 81m; made odd, so that it has a middle"},
    {.name = "band", .short_name = 'b', .kind = SELO_ARG_INTEGER, .default_value = "1", .flags = SELO_ARG_RANGED,
     .minimum = 1, .maximum = 65536, .role = "band:map", .help = "Band of the map"},
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_INPUT_FORMATS},
    {.kind = SELO_ARG_OPEN_OPTIONS},
    {.kind = SELO_ARG_CREATION_OPTIONS},
    {.kind = SELO_ARG_NUM_THREADS},
    {.kind = SELO_ARG_QUIET},
};

static selo_status run(selo_values *values, GDALProgressFunc progress, void *progress_data)
{
    const char *method = selo_values_string(values, "method");
    const selo_smooth_options options = {.map = selo_values_dataset_name(values, "map"),
                                         .dataset = selo_values_dataset(values, "map"),
                                         .formats = selo_values_strings(values, "input-format"),
                                         .open_options = selo_values_strings(values, "open-option"),
                                         .band = selo_values_integer(values, "band"),
                                         .size = selo_values_string(values, "size"),
                                         .method = EQUAL(method, "gaussian") ? SELO_FILTER_GAUSSIAN
                                                   : EQUAL(method, "box")    ? SELO_FILTER_BOX
                                                                             : SELO_FILTER_MEDIAN,
                                         .threads = selo_values_integer(values, "num-threads"),
                                         .output = {.path = selo_values_dataset_name(values, "output"),
                                                    .format = selo_values_string(values, "output-format"),
                                                    .creation_options = selo_values_strings(values, "creation-option"),
                                                    .overwrite = selo_values_flag(values, "overwrite")}};
    GDALDatasetH result;
    const selo_status status = selo_smooth(&options, progress, progress_data, &result);
    if (!status && result)
        selo_values_set_dataset(values, "output", result);
    return status;
}

const selo_command selo_command_smooth = {
    .path = "smooth",
    .summary = "Smooth a map with a median, a Gaussian or a box of any size.",
    .details = "Examples:\n  gdal selo smooth map.tif smooth.tif --method median --size 81m\n"
               "  gdal selo smooth maps.tif second.tif --band 2 --method gaussian --size 255px",
    .group = "Make",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .run = run,
};
