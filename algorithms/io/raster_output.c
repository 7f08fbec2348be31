#include "selo/raster_output.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "dataset_files.h"
#include "raster_private.h"
#include "selo/memory.h"
#include "selo/source.h"

/* A folder that is a dataset of this format, such as Zarr's, may be replaced. */
static bool is_dataset(const char *path, GDALDriverH driver)
{
    return GDALIdentifyDriver(path, NULL) == driver;
}

static selo_status open_stage(selo_raster_output *output, const selo_raster_target *target, GDALDatasetH like)
{
    const selo_stage_place place = selo_stage_look(target->path);
    if (selo_stage_check(target->path) != SELO_OK)
        return SELO_E_OUTPUT;
    if ((place == SELO_STAGE_FOLDER || place == SELO_STAGE_EMPTY_FOLDER) && !is_dataset(target->path, output->driver)) {
        CPLError(CE_Failure, CPLE_AppDefined, "output '%s' is a folder: name a file in it", target->path);
        return SELO_E_OUTPUT;
    }
    if (place != SELO_STAGE_FREE && !target->overwrite) {
        CPLError(CE_Failure, CPLE_AppDefined, "output '%s' exists: choose another, or pass --overwrite", target->path);
        return SELO_E_OUTPUT;
    }
    if (place == SELO_STAGE_FILE && like && selo_dataset_reads(like, target->path)) {
        CPLError(CE_Failure, CPLE_IllegalArg, "output '%s' is read through '%s': choose another output", target->path,
                 GDALGetDescription(like));
        return SELO_E_OUTPUT;
    }
    const selo_status status = selo_stage_open(target->path, &output->stage);
    if (!status)
        output->existing = selo_dataset_files(output->stage.place, output->driver, GDAL_OF_RASTER);
    return status;
}

selo_status selo_raster_output_open(const selo_raster_target *target, const selo_raster_shape *shape,
                                    selo_raster_output **out)
{
    const bool in_memory = !target->path || !*target->path || (target->format && EQUAL(target->format, "MEM"));
    GDALDriverH driver;
    selo_status status = selo_raster_format_choose(target, shape, in_memory, &driver);
    if (status)
        return status;
    selo_raster_output *output = selo_alloc_zeroed(1, sizeof *output);
    if (!output)
        return SELO_E_MEMORY;
    output->driver = driver;
    output->creation_options = CSLDuplicate(target->creation_options);
    output->metadata = CSLDuplicate(shape->metadata);
    output->width = shape->width, output->height = shape->height, output->bands = shape->bands;
    output->type = shape->type;
    output->has_nodata = shape->has_nodata;
    output->type_is_chosen = target->type_is_chosen;
    output->sample_size = (size_t)GDALGetDataTypeSizeBytes(shape->type);
    if (!in_memory)
        status = open_stage(output, target, shape->like);
    if (!status)
        status = selo_raster_create(output, shape);
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

/* The rows, with NaN replaced where the format needs that; NULL: no memory. */
static const void *fill_gaps(selo_raster_output *output, int n_rows, const void *rows)
{
    const size_t row = (size_t)output->width * (size_t)output->bands, n = row * (size_t)n_rows;
    const float *values = rows;
    if (!output->fills)
        return rows;
    if (n_rows > output->filled_rows) {
        float *filled = selo_realloc(output->filled, n, sizeof *filled);
        if (!filled)
            return NULL;
        output->filled = filled;
        output->filled_rows = n_rows;
    }
    for (size_t k = 0; k < n; k++)
        output->filled[k] = isnan(values[k]) ? output->fill : values[k];
    return output->filled;
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
                       from + (size_t)r * stride + (size_t)x * output->sample_size,
                       (size_t)width * output->sample_size);
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
    const void *filled = fill_gaps(output, n_rows, rows);
    if (!filled)
        return SELO_E_MEMORY;
    selo_raster_check_remember(output, n_rows, rows);
    selo_fold_begin(&output->fold);
    const CPLErr result =
        output->by_blocks && whole
            ? write_blocks(output, n_rows, filled)
            : GDALDatasetRasterIO(output->dataset, GF_Write, 0, y, output->width, n_rows, (void *)(uintptr_t)filled,
                                  output->width, n_rows, output->type, output->bands, NULL, 0, 0, 0);
    selo_fold_end();
    output->next_row = end;
    if (result == CE_None && !output->fold.failure[0])
        return SELO_OK;
    /* Some drivers say why only when they are closed. */
    const selo_status status = output->fold.failure[0] ? SELO_OK : selo_raster_close_written(output);
    return status ? status : selo_raster_fail(output, "cannot be written");
}

selo_status selo_raster_output_write_strips(selo_raster_output *output, size_t bytes, int n_rows, const void *rows)
{
    const size_t stride = (size_t)output->width * output->sample_size;
    const int strip = selo_raster_output_strip(output, bytes);
    selo_status status = SELO_OK;
    for (int y = 0; y < n_rows && !status; y += strip)
        status = selo_raster_output_write(output, n_rows - y < strip ? n_rows - y : strip,
                                          (const uint8_t *)rows + (size_t)y * stride);
    return status;
}

selo_status selo_raster_output_tell(const selo_raster_output *output, double done, GDALProgressFunc progress,
                                    void *progress_data)
{
    const bool copied = !output || output->temporary || output->stage.copies;
    const double told = (done < 1 ? done : 1) * (copied ? SELO_RASTER_ROWS_SHARE : 1);
    if (!progress || progress(told, "", progress_data))
        return SELO_OK;
    CPLError(CE_Failure, CPLE_UserInterrupt, "cancelled; no output was written");
    return SELO_E_CANCELLED;
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

/* Makes the result and puts it in its place, with the part of the progress that rows have left for that. */
static selo_status finish(selo_raster_output *output, GDALProgressFunc progress, void *progress_data)
{
    const double placed = output->temporary && output->stage.copies ? SELO_RASTER_COPY_SHARE
                          : output->temporary                       ? 1
                                                                    : SELO_RASTER_ROWS_SHARE;
    void *making = GDALCreateScaledProgress(SELO_RASTER_ROWS_SHARE, placed, progress, progress_data),
         *placing = GDALCreateScaledProgress(placed, 1, progress, progress_data);
    selo_status status = selo_raster_finish(output, GDALScaledProgress, making);
    output->stage.progress = GDALScaledProgress;
    output->stage.progress_data = placing;
    if (!status)
        status = selo_stage_commit(&output->stage, output->existing);
    GDALDestroyScaledProgress(making);
    GDALDestroyScaledProgress(placing);
    output->stage.progress = NULL;
    return status;
}

selo_status selo_raster_output_close(selo_raster_output *output, GDALProgressFunc progress, void *progress_data,
                                     GDALDatasetH *dataset)
{
    selo_status status = SELO_OK;
    if (dataset)
        *dataset = NULL;
    if (output->stage.path) {
        status = finish(output, progress, progress_data);
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
    selo_fold_begin(&output->fold);
    if (output->dataset && output->stage.path)
        GDALDatasetMarkSuppressOnClose(output->dataset); /* what is thrown away need not be written to its end */
    (void)GDALClose(output->dataset);
    selo_fold_end();
    selo_stage_drop(&output->stage);
    CSLDestroy(output->existing);
    CSLDestroy(output->creation_options);
    CSLDestroy(output->metadata);
    selo_fold_clear(&output->fold);
    selo_free(output->filled);
    CPLFree(output->temporary);
    selo_free(output->block);
    selo_free(output);
}
