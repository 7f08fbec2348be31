/* Puts samples from one or several sources (work files, parts of a benchmark) into one output, in the order of runs and
 * test set, with the means over them: the same rows whoever computed which. */
#ifndef SELO_TASKS_ASSEMBLE_H
#define SELO_TASKS_ASSEMBLE_H

#include "cpl_progress.h"
#include "gdal.h"
#include "selo/layers.h"
#include "selo/statistics.h"
#include "selo/table.h"

typedef struct selo_assembly_source {
    const char *name; /* for messages */
    GDALDatasetH dataset;
} selo_assembly_source;

typedef struct selo_assembly {
    const selo_assembly_source *sources;
    size_t n_sources;
    const selo_run *runs; /* in the order of the output; run_id is what rows of the sources carry */
    size_t n_runs;
    CSLConstList group_by;
    selo_resampling resampling;
    const selo_layers_options *output;
} selo_assembly;

/* *samples, which may be NULL, receives selo_sample of the output, freed with selo_table_free(); *stat likewise. */
selo_status selo_assemble(const selo_assembly *assembly, selo_table **samples, selo_table **stat);

#endif
