#include "selo/embed.h"

#include "command.h"
#include "cpl_conv.h"
#include "cpl_string.h"
#include "encoder_arguments.h"

static const selo_arg arguments[] = {
    {.name = "image", .short_name = 'i', .kind = SELO_ARG_RASTER, .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED,
     .aliases = "input",
     .help = "Image to encode"},
    {.name = "output", .short_name = 'o', .kind = SELO_ARG_VECTOR,
     .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED | SELO_ARG_OUTPUT,
     .help = "Layer selo_win: windows with their vectors, for gdal selo localize; kept if it is there and made of "
             "the same image, model "
             "and windows"},
    {.kind = SELO_ARG_OUTPUT_FORMAT},
    {.name = "model", .short_name = 'm', .kind = SELO_ARG_STRING, .flags = SELO_ARG_REQUIRED,
     .help = "What encodes: spectral, or a model bundle (folder or .zip)"},
    {.name = "windows", .kind = SELO_ARG_VECTOR, .excludes = "windows",
     .help = "Windows to encode, as gdal selo windows writes them (default: those of the preset)"},
    {.name = "preset", .kind = SELO_ARG_STRING, .choices = "v1|v2", .default_value = "v1",
     .help = "Published plan of windows: v1 (grids of several scales), or the tiles of v2's first stage"},
    {.name = "scales", .kind = SELO_ARG_STRINGS, .metavar = "<LENGTH>", .role = "length", .excludes = "windows",
     .help = "Sides of the windows of preset v1, such as 64px or 200m (default: 256px,512px,768px)"},
    {.name = "bands", .short_name = 'b', .kind = SELO_ARG_STRINGS, .metavar = "<ROLE=BAND>", .aliases = "band",
     .help = SELO_BANDS_HELP},
    {.name = "type", .kind = SELO_ARG_STRING, .choices = "float32|float16", .default_value = "float32",
     .help = "Numbers of the vectors"},
    SELO_ENCODER_ARGUMENTS,
    {.name = "layer", .short_name = 'l', .kind = SELO_ARG_STRING, .role = "layer:windows",
     .help = "Layer of the windows (default: selo_win, or the only one)"},
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_CREATION_OPTIONS},
    {.kind = SELO_ARG_LAYER_CREATION_OPTIONS},
    {.kind = SELO_ARG_NUM_THREADS},
    {.kind = SELO_ARG_OUTPUT_STRING},
    {.kind = SELO_ARG_QUIET},
};

static void print(selo_values *values, const selo_embed_result *result)
{
    const size_t invalid = result->windows - result->encoded - result->outside;
    if (selo_values_quiet(values))
        return;
    if (result->up_to_date)
        selo_values_set_text(values, "up to date: made of the same image, model and windows\n");
    else
        selo_values_set_text(values, CPLSPrintf("%lld of %lld windows encoded%s%s%s\n", (long long)result->encoded,
                                                (long long)result->windows,
                                                result->resumed
                                                    ? CPLSPrintf(", %lld of them before", (long long)result->resumed)
                                                    : "",
                                                result->outside ? CPLSPrintf("; %lld lie outside the image",
                                                                             (long long)result->outside)
                                                                : "",
                                                invalid ? CPLSPrintf("; %lld have too few valid pixels (--min-valid)",
                                                                     (long long)invalid)
                                                        : ""));
}

static selo_status run(selo_values *values, GDALProgressFunc progress, void *progress_data)
{
    const selo_window_source windows = {.name = selo_values_dataset_name(values, "windows"),
                                        .dataset = selo_values_dataset(values, "windows"),
                                        .layer = selo_values_string(values, "layer")};
    const selo_embed_options options = {
        .image = selo_values_dataset_name(values, "image"), .image_dataset = selo_values_dataset(values, "image"),
        .encoder = selo_encoder_arguments(values, selo_values_string(values, "model")),
        .bands = selo_values_strings(values, "bands"), .windows = windows.name || windows.dataset ? &windows : NULL,
        .preset = EQUAL(selo_values_string(values, "preset"), "v2") ? SELO_PRESET_V2 : SELO_PRESET_V1,
        .scales = selo_values_strings(values, "scales"), .least_valid = selo_values_real(values, "min-valid"),
        .half = EQUAL(selo_values_string(values, "type"), "float16"), .command_line = selo_values_command_line(values),
        .output = {.path = selo_values_dataset_name(values, "output"),
                   .format = selo_values_string(values, "output-format"),
                   .dataset_options = selo_values_strings(values, "creation-option"),
                   .layer_options = selo_values_strings(values, "layer-creation-option"),
                   .overwrite = selo_values_flag(values, "overwrite")}};
    selo_embed_result result;
    const selo_status status = selo_embed(&options, progress, progress_data, &result, NULL);
    if (status != SELO_OK)
        return status;
    print(values, &result);
    return SELO_OK;
}

const selo_command selo_command_embed = {
    .path = "embed",
    .summary = "Encode the windows of an image once, for many queries.",
    .details = "Example:\n  gdal selo embed image.tif vectors.gpkg --model remoteclip-vit-b-32/ --scales 256px,512px",
    .group = "Make",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .run = run,
};
