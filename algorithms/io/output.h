/* A file that is complete or absent: written beside its place, moved there at the end. */
#ifndef SELO_IO_OUTPUT_H
#define SELO_IO_OUTPUT_H

#include <stdbool.h>

#include "selo/status.h"

typedef struct selo_output {
    char *path;  /* where it shall be */
    char *draft; /* where it is written: same folder, same extension */
} selo_output;

/* Reports an output that exists without `overwrite`, and a folder that is not there. On SELO_OK end it with keep or drop. */
selo_status selo_output_begin(selo_output *output, const char *path, bool overwrite);

/* Moves the draft to its place; on failure the draft is gone and the old file stays. */
selo_status selo_output_keep(selo_output *output);

/* Removes the draft. */
void selo_output_drop(selo_output *output);

#endif
