#include "selo/fuse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "fuse_attention.h"
#include "pattern.h"
#include "selo/memory.h"
#include "selo/place.h"

/* ---- detections ---- */

typedef struct detection {
    int64_t id;
    char *cls, *sample_id; /* may be NULL */
    double score;
    OGRGeometryH geometry; /* in the detections' CRS */
    OGRGeometryH placed;   /* in the map's CRS, while its sample is under way */
} detection;

/* One detection for one sample, scored. */
typedef struct fused {
    const detection *of;
    selo_attention attention;
    double score; /* NaN: no valid pixel under it */
    int rank;     /* from 1; 0: none */
} fused;

typedef struct fuser {
    const selo_fuse_options *options;
    OGRSpatialReferenceH crs; /* of the detections; NULL: none */
    bool pixels;
    detection *detections;
    size_t n, room;
    selo_truth *truth;
    selo_layers *layers;
    double best_iou[2], inter[2], uni[2]; /* sums over samples: without and with the map */
    size_t hits[2][SELO_REFER_LEVELS], n_referred;
    size_t n_kept, n_rows;
} fuser;

static const char *score_field(const selo_fuse_options *options, OGRLayerH layer)
{
    static const char *const usual[] = {"score", "det_score", "confidence"};
    if (options->score_field)
        return options->score_field;
    for (size_t i = 0; i < 3; ++i)
        if (OGR_L_FindFieldIndex(layer, usual[i], FALSE) >= 0)
            return usual[i];
    return NULL;
}

static char *text_of(OGRFeatureH feature, int at)
{
    return at >= 0 && OGR_F_IsFieldSetAndNotNull(feature, at) ? CPLStrdup(OGR_F_GetFieldAsString(feature, at)) : NULL;
}

static selo_status add_detection(fuser *f, OGRFeatureH feature, int score_at, int class_at, int sample_at)
{
    OGRGeometryH geometry = OGR_F_GetGeometryRef(feature);
    if (!geometry || OGR_G_GetDimension(geometry) < 1)
        return SELO_OK;
    if (f->n == f->room) {
        detection *detections = selo_realloc(f->detections, 2 * f->room + 64, sizeof *detections);
        if (!detections)
            return SELO_E_MEMORY;
        f->detections = detections;
        f->room = 2 * f->room + 64;
    }
    const double score = score_at >= 0 ? OGR_F_GetFieldAsDouble(feature, score_at) : 1.0;
    if (!(score >= 0.0 && score <= 1.0)) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s: detection %lld has score %g, which is not within 0..1", f->options->detections,
                 (long long)OGR_F_GetFID(feature), score);
        return SELO_E_INPUT;
    }
    f->detections[f->n++] = (detection){OGR_F_GetFID(feature), text_of(feature, class_at), text_of(feature, sample_at), score,
                                        OGR_G_Clone(geometry), NULL};
    return SELO_OK;
}

static int find_field(const fuser *f, OGRLayerH layer, const char *field, selo_status *status)
{
    const int at = field ? OGR_L_FindFieldIndex(layer, field, FALSE) : -1;
    if (field && at < 0) {
        CPLError(CE_Failure, CPLE_IllegalArg, "%s has no field '%s'", f->options->detections, field);
        *status = SELO_E_ARGUMENT;
    }
    return at;
}

static selo_status read_layer(fuser *f, OGRLayerH layer)
{
    const selo_fuse_options *options = f->options;
    selo_status status = SELO_OK;
    const int score_at = find_field(f, layer, score_field(options, layer), &status);
    const int class_at = find_field(f, layer, options->class_field, &status);
    const int sample_at = OGR_L_FindFieldIndex(layer, "sample_id", FALSE);
    if (status == SELO_OK && OGR_L_SetAttributeFilter(layer, options->where) != OGRERR_NONE)
        return SELO_E_ARGUMENT;
    f->pixels = options->crs && EQUAL(options->crs, "none");
    if (!f->pixels && options->crs) {
        f->crs = OSRNewSpatialReference(NULL);
        if (OSRSetFromUserInput(f->crs, options->crs) != OGRERR_NONE)
            return SELO_E_ARGUMENT;
    } else if (!f->pixels && OGR_L_GetSpatialRef(layer))
        f->crs = OSRClone(OGR_L_GetSpatialRef(layer));
    if (f->crs)
        OSRSetAxisMappingStrategy(f->crs, OAMS_TRADITIONAL_GIS_ORDER);
    OGR_L_ResetReading(layer);
    for (OGRFeatureH feature; status == SELO_OK && (feature = OGR_L_GetNextFeature(layer)) != NULL; OGR_F_Destroy(feature))
        status = add_detection(f, feature, score_at, class_at, sample_at);
    OGR_L_SetAttributeFilter(layer, NULL);
    return status;
}

static selo_status read_detections(fuser *f)
{
    const selo_fuse_options *options = f->options;
    GDALDatasetH dataset = options->detection_dataset ? options->detection_dataset
                                                      : GDALOpenEx(options->detections, GDAL_OF_VECTOR | GDAL_OF_VERBOSE_ERROR, NULL, NULL, NULL);
    if (!dataset)
        return SELO_E_INPUT;
    OGRLayerH layer = options->layer                              ? GDALDatasetGetLayerByName(dataset, options->layer)
                      : GDALDatasetGetLayerCount(dataset) == 1 ? GDALDatasetGetLayer(dataset, 0)
                                                                  : NULL;
    if (!layer)
        CPLError(CE_Failure, CPLE_AppDefined, options->layer ? "%s has no layer '%s'" : "%s has several layers: choose one with --layer",
                 options->detections, options->layer);
    const selo_status status = layer ? read_layer(f, layer) : SELO_E_INPUT;
    if (dataset != options->detection_dataset)
        GDALClose(dataset);
    if (status == SELO_OK && f->n == 0)
        CPLError(CE_Warning, CPLE_AppDefined, "%s: there is no polygon or line in it", options->detections);
    return status;
}

/* ---- into the map's CRS ---- */

/* NULL: coordinates stay as they are. */
static selo_status find_way(const fuser *f, const selo_grid *grid, OGRCoordinateTransformationH *way)
{
    *way = NULL;
    const bool same = f->pixels || (!f->crs && !grid->crs) || (f->crs && grid->crs && OSRIsSame(f->crs, grid->crs));
    if (!same && f->crs && grid->crs)
        *way = OCTNewCoordinateTransformation(f->crs, grid->crs);
    if (same || *way)
        return SELO_OK;
    if (!f->crs || !grid->crs)
        CPLError(CE_Failure, CPLE_AppDefined, "%s has a CRS and %s has none: say which with --map-crs or --vectors-crs (none: pixels)",
                 f->crs ? f->options->detections : grid->name, f->crs ? grid->name : f->options->detections);
    return SELO_E_INPUT;
}

static selo_frame frame_of(const fuser *f, const selo_grid *grid)
{
    selo_frame frame = {grid->width, grid->height, {0, 1, 0, 0, 0, 1}};
    if (!f->pixels && grid->georeferenced)
        memcpy(frame.gt, grid->geotransform, sizeof frame.gt);
    return frame;
}

/* ---- referring-expression scores ---- */

static double overlap(OGRGeometryH a, OGRGeometryH b, double *inter, double *uni)
{
    OGRGeometryH common = a && OGR_G_GetDimension(a) == 2 ? OGR_G_Intersection(a, b) : NULL;
    *inter = common ? OGR_G_Area(common) : 0.0;
    *uni = (a ? OGR_G_Area(a) : 0.0) + OGR_G_Area(b) - *inter;
    OGR_G_DestroyGeometry(common);
    return *uni > 0.0 ? *inter / *uni : 0.0;
}

/* The highest detection against the region that it overlaps most; `way` 0: by its own score, 1: fused. */
static void refer(fuser *f, int way, const fused *rows, size_t n, const OGRGeometryH *regions, size_t n_regions)
{
    const fused *top = NULL;
    for (size_t i = 0; i < n; ++i) {
        const double score = way ? rows[i].score : rows[i].of->score, best = !top ? -1.0 : way ? top->score : top->of->score;
        if (score > best)
            top = &rows[i];
    }
    double best = -1.0, inter = 0.0, uni = 0.0;
    for (size_t r = 0; r < n_regions; ++r) {
        double i, u;
        const double iou = overlap(top ? top->of->placed : NULL, regions[r], &i, &u);
        if (iou > best) {
            best = iou;
            inter = i;
            uni = u;
        }
    }
    f->best_iou[way] += fmax(best, 0.0);
    f->inter[way] += inter;
    f->uni[way] += uni;
    for (int k = 0; k < SELO_REFER_LEVELS; ++k)
        f->hits[way][k] += best >= 0.5 + 0.1 * k - 1e-12;
}

/* ---- one sample ---- */

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
    selo_status status = selo_layers_set_sample(f->layers, sample_id, f->crs);
    for (size_t i = 0; status == SELO_OK && i < n; ++i) {
        const bool keep = rows[i].score >= f->options->keep_above;
        const selo_value values[] = {selo_value_integer(rows[i].of->id), selo_value_text(rows[i].of->cls), selo_value_real(rows[i].of->score),
                                     selo_value_real(rows[i].attention.mean), selo_value_real(rows[i].attention.max),
                                     selo_value_real(rows[i].attention.share), selo_value_real(rows[i].score),
                                     rows[i].rank ? selo_value_integer(rows[i].rank) : selo_value_null(), selo_value_flag(keep)};
        status = selo_layers_write(f->layers, 0, rows[i].of->geometry, values, sizeof values / sizeof *values);
        f->n_kept += keep;
        f->n_rows++;
    }
    return status;
}

static selo_status fuse_rows(fuser *f, selo_map *map, OGRCoordinateTransformationH way, const char *sample_id, fused *rows, size_t *n)
{
    const selo_frame frame = frame_of(f, selo_map_grid(map));
    OGRGeometryH *geometries = selo_alloc_zeroed(f->n, sizeof *geometries);
    selo_attention *attention = selo_alloc(f->n, sizeof *attention);
    selo_status status = geometries && attention ? SELO_OK : SELO_E_MEMORY;
    *n = 0;
    for (size_t i = 0; status == SELO_OK && i < f->n; ++i) {
        detection *d = &f->detections[i];
        if (d->sample_id && sample_id && strcmp(d->sample_id, sample_id) != 0)
            continue;
        d->placed = OGR_G_Clone(d->geometry);
        if (way && OGR_G_Transform(d->placed, way) != OGRERR_NONE)
            status = SELO_E_INPUT;
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
    refer(f, 0, rows, n, placed.geometries, placed.n_regions);
    refer(f, 1, rows, n, placed.geometries, placed.n_regions);
    f->n_referred++;
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
    fused *rows = selo_alloc_zeroed(f->n, sizeof *rows);
    selo_status status = rows ? selo_map_open(&options, &map) : SELO_E_MEMORY;
    if (status == SELO_OK)
        status = find_way(f, selo_map_grid(map), &way);
    if (status == SELO_OK)
        status = fuse_rows(f, map, way, sample_id, rows, &n);
    if (status == SELO_OK)
        status = write_rows(f, sample_id, rows, n);
    if (status == SELO_OK && f->truth)
        status = compare_truth(f, map, sample, rows, n);
    for (size_t i = 0; i < f->n; ++i) {
        OGR_G_DestroyGeometry(f->detections[i].placed);
        f->detections[i].placed = NULL;
    }
    OCTDestroyCoordinateTransformation(way);
    selo_map_close(map);
    selo_free(rows);
    return status;
}

/* ---- all samples ---- */

static const char *field_of_sample(void *user, const char *field)
{
    const selo_truth_sample *sample = user;
    return EQUAL(field, "sample_id") ? sample->sample_id : CSLFetchNameValue(sample->fields, field);
}

static selo_status fuse_samples(fuser *f, GDALProgressFunc progress, void *progress_data)
{
    const char *pattern = f->options->map.name;
    const size_t n = f->truth ? f->truth->n_samples : 1;
    selo_status status = SELO_OK;
    for (size_t i = 0; status == SELO_OK && i < n; ++i) {
        const bool named = f->truth && !f->options->map.dataset && strchr(pattern, '{');
        char *name = named ? selo_pattern_expand(pattern, field_of_sample, &f->truth->samples[i], "map") : CPLStrdup(pattern);
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
    {"selo_mean", SELO_FIELD_REAL, "Mean attention", "0..1, under the detection; polygons by covered share of pixels, lines by length"},
    {"selo_max", SELO_FIELD_REAL, "Highest attention", "0..1, under the detection"},
    {"selo_share", SELO_FIELD_REAL, "Share of attention", "0..1, of all attention of the map; null for lines"},
    {"fused", SELO_FIELD_REAL, "Fused score", "0..1, of det_score and attention by the rule of the run"},
    {"rank", SELO_FIELD_INTEGER, "Rank", "from 1, by fused, within the sample"},
    {"keep", SELO_FIELD_FLAG, "Kept", "whether fused reaches the limit of the run"},
};
static const selo_field refer_fields[] = {
    {"way", SELO_FIELD_TEXT, "Ranked by", "without: the detector's score; with: the fused score"},
    {"n", SELO_FIELD_INTEGER, "Samples", "count"},
    {"pr_50", SELO_FIELD_REAL, "Pr@0.5", "share of samples whose highest detection has IoU >= 0.5"},
    {"pr_60", SELO_FIELD_REAL, "Pr@0.6", NULL},
    {"pr_70", SELO_FIELD_REAL, "Pr@0.7", NULL},
    {"pr_80", SELO_FIELD_REAL, "Pr@0.8", NULL},
    {"pr_90", SELO_FIELD_REAL, "Pr@0.9", NULL},
    {"mean_iou", SELO_FIELD_REAL, "Mean IoU", "over samples"},
    {"cum_iou", SELO_FIELD_REAL, "Cumulative IoU", "sum of intersections over sum of unions"},
};
#define COUNT(fields) (sizeof(fields) / sizeof *(fields))
static const selo_layer_schema fused_schema = {"selo_fused", wkbUnknown, "Detections and roads with the attention under them", true,
                                               fused_fields, COUNT(fused_fields)};
static const selo_layer_schema refer_schema = {"selo_refer", wkbNone, "Referring-expression scores without and with the map", false,
                                               refer_fields, COUNT(refer_fields)};

static void summarize(const fuser *f, selo_refer refer[2])
{
    for (int way = 0; way < 2; ++way) {
        const double n = (double)f->n_referred;
        refer[way] = (selo_refer){.n = f->n_referred, .mean_iou = f->best_iou[way] / n, .cumulative_iou = f->inter[way] / f->uni[way]};
        for (int k = 0; k < SELO_REFER_LEVELS; ++k)
            refer[way].precision[k] = (double)f->hits[way][k] / n;
    }
}

static selo_status write_refer(fuser *f, const selo_refer refer[2])
{
    selo_status status = SELO_OK;
    for (int way = 0; status == SELO_OK && way < 2; ++way) {
        selo_value values[COUNT(refer_fields)] = {selo_value_text(way ? "with" : "without"), selo_value_integer((int64_t)refer[way].n)};
        for (int k = 0; k < SELO_REFER_LEVELS; ++k)
            values[2 + k] = selo_value_real(refer[way].precision[k]);
        values[2 + SELO_REFER_LEVELS] = selo_value_real(refer[way].mean_iou);
        values[3 + SELO_REFER_LEVELS] = selo_value_real(refer[way].cumulative_iou);
        status = selo_layers_write(f->layers, 1, NULL, values, COUNT(refer_fields));
    }
    return status;
}

static selo_status open_output(fuser *f)
{
    static const char *const rules[] = {"product", "geometric", "weighted"};
    const selo_layer_schema *schemas[] = {&fused_schema, &refer_schema};
    char *params = CPLStrdup(CPLSPrintf("{\"rule\":\"%s\",\"weight\":%.17g,\"attention\":\"%s\",\"keep_above\":%.17g}",
                                        rules[f->options->rule], f->options->weight, f->options->by_maximum ? "max" : "mean",
                                        f->options->keep_above));
    const selo_run run = {.command_line = f->options->command_line, .params_json = params, .seed = -1, .cut_ms = NAN, .sim_ms = NAN,
                          .gnt_ms = NAN, .flt_ms = NAN};
    const selo_status status = selo_layers_open(f->options->output, schemas, f->truth ? 2 : 1, &run, &f->layers);
    CPLFree(params);
    return status;
}

selo_status selo_fuse(const selo_fuse_options *options, GDALProgressFunc progress, void *progress_data, selo_refer refer_out[2],
                      size_t *n_kept, size_t *n_detections)
{
    fuser f = {.options = options};
    selo_refer scores[2] = {{0}, {0}};
    selo_status status = read_detections(&f);
    if (status == SELO_OK && options->truth)
        status = selo_truth_read(options->truth, &f.truth);
    if (status == SELO_OK)
        status = open_output(&f);
    if (status == SELO_OK)
        status = fuse_samples(&f, progress, progress_data);
    if (status == SELO_OK && f.truth) {
        summarize(&f, scores);
        status = write_refer(&f, scores);
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
    for (size_t i = 0; i < f.n; ++i) {
        CPLFree(f.detections[i].cls);
        CPLFree(f.detections[i].sample_id);
        OGR_G_DestroyGeometry(f.detections[i].geometry);
    }
    selo_free(f.detections);
    OSRDestroySpatialReference(f.crs);
    selo_truth_free(f.truth);
    return status;
}
