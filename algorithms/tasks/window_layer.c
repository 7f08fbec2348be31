#include "window_layer.h"

#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"

static const selo_field fields[] = {
    {"win_id", SELO_FIELD_BIG, "Window", "number of the window, from 0"},
    {"stage", SELO_FIELD_INTEGER, "Stage", "1; v2 looks closer in a stage 2"},
    {"scale_px", SELO_FIELD_INTEGER, "Scale", "longer side of the window, px"},
    {"row_start", SELO_FIELD_INTEGER, "First row",
     "px from the top; negative where the image is smaller than the window"},
    {"row_end", SELO_FIELD_INTEGER, "Row behind the last", "px from the top"},
    {"col_start", SELO_FIELD_INTEGER, "First column", "px from the left; negative as row_start"},
    {"col_end", SELO_FIELD_INTEGER, "Column behind the last", "px from the left"},
    {"sim", SELO_FIELD_REAL, "Similarity", "the model's, to be filled in"},
    {"selected", SELO_FIELD_FLAG, "Selected", "takes part in the map; null: yes"},
};
enum { N_FIELDS = sizeof fields / sizeof *fields };

const selo_layer_schema selo_window_layer = {"selo_win", wkbPolygon, "Windows that a model compares with the query",
                                             false,      fields,     N_FIELDS};

/* The part of a window that lies on the image, in its CRS; without one in pixels, x = column, y = row. */
static OGRGeometryH outline_of(const selo_window_place *place, const selo_window *window)
{
    selo_window cut;
    const double *gt = place->gt;
    selo_window_clip(*window, place->height, place->width, &cut);
    const double corners[5][2] = {{cut.col_start, cut.row_start},
                                  {cut.col_end, cut.row_start},
                                  {cut.col_end, cut.row_end},
                                  {cut.col_start, cut.row_end},
                                  {cut.col_start, cut.row_start}};
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing), polygon = OGR_G_CreateGeometry(wkbPolygon);
    for (int c = 0; c < 5; c++)
        OGR_G_AddPoint_2D(ring, gt[0] + corners[c][0] * gt[1] + corners[c][1] * gt[2],
                          gt[3] + corners[c][0] * gt[4] + corners[c][1] * gt[5]);
    OGR_G_AddGeometryDirectly(polygon, ring);
    return polygon;
}

selo_status selo_window_place_check(GDALDatasetH image)
{
    const double width = GDALGetRasterXSize(image), height = GDALGetRasterYSize(image);
    double gt[6];
    if (GDALGetGeoTransform(image, gt) != CE_None)
        return SELO_OK;
    const double widest[2] = {fabs(gt[0]) + width * fabs(gt[1]) + height * fabs(gt[2]),
                              fabs(gt[3]) + width * fabs(gt[4]) + height * fabs(gt[5])};
    if (isfinite(widest[0]) && isfinite(widest[1]))
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined,
             "image '%s': its geotransform gives windows no finite place; georeference it anew",
             GDALGetDescription(image));
    return SELO_E_INPUT;
}

selo_status selo_window_place_make(GDALDatasetH image, selo_layers *layers, selo_window_place *place)
{
    static const double pixels[6] = {0, 1, 0, 0, 0, 1};
    const selo_status status = selo_window_place_check(image);
    if (status != SELO_OK)
        return status;
    *place = (selo_window_place){.width = GDALGetRasterXSize(image), .height = GDALGetRasterYSize(image)};
    const bool placed = GDALGetGeoTransform(image, place->gt) == CE_None;
    OGRSpatialReferenceH crs = placed ? GDALGetSpatialRef(image) : NULL;
    if (!placed)
        memcpy(place->gt, pixels, sizeof pixels);
    place->crs = crs ? OSRClone(crs) : NULL;
    if (place->crs)
        OSRSetAxisMappingStrategy(place->crs, OAMS_TRADITIONAL_GIS_ORDER);
    return selo_layers_set_sample(layers, NULL, place->crs);
}

void selo_window_place_clear(selo_window_place *place)
{
    OSRDestroySpatialReference(place->crs);
    place->crs = NULL;
}

selo_status selo_window_row_write(const selo_window_place *place, selo_layers *layers, size_t k,
                                  const selo_window_row *row, const selo_value *extra)
{
    const selo_window *w = row->window;
    const int rows = w->row_end - w->row_start, cols = w->col_end - w->col_start;
    const selo_value values[N_FIELDS + 1] = {selo_value_integer((int64_t)k),
                                             selo_value_integer(row->stage),
                                             selo_value_integer(rows > cols ? rows : cols),
                                             selo_value_integer(w->row_start),
                                             selo_value_integer(w->row_end),
                                             selo_value_integer(w->col_start),
                                             selo_value_integer(w->col_end),
                                             selo_value_real(row->similarity),
                                             row->selected < 0 ? selo_value_null()
                                                               : selo_value_flag(row->selected != 0),
                                             extra ? *extra : selo_value_null()};
    OGRGeometryH outline = outline_of(place, w);
    const selo_status status = selo_layers_write(layers, 0, outline, values, extra ? N_FIELDS + 1 : N_FIELDS);
    OGR_G_DestroyGeometry(outline);
    return status;
}

/* Formats that hold one layer get the windows; the others selo_run, too. */
static bool holds_more(const selo_layers_options *output)
{
    const char *kind = output->format ? output->format : output->path ? CPLGetExtension(output->path) : "gpkg";
    return *kind == '\0' || EQUAL(kind, "gpkg") || EQUAL(kind, "MEM") || EQUAL(kind, "SQLite");
}

CSLConstList selo_window_layer_choice(const selo_layers_options *output)
{
    static const char *const only_windows[] = {"selo_win", NULL};
    return output->layers || holds_more(output) ? output->layers : (CSLConstList)only_windows;
}
