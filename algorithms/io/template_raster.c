/* What a template asks of rasters: frames, and properties such as ${map.width}. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "fold.h"
#include "ogr_srs_api.h"
#include "template_values.h"

static bool upright(GDALDatasetH raster, double gt[6])
{
    return GDALGetGeoTransform(raster, gt) == CE_None && gt[2] == 0 && gt[4] == 0 && gt[1] > 0 && gt[5] != 0;
}

/* Makes the frame hold another raster, in whole pixels. */
static void widen(selo_template_frame *frame, GDALDatasetH raster)
{
    double *gt = frame->geotransform, other[6];
    if (!upright(raster, other))
        return;
    const double x0 = (other[0] - gt[0]) / gt[1], y0 = (other[3] - gt[3]) / gt[5];
    const double x1 = x0 + GDALGetRasterXSize(raster) * other[1] / gt[1];
    const double y1 = y0 + GDALGetRasterYSize(raster) * other[5] / gt[5];
    const double left = fmin(0, floor(fmin(x0, x1) + 1e-6)), top = fmin(0, floor(fmin(y0, y1) + 1e-6));
    const double right = fmax(frame->width, ceil(fmax(x0, x1) - 1e-6)),
                 bottom = fmax(frame->height, ceil(fmax(y0, y1) - 1e-6));
    if (right - left > 1e9 || bottom - top > 1e9)
        return;
    gt[0] += left * gt[1];
    gt[3] += top * gt[5];
    frame->width = (int)(right - left);
    frame->height = (int)(bottom - top);
}

selo_status selo_template_frame_of(const selo_template_values *values, const char *name, selo_template_frame *frame)
{
    const selo_template_value *value = selo_template_find_value(values, name);
    if (!value || !value->rasters || !value->rasters[0])
        return selo_template_fail(values, name, "gives the frame, so it must be a raster");
    *frame = (selo_template_frame){.like = value->rasters[0], .width = GDALGetRasterXSize(value->rasters[0]),
                                   .height = GDALGetRasterYSize(value->rasters[0])};
    frame->placed = GDALGetGeoTransform(frame->like, frame->geotransform) == CE_None;
    double gt[6];
    OGRSpatialReferenceH crs = GDALGetSpatialRef(frame->like);
    for (int k = 1; value->rasters[k]; k++) {
        OGRSpatialReferenceH other = GDALGetSpatialRef(value->rasters[k]);
        if (!upright(frame->like, gt) || !upright(value->rasters[k], gt) || !crs != !other ||
            (crs && !OSRIsSame(crs, other)))
            return selo_template_fail(values, name,
                                      CPLSPrintf("'%s' and '%s' must be north-up and have one CRS", value->values[0],
                                                 value->values[k]));
        widen(frame, value->rasters[k]);
    }
    return SELO_OK;
}

/* Whether a raster lies on the frame corner by corner, to a hundredth of a pixel, whatever its rotation. */
static bool same_corners(const selo_template_frame *frame, GDALDatasetH raster, const double gt[6])
{
    const int width = GDALGetRasterXSize(raster), height = GDALGetRasterYSize(raster);
    const double *own = frame->geotransform, pixel = hypot(own[1], own[4]) + hypot(own[2], own[5]);
    const double far_own[6] = {own[0], own[1] * frame->width, own[2] * frame->height,
                               own[3], own[4] * frame->width, own[5] * frame->height};
    const double far_other[6] = {gt[0], gt[1] * width, gt[2] * height, gt[3], gt[4] * width, gt[5] * height};
    bool same = true;
    for (int k = 0; k < 6; k++)
        same = same && fabs(far_own[k] - far_other[k]) <= 0.01 * pixel;
    return same;
}

static selo_status refuse_place(const selo_template_values *values, const selo_template_value *value, size_t which,
                                const char *problem)
{
    return selo_template_fail(values, value->name, CPLSPrintf("'%s' %s '%s'", value->values[which], problem,
                                                              GDALGetDescription(values->frame.like)));
}

/* Where a raster lies in the frame, in its pixels. One without georeference, or in a frame without, fills it. */
static selo_status place_in_frame(const selo_template_values *values, const selo_template_value *value, size_t which,
                                  double rect[4])
{
    const selo_template_frame *frame = &values->frame;
    GDALDatasetH raster = value->rasters[which];
    if (!frame->like)
        return selo_template_fail(values, value->name, "is placed by ${...} outside a VRTDataset with a frame");
    OGRSpatialReferenceH crs = GDALGetSpatialRef(frame->like), other = GDALGetSpatialRef(raster);
    const double *own = frame->geotransform;
    double gt[6];
    const bool placed = frame->placed && GDALGetGeoTransform(raster, gt) == CE_None;
    rect[0] = rect[1] = 0;
    rect[2] = frame->width, rect[3] = frame->height;
    if (crs && other && !OSRIsSame(crs, other))
        return selo_template_fail(values, value->name,
                                  CPLSPrintf("'%s' has another CRS than '%s': reproject it (gdal raster reproject)",
                                             value->values[which], GDALGetDescription(frame->like)));
    if (!placed || same_corners(frame, raster, gt))
        return SELO_OK;
    if (own[2] != 0 || own[4] != 0 || gt[2] != 0 || gt[4] != 0 || own[1] * gt[1] <= 0 || own[5] * gt[5] <= 0)
        return refuse_place(values, value, which, "is turned or mirrored against, or lies elsewhere than,");
    rect[0] = (gt[0] - own[0]) / own[1];
    rect[1] = (gt[3] - own[3]) / own[5];
    rect[2] = GDALGetRasterXSize(raster) * gt[1] / own[1];
    rect[3] = GDALGetRasterYSize(raster) * gt[5] / own[5];
    if (rect[0] >= frame->width || rect[1] >= frame->height || rect[0] + rect[2] <= 0 || rect[1] + rect[3] <= 0)
        return refuse_place(values, value, which, "does not touch");
    return SELO_OK;
}

/* The band that a parameter of type band chooses of that raster; 1 where there is none. */
static int band_number(const selo_template_values *values, const char *raster)
{
    for (size_t k = 0; k < values->n; k++)
        if (values->values[k].band_of && EQUAL(values->values[k].band_of, raster))
            return atoi(values->values[k].values[0]);
    return 1;
}

static int band_of_colour(GDALDatasetH raster, GDALColorInterp colour, int otherwise)
{
    const int n = GDALGetRasterCount(raster);
    for (int b = 1; b <= n; b++)
        if (GDALGetRasterColorInterpretation(GDALGetRasterBand(raster, b)) == colour)
            return b;
    return n >= 3 ? otherwise : 1;
}

static char *number_text(double number)
{
    return CPLStrdup(CPLSPrintf("%.17g", number));
}

/* The least (0) or greatest (1) value of the band. */
static selo_status find_extreme(const selo_template_values *values, const selo_template_value *value, size_t which,
                                GDALRasterBandH band, int extreme, char **text)
{
    double range[2];
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    const bool known = GDALComputeRasterMinMax(band, FALSE, range) == CE_None && isfinite(range[0]) &&
                       isfinite(range[1]);
    selo_fold_end();
    const selo_status status = known
                                   ? SELO_OK
                                   : selo_template_fail(values, value->name,
                                                        CPLSPrintf("'%s' has no %s value (%s): give min and max",
                                                                   value->values[which], extreme ? "greatest" : "least",
                                                                   selo_fold_reason(&fold, NULL,
                                                                                    "no pixel has a finite one")));
    selo_fold_clear(&fold);
    if (known)
        *text = number_text(range[extreme]);
    return status;
}

static char *nodata_text(GDALRasterBandH band)
{
    int known = FALSE;
    if (GDALGetRasterDataType(band) == GDT_Int64) {
        const int64_t value = GDALGetRasterNoDataValueAsInt64(band, &known);
        return known ? CPLStrdup(CPLSPrintf(CPL_FRMT_GIB, (GIntBig)value)) : NULL;
    }
    if (GDALGetRasterDataType(band) == GDT_UInt64) {
        const uint64_t value = GDALGetRasterNoDataValueAsUInt64(band, &known);
        return known ? CPLStrdup(CPLSPrintf(CPL_FRMT_GUIB, (GUIntBig)value)) : NULL;
    }
    const double value = GDALGetRasterNoDataValue(band, &known);
    return known ? number_text(value) : NULL;
}

/* Whether a mask or an alpha band says which pixels have a value. */
static bool is_masked(GDALRasterBandH band)
{
    return (GDALGetMaskFlags(band) & (GMF_ALL_VALID | GMF_NODATA)) == 0;
}

static const char *const properties[] = {"x",   "y",     "columns", "rows",     "width", "height",
                                         "red", "green", "blue",    "relative", "type",  "top",
                                         "min", "max",   "nodata",  "masked",   NULL};
enum { X, Y, COLUMNS, ROWS, WIDTH, HEIGHT, RED, GREEN, BLUE, RELATIVE, TYPE, TOP, LEAST, GREATEST, NODATA, MASKED };

bool selo_template_is_property(const char *property)
{
    return CSLFindString((CSLConstList)properties, property) >= 0;
}

/* Numbers of a colour table, or complex ones, are no colours; others beyond Byte are cut, which is said once. */
static selo_status check_image(const selo_template_values *values, const selo_template_value *value, size_t which,
                               GDALRasterBandH band, bool tell)
{
    const GDALDataType type = GDALGetRasterDataType(band);
    const char *name = value->values[which];
    if (GDALGetRasterColorTable(band))
        return selo_template_fail(values, value->name,
                                  CPLSPrintf("'%s' has a colour table: make it RGB first (gdal raster color-map)",
                                             name));
    if (GDALDataTypeIsComplex(type))
        return selo_template_fail(values, value->name, CPLSPrintf("'%s' holds complex numbers", name));
    if (tell && type != GDT_Byte)
        CPLError(CE_Warning, CPLE_AppDefined,
                 "template '%s', parameter '%s': '%s' is of type %s, and values beyond 0 to 255 are cut: make it Byte "
                 "first (gdal raster scale)",
                 values->template_name, value->name, name, GDALGetDataTypeName(type));
    return SELO_OK;
}

/* The band that shows a colour: 0 red, 1 green, 2 blue. */
static selo_status find_colour(const selo_template_values *values, const selo_template_value *value, size_t which,
                               int colour, char **text)
{
    static const GDALColorInterp colours[] = {GCI_RedBand, GCI_GreenBand, GCI_BlueBand};
    GDALDatasetH raster = value->rasters[which];
    const int band = band_of_colour(raster, colours[colour], colour + 1);
    const selo_status status = check_image(values, value, which, GDALGetRasterBand(raster, band), colour == 0);
    if (!status)
        *text = CPLStrdup(CPLSPrintf("%d", band));
    return status;
}

static char *relative_text(const selo_template_values *values, const char *name)
{
    bool relative;
    CPLFree(selo_template_path(values->output, name, &relative));
    return CPLStrdup(relative ? "1" : "0");
}

selo_status selo_template_property_of(const selo_template_values *values, const selo_template_value *value,
                                      size_t which, const char *property, char **text)
{
    GDALDatasetH raster = value->rasters[which];
    GDALRasterBandH band = GDALGetRasterBand(raster, band_number(values, value->name));
    const int asked = CSLFindString((CSLConstList)properties, property);
    double rect[4] = {0};
    if (asked <= ROWS) {
        const selo_status status = place_in_frame(values, value, which, rect);
        if (status)
            return status;
    }
    if (asked >= TYPE && GDALDataTypeIsComplex(GDALGetRasterDataType(band)))
        return selo_template_fail(values, value->name, CPLSPrintf("'%s' holds complex numbers", value->values[which]));
    switch (asked) {
    case X:
    case Y:
    case COLUMNS:
    case ROWS: *text = number_text(rect[asked]); break;
    case WIDTH: *text = CPLStrdup(CPLSPrintf("%d", GDALGetRasterXSize(raster))); break;
    case HEIGHT: *text = CPLStrdup(CPLSPrintf("%d", GDALGetRasterYSize(raster))); break;
    case RED:
    case GREEN:
    case BLUE: return find_colour(values, value, which, asked - RED, text);
    case RELATIVE: *text = relative_text(values, value->values[which]); break;
    case TYPE: *text = CPLStrdup(GDALGetDataTypeName(GDALGetRasterDataType(band))); break;
    case TOP: *text = CPLStrdup(GDALGetRasterDataType(band) == GDT_Byte ? "255" : "1"); break;
    case LEAST:
    case GREATEST: return find_extreme(values, value, which, band, asked - LEAST, text);
    case NODATA: *text = nodata_text(band); break;
    default: *text = is_masked(band) ? CPLStrdup("true") : NULL;
    }
    return SELO_OK;
}
