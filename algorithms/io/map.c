#include "selo/map.h"

#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "crs.h"
#include "map_private.h"
#include "selo/memory.h"
#include "selo/source.h"

enum { STRIP_BYTES = 16 << 20, STRIP_ROWS = 256 }; /* bounds of a strip: as 8-bit values, and
                                                      rows where blocks are low */

static selo_status open_dataset(selo_map *map, const selo_map_options *options)
{
    map->dataset = options->dataset;
    if (map->dataset)
        return SELO_OK;
    map->dataset = selo_source_open(&(selo_source){.what = "map", .name = options->name, .flags = GDAL_OF_RASTER,
                                                   .formats = options->formats, .open_options = options->open_options});
    map->owned = map->dataset != NULL;
    return map->owned ? SELO_OK : SELO_E_INPUT;
}

static selo_status choose_band(selo_map *map, int band)
{
    const int count = GDALGetRasterCount(map->dataset);
    if (count == 0) {
        CPLError(CE_Failure, CPLE_AppDefined, "map '%s' has no raster band%s", map->name,
                 GDALGetMetadata(map->dataset, "SUBDATASETS") ? ": name one of its subdatasets (see gdal raster info)"
                                                              : "");
        return SELO_E_INPUT;
    }
    if (band < 1 || band > count) {
        CPLError(CE_Failure, CPLE_AppDefined, "map '%s' has no band %d: --band must be 1 to %d", map->name, band,
                 count);
        return SELO_E_INPUT;
    }
    map->band_number = band;
    map->band = GDALGetRasterBand(map->dataset, band);
    if (GDALDataTypeIsComplex(GDALGetRasterDataType(map->band))) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "map '%s', band %d: complex values (%s) are no attention; convert to a real type", map->name, band,
                 GDALGetDataTypeName(GDALGetRasterDataType(map->band)));
        return SELO_E_INPUT;
    }
    return SELO_OK;
}

static selo_status read_grid(selo_map *map, const char *crs)
{
    static const double identity[6] = {0, 1, 0, 0, 0, 1};
    selo_grid *grid = &map->grid;
    double inverse[6];
    grid->name = map->name;
    grid->width = GDALGetRasterXSize(map->dataset);
    grid->height = GDALGetRasterYSize(map->dataset);
    memcpy(grid->geotransform, identity, sizeof identity);
    grid->georeferenced = GDALGetGeoTransform(map->dataset, grid->geotransform) == CE_None;
    if (!grid->georeferenced)
        memcpy(grid->geotransform, identity, sizeof identity);
    bool finite = true;
    for (int i = 0; i < 6; i++)
        finite = finite && isfinite(grid->geotransform[i]);
    if (!finite || !GDALInvGeoTransform(grid->geotransform, inverse)) {
        CPLError(CE_Failure, CPLE_AppDefined, "map '%s': its geotransform cannot be inverted; georeference it anew",
                 map->name);
        return SELO_E_INPUT;
    }
    OGRSpatialReferenceH own = GDALGetSpatialRef(map->dataset);
    return selo_crs_choose(crs, grid->georeferenced ? own : NULL, "--map-crs", &grid->crs);
}

/* One row of blocks, which drivers read straight into the strip, or several low ones; where a row of blocks exceeds the
 * memory bound, a part of it. */
static int strip_rows(const selo_map *map)
{
    int block_width, block_height;
    GDALGetBlockSize(map->band, &block_width, &block_height);
    const int most = STRIP_BYTES / map->grid.width > 1 ? STRIP_BYTES / map->grid.width : 1;
    const int wanted = block_height >= STRIP_ROWS ? block_height : STRIP_ROWS - STRIP_ROWS % block_height;
    const int rows = wanted <= most ? wanted : block_height <= most ? most - most % block_height : most;
    return rows < map->grid.height ? rows : map->grid.height;
}

selo_status selo_map_open(const selo_map_options *options, selo_map **out)
{
    *out = NULL;
    selo_map *map = selo_alloc_zeroed(1, sizeof *map);
    if (!map)
        return SELO_E_MEMORY;
    map->name = CPLStrdup(options->name ? options->name : "");
    selo_status status = open_dataset(map, options);
    if (status == SELO_OK)
        status = choose_band(map, options->band);
    if (status == SELO_OK)
        status = read_grid(map, options->crs);
    if (status != SELO_OK) {
        selo_map_close(map);
        return status;
    }
    map->strip = strip_rows(map);
    int has_nodata = 0;
    map->nodata = GDALGetRasterNoDataValue(map->band, &has_nodata);
    map->has_nodata = has_nodata != 0;
    *out = map;
    return SELO_OK;
}

void selo_map_close(selo_map *map)
{
    if (!map)
        return;
    OSRDestroySpatialReference(map->grid.crs);
    if (map->owned)
        GDALClose(map->dataset);
    CPLFree(map->name);
    selo_free(map->wide);
    selo_free(map->raw);
    selo_free(map->mask);
    selo_free(map->tile);
    selo_free(map);
}

const selo_grid *selo_map_grid(const selo_map *map)
{
    return &map->grid;
}

GDALRasterBandH selo_map_band(const selo_map *map)
{
    return map->band;
}

int selo_map_strip(const selo_map *map)
{
    return map->strip;
}

static selo_status report_value(const selo_map *map, double value, size_t index, int y0, double most)
{
    const int x = (int)(index % (size_t)map->grid.width), y = y0 + (int)(index / (size_t)map->grid.width);
    if (!isfinite(value) || (map->has_nodata && value == map->nodata))
        CPLError(CE_Failure, CPLE_AppDefined,
                 "map '%s', band %d: %s at column %d, row %d; the reference profile knows no missing pixels, use "
                 "--profile ground",
                 map->name, map->band_number,
                 isnan(value)   ? "NaN"
                 : isinf(value) ? "an infinite value"
                                : "NoData",
                 x, y);
    else
        CPLError(CE_Failure, CPLE_AppDefined,
                 "map '%s', band %d: value %.9g at column %d, row %d is outside 0 to %g; rescale the map (gdal raster "
                 "scale)",
                 map->name, map->band_number, value, x, y, most);
    return SELO_E_INPUT;
}

/* The reference profile reads NoData as any other value; a map of nothing else is a mistake all the same. */
static bool holds_data(const selo_map *map, const uint8_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] != map->nodata)
            return true;
    return false;
}

selo_status selo_map_check_data(const selo_map *map)
{
    if (!map->has_nodata || map->seen_data)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined, "map '%s', band %d: every pixel is NoData (%g); there is nothing to score",
             map->name, map->band_number, map->nodata);
    return SELO_E_INPUT;
}

static selo_status narrow(const selo_map *map, int y0, size_t count, double most, uint8_t *values)
{
    /* A Float32 map that holds g / 255 gives back g: its rounding must not cost a grey level when 255 q is
     * truncated. */
    const double slack = GDALGetRasterDataType(map->band) == GDT_Float32 ? ldexp(255.0, -25) : 0.0;
    for (size_t i = 0; i < count; i++) {
        const double value = map->wide[i];
        if (!(value >= 0 && value <= most))
            return report_value(map, value, i, y0, most);
        values[i] = (uint8_t)(most == 255.0 ? value : 255.0 * (value / most) + slack);
    }
    return SELO_OK;
}

selo_status selo_map_read_8bit(selo_map *map, int y0, int n_rows, uint8_t *values)
{
    const GDALDataType type = GDALGetRasterDataType(map->band);
    const double most = GDALDataTypeIsFloating(type) ? 1.0 : type == GDT_UInt16 ? 65535.0 : 255.0;
    const size_t count = (size_t)n_rows * (size_t)map->grid.width;
    selo_status status;
    if (type == GDT_Byte) {
        status = selo_map_read(map, y0, n_rows, GDT_Byte, values);
    } else {
        if (!map->wide && !(map->wide = selo_alloc((size_t)map->strip * (size_t)map->grid.width, sizeof *map->wide)))
            return SELO_E_MEMORY;
        status = selo_map_read(map, y0, n_rows, GDT_Float64, map->wide);
        if (status == SELO_OK)
            status = narrow(map, y0, count, most, values);
    }
    if (status == SELO_OK && map->has_nodata && !map->seen_data)
        map->seen_data = holds_data(map, values, count);
    return status;
}
