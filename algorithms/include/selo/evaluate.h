/* Scores SeLo maps against a vector truth: what `gdal selo evaluate` does. */
#ifndef SELO_EVALUATE_H
#define SELO_EVALUATE_H

#include "cpl_progress.h"
#include "selo/ground.h"
#include "selo/map.h"
#include "selo/results.h"
#include "selo/score.h"
#include "selo/truth.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the ground profile wants to know besides map and truth. */
typedef struct selo_evaluate_ground {
    selo_ground_options scoring; /* threads, levels and aoi are set by the evaluation */
    selo_map_range range;
    bool allow_ballpark;         /* as of selo_way_options */
    const char *aoi;             /* area of interest: the areas of a vector dataset's only layer; NULL: the whole map */
    GDALDatasetH aoi_dataset;    /* already open, stays the caller's; NULL: opened by name */
} selo_evaluate_ground;

#define SELO_EVALUATE_GROUND_DEFAULT {.scoring = SELO_GROUND_OPTIONS_DEFAULT}

typedef struct selo_evaluate_options {
    selo_map_options map;     /* a name with {FIELD} stands for a map per sample; map.band is not read */
    const int *bands;         /* one for all samples, or one a sample in their order; NULL: chosen
                                 by description, else 1 */
    size_t n_bands;
    selo_truth_options truth;
    const selo_profile *profiles; /* each at most once */
    size_t n_profiles;        /* 0: ground where a map has a CRS and a geotransform, else reference */
    const selo_evaluate_ground *ground; /* NULL: defaults */
    const selo_length *buffer; /* width of points and lines in the truth; NULL: they are left out */
    const selo_results_options *results; /* NULL: no layers */
    const char *command_line; /* for selo_run; may be NULL */
    const char *params_json;  /* likewise */
} selo_evaluate_options;

typedef struct selo_evaluation_row {
    char *sample_id;
    char *query; /* NULL: unknown */
    char *map_name;
    int band;
    selo_score score;
    bool has_extras; /* ground profile */
    selo_ground_extras extras;
} selo_evaluation_row;

typedef struct selo_evaluation {
    size_t n_rows; /* samples x profiles: all samples of the first profile, then of the next */
    selo_evaluation_row *rows;
    selo_histogram *pool; /* all samples of the ground profile together, weighted by area; NULL: not more than one */
} selo_evaluation;

/* Reads each map band once, by strips; memory grows with its width, not with its height. On failure the reason has been
 * reported and no output is left. The caller frees *evaluation with selo_evaluation_free(). With results->path NULL,
 * *layers receives a dataset in memory, to be closed by the caller. */
SELO_API selo_status selo_evaluate(const selo_evaluate_options *options, GDALProgressFunc progress, void *progress_data,
                                   selo_evaluation **evaluation, GDALDatasetH *layers);
SELO_API void selo_evaluation_free(selo_evaluation *evaluation); /* NULL is allowed */

/* The evaluation as JSON (undefined numbers are null) or as a table for people. The caller frees it with
 * CPLFree(). */
SELO_API char *selo_evaluation_json(const selo_evaluation *evaluation);
SELO_API char *selo_evaluation_text(const selo_evaluation *evaluation);

#ifdef __cplusplus
}
#endif
#endif
