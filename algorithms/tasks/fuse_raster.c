/* A mask and a map, pixel by pixel. */
#include <math.h>
#include <string.h>

#include "cpl_error.h"
#include "ogr_srs_api.h"
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

static const double PIXELS_APART_MOST = 0.1; /* that are still the same: geotransforms are written with few digits */

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
    if (given->given || given->normalize || !GDALDataTypeIsInteger(type))
        return *given;
    CPLPushErrorHandler(CPLQuietErrorHandler); /* a mask without a valid pixel has no maximum */
    const CPLErr failed = GDALComputeRasterMinMax(selo_map_band(map), FALSE, range);
    CPLPopErrorHandler();
    CPLErrorReset();
    if (failed != CE_None || range[1] > 1.0)
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

/* How far apart, in pixels, the corners of two rasters of the same size are at most; infinite if there is no way from
 * one CRS to the other. */
static double pixels_apart(const selo_grid *a, const selo_grid *b)
{
    OGRCoordinateTransformationH way = NULL;
    double here[6], to_pixels[6], apart = 0.0;
    memcpy(here, a->geotransform, sizeof here);
    CPLPushErrorHandler(CPLQuietErrorHandler); /* what has no way is not on the same pixels */
    if (a->crs && b->crs && !OSRIsSame(a->crs, b->crs)) {
        way = OCTNewCoordinateTransformation(b->crs, a->crs);
        apart = way ? 0.0 : INFINITY;
    }
    if (!GDALInvGeoTransform(here, to_pixels))
        apart = INFINITY;
    for (int i = 0; i < 4 && isfinite(apart); ++i) {
        const double column = i % 2 ? b->width : 0, row = i / 2 ? b->height : 0;
        double x = b->geotransform[0] + column * b->geotransform[1] + row * b->geotransform[2];
        double y = b->geotransform[3] + column * b->geotransform[4] + row * b->geotransform[5];
        if (way && !OCTTransform(way, 1, &x, &y, NULL))
            apart = INFINITY;
        apart = fmax(apart, fabs(to_pixels[0] + x * to_pixels[1] + y * to_pixels[2] - column));
        apart = fmax(apart, fabs(to_pixels[3] + x * to_pixels[4] + y * to_pixels[5] - row));
    }
    CPLPopErrorHandler();
    CPLErrorReset();
    OCTDestroyCoordinateTransformation(way);
    return apart;
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
        if (a->width != b->width || a->height != b->height ||
            (a->georeferenced && b->georeferenced && pixels_apart(a, b) > PIXELS_APART_MOST)) {
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
