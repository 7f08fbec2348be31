/* The start of a raster output. */
#include <math.h>
#include <stdint.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "raster_private.h"
#include "reserve.h"
#include "selo/memory.h"

/* How a place on the Earth is found without a geotransform. A format without a place for that is no reason to fail. */
static void copy_models(GDALDatasetH dataset, GDALDatasetH like)
{
    static const char *const domains[] = {"RPC", "GEOLOCATION"};
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    for (size_t k = 0; k < sizeof domains / sizeof *domains; k++)
        if (GDALGetMetadata(like, domains[k]))
            GDALSetMetadata(dataset, GDALGetMetadata(like, domains[k]), domains[k]);
    selo_fold_end();
    selo_fold_clear(&fold);
}

static void place_like(GDALDatasetH dataset, GDALDatasetH like)
{
    double geotransform[6];
    if (GDALGetGeoTransform(like, geotransform) == CE_None)
        GDALSetGeoTransform(dataset, geotransform);
    if (GDALGetGCPCount(like) > 0)
        GDALSetGCPs2(dataset, GDALGetGCPCount(like), GDALGetGCPs(like), GDALGetGCPSpatialRef(like));
    else if (GDALGetSpatialRef(like))
        GDALSetSpatialRef(dataset, GDALGetSpatialRef(like));
    copy_models(dataset, like);
}

/* A GeoPackage takes any NoData but NaN: it gets one that no map holds. */
static void set_nodata(selo_raster_output *output, GDALDatasetH dataset, const selo_raster_shape *shape)
{
    double nodata = shape->nodata;
    output->fills =
        shape->type == GDT_Float32 && isnan(nodata) && EQUAL(GDALGetDescription(GDALGetDatasetDriver(dataset)), "GPKG");
    if (output->fills)
        nodata = output->fill = -9999;
    for (int b = 1; b <= shape->bands; b++)
        GDALSetRasterNoDataValue(GDALGetRasterBand(dataset, b), nodata);
}

/* What numbers of `from` mean, said of `to`. */
static void copy_meaning(GDALRasterBandH from, GDALRasterBandH to)
{
    int given;
    const double scale = GDALGetRasterScale(from, &given);
    if (given)
        GDALSetRasterScale(to, scale);
    const double offset = GDALGetRasterOffset(from, &given);
    if (given)
        GDALSetRasterOffset(to, offset);
    if (*GDALGetRasterUnitType(from))
        GDALSetRasterUnitType(to, GDALGetRasterUnitType(from));
}

static void describe(selo_raster_output *output, GDALDatasetH dataset, const selo_raster_shape *shape)
{
    if (shape->like)
        place_like(dataset, shape->like);
    output->fills = false;
    if (shape->has_nodata)
        set_nodata(output, dataset, shape);
    for (int b = 1; shape->values_of && b <= shape->bands; b++)
        copy_meaning(shape->values_of, GDALGetRasterBand(dataset, b));
    if (shape->metadata)
        GDALSetMetadata(dataset, shape->metadata, "SELO");
    for (int band = 0; shape->descriptions && shape->descriptions[band] && band < shape->bands; band++)
        GDALSetDescription(GDALGetRasterBand(dataset, band + 1), shape->descriptions[band]);
}

/* A dataset that has taken in all that is said of it; NULL, and the reason in output->fold, if it has not.
 * *made: whether there was one. */
static GDALDatasetH start(selo_raster_output *output, GDALDriverH driver, const char *path,
                          const selo_raster_shape *shape, CSLConstList options, bool *made)
{
    selo_fold_begin(&output->fold);
    GDALDatasetH dataset = GDALCreate(driver, path, shape->width, shape->height, shape->bands, shape->type, options);
    *made = dataset != NULL;
    if (dataset)
        describe(output, dataset, shape);
    if (dataset && output->fold.failure[0]) {
        (void)GDALClose(dataset);
        dataset = NULL;
    }
    selo_fold_end();
    return dataset;
}

/* Of whole blocks, which is what a plain GeoTIFF consists of. */
static uint64_t bytes_of(const selo_raster_output *output, const selo_raster_shape *shape)
{
    int width, height;
    GDALGetBlockSize(GDALGetRasterBand(output->dataset, 1), &width, &height);
    const uint64_t across = ((uint64_t)shape->width + (uint64_t)width - 1) / (uint64_t)width,
                   down = ((uint64_t)shape->height + (uint64_t)height - 1) / (uint64_t)height;
    return across * (uint64_t)width * down * (uint64_t)height * (uint64_t)shape->bands * output->sample_size;
}

/* The result itself; where that cannot be, *copy: whether a copy may do. Options that are wrong
 * would be wrong for it, too. */
static selo_status start_result(selo_raster_output *output, const selo_raster_shape *shape, bool *copy)
{
    const char *path = output->stage.inside ? output->stage.inside : "";
    char **options = selo_raster_format_options(output->driver, output->creation_options);
    bool made;
    output->dataset = start(output, output->driver, path, shape, options, &made);
    selo_status status = output->dataset ? SELO_OK : SELO_E_OUTPUT;
    *copy = !output->dataset && output->stage.path && (made || !output->creation_options) &&
            !EQUAL(GDALGetDescription(output->driver), "GTiff") &&
            selo_raster_format_can(output->driver, GDAL_DCAP_CREATECOPY);
    if (!status && output->stage.path && selo_raster_format_is_plain(output->driver, options))
        status = selo_reserve(path, bytes_of(output, shape), output->stage.path,
                              "choose another place or a compression (--co COMPRESS=DEFLATE)");
    else if (status && !*copy)
        status = selo_raster_fail(output, "cannot be created");
    CSLDestroy(options);
    return status;
}

static selo_status start_temporary(selo_raster_output *output, const selo_raster_shape *shape)
{
    GDALDriverH driver = GDALGetDriverByName("GTiff");
    char **options = selo_raster_format_options(driver, NULL);
    bool made;
    selo_stage_clear(&output->stage);
    output->temporary = CPLStrdup(CPLSPrintf("%s.tmp.tif", output->stage.inside));
    output->dataset = start(output, driver, output->temporary, shape, options, &made);
    CSLDestroy(options);
    if (!output->dataset)
        return selo_raster_fail(output, "cannot be created");
    return selo_reserve(output->temporary, bytes_of(output, shape), output->stage.path,
                        "choose another place; this format is made from a temporary GeoTIFF");
}

selo_status selo_raster_create(selo_raster_output *output, const selo_raster_shape *shape)
{
    /* What is "created" as a COG is copied when it is closed, where nobody can see how far that is, or stop it. */
    bool copy = output->stage.path && (!selo_raster_format_can(output->driver, GDAL_DCAP_CREATE) ||
                                       EQUAL(GDALGetDescription(output->driver), "COG"));
    selo_status status = copy ? SELO_OK : start_result(output, shape, &copy);
    if (copy)
        status = start_temporary(output, shape);
    if (status)
        return status;
    GDALRasterBandH band = GDALGetRasterBand(output->dataset, 1);
    GDALGetBlockSize(band, &output->block_width, &output->block_height);
    output->by_blocks = shape->bands == 1 && GDALGetRasterDataType(band) == shape->type;
    if (output->by_blocks && output->block_width != shape->width) {
        output->block = selo_alloc_zeroed((size_t)output->block_width * (size_t)output->block_height,
                                          output->sample_size);
        return output->block ? SELO_OK : SELO_E_MEMORY;
    }
    return SELO_OK;
}
