#include "selo/fuse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "fuse_attention.h"
#include "fuse_detections.h"
#include "fuse_refer.h"
#include "pattern.h"
#include "selo/memory.h"
#include "selo/place.h"

/* One detection for one sample, scored. */
typedef struct fused {
    const selo_detection *of;
    selo_attention attention;
    double score; /* NaN: no valid pixel under it */
    int rank;     /* from 1; 0: none */
} fused;

typedef struct fuser {
    const selo_fuse_options *options;
    selo_detections detections;
    selo_truth *truth;
    selo_layers *layers;
    selo_refer_sums refer;
    size_t n_kept, n_rows;
} fuser;

/* ---- one sample ---- */

static selo_frame frame_of(const fuser *f, const selo_grid *grid)
{
    selo_frame frame = {grid->width, grid->height, {0, 1, 0, 0, 0, 1}};
    if (!f->detections.pixels && grid->georeferenced)
        memcpy(frame.gt, grid->geotransform, sizeof frame.gt);
    return frame;
}

/* The geometry that stands highest by one way; the first of several. NULL: none has a score. */
static OGRGeometryH highest_of(const fused *rows, size_t n, int way)
{
    const fused *top = NULL;
    double best = -1.0;
    for (size_t i = 0; i < n; ++i) {
        const double score = way ? rows[i].score : rows[i].of->score;
        if (score > best) {
            best = score;
            top = &rows[i];
        }
    }
    return top ? top->of->placed : NULL;
}

static int by_fused(const void *a, const void *b)
{
    const fused *left = a, *right = b;
    if (isnan(left->score) != isnan(right->score))
        return isnan(left->score) ? 1 : -1;
    if (left->score != right->score && !isnan(left->score))
        return left->score > right->score ? -1 : 1;
    return (left->of->id > right->of->id) - (left->of->id < right->of->id);
}

static selo_status write_rows(fuser *f, const char *sample_id, const fused *rows, size_t n)
{
    selo_status status = selo_layers_set_sample(f->layers, sample_id, f->detections.crs);
    for (size_t i = 0; status == SELO_OK && i < n; ++i) {
        const bool keep = rows[i].score >= f->options->keep_above;
        const selo_value values[] = {selo_value_integer(rows[i].of->id),
                                     selo_value_text(rows[i].of->cls),
                                     selo_value_real(rows[i].of->score),
                                     selo_value_real(rows[i].attention.mean),
                                     selo_value_real(rows[i].attention.max),
                                     selo_value_real(rows[i].attention.share),
                                     selo_value_real(rows[i].score),
                                     rows[i].rank ? selo_value_integer(rows[i].rank) : selo_value_null(),
                                     selo_value_flag(keep)};
        status = selo_layers_write(f->layers, 0, rows[i].of->geometry, values, sizeof values / sizeof *values);
        f->n_kept += keep;
        f->n_rows++;
    }
    return status;
}

static selo_status fuse_rows(fuser *f, selo_map *map, OGRCoordinateTransformationH way, const char *sample_id,
                             fused *rows, size_t *n)
{
    const selo_frame frame = frame_of(f, selo_map_grid(map));
    OGRGeometryH *geometries = selo_alloc_zeroed(f->detections.n, sizeof *geometries);
    selo_attention *attention = selo_alloc(f->detections.n, sizeof *attention);
    selo_status status = geometries && attention ? SELO_OK : SELO_E_MEMORY;
    *n = 0;
    for (size_t i = 0; status == SELO_OK && i < f->detections.n; ++i) {
        selo_detection *d = &f->detections.items[i];
        if (d->sample_id && sample_id && strcmp(d->sample_id, sample_id) != 0)
            continue;
        status = selo_detection_place(&f->detections, d, way);
        geometries[*n] = d->placed;
        rows[(*n)++].of = d;
    }
    if (status == SELO_OK)
        status = selo_attention_under(map, &f->options->range, &frame, geometries, *n, attention);
    for (size_t i = 0; status == SELO_OK && i < *n; ++i) {
        rows[i].attention = attention[i];
        rows[i].score = selo_fuse_score(f->options->rule, f->options->weight, rows[i].of->score,
                                        f->options->by_maximum ? attention[i].max : attention[i].mean);
    }
    if (*n > 1)
        qsort(rows, *n, sizeof *rows, by_fused);
    for (size_t i = 0; i < *n; ++i)
        rows[i].rank = isnan(rows[i].score) ? 0 : (int)i + 1;
    selo_free(geometries);
    selo_free(attention);
    return status;
}

static selo_status compare_truth(fuser *f, selo_map *map, size_t sample, const fused *rows, size_t n)
{
    selo_placed placed;
    const selo_status status = selo_place(f->truth, sample, selo_map_grid(map), &placed);
    if (status != SELO_OK)
        return status;
    const OGRGeometryH highest[SELO_REFER_WAYS] = {highest_of(rows, n, 0), highest_of(rows, n, 1)};
    selo_refer_add(&f->refer, highest, placed.geometries, placed.n_regions);
    selo_placed_clear(&placed);
    return status;
}

static selo_status fuse_sample(fuser *f, const char *map_name, const char *sample_id, size_t sample)
{
    selo_map_options options = f->options->map;
    OGRCoordinateTransformationH way = NULL;
    selo_map *map = NULL;
    size_t n = 0;
    options.name = map_name;
    fused *rows = selo_alloc_zeroed(f->detections.n, sizeof *rows);
    selo_status status = rows ? selo_map_open(&options, &map) : SELO_E_MEMORY;
    if (status == SELO_OK)
        status = selo_detections_way(&f->detections, selo_map_grid(map), &way);
    if (status == SELO_OK)
        status = fuse_rows(f, map, way, sample_id, rows, &n);
    if (status == SELO_OK)
        status = write_rows(f, sample_id, rows, n);
    if (status == SELO_OK && f->truth)
        status = compare_truth(f, map, sample, rows, n);
    selo_detections_unplace(&f->detections);
    OCTDestroyCoordinateTransformation(way);
    selo_map_close(map);
    selo_free(rows);
    return status;
}

/* ---- all samples ---- */

static selo_status fuse_samples(fuser *f, GDALProgressFunc progress, void *progress_data)
{
    const char *pattern = f->options->map.name;
    const size_t n = f->truth ? f->truth->n_samples : 1;
    selo_status status = SELO_OK;
    for (size_t i = 0; status == SELO_OK && i < n; ++i) {
        const bool named = f->truth && !f->options->map.dataset && strchr(pattern, '{');
        char *name = named ? selo_pattern_expand(pattern, selo_pattern_field_of_sample, &f->truth->samples[i], "map")
                           : CPLStrdup(pattern);
        status = name ? fuse_sample(f, name, f->truth ? f->truth->samples[i].sample_id : NULL, i) : SELO_E_ARGUMENT;
        CPLFree(name);
        if (status == SELO_OK && progress && !progress((double)(i + 1) / (double)n, "", progress_data)) {
            CPLError(CE_Failure, CPLE_UserInterrupt, "fuse cancelled; no output was written");
            status = SELO_E_CANCELLED;
        }
    }
    return status;
}

static const selo_field fused_fields[] = {
    {"det_id", SELO_FIELD_BIG, "Detection", "feature id of the detection"},
    {"cls", SELO_FIELD_TEXT, "Class", "of the detection; null: none"},
    {"det_score", SELO_FIELD_REAL, "Detector's score", "0..1"},
    {"selo_mean", SELO_FIELD_REAL, "Mean attention",
     "0..1, under the detection; polygons by covered share of pixels, lines by length"},
    {"selo_max", SELO_FIELD_REAL, "Highest attention", "0..1, under the detection"},
    {"selo_share", SELO_FIELD_REAL, "Share of attention", "0..1, of all attention of the map; null for lines"},
    {"fused", SELO_FIELD_REAL, "Fused score", "0..1, of det_score and attention by the rule of the run"},
    {"rank", SELO_FIELD_INTEGER, "Rank", "from 1, by fused, within the sample"},
    {"keep", SELO_FIELD_FLAG, "Kept", "whether fused reaches the limit of the run"},
};
static const selo_layer_schema fused_schema = {"selo_fused",
                                               wkbUnknown,
                                               "Detections and roads with the attention under them",
                                               true,
                                               fused_fields,
                                               sizeof fused_fields / sizeof *fused_fields};

static selo_status open_output(fuser *f)
{
    static const char *const rules[] = {"product", "geometric", "weighted"};
    const selo_layer_schema *schemas[] = {&fused_schema, &selo_refer_schema};
    char *params = CPLStrdup(CPLSPrintf("{\"rule\":\"%s\",\"weight\":%.17g,\"attention\":\"%s\",\"keep_above\":%.17g}",
                                        rules[f->options->rule], f->options->weight,
                                        f->options->by_maximum ? "max" : "mean", f->options->keep_above));
    const selo_run run = {.command_line = f->options->command_line, .params_json = params, .seed = -1, .cut_ms = NAN,
                          .sim_ms = NAN, .gnt_ms = NAN, .flt_ms = NAN};
    const selo_status status = selo_layers_open(f->options->output, schemas, f->truth ? 2 : 1, &run, &f->layers);
    CPLFree(params);
    return status;
}

selo_status selo_fuse(const selo_fuse_options *options, GDALProgressFunc progress, void *progress_data,
                      selo_refer refer_out[2], size_t *n_kept, size_t *n_detections)
{
    fuser f = {.options = options};
    selo_refer scores[2] = {{0}, {0}};
    selo_status status = selo_detections_read(options, &f.detections);
    if (status == SELO_OK && options->truth)
        status = selo_truth_read(options->truth, &f.truth);
    if (status == SELO_OK)
        status = open_output(&f);
    if (status == SELO_OK)
        status = fuse_samples(&f, progress, progress_data);
    if (status == SELO_OK && f.truth) {
        selo_refer_finish(&f.refer, scores);
        status = selo_refer_write(f.layers, 1, scores);
    }
    if (status == SELO_OK)
        status = selo_layers_close(f.layers, NULL);
    else
        selo_layers_abandon(f.layers);
    if (refer_out)
        memcpy(refer_out, scores, sizeof scores);
    if (n_kept)
        *n_kept = f.n_kept;
    if (n_detections)
        *n_detections = f.n_rows;
    selo_detections_clear(&f.detections);
    selo_truth_free(f.truth);
    return status;
}
