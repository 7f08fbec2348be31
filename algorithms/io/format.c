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
    return EQUAL(driver, "ESRI Shapefile") || EQUAL(driver, "MapInfo File") || EQUAL(driver, "CSV") ||
           EQUAL(driver, "FlatGeobuf");
}

/* Whether rows can go to several layers in turn. KML says that it holds several, but wants each to be finished before
 * the next one; PGDUMP does not say that it does. */
static bool takes_rows_in_turn(GDALDriverH driver)
{
    const char *name = GDALGetDescription(driver);
    return (says_yes(driver, GDAL_DCAP_MULTIPLE_VECTOR_LAYERS) && !EQUAL(name, "KML")) || EQUAL(name, "PGDUMP");
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
            CPLError(CE_Failure, CPLE_IllegalArg, "%s: %s is not a format of this GDAL: see gdal vector --formats",
                     path, name);
        return driver;
    }
    driver = by_extension(path);
    if (!driver && !*CPLGetExtension(path))
        driver = GDALGetDriverByName("GPKG");
    if (!driver)
        CPLError(CE_Failure, CPLE_IllegalArg,
                 "%s: no format that can be written has this extension: name one (--output-format)", path);
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
        CPLError(CE_Failure, CPLE_NotSupported,
                 "%s: %s cannot make new files of vector layers: choose another format, such as GPKG",
                 path ? path : "output", format->name);
        return SELO_E_ARGUMENT;
    }
    if (path && EQUAL(format->name, "MEM")) {
        CPLError(CE_Failure, CPLE_NotSupported, "%s: MEM makes no file: choose another format, such as GPKG", path);
        return SELO_E_ARGUMENT;
    }
    const char *extension = path ? CPLGetExtension(path) : "";
    const bool folders = makes_folders(format->name), archive = EQUAL(extension, "zip");
    format->to_stdout = path && STARTS_WITH(path, "/vsistdout/");
    const bool file = format->to_stdout || lists(format->driver, GDAL_DMD_EXTENSIONS, extension);
    format->folder = folders && !file && !archive;
    format->one_file = folders && file && !archive;
    format->one_layer = format->one_file || (!folders && !takes_rows_in_turn(format->driver));
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
