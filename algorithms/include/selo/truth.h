/* The truth: what is really where, as polygons of any OGR layer, grouped into samples (one query each). */
#ifndef SELO_TRUTH_H
#define SELO_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gdal.h"
#include "ogr_api.h"
#include "ogr_srs_api.h"
#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_truth_options {
    const char *name;          /* any dataset name of OGR; also used in messages */
    GDALDatasetH dataset;      /* already open, stays the caller's; NULL: opened by name */
    CSLConstList formats;      /* drivers to try; NULL: all */
    CSLConstList open_options; /* NULL: none */
    const char *layer;         /* NULL: the only one, or selo_truth */
    const char *where;         /* attribute filter; NULL: none */
    const char *query_field;   /* features with the same value make a sample; NULL: by the fields sample_id and query of
                                  a test set's layer, else all are one sample */
    const char *class_field;   /* NULL: none */
    const char *query;         /* text of the query where there is no field for it; else the one that is read, the
                                  others are left out; NULL: none, and all are read */
    const char *crs;           /* instead of the layer's own; "none": pixel coordinates; NULL: its own */
    bool whole_features;       /* a multipolygon is one region; else each of its parts is */
    bool keep_others;          /* points and lines are regions too: for a caller that gives them an extent */
} selo_truth_options;

typedef struct selo_truth_sample {
    char *sample_id; /* field sample_id where the layer has one, else the sample's index from 0 */
    char *query;     /* NULL: unknown */
    char **fields;   /* "NAME=value" of its first feature: what {NAME} stands for in a pattern of map names */
    size_t n_regions;
    OGRGeometryH *regions; /* polygons, or multipolygons with whole_features, or points and lines with
                              keep_others; in the truth's CRS */
    int64_t *fids;         /* of the features they come from */
    char **classes;        /* entries may be NULL */
} selo_truth_sample;

typedef struct selo_truth {
    char *name;
    OGRSpatialReferenceH crs; /* NULL: none; axes in x, y order */
    bool pixel_coordinates;   /* said so with crs "none" */
    size_t n_samples;         /* at least 1 */
    selo_truth_sample *samples; /* in order of first appearance */
} selo_truth;

/* Reads a truth whole. Refused, with one line that names it: no such file or layer, no feature, no polygon, a broken
 * filter, a field that is not there. Features that are no polygons are left out with a warning that counts them.
 * The caller frees it with selo_truth_free(). */
SELO_API selo_status selo_truth_read(const selo_truth_options *options, selo_truth **truth);
SELO_API void selo_truth_free(selo_truth *truth); /* NULL is allowed */

#ifdef __cplusplus
}
#endif
#endif
