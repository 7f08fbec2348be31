/* The output of commands that score a whole test set, and what they print. */
#ifndef SELO_STAT_OUTPUT_H
#define SELO_STAT_OUTPUT_H

#include "command.h"
#include "selo/layers.h"
#include "selo/table.h"

#define SELO_STAT_OUTPUT_ARGUMENT                                                                                      \
    {                                                                                                                  \
        .name = "output", .kind = SELO_ARG_VECTOR, .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED | SELO_ARG_OUTPUT, \
        .short_name = 'o',                                                                                             \
        .help = "Dataset for the results: layers selo_sample, selo_region, selo_circle, selo_cand, selo_shift, "       \
                "selo_stat, selo_run"                                                                                  \
    }

selo_layers_options selo_stat_output_arguments(const selo_values *values);

/* The means, as --summary says. */
selo_status selo_stat_print(selo_values *values, const selo_table *stat, size_t n_failed);

#endif
