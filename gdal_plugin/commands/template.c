#include "selo/template.h"

#include "command.h"
#include "cpl_conv.h"
#include "cpl_error.h"

static const selo_arg arguments[] = {
    {.name = "template", .kind = SELO_ARG_STRING, .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED, .metavar = "<NAME>",
     .help = "fusion, heatmap, mosaic, normalise, overlay, similarity or threshold; or a template file"},
    {.name = "output", .short_name = 'o', .kind = SELO_ARG_FILE, .flags = SELO_ARG_POSITIONAL, .role = "new-vrt",
     .help = "VRT file to write; without it the template's parameters are described"},
    {.name = "param", .kind = SELO_ARG_STRINGS, .flags = SELO_ARG_NO_PACKING | SELO_ARG_DUPLICATES,
     .metavar = "<KEY>=<VALUE>",
     .help = "Value of a parameter of the template; which there are is said without OUTPUT"},
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_OUTPUT_STRING},
    {.kind = SELO_ARG_QUIET},
};

static selo_status run(selo_values *values, GDALProgressFunc progress, void *progress_data)
{
    const char *name = selo_values_string(values, "template"), *output = selo_values_string(values, "output");
    if (output && !*output) {
        CPLError(CE_Failure, CPLE_IllegalArg, "--output: is empty; name the VRT file to write");
        return SELO_E_ARGUMENT;
    }
    if (output)
        return selo_template_write(name, selo_values_strings(values, "param"), output,
                                   selo_values_flag(values, "overwrite"));
    if (selo_values_strings(values, "param")) {
        CPLError(CE_Failure, CPLE_IllegalArg, "--param: name the VRT file to write behind the template's name");
        return SELO_E_ARGUMENT;
    }
    char *text = NULL;
    const selo_status status = selo_template_describe(name, &text);
    (void)progress, (void)progress_data;
    if (!status)
        selo_values_set_text(values, text);
    CPLFree(text);
    return status;
}

const selo_command selo_command_template = {
    .path = "template",
    .summary = "Write a VRT file from a template: heat map, overlay, mask, similarity of an embedding, mosaic.",
    .details = "Without OUTPUT it says which parameters the template takes.\n\n"
               "Examples:\n  gdal selo template overlay\n"
               "  gdal selo template overlay overlay.vrt --param image=image.tif --param map=map.tif\n"
               "  gdal selo template heatmap heat.vrt --param map=maps.tif --param band=2 --param colormap=viridis",
    .group = "Make",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .run = run,
};
