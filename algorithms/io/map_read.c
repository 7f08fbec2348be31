/* Rows of a map, each read once. */
#include <string.h>

#include "cpl_string.h"
#include "fold.h"
#include "map_private.h"
#include "selo/memory.h"

/* Whether blocks may be read past GDAL's cache. A dataset that is open for update may hold some that are changed and
 * not yet written: there the cache is asked. */
static bool can_pass_cache(const selo_map *map, GDALRasterBandH band, GDALDataType type)
{
    return GDALGetAccess(map->dataset) == GA_ReadOnly && type == GDALGetRasterDataType(band);
}

/* Blocks of whole rows are decoded straight into the strip, past the cache, which would copy each and let go of it.
 * How many rows were so read, from y0 on. */
static CPLErr read_whole_blocks(const selo_map *map, GDALRasterBandH band, int y0, int n_rows, size_t row_bytes,
                                uint8_t *values, int *done)
{
    int width, height;
    GDALGetBlockSize(band, &width, &height);
    if (width != map->grid.width || y0 % height != 0)
        return CE_None;
    for (; *done + height <= n_rows; *done += height)
        if (GDALReadBlock(band, 0, (y0 + *done) / height, values + (size_t)*done * row_bytes) != CE_None)
            return CE_Failure;
    return CE_None;
}

/* Whether the file holds the pixels of one band as they are: then GDAL has no threads that decode blocks ahead, and
 * reading a block costs little more than copying it. */
static bool is_plain_file(const selo_map *map, GDALRasterBandH band)
{
    return EQUAL(GDALGetDescription(GDALGetDatasetDriver(map->dataset)), "GTiff") &&
           GDALGetRasterCount(map->dataset) == 1 && band == map->band &&
           !GDALGetMetadataItem(map->dataset, "COMPRESSION", "IMAGE_STRUCTURE");
}

/* The part of a row of tiles that lies in rows y0 ... end - 1, tile by tile: the cache would take new memory for
 * each. */
static CPLErr read_tiles(selo_map *map, GDALRasterBandH band, int y0, int end, size_t row_bytes, uint8_t *values)
{
    int width, height;
    GDALGetBlockSize(band, &width, &height);
    const size_t sample = row_bytes / (size_t)map->grid.width, tile_row = (size_t)width * sample;
    if (!map->tile && !(map->tile = selo_alloc((size_t)height, tile_row)))
        return CE_Failure;
    const int top = y0 / height * height;
    for (int x = 0; x < map->grid.width; x += width) {
        const int columns = map->grid.width - x < width ? map->grid.width - x : width;
        if (GDALReadBlock(band, x / width, y0 / height, map->tile) != CE_None)
            return CE_Failure;
        for (int y = y0; y < end; y++)
            memcpy(values + (size_t)(y - y0) * row_bytes + (size_t)x * sample, map->tile + (size_t)(y - top) * tile_row,
                   (size_t)columns * sample);
    }
    return CE_None;
}

static CPLErr read_plain_file(selo_map *map, GDALRasterBandH band, int y0, int n_rows, size_t row_bytes,
                              uint8_t *values, int *done)
{
    int width, height;
    GDALGetBlockSize(band, &width, &height);
    for (int rows; *done < n_rows; *done += rows) {
        const int y = y0 + *done, left = n_rows - *done;
        rows = height - y % height < left ? height - y % height : left;
        if (read_tiles(map, band, y, y + rows, row_bytes, values + (size_t)*done * row_bytes) != CE_None)
            return CE_Failure;
    }
    return CE_None;
}

/* Rows that are read past the cache, from y0 on; the rest is left to selo_map_read_band(). */
static CPLErr read_past_cache(selo_map *map, GDALRasterBandH band, int y0, int n_rows, GDALDataType type,
                              uint8_t *values, int *done)
{
    const size_t row_bytes = (size_t)map->grid.width * (size_t)GDALGetDataTypeSizeBytes(type);
    *done = 0;
    if (!can_pass_cache(map, band, type))
        return CE_None;
    CPLErr failed = read_whole_blocks(map, band, y0, n_rows, row_bytes, values, done);
    if (!failed && is_plain_file(map, band))
        failed = read_plain_file(map, band, y0, n_rows, row_bytes, values, done);
    return failed;
}

selo_status selo_map_read_band(selo_map *map, GDALRasterBandH band, int y0, int n_rows, GDALDataType type, bool keep,
                               void *values)
{
    const size_t row = (size_t)map->grid.width * (size_t)GDALGetDataTypeSizeBytes(type);
    int done = 0;
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    CPLErr failed = keep ? CE_None : read_past_cache(map, band, y0, n_rows, type, values, &done);
    if (!failed && done < n_rows)
        failed = GDALRasterIOEx(band, GF_Read, 0, y0 + done, map->grid.width, n_rows - done,
                                (uint8_t *)values + (size_t)done * row, map->grid.width, n_rows - done, type, 0, 0,
                                NULL);
    /* The pass never comes back to a block: keeping it would let memory grow with the map. */
    if (!keep)
        GDALFlushRasterCache(band);
    return selo_fold_end_rows(&fold, "map", map->name, y0, n_rows, failed != CE_None);
}

selo_status selo_map_read(selo_map *map, int y0, int n_rows, GDALDataType type, void *values)
{
    return selo_map_read_band(map, map->band, y0, n_rows, type, false, values);
}
