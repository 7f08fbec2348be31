/* Writes a window plan for a model to work through: what `gdal selo windows` does. */
#ifndef SELO_PLAN_H
#define SELO_PLAN_H

#include "gdal.h"
#include "selo/layers.h"
#include "selo/localize.h"
#include "selo/window_table.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_plan_options {
    const char *image;          /* raster that the windows are of */
    GDALDatasetH image_dataset; /* already open, stays the caller's; NULL: opened by name */
    CSLConstList image_formats, image_open_options; /* as in selo_source; NULL: all, none */
    selo_preset preset;
    CSLConstList scales;        /* v1: "256", "256px" or "83m" each; NULL: 256, 512, 768 px */
    const selo_window_source *similarities; /* v2: first stage with similarities, for the second
                                               stage; NULL: first stage */
    const char *command_line;   /* for selo_run; may be NULL */
    selo_layers_options output; /* a .csv (or format CSV):
                                   stage,row_start,row_end,col_start,col_end[,similarity,selected] */
} selo_plan_options;

/* On failure the reason has been reported and no output is left. *n_windows, which may be NULL, receives how many there
 * are; *layers, which may be NULL, the dataset where output.path is NULL. */
SELO_API selo_status selo_plan_write(const selo_plan_options *options, size_t *n_windows, GDALDatasetH *layers);

#ifdef __cplusplus
}
#endif
#endif
