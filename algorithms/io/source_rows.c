/* Layers that are read to their end, or refused. */
#include "cpl_error.h"
#include "fold.h"
#include "selo/source.h"

#include "cpl_conv.h"

OGRFeatureH selo_source_next(selo_source_rows *rows)
{
    if (rows->failure[0])
        return NULL;
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    OGRFeatureH feature = OGR_L_GetNextFeature(rows->layer);
    selo_fold_end();
    CPLStrlcpy(rows->failure, selo_fold_reason(&fold, NULL, ""), sizeof rows->failure);
    selo_fold_warn(&fold, NULL, rows->name);
    if (!rows->failure[0])
        return feature;
    OGR_F_Destroy(feature); /* one that lacks something */
    return NULL;
}

selo_status selo_source_end(const selo_source_rows *rows)
{
    if (!rows->failure[0])
        return SELO_OK;
    if (rows->where) /* some drivers find out only when they read that a filter makes no sense */
        CPLError(CE_Failure, CPLE_AppDefined, "--where '%s' on %s '%s': %s", rows->where, rows->what, rows->name,
                 rows->failure);
    else
        CPLError(CE_Failure, CPLE_AppDefined, "%s '%s', layer '%s' cannot be read to its end: %s", rows->what,
                 rows->name, OGR_L_GetName(rows->layer), rows->failure);
    return SELO_E_INPUT;
}
