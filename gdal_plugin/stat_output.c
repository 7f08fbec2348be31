#include "stat_output.h"

#include "cpl_string.h"
#include "summary.h"

selo_status selo_stat_print(selo_values *values, const selo_table *stat, size_t n_failed)
{
    const char *choice = selo_summary_choice(values);
    selo_text text = {0};
    if (EQUAL(choice, "json")) {
        selo_text_add(&text, "{\"n_failed\": %lu, \"stat\": ", (unsigned long)n_failed);
        selo_table_json(stat, &text);
        selo_text_add(&text, "}\n");
    } else if (EQUAL(choice, "text")) {
        selo_table_plain(stat,
                         "run_id=run,grp=group,metric=score,n=samples,n_image=images,mean,ci_lo=from,ci_hi=to,median,"
                         "std",
                         &text);
        if (n_failed)
            selo_text_add(&text, "%lu samples could not be scored: see status and message in selo_sample\n",
                          (unsigned long)n_failed);
    }
    return selo_hand_out(values, &text);
}

selo_layers_options selo_stat_output_arguments(const selo_values *values)
{
    return (selo_layers_options){.path = selo_values_dataset_name(values, "output"),
                                 .format = selo_values_string(values, "output-format"),
                                 .dataset_options = selo_values_strings(values, "creation-option"),
                                 .layer_options = selo_values_strings(values, "layer-creation-option"),
                                 .overwrite = selo_values_flag(values, "overwrite")};
}
