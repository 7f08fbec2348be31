/* The worst and the best samples of each run, drawn: image, map, truth, circles, candidates. */
#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "ogr_api.h"
#include "pattern.h"
#include "picture.h"
#include "report_parts.h"

enum { picture_side = 360 };

/* A row of a table of samples, as what fields of a pattern stand for. */
typedef struct row_of {
    const selo_table *table;
    size_t row;
} row_of;

static const char *field_of_row(void *user, const char *field)
{
    const row_of *of = user;
    return selo_table_column(of->table, field) < of->table->n_columns ? selo_table_text(of->table, of->row, field)
                                                                      : NULL;
}

/* What one picture is drawn on: pixel coordinates of the map. */
typedef struct canvas {
    GDALDatasetH map; /* NULL: not found */
    double width, height;
    double to_pixel[6];
    const char *sample_id, *run_id, *profile;
} canvas;

static void place(const canvas *c, bool has_crs, double *x, double *y)
{
    if (!has_crs)
        return;
    const double across = *x, down = *y;
    GDALApplyGeoTransform((double *)c->to_pixel, across, down, x, y);
}

static void ring_path(const canvas *c, OGRGeometryH ring, bool has_crs, selo_text *path)
{
    for (int i = 0; i < OGR_G_GetPointCount(ring); ++i) {
        double x = OGR_G_GetX(ring, i), y = OGR_G_GetY(ring, i);
        place(c, has_crs, &x, &y);
        selo_text_add(path, "%s%.1f %.1f", i ? "L" : "M", x, y);
    }
    selo_text_add(path, "Z");
}

static void geometry_path(const canvas *c, OGRGeometryH geometry, bool has_crs, selo_text *path)
{
    if (OGR_GT_IsSubClassOf(OGR_G_GetGeometryType(geometry), wkbLineString))
        ring_path(c, geometry, has_crs, path);
    for (int i = 0; i < OGR_G_GetGeometryCount(geometry); ++i)
        geometry_path(c, OGR_G_GetGeometryRef(geometry, i), has_crs, path);
}

/* Whether a run has this name in the results, not only here, with its profile behind it. */
static bool is_own_name(const selo_report_data *data, const char *run_id)
{
    for (size_t row = 0; data->run && row < data->run->n_rows; ++row)
        if (strcmp(selo_table_text(data->run, row, "run_id"), run_id) == 0)
            return true;
    return false;
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

static OGRLayerH rows_of_sample(const selo_report_data *data, const canvas *c, const char *name)
{
    OGRLayerH layer = GDALDatasetGetLayerByName(data->dataset, name);
    if (!layer)
        return NULL;
    char *run_id = CPLStrdup(c->run_id);
    const size_t n = strlen(run_id), n_tail = strlen(c->profile) + 3; /* " (PROFILE)" */
    if (n > n_tail && !is_own_name(data, run_id) && run_id[n - 1] == ')')
        run_id[n - n_tail] = '\0';
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

/* Outlines of a layer's rows, drawn twice: a dark halo below, so that they show on any ground. */
static int draw_outlines(const selo_report_data *data, const canvas *c, const char *name, const char *style,
                         selo_text *html)
{
    OGRLayerH layer = rows_of_sample(data, c, name);
    if (!layer)
        return 0;
    const bool has_crs = OGR_L_GetSpatialRef(layer) != NULL;
    selo_text path = {0};
    int n = 0;
    for (OGRFeatureH feature; (feature = OGR_L_GetNextFeature(layer)) != NULL; OGR_F_Destroy(feature), ++n)
        if (OGR_F_GetGeometryRef(feature))
            geometry_path(c, OGR_F_GetGeometryRef(feature), has_crs, &path);
    OGR_L_SetAttributeFilter(layer, NULL);
    if (path.data)
        selo_text_add(html,
                      "<g class=\"layer-%s\"><path class=\"%s halo\" d=\"%s\"/><path class=\"%s\" d=\"%s\"/></g>\n",
                      style, style, path.data, style, path.data);
    selo_text_clear(&path);
    return n;
}

static int draw_candidates(const selo_report_data *data, const canvas *c, selo_text *html)
{
    OGRLayerH layer = rows_of_sample(data, c, "selo_cand");
    if (!layer)
        return 0;
    const double size = fmax(c->width, c->height) / 55.0;
    int n = 0;
    selo_text_add(html, "<g class=\"layer-cand\">");
    for (OGRFeatureH feature; (feature = OGR_L_GetNextFeature(layer)) != NULL; OGR_F_Destroy(feature), ++n) {
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

static GDALDatasetH open_quietly(const char *path)
{
    if (!path || !*path)
        return NULL;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    GDALDatasetH dataset = GDALOpenEx(path, GDAL_OF_RASTER | GDAL_OF_READONLY, NULL, NULL, NULL);
    CPLPopErrorHandler();
    CPLErrorReset();
    return dataset;
}

/* Where a map is that the results name: as it is named, or beside the results. */
static GDALDatasetH open_beside(const char *results, const char *path)
{
    GDALDatasetH dataset = open_quietly(path);
    if (dataset || !CPLIsFilenameRelative(path))
        return dataset;
    return open_quietly(CPLFormFilename(CPLGetPath(results), path, NULL));
}

static void draw_image(const canvas *c, bool (*picture)(GDALDatasetH, selo_text *), GDALDatasetH raster,
                       const char *layer, selo_text *html)
{
    selo_text address = {0};
    if (picture(raster, &address) && !address.failed)
        selo_text_add(html,
                      "<image class=\"layer-%s\" width=\"%.0f\" height=\"%.0f\" preserveAspectRatio=\"none\" "
                      "href=\"%s\"/>\n",
                      layer, c->width, c->height, address.data);
    selo_text_clear(&address);
}

static bool whole_map(GDALDatasetH raster, selo_text *text)
{
    return selo_picture_map(raster, picture_side, false, text);
}

static bool clear_map(GDALDatasetH raster, selo_text *text)
{
    return selo_picture_map(raster, picture_side, true, text);
}

static bool image(GDALDatasetH raster, selo_text *text)
{
    return selo_picture_image(raster, picture_side, text);
}

static void draw_rasters(const selo_report_data *data, const canvas *c, size_t row, selo_text *html)
{
    row_of of = {data->samples, row};
    char *path = data->options->images ? selo_pattern_expand(data->options->images, field_of_row, &of, "images") : NULL;
    GDALDatasetH below = open_quietly(path);
    data->images->n += path != NULL;
    data->images->n_found += below != NULL;
    if (path && !below && !data->images->missing)
        data->images->missing = CPLStrdup(path);
    if (below)
        draw_image(c, image, below, "image", html);
    if (c->map)
        draw_image(c, below ? clear_map : whole_map, c->map, "map", html);
    GDALClose(below);
    CPLFree(path);
}

static void caption(const selo_report_data *data, size_t row, bool has_map, selo_text *html)
{
    selo_text_add(html, "<figcaption><b>");
    selo_text_add_html(html, selo_table_text(data->samples, row, "query"));
    selo_text_add(html, "</b>");
    selo_text_add_html(html, selo_table_text(data->samples, row, "sample_id"));
    selo_text_add(html, ": Rmi %.3f, Rsu %.3f, Ras %.3f, Rda %.3f%s</figcaption>\n",
                  selo_table_real(data->samples, row, "rmi"), selo_table_real(data->samples, row, "rsu"),
                  selo_table_real(data->samples, row, "ras"), selo_table_real(data->samples, row, "rda"),
                  has_map ? "" : " (map not found)");
}

static void figure(const selo_report_data *data, size_t row, selo_text *html)
{
    canvas c = {open_beside(data->options->results, selo_table_text(data->samples, row, "map_uri")),
                1000,
                1000,
                {0, 1, 0, 0, 0, 1},
                selo_table_text(data->samples, row, "sample_id"),
                selo_table_text(data->samples, row, "run_id"),
                selo_table_text(data->samples, row, "profile")};
    double forward[6];
    if (c.map) {
        c.width = GDALGetRasterXSize(c.map);
        c.height = GDALGetRasterYSize(c.map);
        if (GDALGetGeoTransform(c.map, forward) != CE_None || !GDALInvGeoTransform(forward, c.to_pixel))
            memcpy(c.to_pixel, (const double[]){0, 1, 0, 0, 0, 1}, sizeof c.to_pixel);
    }
    selo_text drawing = {0};
    draw_rasters(data, &c, row, &drawing);
    const int n_circles = draw_outlines(data, &c, "selo_circle", "circle", &drawing);
    const int n_regions = draw_outlines(data, &c, "selo_region", "truth", &drawing);
    const int n_candidates = draw_candidates(data, &c, &drawing);
    selo_text_add(html, "<figure><svg role=\"img\" viewBox=\"0 0 %.0f %.0f\" aria-label=\"", c.width, c.height);
    selo_text_add_html(html,
                       CPLSPrintf("%s map for: %s; %d regions of the truth, %d circles, %d candidates, Rmi %.3f",
                                  c.map ? "SeLo" : "Missing", selo_table_text(data->samples, row, "query"), n_regions,
                                  n_circles, n_candidates, selo_table_real(data->samples, row, "rmi")));
    selo_text_add(html, "\">\n");
    selo_text_add_bytes(html, drawing.data ? drawing.data : "", drawing.size);
    selo_text_add(html, "</svg>\n");
    html->failed = html->failed || drawing.failed;
    selo_text_clear(&drawing);
    caption(data, row, c.map != NULL, html);
    selo_text_add(html, "</figure>\n");
    GDALClose(c.map);
}

/* Rows of a run with an rmi, ascending by it. The caller frees the table. */
static selo_table *ranked(const selo_report_data *data, const char *run_id)
{
    selo_table *rows = selo_table_new("ranked", "rmi:r,sample_id,row:i");
    for (size_t row = 0; rows && row < data->samples->n_rows; ++row) {
        const double rmi = selo_table_real(data->samples, row, "rmi");
        if (isnan(rmi) || strcmp(selo_table_text(data->samples, row, "run_id"), run_id) != 0)
            continue;
        selo_table_add_row(rows);
        selo_table_set_real(rows, "rmi", rmi);
        selo_table_set_text(rows, "sample_id", selo_table_text(data->samples, row, "sample_id"));
        selo_table_set_real(rows, "row", (double)row);
    }
    if (rows)
        selo_table_sort(rows, "rmi,sample_id");
    return rows;
}

static void figures(const selo_report_data *data, const selo_table *rows, size_t first, size_t last, const char *title,
                    const char *run_id, selo_text *html)
{
    if (first >= last)
        return;
    selo_text_add(html, "<h3>%s of ", title);
    selo_text_add_html(html, *run_id ? run_id : "the run");
    selo_text_add(html, "</h3>\n<div class=\"gallery\">\n");
    for (size_t i = first; i < last; ++i)
        figure(data, (size_t)selo_table_real(rows, i, "row"), html);
    selo_text_add(html, "</div>\n");
}

static void draw_runs(const selo_report_data *data, size_t wanted, selo_text *html)
{
    for (int r = 0; data->runs && data->runs[r]; ++r) {
        selo_table *rows = ranked(data, data->runs[r]);
        const size_t n = rows ? rows->n_rows : 0, low = wanted < n ? wanted : n,
                     high = n - low < wanted ? n - low : wanted;
        if (rows) {
            figures(data, rows, 0, low, "Worst", data->runs[r], html);
            figures(data, rows, n - high, n, "Best", data->runs[r], html);
        }
        html->failed = html->failed || !rows;
        selo_table_free(rows);
    }
}

void selo_report_gallery(const selo_report_data *data, selo_text *html)
{
    const size_t wanted = data->options->gallery > 0 ? (size_t)data->options->gallery : 0;
    if (wanted == 0)
        return;
    selo_text_add(html, "<h2 id=\"gallery\">Worst and best</h2>\n"
                        "<p>By Rmi. White: truth; dashed: the circle in which a candidate counts; dots: candidates "
                        "with their rank.</p>\n"
                        "<p class=\"toggles\"><label><input type=\"checkbox\" id=\"show-map\" checked> "
                        "map</label><label><input type=\"checkbox\" id=\"show-truth\" checked> "
                        "truth</label><label><input type=\"checkbox\" id=\"show-circles\" checked> "
                        "circles</label><label><input type=\"checkbox\" id=\"show-cands\" checked> "
                        "candidates</label></p>\n");
    selo_report_images images = {.n = 0};
    selo_report_data drawn = *data;
    drawn.images = &images;
    draw_runs(&drawn, wanted, html);
    if (images.missing)
        CPLError(CE_Warning, CPLE_OpenFailed,
                 "--images: %d of the %d images of the gallery cannot be opened, such as '%s'",
                 images.n - images.n_found, images.n, images.missing);
    CPLFree(images.missing);
}
