/* Compares runs over the same samples: what `gdal selo compare` does. */
#ifndef SELO_COMPARE_H
#define SELO_COMPARE_H

#include "selo/layers.h"
#include "selo/statistics.h"
#include "selo/table.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_compare_options {
    CSLConstList results;              /* datasets with selo_sample: all their runs take part, each
                                          against the first one */
    bool allow_different;              /* also runs of different test sets or profiles, over the
                                          samples that they share */
    int n_most;                        /* samples that differ most, per pair */
    selo_resampling resampling;
    const selo_layers_options *output; /* layers selo_diff and selo_most; NULL: none */
    const char *command_line;          /* may be NULL */
} selo_compare_options;

/* *diff: paired differences between the first run and each other one; *most: the samples that differ most (selo/stat.h
 * has the columns of both). The caller frees them with selo_table_free(). Reports with CPLError(). */
SELO_API selo_status selo_compare(const selo_compare_options *options, selo_table **diff, selo_table **most);

#ifdef __cplusplus
}
#endif
#endif
