#include "input_hash.h"

#include <stdbool.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_string.h"
#include "gdal_alg.h"
#include "cpl_vsi.h"
#include "ogr_srs_api.h"
#include "selo/memory.h"

#define READ_BYTES_MAX ((vsi_l_offset)4 << 30)

static bool counts(const char *path)
{
    const size_t n = strlen(path);
    return !(n > 8 && EQUAL(path + n - 8, ".aux.xml")) && !(n > 4 && EQUAL(path + n - 4, ".ovr"));
}

static bool is_remote(const char *path)
{
    return STARTS_WITH(path, "/vsi") && !STARTS_WITH(path, "/vsimem/") && !STARTS_WITH(path, "/vsizip/") &&
           !STARTS_WITH(path, "/vsigzip/") && !STARTS_WITH(path, "/vsitar/");
}

static void add_bytes(selo_hash *hash, const char *path)
{
    VSILFILE *file = VSIFOpenL(path, "rb");
    char *part = file ? selo_alloc(1 << 20, 1) : NULL;
    size_t n;
    while (part && (n = VSIFReadL(part, 1, 1 << 20, file)) > 0)
        selo_hash_add(hash, part, n);
    if (file)
        VSIFCloseL(file);
    selo_free(part);
}

static void add_file(selo_hash *hash, const char *path, bool whole)
{
    VSIStatBufL entry;
    if (!counts(path) || VSIStatL(path, &entry) != 0 || VSI_ISDIR(entry.st_mode))
        return;
    const int64_t facts[2] = {(int64_t)entry.st_size, whole ? 0 : (int64_t)entry.st_mtime};
    selo_hash_add(hash, facts, sizeof facts);
    if (whole)
        add_bytes(hash, path);
}

static bool can_be_read_whole(CSLConstList files)
{
    vsi_l_offset total = 0;
    for (; files && *files; files++) {
        VSIStatBufL entry;
        if (is_remote(*files))
            return false;
        if (VSIStatL(*files, &entry) == 0)
            total += (vsi_l_offset)entry.st_size;
    }
    return total <= READ_BYTES_MAX;
}

/* Where the image lies and what its bands mean may be said beside its files, too. */
static void add_meaning(selo_hash *hash, GDALDatasetH image)
{
    double geotransform[6] = {0};
    char *wkt = NULL;
    if (GDALGetGeoTransform(image, geotransform) == CE_None)
        selo_hash_add(hash, geotransform, sizeof geotransform);
    if (GDALGetSpatialRef(image) && OSRExportToWktEx(GDALGetSpatialRef(image), &wkt, NULL) == OGRERR_NONE)
        selo_hash_add_text(hash, wkt);
    CPLFree(wkt);
    for (int i = 1; i <= GDALGetRasterCount(image); i++) {
        GDALRasterBandH band = GDALGetRasterBand(image, i);
        int has_nodata = FALSE;
        const double nodata = GDALGetRasterNoDataValue(band, &has_nodata);
        const int colour = (int)GDALGetRasterColorInterpretation(band);
        selo_hash_add(hash, &has_nodata, sizeof has_nodata);
        selo_hash_add(hash, &nodata, has_nodata ? sizeof nodata : 0);
        selo_hash_add(hash, &colour, sizeof colour);
        selo_hash_add_text(hash, GDALGetDescription(band));
    }
}

/* What a VRT makes of its files, where no file says it. */
static void add_recipe(selo_hash *hash, GDALDatasetH image, CSLConstList files)
{
    CSLConstList xml = GDALGetMetadata(image, "xml:VRT");
    if (files && xml && CSLFindString(files, GDALGetDescription(image)) < 0)
        selo_hash_add_text(hash, xml[0]);
}

void selo_hash_add_image(selo_hash *hash, GDALDatasetH image)
{
    char **files = GDALGetFileList(image);
    const bool whole = can_be_read_whole((CSLConstList)files);
    const int width = GDALGetRasterXSize(image), height = GDALGetRasterYSize(image), bands = GDALGetRasterCount(image);
    const int shape[3] = {width, height, bands};
    selo_hash_add(hash, shape, sizeof shape);
    add_meaning(hash, image);
    add_recipe(hash, image, (CSLConstList)files);
    for (char **file = files; file && *file; file++)
        add_file(hash, *file, whole);
    for (int i = 1; !files && i <= bands; i++) {
        const int sum = GDALChecksumImage(GDALGetRasterBand(image, i), 0, 0, width, height);
        selo_hash_add(hash, &sum, sizeof sum);
    }
    CSLDestroy(files);
}
