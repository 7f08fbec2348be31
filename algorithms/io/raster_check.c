/* Whether a file holds the values that were written to it: it is opened again and looked at in some places.
 *
 * Drivers change values without a word: PCRaster makes bytes 0 and 1, PDF and MBTiles make pictures, a GeoTIFF of
 * few bits cuts. No list of formats could say which, for it depends on the type, on creation options and on the version
 * of GDAL. What is looked at are 64 short runs, so that the time does not grow with the raster where it has tiles or
 * rows. Losses that a file itself tells of (JPEG) were asked for, and so were small ones with creation options. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "gdal_alg.h"
#include "raster_private.h"

enum { PLACES = SELO_RASTER_PROBE_PLACES, RUN = SELO_RASTER_PROBE_RUN };

static const double SAME_WITHIN = 1e-6; /* of the largest value: what numbers written as text keep of a float */
static const double LOST_BEYOND = 0.5;  /* of the largest value: no compression with losses is as wrong as that */

/* From the first to the last one: the end of a file is what is missing where a driver lost its last write. */
static int place_of(int k, int size)
{
    return (int)((int64_t)k * (size - 1) / (PLACES - 1));
}

static int run_of(const selo_raster_output *output)
{
    return output->width < RUN ? output->width : RUN;
}

static int column_of(const selo_raster_output *output, int k)
{
    const int x = place_of(k, output->width), last = output->width - run_of(output);
    return x < last ? x : last;
}

void selo_raster_check_remember(selo_raster_output *output, int n_rows, const void *rows)
{
    const int size = (int)output->sample_size;
    for (int k = 0; k < PLACES; k++) {
        const int row = place_of(k, output->height) - output->next_row;
        for (int i = 0; row >= 0 && row < n_rows && i < PLACES; i++) {
            const size_t from = (size_t)row * (size_t)output->width + (size_t)column_of(output, i);
            GDALCopyWords64((const uint8_t *)rows + from * output->sample_size, output->type, size,
                            output->probes[k][i], GDT_Float64, (int)sizeof(double), run_of(output));
        }
    }
}

/* What the places say: the largest value, and how far one is from what it was at most. */
typedef struct comparison {
    double largest, apart, was, is;
} comparison;

static void compare(comparison *c, double was, double is)
{
    const double apart = isnan(was) && isnan(is) ? 0 : isnan(was) || isnan(is) ? INFINITY : fabs(was - is);
    c->largest = isfinite(was) ? fmax(c->largest, fabs(was)) : c->largest;
    if (was != is && apart > c->apart)
        *c = (comparison){c->largest, apart, was, is};
}

static bool read_run(const selo_raster_output *output, GDALRasterBandH band, int k, int i, double is[RUN])
{
    const int n = run_of(output);
    return GDALRasterIO(band, GF_Read, column_of(output, i), place_of(k, output->height), n, 1, is, n, 1, GDT_Float64,
                        0, 0) == CE_None;
}

/* False: cannot be read. Of other bands than the first only the end is looked at, which may have been lost. */
static bool compare_all(const selo_raster_output *output, GDALDatasetH dataset, comparison *c)
{
    GDALRasterBandH band = GDALGetRasterBand(dataset, 1);
    int has_nodata;
    double is[RUN];
    const double nodata = GDALGetRasterNoDataValue(band, &has_nodata);
    for (int k = 0; k < PLACES; k++)
        for (int i = 0; i < PLACES; i++) {
            if (!read_run(output, band, k, i, is))
                return false;
            for (int x = 0; x < run_of(output); x++)
                compare(c, output->probes[k][i][x],
                        output->has_nodata && has_nodata && is[x] == nodata ? (double)NAN : is[x]);
        }
    return read_run(output, GDALGetRasterBand(dataset, output->bands), PLACES - 1, PLACES - 1, is);
}

/* Drivers may lose their last writes without a word where the disk is full: then every pixel is read. */
static bool read_all(const selo_raster_output *output, GDALDatasetH dataset)
{
    for (int b = 1; output->disk_was_full && b <= output->bands; b++)
        if (GDALChecksumImage(GDALGetRasterBand(dataset, b), 0, 0, output->width, output->height) < 0)
            return false;
    return true;
}

/* JPEG is always; others say so. */
static bool says_lossy(GDALDatasetH dataset)
{
    const GDALMajorObjectH objects[] = {dataset, GDALGetRasterBand(dataset, 1)};
    bool lossy = false;
    for (int k = 0; k < 2; k++) {
        const char *kind = GDALGetMetadataItem(objects[k], "COMPRESSION_REVERSIBILITY", "IMAGE_STRUCTURE"),
                   *name = GDALGetMetadataItem(objects[k], "COMPRESSION", "IMAGE_STRUCTURE");
        lossy = lossy || (kind && STARTS_WITH(kind, "LOSSY")) ||
                (name && (EQUAL(name, "JPEG") || EQUAL(name, "YCbCr JPEG")));
    }
    return lossy;
}

/* A value of the type that means none in this format, where none was asked for. */
static bool takes_nodata(const selo_raster_output *output, GDALRasterBandH band, double *nodata)
{
    int given, clamped, rounded;
    *nodata = GDALGetRasterNoDataValue(band, &given);
    if (!given || output->has_nodata || !GDALDataTypeIsInteger(output->type))
        return false;
    (void)GDALAdjustValueToDataType(output->type, *nodata, &clamped, &rounded);
    return !clamped && !rounded;
}

static bool has_bits(const selo_raster_output *output, GDALRasterBandH band)
{
    const char *bits = GDALGetMetadataItem(band, "NBITS", "IMAGE_STRUCTURE");
    return !bits || !GDALDataTypeIsInteger(output->type) || atoi(bits) >= 8 * GDALGetDataTypeSizeBytes(output->type);
}

static void warn(const selo_raster_output *output, const char *what)
{
    CPLError(CE_Warning, CPLE_AppDefined, "output '%s': format %s %s", output->stage.path,
             GDALGetDescription(output->driver), what);
}

static selo_status refuse(selo_raster_output *output, const char *why)
{
    return selo_raster_fail(output, selo_raster_format_lacks(output->type, why, output->type_is_chosen));
}

/* Of a raster of another size or of other bands nothing more can be said than that it is a picture. */
static selo_status judge(selo_raster_output *output, GDALDatasetH dataset, const comparison *c, bool same_size)
{
    const bool differs = c->apart > SAME_WITHIN * c->largest;
    const bool chosen = output->creation_options != NULL;
    double nodata;
    if (!has_bits(output, GDALGetRasterBand(dataset, 1)))
        return refuse(output, " in so few bits");
    if (!same_size || (differs && GDALGetRasterCount(dataset) != output->bands)) {
        if (!chosen)
            warn(output, "makes a picture of the values; for themselves choose another --output-format, such as GTiff");
    } else if (differs && !says_lossy(dataset)) {
        if (c->apart > LOST_BEYOND * c->largest)
            return refuse(output, CPLSPrintf(" as they are (%g is read back as %g)", c->was, c->is));
        if (!chosen)
            warn(output, CPLSPrintf("changes values (%.9g is read back as %.9g); for themselves choose another "
                                    "--output-format, such as GTiff", c->was, c->is));
    }
    if (same_size && takes_nodata(output, GDALGetRasterBand(dataset, 1), &nodata))
        warn(output, CPLSPrintf("takes all values %g for NoData; choose another --output-format, such as GTiff",
                                nodata));
    return SELO_OK;
}

/* What cannot be read again is an error, but for a format that this GDAL may not know how to open. */
static selo_status fail_to_read(selo_raster_output *output, selo_fold *fold, bool opened)
{
    const char *reason = selo_fold_reason(fold, output->stage.claim.folder, "no reason given");
    if (opened || output->disk_was_full)
        return selo_raster_fail(output, CPLSPrintf("what was written cannot be read: %s", reason));
    warn(output, CPLSPrintf("makes a file whose values this GDAL does not read back (%s)", reason));
    return SELO_OK;
}

selo_status selo_raster_check(selo_raster_output *output)
{
    comparison c = {0};
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    GDALDatasetH dataset = GDALOpenEx(output->stage.inside, GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR, NULL, NULL, NULL);
    const bool same_size = dataset && GDALGetRasterCount(dataset) >= output->bands &&
                           GDALGetRasterXSize(dataset) == output->width &&
                           GDALGetRasterYSize(dataset) == output->height;
    const bool is_read = dataset && (!same_size || (compare_all(output, dataset, &c) && read_all(output, dataset)));
    selo_fold_end();
    const selo_status status = is_read ? judge(output, dataset, &c, same_size)
                                       : fail_to_read(output, &fold, dataset != NULL);
    selo_fold_begin(&fold);
    (void)GDALClose(dataset);
    selo_fold_end();
    selo_fold_clear(&fold);
    return status;
}
