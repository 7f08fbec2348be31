/* Pixel functions for VRT files: formulas over the sources of one band. GDAL hands them their arguments with every
 * block and checks only that the required ones are there; so what is wrong with the others is said by the first
 * block. */
#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_string.h"
#include "gdal.h"
#include "selo/colour.h"
#include "vrt_arguments.h"
#include "vrt_functions.h"

/* A row of a source as doubles. */
static void read_row(const void *source, GDALDataType type, size_t row, int width, double *values)
{
    const int size = GDALGetDataTypeSizeBytes(type);
    GDALCopyWords((const GByte *)source + row * (size_t)width * (size_t)size, type, size, values, GDT_Float64,
                  (int)sizeof(double), width);
}

static void write_row(const double *values, int width, void *data, size_t row, GDALDataType type, int pixel_space,
                      int line_space)
{
    GDALCopyWords(values, GDT_Float64, (int)sizeof(double), (GByte *)data + row * (size_t)line_space, type, pixel_space,
                  width);
}

typedef struct {
    selo_colour colours[256];
    int channel; /* 0 red, 1 green, 2 blue */
    double low, high, nodata;
    float image_weight, colour_weight;
} overlay;

#define ARGUMENTS(list) "<PixelFunctionArgumentsList>" list "</PixelFunctionArgumentsList>"

/* NoData of the band is passed along by GDAL. */
static const char overlay_arguments[] = ARGUMENTS(
    "<Argument name='channel' type='string' description='red, green or blue'/><Argument name='colormap' type='string' "
    "description='jet, viridis, magma, inferno or grey' default='jet' optional='1'/><Argument name='opacity' "
    "type='double' description='Share of the colour, 0 to 1' default='0.3' optional='1'/><Argument name='min' "
    "type='double' description='Value of the lowest colour' default='0' optional='1'/><Argument name='max' "
    "type='double' description='Value of the highest colour' default='1' optional='1'/><Argument type='builtin' "
    "value='NoData' optional='true'/>");
static const char window_mean_arguments[] = ARGUMENTS("<Argument type='builtin' value='NoData' optional='true'/>");

static bool read_overlay(const vrt_arguments *arguments, int n_sources, overlay *o)
{
    static const char *const channels[] = {"red", "green", "blue", NULL};
    selo_colour_map map;
    if (!selo_vrt_all_known(arguments))
        return false;
    if (n_sources != 2)
        return selo_vrt_refuse(arguments, "sources", "must be two: a band of the image, and the map");
    if (!selo_colour_map_find(CSLFetchNameValueDef(arguments->given, "colormap", "jet"), &map))
        return selo_vrt_refuse(arguments, "colormap", "must be jet, viridis, magma, inferno or grey");
    o->channel = selo_vrt_choice(arguments, "channel", channels, -1);
    if (o->channel < 0)
        return selo_vrt_refuse(arguments, "channel", "must be red, green or blue");
    const double opacity = selo_vrt_number(arguments, "opacity", 0.3);
    if (!(opacity >= 0 && opacity <= 1))
        return selo_vrt_refuse(arguments, "opacity", "must be 0 to 1");
    o->nodata = selo_vrt_number(arguments, "NoData", (double)NAN);
    o->image_weight = (float)(1 - opacity);
    o->colour_weight = (float)opacity;
    selo_colour_table(map, o->colours);
    return selo_vrt_range(arguments, &o->low, &o->high);
}

/* The published overlay: image_weight x image + opacity x colour of the map; where the map has no value, the image. */
static double overlay_pixel(const overlay *o, double image, double map)
{
    const GByte level = (GByte)(image > 255 ? 255 : image > 0 ? image : 0);
    if (isnan(map) || map == o->nodata)
        return level;
    const selo_colour colour = o->colours[selo_colour_index(map, o->low, o->high)];
    return selo_colour_blend(level, o->channel == 0 ? colour.red : o->channel == 1 ? colour.green : colour.blue,
                             o->image_weight, o->colour_weight);
}

static CPLErr overlay_function(void **sources, int n_sources, void *data, int width, int height,
                               GDALDataType source_type, GDALDataType type, int pixel_space, int line_space,
                               CSLConstList arguments)
{
    overlay o;
    const vrt_arguments read = {.owner = "pixel function selo_overlay", .declared = overlay_arguments,
                                .given = arguments};
    if (!read_overlay(&read, n_sources, &o))
        return CE_Failure;
    double *image = CPLMalloc(2 * (size_t)width * sizeof *image), *map = image + width;
    for (int row = 0; row < height; row++) {
        read_row(sources[0], source_type, (size_t)row, width, image);
        read_row(sources[1], source_type, (size_t)row, width, map);
        for (int x = 0; x < width; x++)
            image[x] = overlay_pixel(&o, image[x], map[x]);
        write_row(image, width, data, (size_t)row, type, pixel_space, line_space);
    }
    CPLFree(image);
    return CE_None;
}

/* The mean of the sources that have a value at a pixel, added in their order: each source is a
 * window, or a map made of some. */
static CPLErr window_mean_function(void **sources, int n_sources, void *data, int width, int height,
                                   GDALDataType source_type, GDALDataType type, int pixel_space, int line_space,
                                   CSLConstList arguments)
{
    const vrt_arguments read = {
        .owner = "pixel function selo_window_mean", .declared = window_mean_arguments, .given = arguments};
    if (!selo_vrt_all_known(&read))
        return CE_Failure;
    const double nodata = selo_vrt_number(&read, "NoData", (double)NAN);
    double *values = CPLMalloc(3 * (size_t)width * sizeof *values), *sums = values + width, *counts = sums + width;
    for (int row = 0; row < height; row++) {
        memset(sums, 0, 2 * (size_t)width * sizeof *sums);
        for (int s = 0; s < n_sources; s++) {
            read_row(sources[s], source_type, (size_t)row, width, values);
            for (int x = 0; x < width; x++)
                if (!isnan(values[x]) && values[x] != nodata)
                    sums[x] += values[x], counts[x]++;
        }
        for (int x = 0; x < width; x++)
            sums[x] = counts[x] > 0 ? sums[x] / counts[x] : nodata;
        write_row(sums, width, data, (size_t)row, type, pixel_space, line_space);
    }
    CPLFree(values);
    return CE_None;
}

void selo_pixel_functions_register(void)
{
    GDALAddDerivedBandPixelFuncWithArgs("selo_overlay", overlay_function, overlay_arguments);
    GDALAddDerivedBandPixelFuncWithArgs("selo_window_mean", window_mean_function, window_mean_arguments);
}
