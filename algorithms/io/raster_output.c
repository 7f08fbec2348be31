#include "selo/raster_output.h"

#include <stdint.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "dataset_files.h"
#include "fold.h"
#include "reserve.h"
#include "selo/memory.h"
#include "stage.h"

struct selo_raster_output {
    GDALDriverH driver;     /* of the result */
    GDALDatasetH dataset;   /* what is written to: the result, or the temporary GeoTIFF that it is made from */
    selo_stage stage;       /* path NULL: in memory */
    char *temporary;        /* GeoTIFF that the result is copied from; NULL: written directly */
    char **existing;        /* files that the result replaces */
    char **creation_options;
    int width, height, bands;
    GDALDataType type;
    size_t sample_size;
    int block_width, block_height;
    bool by_blocks; /* blocks go past GDAL's block cache: nothing here is written twice */
    void *block;
    int next_row;
};

static bool can(GDALDriverH driver, const char *what)
{
    return GDALGetMetadataItem(driver, what, NULL) != NULL;
}

static GDALDriverH driver_by_extension(const char *path)
{
    const char *extension = CPLGetExtension(path);
    char **names = *extension ? GDALGetOutputDriversForDatasetName(path, GDAL_OF_RASTER, true, false) : NULL;
    GDALDriverH driver = names && names[0] ? GDALGetDriverByName(names[0]) : NULL;
    CSLDestroy(names);
    return driver || *extension ? driver : GDALGetDriverByName("GTiff");
}

/* A VRT can be made, but holds no pixels. */
static bool writes_pixels(GDALDriverH driver)
{
    return can(driver, GDAL_DCAP_RASTER) && (can(driver, GDAL_DCAP_CREATE) || can(driver, GDAL_DCAP_CREATECOPY)) &&
           !EQUAL(GDALGetDescription(driver), "VRT");
}

static selo_status choose_driver(const selo_raster_target *target, const selo_raster_shape *shape, bool in_memory,
                                 GDALDriverH *driver)
{
    const char *path = in_memory ? "" : target->path;
    const char *format = in_memory ? "MEM" : target->format;
    *driver = format && *format ? GDALGetDriverByName(format) : driver_by_extension(path);
    if (!*driver || !writes_pixels(*driver)) {
        CPLError(CE_Failure, CPLE_AppDefined, "output '%s': %s%s%s; pass --output-format, such as GTiff or COG", path,
                 format && *format ? "there is no raster format '" : "its name does not say which format to write",
                 format && *format ? format : "", format && *format ? "' that can be written" : "");
        return SELO_E_OUTPUT;
    }
    const char *types = GDALGetMetadataItem(*driver, GDAL_DMD_CREATIONDATATYPES, NULL);
    char **list = CSLTokenizeString(types ? types : "");
    const bool holds = !types || CSLFindString(list, GDALGetDataTypeName(shape->type)) >= 0;
    CSLDestroy(list);
    if (!holds) {
        CPLError(CE_Failure, CPLE_AppDefined, "output '%s': format %s cannot hold %s values; choose another --output-format or --output-data-type",
                 path, GDALGetDescription(*driver), GDALGetDataTypeName(shape->type));
        return SELO_E_OUTPUT;
    }
    return SELO_OK;
}

/* GDAL copies the domain SELO only where it is told to. */
static char **copy_metadata(char **options)
{
    if (CSLFetchNameValue(options, "COPY_SRC_MDD") || CSLFetchNameValue(options, "SRC_MDD"))
        return options;
    return CSLSetNameValue(options, "COPY_SRC_MDD", "YES");
}

/* A GeoTIFF is tiled unless the caller says how it shall be laid out. A COG is copied in the end, whatever it seems. */
static char **layout_options(GDALDriverH driver, CSLConstList given)
{
    char **options = CSLDuplicate(given);
    if (EQUAL(GDALGetDescription(driver), "COG"))
        return copy_metadata(options);
    if (EQUAL(GDALGetDescription(driver), "GTiff")) {
        if (!CSLFetchNameValue(options, "TILED") && !CSLFetchNameValue(options, "BLOCKYSIZE") &&
            !CSLFetchNameValue(options, "BLOCKXSIZE")) {
            options = CSLSetNameValue(options, "TILED", "YES");
            options = CSLSetNameValue(options, "BLOCKXSIZE", "256");
            options = CSLSetNameValue(options, "BLOCKYSIZE", "256");
        }
        if (!CSLFetchNameValue(options, "BIGTIFF"))
            options = CSLSetNameValue(options, "BIGTIFF", "IF_SAFER");
    }
    return options;
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
}

static void describe(GDALDatasetH dataset, const selo_raster_shape *shape)
{
    if (shape->like)
        place_like(dataset, shape->like);
    for (int b = 1; b <= shape->bands && shape->has_nodata; b++)
        GDALSetRasterNoDataValue(GDALGetRasterBand(dataset, b), shape->nodata);
    if (shape->metadata)
        GDALSetMetadata(dataset, shape->metadata, "SELO");
    for (int band = 0; shape->descriptions && shape->descriptions[band] && band < shape->bands; band++)
        GDALSetDescription(GDALGetRasterBand(dataset, band + 1), shape->descriptions[band]);
}

/* Whether the file is about as long as its pixels: a GeoTIFF that is not told to be smaller. */
static bool is_plain(GDALDriverH driver, CSLConstList options)
{
    const char *compress = CSLFetchNameValue(options, "COMPRESS");
    return EQUAL(GDALGetDescription(driver), "GTiff") && (!compress || EQUAL(compress, "NONE")) &&
           !CSLFetchBoolean(options, "SPARSE_OK", FALSE) && !CSLFetchNameValue(options, "NBITS");
}

static selo_status create(selo_raster_output *output, const selo_raster_shape *shape)
{
    GDALDriverH writer = output->temporary ? GDALGetDriverByName("GTiff") : output->driver;
    char **options = layout_options(writer, output->temporary ? NULL : output->creation_options);
    const char *path = output->temporary ? output->temporary : output->stage.inside ? output->stage.inside : "";
    output->dataset = GDALCreate(writer, path, shape->width, shape->height, shape->bands, shape->type, options);
    selo_status status = output->dataset ? SELO_OK : SELO_E_OUTPUT; /* GDAL has said why */
    if (!status && output->stage.path && is_plain(writer, options))
        status = selo_reserve(path, (uint64_t)shape->width * (uint64_t)shape->height * (uint64_t)shape->bands * output->sample_size,
                              output->stage.path);
    CSLDestroy(options);
    if (status)
        return status;
    describe(output->dataset, shape);
    GDALRasterBandH band = GDALGetRasterBand(output->dataset, 1);
    GDALGetBlockSize(band, &output->block_width, &output->block_height);
    output->by_blocks = shape->bands == 1 && GDALGetRasterDataType(band) == shape->type;
    if (output->by_blocks && output->block_width != shape->width) {
        output->block = selo_alloc_zeroed((size_t)output->block_width * (size_t)output->block_height, output->sample_size);
        return output->block ? SELO_OK : SELO_E_MEMORY;
    }
    return SELO_OK;
}

/* The output that is there already, and the files that GDAL keeps beside a raster. */
static char **existing_files(const char *path, GDALDriverH driver)
{
    static const char *const endings[] = {".aux.xml", ".ovr", ".msk"};
    char **files = selo_dataset_files(path, driver, GDAL_OF_RASTER);
    for (size_t k = 0; k < sizeof endings / sizeof *endings; k++) {
        const char *file = CPLSPrintf("%s%s", path, endings[k]);
        if (selo_stage_look(file) == SELO_STAGE_FILE && CSLFindStringCaseSensitive(files, file) < 0)
            files = CSLAddString(files, file);
    }
    return files;
}

static selo_status open_stage(selo_raster_output *output, const selo_raster_target *target)
{
    const selo_stage_place place = selo_stage_look(target->path);
    if (place == SELO_STAGE_FOLDER || place == SELO_STAGE_EMPTY_FOLDER) {
        CPLError(CE_Failure, CPLE_AppDefined, "output '%s' is a folder: name a file in it", target->path);
        return SELO_E_OUTPUT;
    }
    if (place == SELO_STAGE_FILE && !target->overwrite) {
        CPLError(CE_Failure, CPLE_AppDefined, "output '%s' exists: choose another, or pass --overwrite", target->path);
        return SELO_E_OUTPUT;
    }
    output->existing = existing_files(target->path, output->driver);
    return selo_stage_open(target->path, &output->stage);
}

selo_status selo_raster_output_open(const selo_raster_target *target, const selo_raster_shape *shape,
                                    selo_raster_output **out)
{
    const bool in_memory = !target->path || !*target->path || (target->format && EQUAL(target->format, "MEM"));
    GDALDriverH driver;
    selo_status status = choose_driver(target, shape, in_memory, &driver);
    if (status)
        return status;
    selo_raster_output *output = selo_alloc_zeroed(1, sizeof *output);
    if (!output)
        return SELO_E_MEMORY;
    output->driver = driver;
    output->creation_options = CSLDuplicate(target->creation_options);
    output->width = shape->width, output->height = shape->height, output->bands = shape->bands;
    output->type = shape->type;
    output->sample_size = (size_t)GDALGetDataTypeSizeBytes(shape->type);
    if (!in_memory)
        status = open_stage(output, target);
    if (!status && !can(driver, GDAL_DCAP_CREATE))
        output->temporary = CPLStrdup(CPLSPrintf("%s.tmp.tif", output->stage.inside));
    if (!status)
        status = create(output, shape);
    if (status) {
        selo_raster_output_abandon(output);
        return status;
    }
    *out = output;
    return SELO_OK;
}

int selo_raster_output_strip(const selo_raster_output *output, size_t bytes)
{
    const size_t row = (size_t)output->width * output->sample_size * (size_t)output->bands;
    const int most = bytes / row < (size_t)output->height ? (int)(bytes / row) : output->height;
    if (most <= output->block_height)
        return output->block_height < output->height ? output->block_height : output->height;
    return most - most % output->block_height;
}

/* Full blocks, from a row where blocks start. What lies beyond the edges of the raster is anything. */
static CPLErr write_blocks(selo_raster_output *output, int n_rows, const void *rows)
{
    GDALRasterBandH band = GDALGetRasterBand(output->dataset, 1);
    const size_t stride = (size_t)output->width * output->sample_size;
    CPLErr result = CE_None;
    for (int y = 0; y < n_rows && result == CE_None; y += output->block_height) {
        const int block_row = (output->next_row + y) / output->block_height;
        const int height = n_rows - y < output->block_height ? n_rows - y : output->block_height;
        const uint8_t *from = (const uint8_t *)rows + (size_t)y * stride;
        if (!output->block) {
            result = GDALWriteBlock(band, 0, block_row, (void *)(uintptr_t)from);
            continue;
        }
        for (int x = 0; x < output->width && result == CE_None; x += output->block_width) {
            const int width = output->width - x < output->block_width ? output->width - x : output->block_width;
            for (int r = 0; r < height; r++)
                memcpy((uint8_t *)output->block + (size_t)r * (size_t)output->block_width * output->sample_size,
                       from + (size_t)r * stride + (size_t)x * output->sample_size, (size_t)width * output->sample_size);
            result = GDALWriteBlock(band, x / output->block_width, block_row, output->block);
        }
    }
    return result;
}

selo_status selo_raster_output_write(selo_raster_output *output, int n_rows, const void *rows)
{
    const int y = output->next_row, end = y + n_rows;
    const bool whole = y % output->block_height == 0 &&
                       (end % output->block_height == 0 || (end == output->height && output->block != NULL));
    const CPLErr result =
        output->by_blocks && whole
            ? write_blocks(output, n_rows, rows)
            : GDALDatasetRasterIO(output->dataset, GF_Write, 0, y, output->width, n_rows, (void *)(uintptr_t)rows,
                                  output->width, n_rows, output->type, output->bands, NULL, 0, 0, 0);
    output->next_row = end;
    return result == CE_None ? SELO_OK : SELO_E_OUTPUT; /* reported by GDAL */
}

selo_status selo_raster_output_write_strips(selo_raster_output *output, size_t bytes, int n_rows, const void *rows)
{
    const size_t stride = (size_t)output->width * output->sample_size;
    const int strip = selo_raster_output_strip(output, bytes);
    selo_status status = SELO_OK;
    for (int y = 0; y < n_rows && !status; y += strip)
        status = selo_raster_output_write(output, n_rows - y < strip ? n_rows - y : strip, (const uint8_t *)rows + (size_t)y * stride);
    return status;
}

/* The domain SELO goes into the .aux.xml where the format has no place for it. */
static GDALDatasetH copy_with_metadata(const selo_raster_output *output, GDALDatasetH source, GDALProgressFunc progress,
                                       void *progress_data)
{
    char **options = copy_metadata(CSLDuplicate(output->creation_options));
    GDALDatasetH copy = GDALCreateCopy(output->driver, output->stage.inside, source, FALSE, options,
                                       progress ? progress : GDALDummyProgress, progress_data);
    const bool wanted = CSLFetchBoolean(options, "COPY_SRC_MDD", FALSE);
    CSLDestroy(options);
    if (copy && wanted && !GDALGetMetadata(copy, "SELO"))
        GDALSetMetadata(copy, GDALGetMetadata(source, "SELO"), "SELO");
    return copy;
}

static selo_status copy_from_temporary(selo_raster_output *output, GDALProgressFunc progress, void *progress_data)
{
    GDALDatasetH source = GDALOpenEx(output->temporary, GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR, NULL, NULL, NULL);
    GDALDatasetH copy = source ? copy_with_metadata(output, source, progress, progress_data) : NULL;
    if (source)
        GDALClose(source);
    VSIUnlink(output->temporary);
    return copy && GDALClose(copy) == CE_None ? SELO_OK : SELO_E_OUTPUT;
}

/* Closes the file and moves it, and what GDAL keeps beside it, to its place. */
static selo_status finish_file(selo_raster_output *output, GDALProgressFunc progress, void *progress_data)
{
    selo_status status = GDALClose(output->dataset) == CE_None ? SELO_OK : SELO_E_OUTPUT;
    output->dataset = NULL;
    if (!status && output->temporary)
        status = copy_from_temporary(output, progress, progress_data);
    return status ? status : selo_stage_commit(&output->stage, output->existing);
}

/* For the caller; NULL where what was written cannot be read back, as on standard output. */
static GDALDatasetH reopen(const char *path)
{
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    GDALDatasetH dataset = GDALOpenEx(path, GDAL_OF_RASTER, NULL, NULL, NULL);
    selo_fold_end();
    selo_fold_clear(&fold);
    return dataset;
}

selo_status selo_raster_output_close(selo_raster_output *output, GDALProgressFunc progress, void *progress_data,
                                     GDALDatasetH *dataset)
{
    selo_status status = SELO_OK;
    if (dataset)
        *dataset = NULL;
    if (output->stage.path) {
        status = finish_file(output, progress, progress_data);
        if (!status && dataset)
            *dataset = reopen(output->stage.path);
    } else if (dataset) {
        *dataset = output->dataset;
        output->dataset = NULL;
    }
    selo_raster_output_abandon(output);
    return status;
}

void selo_raster_output_abandon(selo_raster_output *output)
{
    if (!output)
        return;
    if (output->dataset)
        GDALClose(output->dataset);
    selo_stage_drop(&output->stage);
    CSLDestroy(output->existing);
    CSLDestroy(output->creation_options);
    CPLFree(output->temporary);
    selo_free(output->block);
    selo_free(output);
}
