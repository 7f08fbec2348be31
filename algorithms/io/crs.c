#include "crs.h"

#include "fold.h"

selo_status selo_crs_choose(const char *text, OGRSpatialReferenceH own, const char *argument, OGRSpatialReferenceH *crs)
{
    *crs = text ? OSRNewSpatialReference(NULL) : own ? OSRClone(own) : NULL;
    if (!*crs)
        return SELO_OK;
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    const OGRErr failed = text ? OSRSetFromUserInput(*crs, text) : OGRERR_NONE;
    selo_fold_end();
    if (failed != OGRERR_NONE) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s: '%s' is no CRS: %s", argument, text,
                 selo_fold_reason(&fold, NULL, "not understood"));
        OSRDestroySpatialReference(*crs);
        *crs = NULL;
    }
    selo_fold_clear(&fold);
    if (*crs)
        OSRSetAxisMappingStrategy(*crs, OAMS_TRADITIONAL_GIS_ORDER);
    return *crs ? SELO_OK : SELO_E_ARGUMENT;
}
