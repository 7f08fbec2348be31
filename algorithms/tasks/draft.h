/* The work file of a benchmark: a GeoPackage beside the output that takes in one finished sample after the
 * other, each in a transaction of its own. Whatever moment a run is killed at, what was finished is there, and
 * nothing half-finished is. */
#ifndef SELO_TASKS_DRAFT_H
#define SELO_TASKS_DRAFT_H

#include <stdbool.h>

#include "gdal.h"
#include "selo/status.h"
#include "selo/table.h"

/* What a benchmark says of a sample besides its scores: columns of selo_sample. */
typedef struct selo_draft_row {
    const char *run_id;
    const char *sample_id;
    long sample_no;       /* place in the test set, from 0 */
    const char *image;    /* what intervals are clustered by */
    const char *input_sha; /* of all that the scores depend on */
    const char *message;  /* why it failed; NULL: it did not */
    const char *query, *map_uri, *gt_uri, *profile, *status; /* only read where there are no layers */
    const char *model;    /* what made the map; NULL: unknown */
    double t_ms;
    double stages_ms[4];  /* cut, sim, gnt, flt; NaN: there were none */
    char **groups; /* "FIELD=value" of the fields that means are split by */
} selo_draft_row;

typedef struct selo_draft selo_draft;

/* The work file's name for an output; the caller frees it with CPLFree(). */
char *selo_draft_path(const char *output);

/* Starts a work file with these group fields (columns of selo_sample). `earlier`: a work file or finished output whose
 * rows are taken over, if it can be read and has the same columns; NULL: start empty. */
selo_status selo_draft_open(const char *path, const char *earlier, CSLConstList groups, selo_draft **draft);

/* Rows of selo_sample that are there. The caller frees the table. */
selo_status selo_draft_samples(selo_draft *draft, selo_table **samples);

/* Drops the rows of a sample that its inputs have changed under, or that is no longer asked for. */
selo_status selo_draft_forget(selo_draft *draft, const char *run_id, const char *sample_id);

/* Adds a finished sample; layers: selo_sample and the others with this sample's rows, NULL if it
 * failed. Not thread safe. */
selo_status selo_draft_add(selo_draft *draft, const selo_draft_row *row, GDALDatasetH layers);

GDALDatasetH selo_draft_dataset(const selo_draft *draft);

/* Closes the work file, and removes it unless it is to be resumed. NULL is allowed. */
void selo_draft_close(selo_draft *draft, bool remove);

#endif
