/* Makes a SeLo map of windows and their similarities: what `gdal selo localize` does. */
#ifndef SELO_LOCALIZE_H
#define SELO_LOCALIZE_H

#include "cpl_progress.h"
#include "gdal.h"
#include "selo/filters.h"
#include "selo/raster_output.h"
#include "selo/window_table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What differs between the published generators (docs/maps.md). */
typedef enum selo_preset {
    SELO_PRESET_V1, /* uncovered pixels have no value; median of 251 px */
    SELO_PRESET_V2  /* uncovered pixels have similarity 0; Gaussian of 255 px */
} selo_preset;

/* One map of several, a band each. */
typedef struct selo_localize_map {
    const selo_window_table *table; /* stays the caller's; its similarities must not change meanwhile */
    const char *query;              /* may be NULL */
} selo_localize_map;

/* Time spent on making maps, as the stages of the paper. */
typedef struct selo_localize_times {
    double generate_ms; /* from similarities to a normalised map */
    double filter_ms;   /* smoothing it and writing it */
} selo_localize_times;

typedef struct selo_localize_options {
    selo_window_source windows;
    const selo_localize_map *maps; /* n_maps bands from windows in memory; NULL: one, from `windows` */
    int n_maps;
    const char *like;          /* raster that gives size, CRS and geotransform; any dataset name of GDAL */
    GDALDatasetH like_dataset; /* already open, stays the caller's; NULL: opened by name */
    selo_preset preset;
    const char *smoothing;      /* "median", "gaussian", "none"; NULL: the preset's */
    const char *smoothing_size; /* "251px", "81m"; NULL: the preset's */
    GDALDataType type;          /* GDT_Float32: 0..1, NaN where no window is; GDT_Byte: the
                                   published 8-bit arithmetic */
    const char *query;          /* kept in the metadata; may be NULL */
    const char *model;          /* as query */
    CSLConstList metadata;      /* further "KEY=value" for the domain SELO; NULL: none */
    int threads;                /* at least 1; the map does not depend on it */
    selo_raster_target output;
    selo_localize_times *times; /* added to; NULL: not wanted */
} selo_localize_options;

/* On failure the reason has been reported and no output is left. *map, which may be NULL, receives the map opened for
 * reading, to be closed by the caller.
 * Memory: the lattice (16 bytes a cell) and, per thread, a strip of rows. Time: about that of writing the file. */
SELO_API selo_status selo_localize(const selo_localize_options *options, GDALProgressFunc progress, void *progress_data,
                                   GDALDatasetH *map);

#ifdef __cplusplus
}
#endif
#endif
