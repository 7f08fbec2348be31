/* Test sets: samples (one query on one image) with their regions, kept in a GeoPackage of two layers, and read from and
 * written to the formats in use (docs/testsets.md).
 *
 * Regions are polygons in pixel coordinates of their image: x = column, y = row, downwards. OGR rings repeat their
 * first vertex at the end; vertices that repeat elsewhere are data of the annotation and stay.
 *
 * Functions report with CPLError() what keeps them from SELO_OK. */
#ifndef SELO_TESTSET_H
#define SELO_TESTSET_H

#include <stdbool.h>
#include <stddef.h>

#include "gdal.h"
#include "ogr_api.h"
#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SELO_TESTSET_MANIFEST "selo_manifest" /* layer: one row per sample, no geometry */
#define SELO_TESTSET_TRUTH "selo_truth"       /* layer: one row per region */

typedef struct selo_testset_region {
    OGRGeometryH polygon; /* polygon or multipolygon; belongs to the test set */
    char *cls;            /* class of the object; NULL: none */
} selo_testset_region;

typedef struct selo_testset_sample {
    char *sample_id; /* stable and unique in a sound test set */
    char *image;     /* file name as annotated */
    char *caption;   /* as annotated, white space included */
    char *query;     /* the caption without white space at its ends */
    char *grp;       /* group that statistics may be split by; NULL: none */
    int width;       /* of the image in pixels; 0: unknown */
    int height;
    size_t n_regions;
    selo_testset_region *regions;
} selo_testset_sample;

typedef struct selo_testset {
    char *name; /* where it was read from, for messages */
    size_t n_samples;
    selo_testset_sample *samples; /* in the order of the annotation */
} selo_testset;

typedef enum selo_testset_format {
    SELO_TESTSET_AUTO,   /* found out from the file or folder */
    SELO_TESTSET_AIRSLT, /* the published list of {caption, jpg_name, points} */
    SELO_TESTSET_VOC,    /* XML of Pascal VOC with a description per object, as DIOR-RSVG: a
                            file, or a folder of them */
    SELO_TESTSET_COCO,   /* JSON of COCO with a caption per annotation, or else its category */
    SELO_TESTSET_FOLDER  /* images with a GeoJSON file of the same name beside each */
} selo_testset_format;

typedef struct selo_testset_import_options {
    selo_testset_format format;
    const char *images;      /* folder to find image sizes in; NULL: the annotation's own sizes, if it has any */
    const char *query_field; /* SELO_TESTSET_FOLDER: property that holds the query; NULL: "query" */
} selo_testset_import_options;

/* Reads annotations. On SELO_OK the caller frees *testset with selo_testset_free(). */
SELO_API selo_status selo_testset_import(const char *path, const selo_testset_import_options *options,
                                         selo_testset **testset);

/* Reads a test set that selo_testset_write() made. The dataset stays the caller's. */
SELO_API selo_status selo_testset_read(GDALDatasetH dataset, selo_testset **testset);

/* Writes a test set as a GeoPackage, complete or not at all. */
SELO_API selo_status selo_testset_write(const selo_testset *testset, const char *path, bool overwrite);

/* Writes the published JSON list, complete or not at all. A region of several rings or parts is refused. */
SELO_API selo_status selo_testset_export(const selo_testset *testset, const char *path, bool overwrite);

SELO_API void selo_testset_free(selo_testset *testset); /* NULL is allowed */

/* For readers of further formats: adds a sample, or a region to the last one; text is copied, a polygon is taken over
 * (also on failure). `query` and `regions` of the template are not read. */
SELO_API selo_status selo_testset_add_sample(selo_testset *testset, const selo_testset_sample *sample);
SELO_API selo_status selo_testset_add_region(selo_testset *testset, OGRGeometryH polygon, const char *cls);

/* A polygon of n vertices, closed by repeating the first. NULL if memory is short. */
SELO_API OGRGeometryH selo_testset_polygon(const double *xy, size_t n);

/* What the annotations alone determine of the published Table I (TGRS 2022, doi 10.1109/TGRS.2022.3207171). A word is
 * what stands between white space, without punctuation at its ends, compared as written. */
typedef struct selo_testset_info {
    size_t n_samples;
    size_t n_images;
    size_t n_regions;
    size_t n_words;          /* distinct */
    double regions_mean;     /* per sample */
    double caption_mean;     /* words per caption */
    double attention_mean;   /* share of an image that its sample's regions cover; NaN: image sizes are not known */
    size_t by_regions[8];    /* samples with 0, 1, ... 6, and 7 or more regions */
    size_t by_words[8];      /* captions of 0-4, 5-9, ... 30-34, and 35 or more words */
} selo_testset_info;

/* Counts it. */
SELO_API selo_status selo_testset_describe(const selo_testset *testset, selo_testset_info *info);

/* A defect of a test set; the texts are static or belong to the list. */
typedef struct selo_testset_defect {
    size_t sample;     /* index */
    long region;       /* index in the sample; -1: the sample itself */
    const char *kind;  /* "repeated vertex", "self-intersection", "zero area", "outside image", ... */
    char *detail;      /* where and how */
} selo_testset_defect;

/* Finds every defect. On SELO_OK the caller frees *defects with selo_testset_defects_free(). */
SELO_API selo_status selo_testset_validate(const selo_testset *testset, selo_testset_defect **defects, size_t *count);
SELO_API void selo_testset_defects_free(selo_testset_defect *defects, size_t count);

#ifdef __cplusplus
}
#endif
#endif
