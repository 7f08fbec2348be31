#include "selo/gate.h"

#include "command.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "ground_arguments.h"
#include "summary.h"

static const selo_arg arguments[] = {
    {.name = "map",
     .kind = SELO_ARG_RASTER,
     .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED,
     .aliases = "input",
     .short_name = 'i',
     .help = "SeLo map to score; {FIELD} in the name stands for a map per sample"},
    {.name = "truth",
     .kind = SELO_ARG_VECTOR,
     .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED,
     .help = "Vector dataset with the regions that the query means"},
    {.name = "output",
     .kind = SELO_ARG_VECTOR,
     .flags = SELO_ARG_POSITIONAL | SELO_ARG_OUTPUT,
     .short_name = 'o',
     .help = "Dataset for the result layers selo_sample, selo_region, selo_circle, selo_cand, selo_shift, selo_curve, "
             "selo_run"},
    {.kind = SELO_ARG_OUTPUT_FORMAT_STREAM},
    {.name = "query",
     .kind = SELO_ARG_STRING,
     .help = "Text of the query, where no field of the truth holds it; else the one to score"},
    {.name = "query-field",
     .kind = SELO_ARG_STRING,
     .role = "field:truth",
     .help = "Field of the truth that holds the query: features with the same value make a sample"},
    {.name = "band",
     .short_name = 'b',
     .kind = SELO_ARG_INTEGERS,
     .flags = SELO_ARG_RANGED | SELO_ARG_DUPLICATES,
     .minimum = 1,
     .maximum = 65536,
     .role = "band:map",
     .help =
         "Band of the map: one for all samples, or one a sample (default: the one that the query describes, else 1)"},
    {.name = "layer",
     .short_name = 'l',
     .kind = SELO_ARG_STRING,
     .aliases = "input-layer",
     .role = "layer:truth",
     .help = "Layer of the truth"},
    {.name = "where",
     .kind = SELO_ARG_STRING,
     .metavar = "<WHERE>",
     .help = "Attribute filter on the truth, as in SQL"},
    SELO_GROUND_ARGUMENTS,
    {.name = "class-field",
     .kind = SELO_ARG_STRING,
     .role = "field:truth",
     .help = "Field of the truth that holds the class of a region"},
    {.name = "regions",
     .kind = SELO_ARG_STRING,
     .choices = "part|feature",
     .default_value = "part",
     .help = "What a region is: each polygon of a multipolygon, or the whole of it"},
    {.name = "buffer",
     .kind = SELO_ARG_STRING,
     .metavar = "<LENGTH>",
     .role = "length",
     .help = "Width to each side that makes regions of points and lines, in m (px where the truth has no CRS)"},
    {.name = "map-crs",
     .kind = SELO_ARG_STRING,
     .role = "crs",
     .flags = SELO_ARG_ADVANCED,
     .help = "CRS of the map, instead of its own"},
    {.name = "truth-crs",
     .kind = SELO_ARG_STRING,
     .role = "crs",
     .flags = SELO_ARG_ADVANCED,
     .help = "CRS of the truth, instead of its own; none: it is in pixel coordinates"},
    SELO_SUMMARY_ARGUMENT,
    {.name = "result-layer",
     .kind = SELO_ARG_STRINGS,
     .flags = SELO_ARG_ADVANCED,
     .choices = "selo_sample|selo_region|selo_circle|selo_cand|selo_shift|selo_curve|selo_run",
     .help = "Write only these layers"},
    {.name = "append", .kind = SELO_ARG_FLAG, .help = "Add the results to an existing output"},
    {.name = "fail-below",
     .kind = SELO_ARG_STRINGS,
     .metavar = "<METRIC>=<VALUE>",
     .help = "End with exit status 3 if the mean of a score is below a value or undefined"},
    {.name = "fail-above",
     .kind = SELO_ARG_STRINGS,
     .metavar = "<METRIC>=<VALUE>",
     .help = "End with exit status 3 if the mean of a score is above a value or undefined"},
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_INPUT_FORMATS},
    {.kind = SELO_ARG_OPEN_OPTIONS},
    {.kind = SELO_ARG_CREATION_OPTIONS},
    {.kind = SELO_ARG_LAYER_CREATION_OPTIONS},
    {.kind = SELO_ARG_NUM_THREADS},
    {.kind = SELO_ARG_OUTPUT_STRING},
    {.kind = SELO_ARG_RETURN_CODE},
    {.kind = SELO_ARG_QUIET},
};

static bool wants_layers(const selo_values *values)
{
    return selo_values_dataset_name(values, "output") || selo_values_in_memory(values);
}

/* NULL path: a dataset in memory, for the next step of a pipeline or for the program that runs this. */
static const char *output_path(const selo_values *values)
{
    return selo_values_in_memory(values) ? NULL : selo_values_dataset_name(values, "output");
}

static void print(selo_values *values, const selo_evaluation *evaluation)
{
    const char *summary = selo_summary_choice(values);
    if (EQUAL(summary, "none"))
        return;
    char *text = EQUAL(summary, "json") ? selo_evaluation_json(evaluation) : selo_evaluation_text(evaluation);
    selo_values_set_text(values, text);
    CPLFree(text);
}

enum { GATE_FAILED = 3 }; /* exit status */

/* Checks the gates of one option; without an evaluation only how they are written. */
static selo_status check_gates(const selo_values *values, const char *name, const selo_evaluation *evaluation,
                               bool *hold)
{
    const CSLConstList texts = selo_values_strings(values, name);
    for (int i = 0; i < CSLCount(texts); i++) {
        selo_gate gate;
        const selo_status status = selo_gate_parse(texts[i], EQUAL(name, "fail-below"), &gate);
        if (status != SELO_OK)
            return status;
        if (evaluation && !selo_gate_holds(&gate, evaluation))
            *hold = false;
    }
    return SELO_OK;
}

static selo_status pass_gates(selo_values *values, const selo_evaluation *evaluation)
{
    bool hold = true;
    selo_status status = check_gates(values, "fail-below", evaluation, &hold);
    if (status == SELO_OK)
        status = check_gates(values, "fail-above", evaluation, &hold);
    if (evaluation)
        selo_values_set_return_code(values, hold ? 0 : GATE_FAILED);
    return status;
}

static selo_status run(selo_values *values, GDALProgressFunc progress, void *progress_data)
{
    selo_profile_choice choice;
    selo_evaluate_ground ground;
    selo_length buffer;
    selo_status status = selo_ground_arguments(values, &choice, &ground);
    if (status == SELO_OK && selo_values_is_set(values, "buffer"))
        status = selo_length_argument(values, "buffer", &buffer);
    if (status == SELO_OK)
        status = pass_gates(values, NULL);
    if (status != SELO_OK)
        return status;
    const selo_results_options results = {
        .path = output_path(values), .format = selo_values_string(values, "output-format"),
        .dataset_options = selo_values_strings(values, "creation-option"),
        .layer_options = selo_values_strings(values, "layer-creation-option"),
        .layers = selo_values_strings(values, "result-layer"),
        .overwrite = selo_values_flag(values, "overwrite"), .append = selo_values_flag(values, "append"),
        .can_append = true};
    selo_evaluate_options options = {
        .command_line = selo_values_command_line(values), .params_json = selo_values_params_json(values),
        .map = {.name = selo_values_dataset_name(values, "map"), .dataset = selo_values_dataset(values, "map"),
                .formats = selo_values_strings(values, "input-format"),
                .open_options = selo_values_strings(values, "open-option"),
                .crs = selo_values_string(values, "map-crs"), .threads = selo_values_integer(values, "num-threads")},
        .truth = {.name = selo_values_dataset_name(values, "truth"), .dataset = selo_values_dataset(values, "truth"),
                  .layer = selo_values_string(values, "layer"), .where = selo_values_string(values, "where"),
                  .query_field = selo_values_string(values, "query-field"),
                  .class_field = selo_values_string(values, "class-field"),
                  .query = selo_values_string(values, "query"), .crs = selo_values_string(values, "truth-crs"),
                  .whole_features = EQUAL(selo_values_string(values, "regions"), "feature")},
        .profiles = choice.profiles, .n_profiles = choice.n_profiles, .ground = &ground,
        .buffer = selo_values_is_set(values, "buffer") ? &buffer : NULL,
        .results = wants_layers(values) ? &results : NULL};
    options.bands = selo_values_integers(values, "band", &options.n_bands);

    selo_evaluation *evaluation;
    GDALDatasetH layers;
    status = selo_evaluate(&options, progress, progress_data, &evaluation, &layers);
    if (status != SELO_OK)
        return status;
    if (layers)
        selo_values_set_dataset(values, "output", layers);
    print(values, evaluation);
    status = pass_gates(values, evaluation);
    selo_evaluation_free(evaluation);
    return status;
}

const selo_command selo_command_evaluate = {
    .path = "evaluate",
    .summary = "Score SeLo maps against a vector truth.",
    .details =
        "Examples:\n  gdal selo evaluate map.tif truth.shp scores.gpkg --query \"sea water along the coast\"\n"
        "  gdal selo evaluate map.tif truth.gpkg --profile reference --profile ground\n"
        "  gdal selo evaluate 'map_{sample_id}.tif' truth.gpkg scores.gpkg --query-field query --fail-below rmi=0.7",
    .group = "Score",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .streams = true,
    .run = run,
};
