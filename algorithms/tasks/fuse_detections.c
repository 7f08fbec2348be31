#include "fuse_detections.h"

#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "selo/utf8.h"

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

/* A score that is not there is no 0, and neither is a text. */
static selo_status read_score(const selo_detections *all, OGRFeatureH feature, int score_at, double *score)
{
    const char *text = score_at < 0 ? NULL : OGR_F_GetFieldAsString(feature, score_at);
    *score = 1.0;
    if (!text)
        return SELO_OK;
    char *end;
    *score = CPLStrtod(text, &end);
    const bool number = end != text && end[strspn(end, " ")] == '\0';
    if (number)
        *score = OGR_F_GetFieldAsDouble(feature, score_at); /* all of its digits */
    if (number && *score >= 0.0 && *score <= 1.0)
        return SELO_OK;
    if (*text == '\0')
        CPLError(CE_Failure, CPLE_AppDefined,
                 "%s: detection %lld has no score: give it one, or leave it out by --where", all->name,
                 (long long)OGR_F_GetFID(feature));
    else
        CPLError(CE_Failure, CPLE_AppDefined, "%s: detection %lld has score %.*s, which is not within 0..1", all->name,
                 (long long)OGR_F_GetFID(feature), SELO_UTF8_SHORT(text, 40));
    return SELO_E_INPUT;
}

static selo_status add_detection(selo_detections *all, OGRFeatureH feature, int score_at, int class_at, int sample_at)
{
    OGRGeometryH geometry = OGR_F_GetGeometryRef(feature);
    if (!geometry || OGR_G_GetDimension(geometry) < 1)
        return SELO_OK;
    if (all->n == all->room) {
        selo_detection *items = selo_realloc(all->items, 2 * all->room + 64, sizeof *items);
        if (!items)
            return SELO_E_MEMORY;
        all->items = items;
        all->room = 2 * all->room + 64;
    }
    double score;
    const selo_status status = read_score(all, feature, score_at, &score);
    if (status != SELO_OK)
        return status;
    all->items[all->n++] = (selo_detection){OGR_F_GetFID(feature),       text_of(feature, class_at),
                                            text_of(feature, sample_at), score,
                                            OGR_G_Clone(geometry),       NULL};
    return SELO_OK;
}

static int find_field(const selo_detections *all, OGRLayerH layer, const char *field, selo_status *status)
{
    const int at = field ? OGR_L_FindFieldIndex(layer, field, FALSE) : -1;
    if (field && at < 0) {
        CPLError(CE_Failure, CPLE_IllegalArg, "%s has no field '%s'", all->name, field);
        *status = SELO_E_ARGUMENT;
    }
    return at;
}

static selo_status read_layer(const selo_fuse_options *options, OGRLayerH layer, selo_detections *all)
{
    selo_status status = SELO_OK;
    const int score_at = find_field(all, layer, score_field(options, layer), &status);
    const int class_at = find_field(all, layer, options->class_field, &status);
    const int sample_at = OGR_L_FindFieldIndex(layer, "sample_id", FALSE);
    if (status == SELO_OK && OGR_L_SetAttributeFilter(layer, options->where) != OGRERR_NONE)
        return SELO_E_ARGUMENT;
    all->pixels = options->crs && EQUAL(options->crs, "none");
    if (!all->pixels && options->crs) {
        all->crs = OSRNewSpatialReference(NULL);
        CPLPushErrorHandler(CPLQuietErrorHandler);
        const OGRErr failed = OSRSetFromUserInput(all->crs, options->crs);
        CPLPopErrorHandler();
        if (failed != OGRERR_NONE) {
            CPLError(CE_Failure, CPLE_IllegalArg, "--vectors-crs: '%s' is no CRS", options->crs);
            return SELO_E_ARGUMENT;
        }
    } else if (!all->pixels && OGR_L_GetSpatialRef(layer))
        all->crs = OSRClone(OGR_L_GetSpatialRef(layer));
    if (all->crs)
        OSRSetAxisMappingStrategy(all->crs, OAMS_TRADITIONAL_GIS_ORDER);
    selo_source_rows rows = {.layer = layer, .what = "detections", .name = all->name, .where = options->where};
    OGR_L_ResetReading(layer);
    for (OGRFeatureH feature; status == SELO_OK && (feature = selo_source_next(&rows)) != NULL;
         OGR_F_Destroy(feature))
        status = add_detection(all, feature, score_at, class_at, sample_at);
    OGR_L_SetAttributeFilter(layer, NULL);
    return status == SELO_OK ? selo_source_end(&rows) : status;
}

selo_status selo_detections_read(const selo_fuse_options *options, selo_detections *all)
{
    *all = (selo_detections){.name = options->detections};
    GDALDatasetH dataset = options->detection_dataset
                               ? options->detection_dataset
                               : selo_source_open(&(selo_source){.what = "detections", .name = options->detections,
                                                                 .flags = GDAL_OF_VECTOR});
    if (!dataset)
        return SELO_E_INPUT;
    OGRLayerH layer = options->layer                              ? GDALDatasetGetLayerByName(dataset, options->layer)
                      : GDALDatasetGetLayerCount(dataset) == 1 ? GDALDatasetGetLayer(dataset, 0)
                                                                  : NULL;
    if (!layer)
        CPLError(CE_Failure, CPLE_AppDefined,
                 options->layer ? "%s has no layer '%s'" : "%s has several layers: choose one with --layer",
                 options->detections, options->layer);
    const selo_status status = layer ? read_layer(options, layer, all) : SELO_E_INPUT;
    if (dataset != options->detection_dataset)
        GDALClose(dataset);
    if (status == SELO_OK && all->n == 0)
        CPLError(CE_Warning, CPLE_AppDefined, "%s: there is no polygon or line in it", options->detections);
    return status;
}

selo_status selo_detections_way(const selo_detections *all, const selo_grid *grid, OGRCoordinateTransformationH *way)
{
    *way = NULL;
    if (all->crs && !all->pixels && !grid->georeferenced) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "%s has a CRS and map %s has no geotransform: georeference it (gdal raster edit --bbox), or give "
                 "--vectors-crs none if they are in pixel coordinates",
                 all->name, grid->name);
        return SELO_E_INPUT;
    }
    const bool same = all->pixels || (!all->crs && !grid->crs) ||
                      (all->crs && grid->crs && OSRIsSame(all->crs, grid->crs));
    CPLPushErrorHandler(CPLQuietErrorHandler); /* GDAL and PROJ have several lines, of which none names a file */
    if (!same && all->crs && grid->crs)
        *way = OCTNewCoordinateTransformation(all->crs, grid->crs);
    CPLPopErrorHandler();
    CPLErrorReset();
    if (same || *way)
        return SELO_OK;
    if (all->crs && grid->crs)
        CPLError(CE_Failure, CPLE_AppDefined, "no transformation from the CRS of %s (%s) to that of map '%s' (%s)",
                 all->name, OSRGetName(all->crs), grid->name, OSRGetName(grid->crs));
    else
        CPLError(CE_Failure, CPLE_AppDefined,
                 "%s has a CRS and %s has none: say which with --map-crs or --vectors-crs (none: pixels)",
                 all->crs ? all->name : grid->name, all->crs ? grid->name : all->name);
    return SELO_E_INPUT;
}

selo_status selo_detection_place(const selo_detections *all, selo_detection *detection,
                                 OGRCoordinateTransformationH way)
{
    detection->placed = OGR_G_Clone(detection->geometry);
    if (!way)
        return SELO_OK;
    CPLPushErrorHandler(CPLQuietErrorHandler); /* PROJ has a line for each vertex */
    const OGRErr failed = OGR_G_Transform(detection->placed, way);
    CPLPopErrorHandler();
    CPLErrorReset();
    if (failed == OGRERR_NONE)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined,
             "%s: detection %lld cannot be brought into the map's CRS; is its own right (--vectors-crs)?", all->name,
             (long long)detection->id);
    return SELO_E_INPUT;
}

void selo_detections_unplace(selo_detections *all)
{
    for (size_t i = 0; i < all->n; ++i) {
        OGR_G_DestroyGeometry(all->items[i].placed);
        all->items[i].placed = NULL;
    }
}

void selo_detections_clear(selo_detections *all)
{
    selo_detections_unplace(all);
    for (size_t i = 0; i < all->n; ++i) {
        CPLFree(all->items[i].cls);
        CPLFree(all->items[i].sample_id);
        OGR_G_DestroyGeometry(all->items[i].geometry);
    }
    selo_free(all->items);
    OSRDestroySpatialReference(all->crs);
}
