#include "format.h"

#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "fold.h"

static bool says_yes(GDALDriverH driver, const char *item)
{
    const char *value = GDALGetMetadataItem(driver, item, NULL);
    return value && CPLTestBool(value);
}

/* Whether a word is in a list as drivers give them: separated by spaces. */
static bool lists(GDALDriverH driver, const char *item, const char *word)
{
    char **words = CSLTokenizeString2(GDALGetMetadataItem(driver, item, NULL), " ", 0);
    const bool found = CSLFindString(words, word) >= 0;
    CSLDestroy(words);
    return found;
}

/* Drivers that make a folder of files out of a name without extension; they do not say so in their metadata. */
static bool makes_folders(const char *driver)
{
    static const char *const names[] = {"ESRI Shapefile", "MapInfo File", "CSV", "FlatGeobuf"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (EQUAL(driver, names[i]))
            return true;
    return false;
}

static GDALDriverH by_extension(const char *path)
{
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    char **names = GDALGetOutputDriversForDatasetName(path, GDAL_OF_VECTOR, true, false);
    selo_fold_end();
    selo_fold_clear(&fold);
    GDALDriverH driver = names ? GDALGetDriverByName(names[0]) : NULL;
    CSLDestroy(names);
    return driver;
}

static GDALDriverH driver_for(const char *path, const char *name)
{
    GDALDriverH driver;
    if (name) {
        driver = GDALGetDriverByName(name);
        if (!driver)
            CPLError(CE_Failure, CPLE_IllegalArg, "%s: %s is not a format of this GDAL: 'gdal vector --formats' lists them",
                     path, name);
        return driver;
    }
    driver = by_extension(path);
    if (!driver && !*CPLGetExtension(path))
        driver = GDALGetDriverByName("GPKG");
    if (!driver)
        CPLError(CE_Failure, CPLE_IllegalArg, "%s: no format that can be written has this extension: name one (--output-format)",
                 path);
    return driver;
}

selo_status selo_format_choose(const char *path, const char *name, selo_format *format)
{
    memset(format, 0, sizeof *format);
    format->driver = path ? driver_for(path, name) : GDALGetDriverByName("MEM");
    if (!format->driver)
        return SELO_E_ARGUMENT;
    format->name = GDALGetDescription(format->driver);
    const char *prefix = GDALGetMetadataItem(format->driver, GDAL_DMD_CONNECTION_PREFIX, NULL);
    if (!says_yes(format->driver, GDAL_DCAP_VECTOR) || !says_yes(format->driver, GDAL_DCAP_CREATE) ||
        !says_yes(format->driver, GDAL_DCAP_CREATE_LAYER) || (prefix && *prefix)) {
        CPLError(CE_Failure, CPLE_NotSupported, "%s: %s cannot make new files of vector layers: choose another format, such as GPKG",
                 path ? path : "output", format->name);
        return SELO_E_ARGUMENT;
    }
    const bool folders = makes_folders(format->name);
    format->folder = folders && !lists(format->driver, GDAL_DMD_EXTENSIONS, CPLGetExtension(path)) &&
                     !EQUAL(CPLGetExtension(path), "zip");
    format->one_file = folders && !format->folder && !EQUAL(CPLGetExtension(path), "zip");
    format->one_layer = format->one_file || (!folders && !says_yes(format->driver, GDAL_DCAP_MULTIPLE_VECTOR_LAYERS) &&
                                             !EQUAL(format->name, "PGDUMP"));
    return SELO_OK;
}

bool selo_format_has_type(const selo_format *format, const char *type)
{
    return lists(format->driver, GDAL_DMD_CREATIONFIELDDATATYPES, type);
}

bool selo_format_has_subtype(const selo_format *format, const char *subtype)
{
    return lists(format->driver, GDAL_DMD_CREATIONFIELDDATASUBTYPES, subtype);
}
