/* Smooths any map: what `gdal selo smooth` does. */
#ifndef SELO_SMOOTH_H
#define SELO_SMOOTH_H

#include "cpl_progress.h"
#include "gdal.h"
#include "selo/filters.h"
#include "selo/raster_output.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_smooth_options {
    const char *map;         /* any dataset name of GDAL */
    GDALDatasetH dataset;    /* already open, stays the caller's; NULL: opened by name */
    CSLConstList formats, open_options; /* as in selo_map_options; NULL: all, none */
    int band;                /* from 1 */
    selo_filter_method method;
    const char *size;        /* "251px", "81m" */
    int threads;             /* at least 1; the result does not depend on it */
    selo_raster_target output;
} selo_smooth_options;

/* A Byte map without NoData and mask is smoothed as bytes, and Byte is written; any other as Float32, with NaN where it
 * has no value. On failure the reason has been reported and no output is left. *result, which may be NULL, receives the
 * output opened for reading, to be closed by the caller. */
SELO_API selo_status selo_smooth(const selo_smooth_options *options, GDALProgressFunc progress, void *progress_data,
                                 GDALDatasetH *result);

#ifdef __cplusplus
}
#endif
#endif
