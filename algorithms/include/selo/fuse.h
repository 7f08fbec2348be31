/* Fuses a SeLo map with what a detector or a road extractor found: what `gdal selo fuse` does.
 *
 * Source of the idea: TGRS 2022, doi 10.1109/TGRS.2022.3207171, Figure 7, a picture only; the rules
 * here are this project's. */
#ifndef SELO_FUSE_H
#define SELO_FUSE_H

#include "cpl_progress.h"
#include "selo/layers.h"
#include "selo/map.h"
#include "selo/raster_output.h"
#include "selo/truth.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum selo_fuse_rule {
    SELO_FUSE_PRODUCT,   /* score * attention */
    SELO_FUSE_GEOMETRIC, /* sqrt(score * attention) */
    SELO_FUSE_WEIGHTED   /* (1 - weight) * score + weight * attention */
} selo_fuse_rule;

/* score and attention 0..1; NaN if one of them is. */
SELO_API double selo_fuse_score(selo_fuse_rule rule, double weight, double score, double attention);

/* Referring-expression scores: each sample's highest detection against the region of the truth that it overlaps
 * most. */
enum { SELO_REFER_LEVELS = 5 };
typedef struct selo_refer {
    size_t n;
    double precision[SELO_REFER_LEVELS]; /* share of samples with IoU >= 0.5, 0.6, 0.7, 0.8, 0.9 */
    double mean_iou;
    double cumulative_iou; /* sum of intersections over sum of unions */
} selo_refer;

typedef struct selo_fuse_options {
    selo_map_options map; /* a name with {FIELD} stands for a map per sample of the truth; band 1
                             unless said otherwise */
    selo_map_range range;
    const char *detections;         /* any dataset name of OGR; also used in messages */
    GDALDatasetH detection_dataset; /* already open, stays the caller's; NULL: opened by name */
    const char *layer, *where;      /* NULL: the only layer; all features */
    const char *score_field;        /* 0..1; NULL: score, det_score or confidence where there is one, else 1 */
    const char *class_field;        /* NULL: none */
    const char *crs;                /* of the detections instead of their own; "none": pixel coordinates */
    selo_fuse_rule rule;
    double weight;                  /* of the attention, 0..1, with SELO_FUSE_WEIGHTED */
    bool by_maximum;                /* attention is the maximum under a detection, not the mean */
    double keep_above;              /* fused score from which a detection is kept */
    const selo_truth_options *truth; /* NULL: none */
    const selo_layers_options *output; /* layers selo_fused and, with truth, selo_refer */
    const char *command_line;          /* may be NULL */
} selo_fuse_options;

/* Polygons: mean, maximum and share of attention under them with the exact covered share of each pixel, as `gdal raster
 * zonal-stats --pixels fractional` counts. Lines: the mean is by length, the share is null. Detections with a field
 * sample_id count for that sample only. refer, which may be NULL, receives the scores without ([0]) and with ([1]) the
 * map; n = 0 without truth. n_kept and n_detections, which may be NULL, receive how many detections were kept, and of
 * how many. Reports with CPLError(). */
SELO_API selo_status selo_fuse(const selo_fuse_options *options, GDALProgressFunc progress, void *progress_data,
                               selo_refer refer[2], size_t *n_kept, size_t *n_detections);

typedef struct selo_fuse_raster_options {
    selo_map_options map, mask; /* of the same size */
    selo_map_range range, mask_range;
    selo_fuse_rule rule;
    double weight;
    selo_raster_target output; /* Float32 0..1, NaN where map or mask has no value */
} selo_fuse_raster_options;

/* A road or segmentation raster becomes a fused one, pixel by pixel. */
SELO_API selo_status selo_fuse_raster(const selo_fuse_raster_options *options, GDALProgressFunc progress,
                                      void *progress_data);

#ifdef __cplusplus
}
#endif
#endif
