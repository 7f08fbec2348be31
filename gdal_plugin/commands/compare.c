#include "selo/compare.h"

#include "command.h"
#include "cpl_string.h"
#include "resampling_arguments.h"

static const selo_arg arguments[] = {
    {.name = "results", .kind = SELO_ARG_STRINGS,
     .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED | SELO_ARG_NO_PACKING, .aliases = "input",
     .short_name = 'i', .metavar = "<RESULTS>", .role = "file",
     .help = "Results of `gdal selo benchmark` or `evaluate`: each run in them is compared with the first one"},
    {.name = "output", .kind = SELO_ARG_VECTOR, .flags = SELO_ARG_OUTPUT, .short_name = 'o',
     .help = "Dataset for the layers selo_diff and selo_most"},
    {.kind = SELO_ARG_OUTPUT_FORMAT},
    {.name = "allow-different", .kind = SELO_ARG_FLAG,
     .help = "Compare also runs of different test sets or profiles, over the samples that they share"},
    {.name = "most", .kind = SELO_ARG_INTEGER, .flags = SELO_ARG_RANGED, .minimum = 0, .maximum = 1000000,
     .default_value = "5",
     .help = "Number of samples that differ most to show, per pair of runs"},
    SELO_RESAMPLING_ARGUMENTS,
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_CREATION_OPTIONS},
    {.kind = SELO_ARG_LAYER_CREATION_OPTIONS},
    {.kind = SELO_ARG_OUTPUT_STRING},
    {.kind = SELO_ARG_QUIET},
};

static selo_status print(selo_values *values, const selo_table *diff, const selo_table *most)
{
    const char *choice = selo_summary_choice(values);
    selo_text text = {0};
    if (EQUAL(choice, "json")) {
        selo_text_add(&text, "{\"diff\": ");
        selo_table_json(diff, &text);
        selo_text_add(&text, ", \"most\": ");
        selo_table_json(most, &text);
        selo_text_add(&text, "}\n");
    } else if (EQUAL(choice, "text")) {
        selo_table_plain(diff,
                         "run_a=first,run_b=other,metric=score,n=samples,diff=difference,ci_lo=from,ci_hi=to,p_value=p,"
                         "p_holm=p (Holm),higher,equal,lower",
                         &text);
        if (most->n_rows > 0) {
            selo_text_add(&text, "\n");
            selo_table_plain(most,
                             "run_a=first,run_b=other,sample_id=sample,rmi_a=first,rmi_b=other,diff=difference,query",
                             &text);
        }
    }
    return selo_hand_out(values, &text);
}

static selo_status run(selo_values *values, GDALProgressFunc progress, void *progress_data)
{
    const selo_layers_options output = {.path = selo_values_dataset_name(values, "output"),
                                        .format = selo_values_string(values, "output-format"),
                                        .dataset_options = selo_values_strings(values, "creation-option"),
                                        .layer_options = selo_values_strings(values, "layer-creation-option"),
                                        .overwrite = selo_values_flag(values, "overwrite")};
    const selo_compare_options options = {.results = selo_values_strings(values, "results"),
                                          .allow_different = selo_values_flag(values, "allow-different"),
                                          .n_most = selo_values_integer(values, "most"),
                                          .resampling = selo_resampling_arguments(values),
                                          .output = output.path ? &output : NULL,
                                          .command_line = selo_values_command_line(values)};
    selo_table *diff, *most;
    selo_status status = selo_compare(&options, &diff, &most);
    if (status == SELO_OK)
        status = print(values, diff, most);
    selo_table_free(diff);
    selo_table_free(most);
    if (status == SELO_OK && progress)
        progress(1.0, "", progress_data);
    return status;
}

const selo_command selo_command_compare = {
    .path = "compare",
    .summary = "Compare runs sample by sample: differences with intervals and p-values.",
    .details = "Differences are the other run's score minus the first one's, paired by sample; intervals and p-values "
               "draw whole images; Holm's p allows for all rows of the table.\n\n"
               "Example:\n  gdal selo compare last_week.gpkg today.gpkg -o diff.gpkg",
    .group = "Benchmark",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .run = run,
};
