#include "picture.h"

#include <math.h>

#include "cpl_conv.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "selo/memory.h"

/* Dark blue to yellow through violet and orange; lightness rises all the way, so that it also reads in grey. */
static const double stops[][3] = {{8, 8, 40},    {75, 12, 107},  {165, 44, 96},
                                  {229, 92, 48}, {251, 176, 40}, {252, 252, 165}};

static GByte coloured(int value, int channel)
{
    enum { n_steps = sizeof stops / sizeof *stops - 1 };
    const double place = value / 255.0 * (double)n_steps;
    const int step = place >= (double)n_steps ? n_steps - 1 : (int)place;
    return (GByte)lround(stops[step][channel] + (place - step) * (stops[step + 1][channel] - stops[step][channel]));
}

static void fitted_size(GDALDatasetH raster, int side, int *width, int *height)
{
    const double w = GDALGetRasterXSize(raster), h = GDALGetRasterYSize(raster);
    const double scale = fmin(1.0, side / fmax(w, h));
    *width = (int)fmax(1.0, round(w * scale));
    *height = (int)fmax(1.0, round(h * scale));
}

/* A band reduced by averages, as values 0..255; `full` is the value that becomes 255. */
static bool read_reduced(GDALRasterBandH band, int width, int height, double full, GByte *out)
{
    GDALRasterIOExtraArg extra;
    INIT_RASTERIO_EXTRA_ARG(extra);
    extra.eResampleAlg = GRIORA_Average;
    const size_t n = (size_t)width * (size_t)height;
    float *values = selo_alloc(n, sizeof *values);
    const bool read = values &&
                      GDALRasterIOEx(band, GF_Read, 0, 0, GDALGetRasterBandXSize(band), GDALGetRasterBandYSize(band),
                                     values, width, height, GDT_Float32, 0, 0, &extra) == CE_None;
    for (size_t i = 0; read && i < n; ++i) {
        const double value = (double)values[i] / full * 255.0;
        out[i] = (GByte)(value > 0.0 ? fmin(value + 0.5, 255.0) : 0.0); /* NaN is no more than 0 either */
    }
    selo_free(values);
    return read;
}

static double full_value(GDALRasterBandH band)
{
    const GDALDataType type = GDALGetRasterDataType(band);
    return type == GDT_UInt8 ? 255.0 : type == GDT_UInt16 ? 65535.0 : 1.0;
}

/* Encodes interleaved-by-band pixels and adds them as a data address. */
static bool add_encoded(const GByte *pixels, int width, int height, int n_bands, const char *driver, const char *mime,
                        selo_text *text)
{
    const size_t n = (size_t)width * (size_t)height;
    const char *path = CPLSPrintf("/vsimem/selo_picture_%p", (const void *)pixels);
    char *name = CPLStrdup(path);
    GDALDatasetH memory = GDALCreate(GDALGetDriverByName("MEM"), "", width, height, n_bands, GDT_UInt8, NULL);
    bool made = memory != NULL;
    for (int b = 0; made && b < n_bands; ++b)
        made = GDALRasterIO(GDALGetRasterBand(memory, b + 1), GF_Write, 0, 0, width, height,
                            (void *)(pixels + (size_t)b * n), width, height, GDT_UInt8, 0, 0) == CE_None;
    if (made && n_bands == 4)
        GDALSetRasterColorInterpretation(GDALGetRasterBand(memory, 4), GCI_AlphaBand);
    GDALDatasetH encoded = made ? GDALCreateCopy(GDALGetDriverByName(driver), name, memory, FALSE, NULL, NULL, NULL)
                                : NULL;
    made = encoded != NULL;
    GDALClose(encoded);
    GDALClose(memory);
    vsi_l_offset size = 0;
    const GByte *bytes = made ? VSIGetMemFileBuffer(name, &size, FALSE) : NULL;
    if (bytes) {
        selo_text_add(text, "data:%s;base64,", mime);
        selo_text_add_base64(text, bytes, (size_t)size);
    }
    VSIUnlink(CPLSPrintf("%s.aux.xml", name));
    VSIUnlink(name);
    CPLFree(name);
    return bytes != NULL;
}

bool selo_picture_map(GDALDatasetH map, int band_number, int side, bool clear, selo_text *text)
{
    int width, height;
    GDALRasterBandH band = GDALGetRasterBand(map, band_number);
    fitted_size(map, side, &width, &height);
    const size_t n = (size_t)width * (size_t)height;
    GByte *grey = selo_alloc(n, 5);
    bool made = grey && band && read_reduced(band, width, height, full_value(band), grey);
    for (size_t i = 0; made && i < n; ++i) {
        for (int channel = 0; channel < 3; ++channel)
            grey[n * (size_t)(channel + 1) + i] = coloured(grey[i], channel);
        grey[4 * n + i] = (GByte)(40 + grey[i] * 160 / 255);
    }
    made = made && add_encoded(grey + n, width, height, clear ? 4 : 3, "PNG", "image/png", text);
    selo_free(grey);
    return made;
}

bool selo_picture_image(GDALDatasetH image, int side, selo_text *text)
{
    int width, height;
    const int n_bands = GDALGetRasterCount(image) >= 3 ? 3 : 1;
    fitted_size(image, side, &width, &height);
    const size_t n = (size_t)width * (size_t)height;
    GByte *pixels = selo_alloc(n, (size_t)n_bands);
    bool made = pixels != NULL && GDALGetRasterCount(image) > 0;
    for (int b = 0; made && b < n_bands; ++b) {
        GDALRasterBandH band = GDALGetRasterBand(image, b + 1);
        double range[2] = {0.0, 255.0};
        if (GDALGetRasterDataType(band) != GDT_UInt8)
            GDALComputeRasterMinMax(band, TRUE, range);
        made = read_reduced(band, width, height, range[1] > 0.0 ? range[1] : 1.0, pixels + (size_t)b * n);
    }
    made = made && add_encoded(pixels, width, height, n_bands, "JPEG", "image/jpeg", text);
    selo_free(pixels);
    return made;
}
