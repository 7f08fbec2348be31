/* Results as vector layers: selo_sample, selo_region, selo_circle, selo_cand, selo_shift, selo_run (docs/data-model.md).
 *
 * The output is complete or absent: it is written beside its place and moved there at the end. */
#ifndef SELO_RESULTS_H
#define SELO_RESULTS_H

#include "gdal.h"
#include "ogr_api.h"
#include "ogr_srs_api.h"
#include "selo/score.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_results selo_results;

typedef struct selo_results_options {
    const char *path;          /* NULL: a dataset in memory, handed out by selo_results_close() */
    const char *format;        /* driver name; NULL: by extension, else GPKG */
    CSLConstList dataset_options; /* creation options */
    CSLConstList layer_options;   /* layer creation options */
    CSLConstList layers;       /* only these selo_* layers; NULL: all (a format of one layer needs exactly one here) */
    bool overwrite;            /* replace an existing output */
    bool append;               /* add rows to an existing output of the same schema version */
} selo_results_options;

/* What the run was; strings are copied, NULL becomes a null field. */
typedef struct selo_run {
    const char *run_id;
    const char *command_line;
    const char *params_json;
    const char *model_sha;
    const char *provider;
    int64_t seed;          /* below 0: none */
    double cut_ms, sim_ms, gnt_ms, flt_ms; /* NaN: none */
} selo_run;

/* One scored sample with all that its layers need. Geometries are in `crs` (NULL: pixel coordinates) and stay the caller's. */
typedef struct selo_sample_result {
    const char *sample_id;
    const char *query;
    const char *model;  /* may be NULL, as map_uri and gt_uri */
    const char *map_uri;
    const char *gt_uri;
    const selo_score *score;
    OGRSpatialReferenceH crs;
    const double *geotransform;  /* pixel to crs; NULL: pixel coordinates */
    int width, height;           /* of the map */
    const OGRGeometryH *regions; /* score->n_regions polygons or multipolygons, in crs */
    const char *const *classes;  /* per region, entries may be NULL; NULL: none */
    double t_ms;
    /* Further numbers of this profile (extra scores): fields of selo_sample, added in this order when the output is
     * made; names of at most 10 characters. The same names for all samples of one output. */
    size_t n_extra;
    const char *const *extra_names;
    const double *extra_values; /* NaN becomes null */
} selo_sample_result;

/* Says early what would go wrong late: output exists without overwrite or append, unknown format, folder that cannot be
 * written, a format of one layer without a choice. Reports with CPLError(). */
SELO_API selo_status selo_results_check(const selo_results_options *options);

SELO_API selo_status selo_results_open(const selo_results_options *options, const selo_run *run, selo_results **results);
SELO_API selo_status selo_results_add(selo_results *results, const selo_sample_result *sample);

/* Puts the output in its place and ends `results`, also on failure. With options.path NULL, *dataset receives the dataset
 * in memory, which the caller closes with GDALClose(); else dataset may be NULL. */
SELO_API selo_status selo_results_close(selo_results *results, GDALDatasetH *dataset);

/* Drops everything that was written and ends `results`. NULL is allowed. */
SELO_API void selo_results_abandon(selo_results *results);

#ifdef __cplusplus
}
#endif
#endif
