#include "selo/source.h"

#include <string.h>

#include "cpl_error.h"
#include "cpl_vsi.h"
#include "fold.h"

static const char *kind_of(unsigned flags)
{
    if ((flags & GDAL_OF_RASTER) && (flags & GDAL_OF_VECTOR))
        return "raster or vector data";
    return flags & GDAL_OF_VECTOR ? "vector data" : "a raster";
}

/* What else the source is, where only one kind of data would do; NULL: nothing that GDAL knows. */
static const char *other_kind(const selo_source *source)
{
    const unsigned both = GDAL_OF_RASTER | GDAL_OF_VECTOR, other = both & ~source->flags;
    if (other == 0 || other == both)
        return NULL;
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    GDALDatasetH dataset = GDALOpenEx(source->name, other | GDAL_OF_READONLY, NULL, NULL, NULL);
    selo_fold_end();
    selo_fold_clear(&fold);
    if (!dataset)
        return NULL;
    GDALClose(dataset);
    return other == GDAL_OF_VECTOR ? "it is vector data" : "it is a raster";
}

GDALDatasetH selo_source_open(const selo_source *source)
{
    selo_fold fold = {0};
    if (!source->name || !*source->name) {
        CPLError(CE_Failure, CPLE_IllegalArg, "%s: its name is empty", source->what);
        return NULL;
    }
    selo_fold_begin(&fold);
    GDALDatasetH dataset = GDALOpenEx(source->name, source->flags | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR,
                                      (const char *const *)source->formats, (const char *const *)source->open_options,
                                      NULL);
    selo_fold_end();
    const char *other = dataset ? NULL : other_kind(source);
    if (dataset)
        selo_fold_warn(&fold, NULL, source->name);
    else
        CPLError(CE_Failure, CPLE_OpenFailed, "%s '%s' cannot be opened as %s: %s", source->what, source->name,
                 kind_of(source->flags), other ? other : selo_fold_reason(&fold, NULL, "no driver knows it"));
    selo_fold_clear(&fold);
    return dataset;
}

bool selo_source_exists(const char *path)
{
    VSIStatBufL entry;
    return VSIStatExL(path, &entry, VSI_STAT_EXISTS_FLAG) == 0;
}

bool selo_source_is_random_access(const char *path)
{
    return !STARTS_WITH(path, "/vsi") || STARTS_WITH(path, "/vsimem/");
}

/* What does not fit is not always written as far as it fits: as much as one write may be left. Those of GDAL's
 * buffers (GeoTIFF) are the largest that fail without a word. */
enum { LARGEST_WRITE = 65536 };

bool selo_source_is_full(const char *path)
{
    const char *folder = CPLGetPath(path);
    const GIntBig left = VSIGetDiskFreeSpace(*folder ? folder : ".");
    return left >= 0 && left < LARGEST_WRITE;
}

bool selo_source_same_file(const char *one, const char *other)
{
    VSIStatBufL first, second;
    const int what = VSI_STAT_EXISTS_FLAG | VSI_STAT_NATURE_FLAG;
    if (VSIStatExL(one, &first, what) != 0 || !VSI_ISREG(first.st_mode))
        return false;
    if (strcmp(one, other) == 0)
        return true;
    return VSIStatExL(other, &second, what) == 0 && first.st_ino != 0 && first.st_ino == second.st_ino &&
           first.st_dev == second.st_dev;
}

selo_status selo_source_read_bands(const selo_source_part *part, const int *bands, int n_bands, size_t stride,
                                   float *values)
{
    const GSpacing value = sizeof *values;
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    const CPLErr failed = GDALDatasetRasterIOEx(part->dataset, GF_Read, part->x, part->y, part->width, part->n_rows,
                                                values, part->width, part->n_rows, GDT_Float32, n_bands, bands, value,
                                                value * part->width, value * (GSpacing)stride, NULL);
    return selo_fold_end_rows(&fold, part->what, GDALGetDescription(part->dataset), part->y, part->n_rows,
                              failed != CE_None);
}

selo_status selo_source_read_mask(const selo_source_part *part, int band, uint8_t *mask)
{
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    const CPLErr failed = GDALRasterIO(GDALGetMaskBand(GDALGetRasterBand(part->dataset, band)), GF_Read, part->x,
                                       part->y, part->width, part->n_rows, mask, part->width, part->n_rows, GDT_Byte, 0,
                                       0);
    return selo_fold_end_rows(&fold, part->what, GDALGetDescription(part->dataset), part->y, part->n_rows,
                              failed != CE_None);
}
