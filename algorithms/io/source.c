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
