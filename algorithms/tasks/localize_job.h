/* The parts of a localization: its bands (localize_bands.c), their pixels (localize_render.c), the whole
 * (localize.c). Private to this room. */
#ifndef SELO_TASKS_LOCALIZE_JOB_H
#define SELO_TASKS_LOCALIZE_JOB_H

#include "selo/filters.h"
#include "selo/lattice.h"
#include "selo/localize.h"

/* One band of the output. */
typedef struct localize_band {
    const char *query;
    selo_lattice *lattice;
    selo_range range;
    size_t n_windows, n_missing;
    selo_surface *surface;
} localize_band;

typedef struct localize_job {
    const selo_localize_options *options;
    GDALDatasetH like;
    int width, height;
    selo_filter_method filter;
    int size_x, size_y;
    localize_band *bands;
    int n_bands;
    char **metadata, **descriptions;
    selo_raster_output *output;
    int strip_rows;
    GDALProgressFunc progress;
    void *progress_data;
} localize_job;

/* Reads the windows of every band and makes its lattice, normalised. Reports. */
selo_status selo_localize_bands(localize_job *job);

/* Smooths the bands on the way to the output, which is open. Reports. */
selo_status selo_localize_render(localize_job *job);

/* Passes a status on; where memory is short, it has said so. */
selo_status selo_localize_explain(selo_status status);

#endif
