#include "selo/source.h"

#include "cpl_error.h"
#include "fold.h"

static const char *kind_of(unsigned flags)
{
    if ((flags & GDAL_OF_RASTER) && (flags & GDAL_OF_VECTOR))
        return "raster or vector data";
    return flags & GDAL_OF_VECTOR ? "vector data" : "a raster";
}

GDALDatasetH selo_source_open(const selo_source *source)
{
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    GDALDatasetH dataset = GDALOpenEx(source->name, source->flags | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR,
                                      (const char *const *)source->formats, (const char *const *)source->open_options, NULL);
    selo_fold_end();
    if (dataset)
        selo_fold_warn(&fold, NULL, source->name);
    else
        CPLError(CE_Failure, CPLE_OpenFailed, "%s '%s' cannot be opened as %s: %s", source->what, source->name,
                 kind_of(source->flags), selo_fold_reason(&fold, NULL, "no driver knows it"));
    selo_fold_clear(&fold);
    return dataset;
}

selo_status selo_source_read(const char *what, const char *name, GDALRasterBandH band, int row, int n_rows, GDALDataType type,
                             void *values)
{
    const int width = GDALGetRasterBandXSize(band);
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    const CPLErr failed = GDALRasterIO(band, GF_Read, 0, row, width, n_rows, values, width, n_rows, type, 0, 0);
    return selo_fold_end_rows(&fold, what, name, row, n_rows, failed != CE_None);
}
