/* The format of a raster output. */
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "raster_private.h"

bool selo_raster_format_can(GDALDriverH driver, const char *capability)
{
    return GDALGetMetadataItem(driver, capability, NULL) != NULL;
}

static GDALDriverH driver_by_extension(const char *path)
{
    const char *extension = CPLGetExtension(path);
    char **names = *extension ? GDALGetOutputDriversForDatasetName(path, GDAL_OF_RASTER, true, false) : NULL;
    GDALDriverH driver = names && names[0] ? GDALGetDriverByName(names[0]) : NULL;
    CSLDestroy(names);
    return driver || *extension ? driver : GDALGetDriverByName("GTiff");
}

/* A VRT can be made, but holds no pixels. */
static bool writes_pixels(GDALDriverH driver)
{
    return selo_raster_format_can(driver, GDAL_DCAP_RASTER) &&
           (selo_raster_format_can(driver, GDAL_DCAP_CREATE) || selo_raster_format_can(driver, GDAL_DCAP_CREATECOPY)) &&
           !EQUAL(GDALGetDescription(driver), "VRT");
}

const char *selo_raster_format_lacks(GDALDataType type, const char *why, bool type_is_chosen)
{
    return CPLSPrintf("cannot hold %s values%s; choose another --output-format%s", GDALGetDataTypeName(type), why,
                      type_is_chosen ? " or --output-data-type" : ", such as GTiff");
}

selo_status selo_raster_format_choose(const selo_raster_target *target, const selo_raster_shape *shape, bool in_memory,
                                 GDALDriverH *driver)
{
    const char *path = in_memory ? "" : target->path;
    const char *format = in_memory ? "MEM" : target->format;
    *driver = format && *format ? GDALGetDriverByName(format) : driver_by_extension(path);
    if (!*driver || !writes_pixels(*driver)) {
        CPLError(CE_Failure, CPLE_AppDefined, "output '%s': %s%s%s; pass --output-format, such as GTiff or COG", path,
                 format && *format ? "there is no raster format '" : "its name does not say which format to write",
                 format && *format ? format : "", format && *format ? "' that can be written" : "");
        return SELO_E_OUTPUT;
    }
    const char *types = GDALGetMetadataItem(*driver, GDAL_DMD_CREATIONDATATYPES, NULL);
    char **list = CSLTokenizeString(types ? types : "");
    const bool holds = !types || CSLFindString(list, GDALGetDataTypeName(shape->type)) >= 0;
    CSLDestroy(list);
    if (!holds) {
        CPLError(CE_Failure, CPLE_AppDefined, "output '%s': format %s %s", path, GDALGetDescription(*driver),
                 selo_raster_format_lacks(shape->type, "", target->type_is_chosen));
        return SELO_E_OUTPUT;
    }
    return SELO_OK;
}

/* GDAL copies the domain SELO only where it is told to. */
char **selo_raster_format_copied(CSLConstList given)
{
    char **options = CSLDuplicate(given);
    if (CSLFetchNameValue(options, "COPY_SRC_MDD") || CSLFetchNameValue(options, "SRC_MDD"))
        return options;
    return CSLSetNameValue(options, "COPY_SRC_MDD", "YES");
}

/* A GeoTIFF is tiled unless the caller says how it shall be laid out. */
char **selo_raster_format_options(GDALDriverH driver, CSLConstList given)
{
    char **options = CSLDuplicate(given);
    if (EQUAL(GDALGetDescription(driver), "GTiff")) {
        if (!CSLFetchNameValue(options, "TILED") && !CSLFetchNameValue(options, "BLOCKYSIZE") &&
            !CSLFetchNameValue(options, "BLOCKXSIZE")) {
            options = CSLSetNameValue(options, "TILED", "YES");
            options = CSLSetNameValue(options, "BLOCKXSIZE", "256");
            options = CSLSetNameValue(options, "BLOCKYSIZE", "256");
        }
        if (!CSLFetchNameValue(options, "BIGTIFF"))
            options = CSLSetNameValue(options, "BIGTIFF", "IF_SAFER");
    }
    return options;
}

bool selo_raster_format_is_plain(GDALDriverH driver, CSLConstList options)
{
    const char *compress = CSLFetchNameValue(options, "COMPRESS");
    return EQUAL(GDALGetDescription(driver), "GTiff") && (!compress || EQUAL(compress, "NONE")) &&
           !CSLFetchBoolean(options, "SPARSE_OK", FALSE) && !CSLFetchNameValue(options, "NBITS");
}
