#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "cpl_conv.h"
#include "cpl_string.h"
#include "selo/bundle.h"
#include "selo/text.h"
#include "summary.h"

static const selo_arg arguments[] = {
    {.name = "model", .short_name = 'm', .kind = SELO_ARG_STRING, .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED,
     .help = "spectral, or a model bundle: a folder or .zip with model.json"},
    SELO_TEXT_OR_JSON_ARGUMENT,
    {.name = "provider", .kind = SELO_ARG_STRING, .flags = SELO_ARG_ADVANCED, .default_value = "cpu",
     .help = "What runs the networks: cpu, cuda, dnnl, xnnpack or the name of an execution provider"},
    {.kind = SELO_ARG_NUM_THREADS},
    {.kind = SELO_ARG_OUTPUT_STRING},
    {.kind = SELO_ARG_QUIET},
};

/* JSON without its brackets and quotes. */
static void add_plain(const char *json, selo_text *text)
{
    bool quoted = false;
    for (const char *at = json; *at; at++) {
        if (*at == '\\' && quoted && at[1])
            at++;
        else if (*at == '"') {
            quoted = !quoted;
            continue;
        } else if (!quoted && strchr("{}[],", *at))
            continue;
        selo_text_add_bytes(text, at, 1);
    }
}

/* The plain lines that hold something. */
static char *plain_text(const char *json)
{
    selo_text text = {0}, kept = {0};
    add_plain(json, &text);
    char **lines = CSLTokenizeString2(text.data ? text.data : "", "\n", 0);
    for (char **line = lines; line && *line; line++) {
        const size_t blank = strspn(*line, " ");
        if ((*line)[blank])
            selo_text_add(&kept, "%s\n", *line + (blank < 2 ? blank : 2));
    }
    CSLDestroy(lines);
    selo_text_clear(&text);
    char *plain = CPLStrdup(kept.data ? kept.data : "");
    selo_text_clear(&kept);
    return plain;
}

static selo_status run(selo_values *values, GDALProgressFunc progress, void *progress_data)
{
    const selo_encoder_options options = {.model = selo_values_string(values, "model"),
                                          .provider = selo_values_string(values, "provider"),
                                          .threads = selo_values_integer(values, "num-threads")};
    char *json;
    const selo_status status = selo_model_describe(&options, &json);
    if (status != SELO_OK)
        return status;
    char *plain = selo_wants_json(values) ? NULL : plain_text(json);
    selo_values_set_text(values, plain ? plain : json);
    CPLFree(plain);
    free(json);
    progress(1, "", progress_data);
    return SELO_OK;
}

const selo_command selo_command_model_info = {
    .path = "model info",
    .summary = "Say what a model is, and test its parts.",
    .details = "Example:\n  gdal selo model info remoteclip-vit-b-32/",
    .group = "Make",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .run = run,
};
