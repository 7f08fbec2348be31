/* Results as vector layers: selo_sample, selo_region, selo_circle, selo_cand, selo_shift, selo_run
 * (docs/data-model.md).
 *
 * The output is complete or absent: it is written beside its place and moved there at the end. */
#ifndef SELO_RESULTS_H
#define SELO_RESULTS_H

#include "selo/curve.h"
#include "selo/layers.h"
#include "selo/score.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_results selo_results;

typedef selo_layers_options selo_results_options;

/* One scored sample with all that its layers need. Geometries are in `crs` (NULL: pixel coordinates) and stay the
 * caller's. */
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
    const char *const *extra_comments; /* unit and formula of each; NULL: none */
    size_t n_curve;                 /* rows of selo_curve */
    const selo_curve_point *curve;
} selo_sample_result;

/* Says early what would go wrong late: output exists without overwrite or append, unknown format, folder that cannot be
 * written, a format of one layer without a choice. Reports with CPLError(). */
SELO_API selo_status selo_results_check(const selo_results_options *options);

/* Starts an output, as selo_layers_open(). The caller ends it with selo_results_close() or selo_results_abandon(). */
SELO_API selo_status selo_results_open(const selo_results_options *options, const selo_run *run,
                                       selo_results **results);

/* Adds the rows of one sample to all layers. A sample in another CRS is transformed to that of the first one. */
SELO_API selo_status selo_results_add(selo_results *results, const selo_sample_result *sample);

/* Adds the curve of all samples together, under no sample_id. */
SELO_API selo_status selo_results_add_pooled(selo_results *results, const selo_curve_point *points, size_t n);

/* Puts the output in its place and ends `results`, also on failure. With options.path NULL, *dataset receives the
 * dataset in memory, which the caller closes with GDALClose(); else dataset may be NULL. */
SELO_API selo_status selo_results_close(selo_results *results, GDALDatasetH *dataset);

/* Drops everything that was written and ends `results`. NULL is allowed. */
SELO_API void selo_results_abandon(selo_results *results);

#ifdef __cplusplus
}
#endif
#endif
