#include "window_size.h"

#include <math.h>

#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/earth.h"
#include "selo/filters.h"

/* Why a raster that has no CRS, or no geotransform, has no metres, and the way out. */
static const char *why_no_metres(GDALDatasetH raster)
{
    double gt[6];
    if (GDALGetGCPCount(raster) > 0 || GDALGetMetadata(raster, "RPC") || GDALGetMetadata(raster, "GEOLOCATION"))
        return "is not rectified: warp it (gdal raster reproject), or give it in px";
    if (GDALGetSpatialRef(raster))
        return "has a CRS but no geotransform: give it in px";
    if (GDALGetGeoTransform(raster, gt) == CE_None)
        return "has no CRS: set it (gdal raster edit --crs), or give it in px";
    return "has no georeference: give it in px";
}

/* Ground length of a pixel step per axis, at the raster's centre. */
static selo_status pixel_step(GDALDatasetH raster, const char *argument, double *x_m, double *y_m)
{
    const char *name = GDALGetDescription(raster);
    selo_frame frame = {GDALGetRasterXSize(raster), GDALGetRasterYSize(raster), {0}};
    OGRSpatialReferenceH crs = GDALGetSpatialRef(raster);
    if (!crs || GDALGetGeoTransform(raster, frame.gt) != CE_None) {
        CPLError(CE_Failure, CPLE_IllegalArg, "--%s is in metres, but '%s' %s", argument, name, why_no_metres(raster));
        return SELO_E_ARGUMENT;
    }
    selo_earth *earth;
    selo_status status = selo_earth_new(crs, &earth);
    if (status)
        return status;
    status = selo_frame_check(&frame, earth, name);
    if (!status) {
        double variation;
        selo_frame_step(&frame, earth, x_m, y_m, &variation);
        if (variation > 0.01)
            CPLError(CE_Warning, CPLE_AppDefined,
                     "--%s holds at the centre of '%s': pixels there differ from others by up to %.1f %%", argument,
                     name, 100 * variation);
    }
    selo_earth_free(earth);
    return status;
}

static selo_status refuse(const char *argument, const char *text, const char *problem)
{
    CPLError(CE_Failure, CPLE_IllegalArg, "--%s: '%s': %s", argument, text, problem);
    return SELO_E_ARGUMENT;
}

selo_status selo_size_read(const char *argument, const char *text, GDALDatasetH raster, selo_size_px *size)
{
    selo_length length;
    const char *problem;
    double x_m = 0, y_m = 0;
    if (selo_length_parse(text, &length, &problem))
        return refuse(argument, text, problem);
    if (length.unit == SELO_UNIT_PX && !(length.value >= 1 && length.value == floor(length.value)))
        return refuse(argument, text, "must be a whole number of pixels, at least 1");
    if (length.unit == SELO_UNIT_M) {
        const selo_status status = pixel_step(raster, argument, &x_m, &y_m);
        if (status)
            return status;
    }
    size->x = selo_length_px(length, x_m);
    size->y = selo_length_px(length, y_m);
    if (!(size->x >= 0.5 && size->y >= 0.5))
        return refuse(argument, text,
                      CPLSPrintf("must be at least half a pixel, which is %.6g x %.6g m on '%s'", x_m / 2, y_m / 2,
                                 GDALGetDescription(raster)));
    return SELO_OK;
}

selo_status selo_filter_size_read(const char *argument, const char *text, GDALDatasetH raster, int *size_x, int *size_y)
{
    selo_size_px size;
    const selo_status status = selo_size_read(argument, text, raster, &size);
    if (status)
        return status;
    if (!(size.x <= SELO_FILTER_SIZE_MAX) || !(size.y <= SELO_FILTER_SIZE_MAX))
        return refuse(argument, text, CPLSPrintf("is more than %d pixels", SELO_FILTER_SIZE_MAX));
    *size_x = selo_odd_window(size.x);
    *size_y = selo_odd_window(size.y);
    return SELO_OK;
}
