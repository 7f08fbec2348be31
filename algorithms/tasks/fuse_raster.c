/* A mask and a map, pixel by pixel. */
#include <math.h>
#include <string.h>

#include "cpl_error.h"
#include "selo/fuse.h"
#include "selo/memory.h"

double selo_fuse_score(selo_fuse_rule rule, double weight, double score, double attention)
{
    switch (rule) {
    case SELO_FUSE_GEOMETRIC: return sqrt(score * attention);
    case SELO_FUSE_WEIGHTED: return (1.0 - weight) * score + weight * attention;
    default: return score * attention;
    }
}

typedef struct layer {
    selo_map *map;
    selo_value_rule rule;
    float *values;
    uint16_t *levels;
    uint8_t *valid;
} layer;

/* A mask of integers may count 0 and 1, or 0 and the largest number of its type: its own maximum tells. */
static selo_map_range range_of_mask(selo_map *map, const selo_map_range *given)
{
    double range[2];
    const GDALDataType type = GDALGetRasterDataType(selo_map_band(map));
    if (given->given || given->normalize || !GDALDataTypeIsInteger(type) ||
        GDALComputeRasterMinMax(selo_map_band(map), FALSE, range) != CE_None || range[1] > 1.0)
        return *given;
    return (selo_map_range){.given = true, .low = 0.0, .high = 1.0};
}

static selo_status open_layer(layer *l, const selo_map_options *options, const selo_map_range *given, bool mask,
                              int rows)
{
    selo_status status = selo_map_open(options, &l->map);
    if (status != SELO_OK)
        return status;
    const selo_map_range range = mask ? range_of_mask(l->map, given) : *given;
    status = selo_map_value_rule(l->map, &range, &l->rule);
    const size_t size = (size_t)rows * (size_t)selo_map_grid(l->map)->width;
    l->values = selo_alloc(size, sizeof *l->values);
    l->levels = selo_alloc(size, sizeof *l->levels);
    l->valid = selo_alloc(size, 1);
    return status == SELO_OK && !(l->values && l->levels && l->valid) ? SELO_E_MEMORY : status;
}

static void close_layer(layer *l)
{
    selo_map_close(l->map);
    selo_free(l->values);
    selo_free(l->levels);
    selo_free(l->valid);
}

static selo_status read_rows(layer *l, int y, int n)
{
    const selo_status status = selo_map_fetch(l->map, &l->rule, y, n, true);
    return status == SELO_OK ? selo_map_values(l->map, &l->rule, y, n, l->values, l->levels, l->valid) : status;
}

static selo_status fuse_rows(const selo_fuse_raster_options *options, layer *map, layer *mask,
                             selo_raster_output *output, int rows_at_once, GDALProgressFunc progress,
                             void *progress_data)
{
    const selo_grid *grid = selo_map_grid(map->map);
    selo_status status = SELO_OK;
    for (int y = 0; status == SELO_OK && y < grid->height; y += rows_at_once) {
        const int n = grid->height - y < rows_at_once ? grid->height - y : rows_at_once;
        status = read_rows(map, y, n);
        if (status == SELO_OK)
            status = read_rows(mask, y, n);
        for (size_t i = 0; status == SELO_OK && i < (size_t)n * (size_t)grid->width; ++i)
            map->values[i] = map->valid[i] && mask->valid[i]
                                 ? (float)selo_fuse_score(options->rule, options->weight, (double)mask->values[i],
                                                          (double)map->values[i])
                                 : NAN;
        if (status == SELO_OK)
            status = selo_raster_output_write(output, n, map->values);
        if (status == SELO_OK)
            status = selo_raster_output_tell(output, (double)(y + n) / grid->height, progress, progress_data);
    }
    return status;
}

/* Whether both lie on the same pixels; *rows_at_once: what both can be read by. */
static selo_status check_sizes(const selo_fuse_raster_options *options, int *rows_at_once)
{
    selo_map *map = NULL, *mask = NULL;
    selo_status status = selo_map_open(&options->map, &map);
    if (status == SELO_OK)
        status = selo_map_open(&options->mask, &mask);
    if (status == SELO_OK) {
        const selo_grid *a = selo_map_grid(map), *b = selo_map_grid(mask);
        double apart = 0.0;
        for (int i = 0; i < 6; ++i)
            apart = fmax(apart, fabs(a->geotransform[i] - b->geotransform[i]) /
                                    (fabs(a->geotransform[1]) + fabs(a->geotransform[2])));
        if (a->width != b->width || a->height != b->height || (a->georeferenced && b->georeferenced && apart > 0.01)) {
            CPLError(CE_Failure, CPLE_AppDefined,
                     "%s and %s do not lie on the same pixels: warp one onto the other first, with `gdal raster "
                     "reproject --like`",
                     b->name, a->name);
            status = SELO_E_INPUT;
        }
    }
    if (status == SELO_OK)
        *rows_at_once = selo_map_strip(map) < selo_map_strip(mask) ? selo_map_strip(map) : selo_map_strip(mask);
    selo_map_close(map);
    selo_map_close(mask);
    return status;
}

selo_status selo_fuse_raster(const selo_fuse_raster_options *options, GDALProgressFunc progress, void *progress_data)
{
    layer map = {0}, mask = {0};
    selo_raster_output *output = NULL;
    int rows = 1;
    selo_status status = check_sizes(options, &rows);
    if (status != SELO_OK)
        return status;
    status = open_layer(&map, &options->map, &options->range, false, rows);
    if (status == SELO_OK)
        status = open_layer(&mask, &options->mask, &options->mask_range, true, rows);
    if (status == SELO_OK) {
        const selo_raster_shape shape = {.width = selo_map_grid(map.map)->width,
                                         .height = selo_map_grid(map.map)->height, .bands = 1, .type = GDT_Float32,
                                         .has_nodata = true, .nodata = NAN,
                                         .like = GDALGetBandDataset(selo_map_band(map.map))};
        status = selo_raster_output_open(&options->output, &shape, &output);
    }
    if (status == SELO_OK)
        status = fuse_rows(options, &map, &mask, output, rows, progress, progress_data);
    if (status == SELO_OK)
        status = selo_raster_output_close(output, progress, progress_data, NULL);
    else
        selo_raster_output_abandon(output);
    close_layer(&map);
    close_layer(&mask);
    return status;
}
