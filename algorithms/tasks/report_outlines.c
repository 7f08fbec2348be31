/* Truth, circles and candidates of a sample as SVG, in the pixel coordinates of its map. */
#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "ogr_api.h"
#include "ogr_srs_api.h"
#include "report_canvas.h"
#include "selo/source.h"
#include "selo/stat.h"

/* From the map's CRS; where the map has no place, coordinates are pixels already. */
static void place(const selo_canvas *c, double *x, double *y)
{
    const double across = *x, down = *y;
    GDALApplyGeoTransform((double *)c->to_pixel, across, down, x, y);
}

static void ring_path(const selo_canvas *c, OGRGeometryH ring, selo_text *path)
{
    for (int i = 0; i < OGR_G_GetPointCount(ring); ++i) {
        double x = OGR_G_GetX(ring, i), y = OGR_G_GetY(ring, i);
        place(c, &x, &y);
        selo_text_add(path, "%s%.1f %.1f", i ? "L" : "M", x, y);
    }
    selo_text_add(path, "Z");
}

static void geometry_path(const selo_canvas *c, OGRGeometryH geometry, selo_text *path)
{
    if (OGR_GT_IsSubClassOf(OGR_G_GetGeometryType(geometry), wkbLineString))
        ring_path(c, geometry, path);
    for (int i = 0; i < OGR_G_GetGeometryCount(geometry); ++i)
        geometry_path(c, OGR_G_GetGeometryRef(geometry, i), path);
}

/* Whether a run has this name in the results, not only here, with its profile behind it. */
static bool is_own_name(const selo_report_data *data, const char *run_id)
{
    for (size_t row = 0; data->run && row < data->run->n_rows; ++row)
        if (strcmp(selo_table_text(data->run, row, "run_id"), run_id) == 0)
            return true;
    return false;
}

char *selo_canvas_run_id(const selo_report_data *data, const selo_canvas *c)
{
    char *run_id = CPLStrdup(c->run_id);
    const size_t stem = selo_stat_stem(run_id, c->profile);
    if (stem > 0 && !is_own_name(data, run_id))
        run_id[stem] = '\0';
    return run_id;
}

/* Adds "FIELD = 'value'" where the layer has the field and the value is no empty text. */
static void narrow(OGRLayerH layer, const char *field, const char *value, selo_text *filter)
{
    if (!*value || OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(layer), field) < 0)
        return;
    char *quoted = CPLEscapeString(value, -1, CPLES_SQL);
    selo_text_add(filter, "%s%s = '%s'", filter->data ? " AND " : "", field, quoted);
    CPLFree(quoted);
}

static OGRLayerH rows_of_sample(const selo_report_data *data, const selo_canvas *c, const char *name)
{
    OGRLayerH layer = GDALDatasetGetLayerByName(data->dataset, name);
    if (!layer)
        return NULL;
    char *run_id = selo_canvas_run_id(data, c);
    selo_text filter = {0};
    narrow(layer, "sample_id", c->sample_id, &filter);
    narrow(layer, "run_id", run_id, &filter);
    narrow(layer, "profile", c->profile, &filter);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    const bool filtered = OGR_L_SetAttributeFilter(layer, filter.data) == OGRERR_NONE;
    CPLPopErrorHandler();
    selo_text_clear(&filter);
    CPLFree(run_id);
    OGR_L_ResetReading(layer);
    return filtered ? layer : NULL;
}

/* From the CRS of the results, which is that of the first map, to that of this one; NULL where they are the same.
 * False if there is no way from one to the other. */
static bool find_way_to_map(const selo_canvas *c, OGRLayerH layer, OGRCoordinateTransformationH *way)
{
    OGRSpatialReferenceH from = OGR_L_GetSpatialRef(layer), to = c->map ? GDALGetSpatialRef(c->map) : NULL;
    *way = NULL;
    if (!from || !to || OSRIsSame(from, to))
        return true;
    OGRSpatialReferenceH map_crs = OSRClone(to);
    OSRSetAxisMappingStrategy(map_crs, OAMS_TRADITIONAL_GIS_ORDER);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    *way = OCTNewCoordinateTransformation(from, map_crs);
    CPLPopErrorHandler();
    CPLErrorReset();
    OSRDestroySpatialReference(map_crs);
    return *way != NULL;
}

/* As selo_source_next(); once a row cannot be read, which is reported, there are none for the whole gallery. */
static OGRFeatureH next_row(const selo_report_data *data, selo_source_rows *rows)
{
    selo_report_images *gallery = data->images;
    OGRFeatureH feature = gallery->status == SELO_OK ? selo_source_next(rows) : NULL;
    if (!feature && gallery->status == SELO_OK)
        gallery->status = selo_source_end(rows);
    return feature;
}

int selo_canvas_outlines(const selo_report_data *data, const selo_canvas *c, const char *name, const char *style,
                         selo_text *html)
{
    OGRLayerH layer = rows_of_sample(data, c, name);
    OGRCoordinateTransformationH way;
    if (!layer || !find_way_to_map(c, layer, &way))
        return 0;
    selo_text path = {0};
    int n = 0;
    selo_source_rows rows = {.layer = layer, .what = "results", .name = data->options->results};
    for (OGRFeatureH feature; (feature = next_row(data, &rows)) != NULL; OGR_F_Destroy(feature), ++n) {
        OGRGeometryH geometry = OGR_F_GetGeometryRef(feature);
        if (geometry && (!way || OGR_G_Transform(geometry, way) == OGRERR_NONE))
            geometry_path(c, geometry, &path);
    }
    OCTDestroyCoordinateTransformation(way);
    OGR_L_SetAttributeFilter(layer, NULL);
    if (path.data)
        selo_text_add(html,
                      "<g class=\"layer-%s\"><path class=\"%s halo\" d=\"%s\"/><path class=\"%s\" d=\"%s\"/></g>\n",
                      style, style, path.data, style, path.data);
    selo_text_clear(&path);
    return n;
}

int selo_canvas_candidates(const selo_report_data *data, const selo_canvas *c, selo_text *html)
{
    OGRLayerH layer = rows_of_sample(data, c, "selo_cand");
    if (!layer)
        return 0;
    const double size = fmax(c->width, c->height) / 55.0;
    int n = 0;
    selo_text_add(html, "<g class=\"layer-cand\">");
    selo_source_rows rows = {.layer = layer, .what = "results", .name = data->options->results};
    for (OGRFeatureH feature; (feature = next_row(data, &rows)) != NULL; OGR_F_Destroy(feature), ++n) {
        const double x = OGR_F_GetFieldAsDouble(feature, OGR_F_GetFieldIndex(feature, "x_px"));
        const double y = OGR_F_GetFieldAsDouble(feature, OGR_F_GetFieldIndex(feature, "y_px"));
        const int rank = OGR_F_GetFieldAsInteger(feature, OGR_F_GetFieldIndex(feature, "rank"));
        selo_text_add(html, "<circle class=\"cand\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>", x, y, size);
        selo_text_add(html, "<text class=\"rank\" x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\">%d</text>", x + 1.3 * size,
                      y + 0.8 * size, 2.4 * size, rank);
    }
    selo_text_add(html, "</g>\n");
    OGR_L_SetAttributeFilter(layer, NULL);
    return n;
}
