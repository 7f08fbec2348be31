/* The worst and the best samples of each run, drawn: image, map, truth, circles, candidates. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "ogr_api.h"
#include "pattern.h"
#include "picture.h"
#include "report_canvas.h"
#include "run_param.h"

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

/* Adds an image whose address is `address`, and clears that; nothing where it was not `made`. */
static void draw_image(const selo_canvas *c, bool made, const char *layer, selo_text *address, selo_text *html)
{
    if (made && !address->failed)
        selo_text_add(html,
                      "<image class=\"layer-%s\" width=\"%.0f\" height=\"%.0f\" preserveAspectRatio=\"none\" "
                      "href=\"%s\"/>\n",
                      layer, c->width, c->height, address->data);
    selo_text_clear(address);
}

/* Parameters of the sample's run, as JSON; NULL: none. The caller frees them. */
static char *params_of(const selo_report_data *data, const selo_canvas *c)
{
    char *run_id = selo_canvas_run_id(data, c), *params = NULL;
    for (size_t row = 0; !params && data->run && row < data->run->n_rows; ++row)
        if (strcmp(selo_table_text(data->run, row, "run_id"), run_id) == 0)
            params = CPLStrdup(selo_table_text(data->run, row, "params"));
    CPLFree(run_id);
    return params;
}

/* The band that was asked for: the only one, or that of the sample's place among those of its run; 0: none. */
static int band_asked_for(const selo_report_data *data, const selo_canvas *c, size_t row)
{
    char *params = params_of(data, c), *text = params ? selo_run_param(params, "band") : NULL;
    char **bands = text ? CSLTokenizeString2(text, "[], \"", 0) : NULL;
    size_t place = 0;
    for (size_t k = 0; k < row; ++k)
        place += strcmp(selo_table_text(data->samples, k, "run_id"), c->run_id) == 0;
    const size_t n = (size_t)CSLCount(bands);
    const int band = n == 1 ? atoi(bands[0]) : place < n ? atoi(bands[place]) : 0;
    CSLDestroy(bands);
    CPLFree(text);
    CPLFree(params);
    return band;
}

/* The band that was scored: the one asked for, else the one that the query describes, else the first. */
static int band_of(const selo_report_data *data, const selo_canvas *c, size_t row)
{
    const char *query = selo_table_text(data->samples, row, "query");
    int band = band_asked_for(data, c, row);
    for (int b = 1; band == 0 && *query && b <= GDALGetRasterCount(c->map); ++b)
        if (strcmp(GDALGetDescription(GDALGetRasterBand(c->map, b)), query) == 0)
            band = b;
    return band >= 1 && band <= GDALGetRasterCount(c->map) ? band : 1;
}

static void draw_rasters(const selo_report_data *data, const selo_canvas *c, size_t row, selo_text *html)
{
    row_of of = {data->samples, row};
    const bool named = data->options->images && data->images->status == SELO_OK;
    char *path = named ? selo_pattern_expand(data->options->images, field_of_row, &of, "--images") : NULL;
    if (named && !path)
        data->images->status = SELO_E_ARGUMENT;
    GDALDatasetH below = open_quietly(path);
    data->images->n += path != NULL;
    data->images->n_found += below != NULL;
    if (path && !below && !data->images->missing)
        data->images->missing = CPLStrdup(path);
    selo_text address = {0};
    if (below)
        draw_image(c, selo_picture_image(below, picture_side, &address), "image", &address, html);
    if (c->map)
        draw_image(c, selo_picture_map(c->map, band_of(data, c, row), picture_side, below != NULL, &address), "map",
                   &address, html);
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
    selo_canvas c = {open_beside(data->options->results, selo_table_text(data->samples, row, "map_uri")),
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
    const int n_circles = selo_canvas_outlines(data, &c, "selo_circle", "circle", &drawing);
    const int n_regions = selo_canvas_outlines(data, &c, "selo_region", "truth", &drawing);
    const int n_candidates = selo_canvas_candidates(data, &c, &drawing);
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

selo_status selo_report_gallery(const selo_report_data *data, selo_text *html)
{
    const size_t wanted = data->options->gallery > 0 ? (size_t)data->options->gallery : 0;
    if (wanted == 0)
        return SELO_OK;
    selo_text_add(html, "<h2 id=\"gallery\">Worst and best</h2>\n"
                        "<p>By Rmi. White: truth; dashed: the circle in which a candidate counts; dots: candidates "
                        "with their rank.</p>\n"
                        "<p class=\"toggles\"><label><input type=\"checkbox\" id=\"show-map\" checked> "
                        "map</label><label><input type=\"checkbox\" id=\"show-truth\" checked> "
                        "truth</label><label><input type=\"checkbox\" id=\"show-circles\" checked> "
                        "circles</label><label><input type=\"checkbox\" id=\"show-cands\" checked> "
                        "candidates</label></p>\n");
    selo_report_images images = {.status = SELO_OK};
    selo_report_data drawn = *data;
    drawn.images = &images;
    draw_runs(&drawn, wanted, html);
    if (images.missing)
        CPLError(CE_Warning, CPLE_OpenFailed,
                 "--images: %d of the %d images of the gallery cannot be opened, such as '%s'",
                 images.n - images.n_found, images.n, images.missing);
    CPLFree(images.missing);
    return images.status;
}
