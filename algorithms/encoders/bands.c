#include "selo/bands.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cpl_error.h"
#include "cpl_string.h"

/* Small letters and digits only: "SWIR 1" and "swir_1" are one name. */
static void plain_name(const char *text, char plain[16])
{
    size_t n = 0;
    for (; *text && n < 15; text++) {
        if (isalnum((unsigned char)*text))
            plain[n++] = (char)tolower((unsigned char)*text);
    }
    plain[n] = '\0';
}

/* SELO_BAND_ROLES: no role has this name. */
static selo_band_role role_named(const char *text)
{
    static const char *const also[][2] = {
        {"nearinfrared", "nir"}, {"nir08", "nir"}, {"swir16", "swir1"}, {"swir22", "swir2"}};
    char plain[16];
    plain_name(text, plain);
    for (size_t i = 0; i < sizeof also / sizeof *also; i++) {
        if (strcmp(plain, also[i][0]) == 0)
            strcpy(plain, also[i][1]);
    }
    int role = 0;
    while (role < SELO_BAND_ROLES && strcmp(plain, selo_band_role_name((selo_band_role)role)) != 0)
        role++;
    return (selo_band_role)role;
}

static selo_status refuse(const char *item, const char *why)
{
    CPLError(CE_Failure, CPLE_IllegalArg,
             "--bands: '%s' %s; give roles such as red=3,green=2,blue=1,nir=4,swir1=5,swir2=6", item, why);
    return SELO_E_ARGUMENT;
}

static selo_status assign(selo_bands *bands, selo_band_role role, int number, int count, const char *item)
{
    if (number < 1 || number > count) {
        CPLError(CE_Failure, CPLE_IllegalArg,
                 "--bands: '%s' asks for a band that is not there; the image has bands 1 to %d", item, count);
        return SELO_E_ARGUMENT;
    }
    if (bands->number[role])
        return refuse(item, "gives a role a second time");
    bands->number[role] = number;
    return SELO_OK;
}

static bool whole_number(const char *text, int *number)
{
    char *end;
    const long value = strtol(text, &end, 10);
    *number = value < 0 || value > 1 << 20 ? 0 : (int)value;
    return end != text && *end == '\0';
}

static selo_status read_item(const char *item, int at, int count, selo_bands *bands)
{
    const char *equals = strchr(item, '=');
    char name[32];
    int number;
    if (!equals && whole_number(item, &number))
        return at < SELO_BAND_ROLES ? assign(bands, (selo_band_role)at, number, count, item)
                                    : refuse(item, "is one band too many");
    if (!equals && strcmp(item, "-") == 0)
        return SELO_OK;
    CPLStrlcpy(name, item, sizeof name);
    if (equals && (size_t)(equals - item) < sizeof name)
        name[equals - item] = '\0';
    const selo_band_role role = role_named(name);
    if (role == SELO_BAND_ROLES)
        return refuse(item, "names no role (red, green, blue, nir, swir1, swir2)");
    if (equals && !whole_number(equals + 1, &number))
        return refuse(item, "names no band number");
    return assign(bands, role, equals ? number : at + 1, count, item);
}

static void take(selo_bands *bands, selo_band_role role, int number)
{
    if (role < SELO_BAND_ROLES && bands->number[role] == 0)
        bands->number[role] = number;
}

static selo_band_role role_of_colour(GDALColorInterp colour)
{
    switch (colour) {
    case GCI_RedBand: return SELO_BAND_RED;
    case GCI_GreenBand: return SELO_BAND_GREEN;
    case GCI_BlueBand: return SELO_BAND_BLUE;
    case GCI_NIRBand: return SELO_BAND_NIR;
    case GCI_SWIRBand: return SELO_BAND_SWIR1;
    default: return SELO_BAND_ROLES;
    }
}

static bool sees_colours(const selo_bands *bands)
{
    return bands->number[SELO_BAND_RED] && bands->number[SELO_BAND_GREEN] && bands->number[SELO_BAND_BLUE];
}

static bool is_alpha(GDALDatasetH image, int number)
{
    return GDALGetRasterColorInterpretation(GDALGetRasterBand(image, number)) == GCI_AlphaBand;
}

static void guess(GDALDatasetH image, int count, selo_bands *bands)
{
    for (int i = 1; i <= count; i++)
        take(bands, role_named(GDALGetDescription(GDALGetRasterBand(image, i))), i);
    for (int i = 1; i <= count; i++)
        take(bands, role_of_colour(GDALGetRasterColorInterpretation(GDALGetRasterBand(image, i))), i);
    const int shown = count - (count > 1 && is_alpha(image, count));
    for (int role = 0; role < 3 && !sees_colours(bands); role++) {
        if (shown == 3 || shown == 1)
            bands->number[role] = shown == 1 ? 1 : role + 1;
    }
}

/* Whether a palette says nothing else than that a higher number is brighter. */
static bool is_grey_ramp(GDALColorTableH palette)
{
    for (int i = 0; i < GDALGetColorEntryCount(palette); i++) {
        const GDALColorEntry *entry = GDALGetColorEntry(palette, i);
        if (entry->c1 != i || entry->c2 != i || entry->c3 != i)
            return false;
    }
    return true;
}

/* Numbers of a palette are no brightness, which nothing that is computed from them would show. */
static void warn_of_palette(GDALDatasetH image, const selo_bands *bands)
{
    GDALRasterBandH band = GDALGetRasterBand(image, bands->number[SELO_BAND_RED]);
    GDALColorTableH palette = GDALGetRasterColorTable(band);
    if (palette && GDALGetRasterColorInterpretation(band) == GCI_PaletteIndex && !is_grey_ramp(palette))
        CPLError(CE_Warning, CPLE_AppDefined,
                 "%s: band %d holds numbers of a palette, which are taken for brightness: make colours of it first, "
                 "with `gdal raster color-map`",
                 GDALGetDescription(image), bands->number[SELO_BAND_RED]);
}

selo_status selo_bands_find(GDALDatasetH image, CSLConstList list, selo_bands *bands)
{
    const int count = GDALGetRasterCount(image);
    selo_status status = SELO_OK;
    *bands = (selo_bands){0};
    for (int i = 0; list && list[i] && status == SELO_OK; i++)
        status = read_item(list[i], i, count, bands);
    if (status != SELO_OK)
        return status;
    if (!list || !list[0])
        guess(image, count, bands);
    if (sees_colours(bands)) {
        warn_of_palette(image, bands);
        return SELO_OK;
    }
    CPLError(CE_Failure, CPLE_AppDefined,
             "%s: which of its %d bands are red, green and blue is not known; say it with --bands, as in --bands "
             "red=3,green=2,blue=1,nir=4",
             GDALGetDescription(image), count);
    return SELO_E_INPUT;
}
