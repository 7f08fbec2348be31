/* Pixel functions for VRT files: formulas over the sources of one band. */
#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "gdal.h"
#include "selo/colour.h"
#include "vrt_functions.h"

/* A row of a source as doubles. */
static void read_row(const void *source, GDALDataType type, size_t row, int width, double *values)
{
    const int size = GDALGetDataTypeSizeBytes(type);
    GDALCopyWords((const GByte *)source + row * (size_t)width * (size_t)size, type, size, values, GDT_Float64,
                  (int)sizeof(double), width);
}

static void write_row(const double *values, int width, void *data, size_t row, GDALDataType type, int pixel_space, int line_space)
{
    GDALCopyWords(values, GDT_Float64, (int)sizeof(double), (GByte *)data + row * (size_t)line_space, type, pixel_space, width);
}

/* NoData of the band, which GDAL passes along; NaN: none. */
static double nodata_of(CSLConstList arguments)
{
    const char *text = CSLFetchNameValue(arguments, "NoData");
    return text ? CPLAtof(text) : (double)NAN;
}

typedef struct {
    selo_colour colours[256];
    int channel; /* 0 red, 1 green, 2 blue */
    double low, high, nodata;
    float image_weight, colour_weight;
} overlay;

static bool refuse(const char *function, const char *argument, const char *problem)
{
    CPLError(CE_Failure, CPLE_AppDefined, "VRT pixel function %s: argument '%s' %s", function, argument, problem);
    return false;
}

/* NaN for what is no number, which the ranges then refuse. */
static double number(CSLConstList arguments, const char *name, const char *otherwise)
{
    char *end = NULL;
    const char *text = CSLFetchNameValueDef(arguments, name, otherwise);
    const double value = CPLStrtod(text, &end);
    return end != text && *end == '\0' ? value : (double)NAN;
}

static bool read_overlay(CSLConstList arguments, int n_sources, overlay *o)
{
    static const char *const name = "selo_overlay", *const channels[] = {"red", "green", "blue"};
    selo_colour_map map;
    if (n_sources != 2)
        return refuse(name, "sources", "must be two: a band of the image, and the map");
    if (!selo_colour_map_find(CSLFetchNameValueDef(arguments, "colormap", "jet"), &map))
        return refuse(name, "colormap", "must be jet, viridis, magma, inferno or grey");
    const char *channel = CSLFetchNameValueDef(arguments, "channel", "");
    for (o->channel = 0; o->channel < 3 && !EQUAL(channel, channels[o->channel]);)
        o->channel++;
    if (o->channel == 3)
        return refuse(name, "channel", "must be red, green or blue");
    const double opacity = number(arguments, "opacity", "0.3");
    if (!(opacity >= 0 && opacity <= 1))
        return refuse(name, "opacity", "must be 0 to 1");
    o->low = number(arguments, "min", "0");
    o->high = number(arguments, "max", "1");
    if (!(o->low < o->high))
        return refuse(name, "max", "must be a number greater than 'min'");
    o->nodata = nodata_of(arguments);
    o->image_weight = (float)(1 - opacity);
    o->colour_weight = (float)opacity;
    selo_colour_table(map, o->colours);
    return true;
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

static CPLErr overlay_function(void **sources, int n_sources, void *data, int width, int height, GDALDataType source_type,
                               GDALDataType type, int pixel_space, int line_space, CSLConstList arguments)
{
    overlay o;
    if (!read_overlay(arguments, n_sources, &o))
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

/* The mean of the sources that have a value at a pixel, added in their order: each source is a window, or a map made of some. */
static CPLErr window_mean_function(void **sources, int n_sources, void *data, int width, int height, GDALDataType source_type,
                                   GDALDataType type, int pixel_space, int line_space, CSLConstList arguments)
{
    const double nodata = nodata_of(arguments);
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

#define ARGUMENTS(list) "<PixelFunctionArgumentsList>" list "</PixelFunctionArgumentsList>"

void selo_pixel_functions_register(void)
{
    GDALAddDerivedBandPixelFuncWithArgs(
        "selo_overlay", overlay_function,
        ARGUMENTS("<Argument name='channel' type='string' description='red, green or blue'/>"
                  "<Argument name='colormap' type='string' description='jet, viridis, magma, inferno or grey' default='jet' optional='1'/>"
                  "<Argument name='opacity' type='double' description='Share of the colour, 0 to 1' default='0.3' optional='1'/>"
                  "<Argument name='min' type='double' description='Value of the lowest colour' default='0' optional='1'/>"
                  "<Argument name='max' type='double' description='Value of the highest colour' default='1' optional='1'/>"
                  "<Argument type='builtin' value='NoData' optional='true'/>"));
    GDALAddDerivedBandPixelFuncWithArgs("selo_window_mean", window_mean_function,
                                        ARGUMENTS("<Argument type='builtin' value='NoData' optional='true'/>"));
}
