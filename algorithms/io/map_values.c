/* A map's rows as attention 0..1, for the ground profile. */
#include <math.h>
#include <string.h>

#include "cpl_error.h"
#include "fold.h"
#include "map_private.h"
#include "selo/histogram.h"
#include "selo/memory.h"

static selo_status refuse(const selo_map *map, const char *what)
{
    CPLError(CE_Failure, CPLE_AppDefined, "map '%s', band %d: %s", map->name, map->band_number, what);
    return SELO_E_INPUT;
}

/* The range of a type that says its own; `false` for other types. */
static bool range_of_type(const selo_map *map, const selo_value_rule *rule, double *high)
{
    const GDALDataType type = GDALGetRasterDataType(map->band);
    const bool scaled = rule->scale != 1 || rule->offset != 0;
    *high = type == GDT_Byte && !scaled ? 255 : type == GDT_UInt16 && !scaled ? 65535 : 1;
    return scaled || type == GDT_Byte || type == GDT_UInt16 || GDALDataTypeIsFloating(type);
}

static selo_status range_of_values(selo_map *map, selo_value_rule *rule)
{
    double bounds[2];
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    const CPLErr failed = GDALComputeRasterMinMax(map->band, FALSE, bounds);
    selo_fold_end();
    selo_fold_clear(&fold);
    if (failed)
        return refuse(map, "no valid value to normalise by");
    const double a = bounds[0] * rule->scale + rule->offset, b = bounds[1] * rule->scale + rule->offset;
    rule->low = fmin(a, b);
    rule->high = fmax(a, b);
    if (!(rule->low < rule->high))
        return refuse(map, "all values are the same: --normalize has no range to spread");
    return SELO_OK;
}

selo_status selo_map_value_rule(selo_map *map, const selo_map_range *range, selo_value_rule *rule)
{
    int has_scale, has_offset;
    const double scale = GDALGetRasterScale(map->band, &has_scale),
                 offset = GDALGetRasterOffset(map->band, &has_offset);
    *rule = (selo_value_rule){.scale = has_scale ? scale : 1, .offset = has_offset ? offset : 0};
    if (range->normalize)
        return range_of_values(map, rule);
    if (range->given) {
        rule->low = range->low;
        rule->high = range->high;
        if (range->low < range->high && isfinite(range->high - range->low))
            return SELO_OK;
        CPLError(CE_Failure, CPLE_IllegalArg, "--value-range: %g,%g is no range: write the lower number first",
                 range->low, range->high);
        return SELO_E_ARGUMENT;
    }
    if (range_of_type(map, rule, &rule->high))
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined,
             "map '%s', band %d: its type %s does not say which values mean no and full attention: give --value-range "
             "LOW,HIGH, or --normalize",
             map->name, map->band_number, GDALGetDataTypeName(GDALGetRasterDataType(map->band)));
    return SELO_E_INPUT;
}

size_t selo_map_levels(const selo_map *map)
{
    const GDALDataType type = GDALGetRasterDataType(map->band);
    return !GDALDataTypeIsFloating(type) && GDALGetDataTypeSizeBits(type) <= 16 ? SELO_LEVELS_16 : SELO_LEVELS_20;
}

/* Whether NoData shows in values of 32 bits. */
static bool nodata_is_plain(const selo_map *map)
{
    const GDALDataType type = GDALGetRasterDataType(map->band);
    return type == GDT_Byte || type == GDT_UInt16 || type == GDT_Int16 || type == GDT_Float32;
}

/* Whether 32-bit values tell which pixels are valid, so that the mask need not be read as a band of its own. */
static bool values_tell_mask(const selo_map *map)
{
    const int flags = GDALGetMaskFlags(map->band);
    return (flags & GMF_ALL_VALID) || (flags == GMF_NODATA && nodata_is_plain(map));
}

/* `values` are the band's numbers, before any rule; NULL: not at hand. */
static selo_status read_mask(selo_map *map, int y0, int n_rows, bool keep, const float *values, uint8_t *valid)
{
    const size_t n = (size_t)n_rows * (size_t)map->grid.width;
    memset(valid, 1, n);
    if (GDALGetMaskFlags(map->band) & GMF_ALL_VALID)
        return SELO_OK;
    if (values && values_tell_mask(map)) {
        for (size_t i = 0; i < n; i++)
            valid[i] = values[i] != (float)map->nodata;
        return SELO_OK;
    }
    const selo_status status = selo_map_read_band(map, GDALGetMaskBand(map->band), y0, n_rows, GDT_Byte, keep, valid);
    for (size_t i = 0; status == SELO_OK && i < n; i++)
        valid[i] = valid[i] != 0;
    return status;
}

static selo_status report_value(const selo_map *map, const selo_value_rule *rule, double raw, size_t index, int y0)
{
    const int x = (int)(index % (size_t)map->grid.width), y = y0 + (int)(index / (size_t)map->grid.width);
    CPLError(CE_Failure, CPLE_AppDefined,
             "map '%s', band %d: value %g at column %d, row %d is outside %g to %g: say what the values mean with "
             "--value-range LOW,HIGH, or --normalize",
             map->name, map->band_number, raw * rule->scale + rule->offset, x, y, rule->low, rule->high);
    return SELO_E_INPUT;
}

/* Bytes in their own range, the most frequent map by far, stay bytes until they are asked for. */
static bool is_plain_bytes(const selo_map *map, const selo_value_rule *rule)
{
    return GDALGetRasterDataType(map->band) == GDT_Byte && rule->scale == 1 && rule->offset == 0 && rule->low == 0 &&
           rule->high == 255;
}

bool selo_map_all_valid(const selo_map *map)
{
    return (GDALGetMaskFlags(map->band) & GMF_ALL_VALID) && !GDALDataTypeIsFloating(GDALGetRasterDataType(map->band));
}

static selo_status take_mask_memory(selo_map *map)
{
    if (!map->mask)
        map->mask = selo_alloc((size_t)map->strip * (size_t)map->grid.width, 1);
    return map->mask ? SELO_OK : SELO_E_MEMORY;
}

static selo_status take_strip_memory(selo_map *map, bool bytes)
{
    if (!map->raw)
        map->raw = selo_alloc((size_t)map->strip * (size_t)map->grid.width, bytes ? 1 : sizeof(float));
    return map->raw ? take_mask_memory(map) : SELO_E_MEMORY;
}

/* Rows as bytes or as floats into `raw`, and map->mask of them. Blocks that no mask is made of need
 * not stay in GDAL's cache. */
static selo_status read_with_mask(selo_map *map, int y0, int n_rows, bool bytes, bool keep_blocks, void *raw)
{
    const bool keep = keep_blocks || bytes || !values_tell_mask(map);
    selo_status status = selo_map_read_band(map, map->band, y0, n_rows, bytes ? GDT_Byte : GDT_Float32, keep, raw);
    if (status == SELO_OK)
        status = read_mask(map, y0, n_rows, keep_blocks, bytes ? NULL : raw, map->mask);
    if (!keep_blocks)
        GDALFlushRasterCache(map->band);
    return status;
}

selo_status selo_map_read_floats(selo_map *map, int y0, int n_rows, float *values)
{
    const size_t n = (size_t)n_rows * (size_t)map->grid.width;
    selo_status status = take_mask_memory(map);
    if (status == SELO_OK)
        status = read_with_mask(map, y0, n_rows, false, false, values);
    for (size_t i = 0; status == SELO_OK && i < n; i++)
        values[i] = map->mask[i] ? values[i] : NAN;
    return status;
}

selo_status selo_map_fetch(selo_map *map, const selo_value_rule *rule, int y0, int n_rows, bool keep_blocks)
{
    const bool bytes = is_plain_bytes(map, rule);
    selo_status status = take_strip_memory(map, bytes);
    if (status == SELO_OK)
        status = read_with_mask(map, y0, n_rows, bytes, keep_blocks, map->raw);
    map->fetched = y0;
    return status;
}

selo_status selo_map_values(const selo_map *map, const selo_value_rule *rule, int y, int n_rows, float *values,
                            uint16_t *levels, uint8_t *valid)
{
    const size_t width = (size_t)map->grid.width, n = (size_t)n_rows * width, at = (size_t)(y - map->fetched) * width;
    size_t offender;
    memcpy(valid, map->mask + at, n);
    if (is_plain_bytes(map, rule)) {
        selo_values_of_bytes((const uint8_t *)map->raw + at, n, valid, values, levels);
        return SELO_OK;
    }
    const float *raw = (const float *)map->raw + at;
    const selo_status status = selo_values_apply(rule, raw, n, valid, values, levels, &offender);
    return status == SELO_E_INPUT ? report_value(map, rule, (double)raw[offender], offender, y) : status;
}
