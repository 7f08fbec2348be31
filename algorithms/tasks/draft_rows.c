/* The rows of a draft: a finished sample comes in whole, or not at all. */
#include <math.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "draft_state.h"
#include "ogr_srs_api.h"

selo_status selo_draft_samples(selo_draft *draft, selo_table **samples)
{
    return selo_table_read(draft->dataset, "selo_sample", samples);
}

static selo_status complain(const selo_draft *draft, bool full)
{
    CPLError(CE_Failure, CPLE_FileIO, "%s: the work file cannot be written%s", draft->path,
             full ? ": the disk is full; --resume goes on from here" : "");
    return SELO_E_OUTPUT;
}

selo_status selo_draft_forget(selo_draft *draft, const char *run_id, const char *sample_id)
{
    char *run = CPLEscapeString(run_id, -1, CPLES_SQL), *sample = CPLEscapeString(sample_id, -1, CPLES_SQL);
    bool done = true;
    for (int i = 0; i < GDALDatasetGetLayerCount(draft->dataset); ++i) {
        OGRLayerH layer = GDALDatasetGetLayer(draft->dataset, i);
        if (OGR_L_FindFieldIndex(layer, "sample_id", TRUE) < 0)
            continue;
        selo_text sql = {0};
        selo_text_add(&sql, "DELETE FROM \"%s\" WHERE run_id = '%s' AND sample_id = '%s'", OGR_L_GetName(layer), run,
                      sample);
        done = selo_draft_change(draft->dataset, &sql) && done;
        selo_text_clear(&sql);
    }
    CPLFree(run);
    CPLFree(sample);
    return done ? SELO_OK : SELO_E_OUTPUT;
}

/* The layer of the same name, with every field of `from`; NULL on failure. */
static OGRLayerH counterpart(GDALDatasetH dataset, OGRLayerH from)
{
    OGRLayerH to = GDALDatasetGetLayerByName(dataset, OGR_L_GetName(from));
    if (!to) {
        const char *const options[] = {"SPATIAL_INDEX=NO", NULL};
        to = GDALDatasetCreateLayer(dataset, OGR_L_GetName(from), NULL, OGR_L_GetGeomType(from), (CSLConstList)options);
    }
    OGRFeatureDefnH fields = OGR_L_GetLayerDefn(from);
    for (int k = 0; to && k < OGR_FD_GetFieldCount(fields); ++k) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(fields, k);
        if (OGR_L_FindFieldIndex(to, OGR_Fld_GetNameRef(field), TRUE) < 0 &&
            OGR_L_CreateField(to, field, TRUE) != OGRERR_NONE)
            return NULL;
    }
    return to;
}

static void set_text(OGRFeatureH feature, const char *name, const char *text)
{
    const int k = OGR_F_GetFieldIndex(feature, name);
    if (k >= 0 && text)
        OGR_F_SetFieldString(feature, k, text);
    else if (k >= 0)
        OGR_F_SetFieldNull(feature, k);
}

static void set_own(OGRFeatureH feature, const selo_draft_row *row, const char *crs_wkt)
{
    static const char *const stages[4] = {"t_cut_ms", "t_sim_ms", "t_gnt_ms", "t_flt_ms"};
    OGR_F_SetFieldInteger(feature, OGR_F_GetFieldIndex(feature, "sample_no"), (int)row->sample_no);
    set_text(feature, "image", row->image);
    set_text(feature, "message", row->message);
    set_text(feature, "input_sha", row->input_sha);
    set_text(feature, "crs_wkt", crs_wkt);
    set_text(feature, "map_uri", row->map_uri);
    set_text(feature, "gt_uri", row->gt_uri);
    if (row->model)
        set_text(feature, "model", row->model);
    if (!isnan(row->t_ms))
        OGR_F_SetFieldInteger64(feature, OGR_F_GetFieldIndex(feature, "t_ms"), (GIntBig)llround(row->t_ms));
    for (int k = 0; k < 4; ++k)
        if (!isnan(row->stages_ms[k]))
            OGR_F_SetFieldDouble(feature, OGR_F_GetFieldIndex(feature, stages[k]), row->stages_ms[k]);
    for (int i = 0; row->groups && row->groups[i]; ++i) {
        char *name = NULL;
        const char *value = CPLParseNameValue(row->groups[i], &name);
        if (name)
            set_text(feature, name, value);
        CPLFree(name);
    }
}

static bool write_feature(OGRLayerH to, OGRFeatureH from, const selo_draft_row *row, const char *crs_wkt)
{
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(to));
    bool written = OGR_F_SetFrom(feature, from, TRUE) == OGRERR_NONE;
    OGR_F_SetFID(feature, OGRNullFID);
    set_text(feature, "run_id", row->run_id);
    set_text(feature, "sample_id", row->sample_id);
    if (EQUAL(OGR_L_GetName(to), "selo_sample"))
        set_own(feature, row, crs_wkt);
    written = written && OGR_L_CreateFeature(to, feature) == OGRERR_NONE;
    OGR_F_Destroy(feature);
    return written;
}

static bool copy_layer(selo_draft *draft, OGRLayerH from, const selo_draft_row *row)
{
    OGRLayerH to = counterpart(draft->dataset, from);
    char *crs_wkt = NULL;
    if (OGR_L_GetSpatialRef(from))
        OSRExportToWktEx(OGR_L_GetSpatialRef(from), &crs_wkt, NULL);
    bool written = to != NULL;
    OGR_L_ResetReading(from);
    for (OGRFeatureH feature; written && (feature = OGR_L_GetNextFeature(from)) != NULL; OGR_F_Destroy(feature))
        written = write_feature(to, feature, row, crs_wkt);
    CPLFree(crs_wkt);
    return written;
}

static bool add_failure(selo_draft *draft, const selo_draft_row *row)
{
    OGRLayerH layer = GDALDatasetGetLayerByName(draft->dataset, "selo_sample");
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
    set_text(feature, "run_id", row->run_id);
    set_text(feature, "sample_id", row->sample_id);
    set_text(feature, "query", row->query);
    set_text(feature, "profile", row->profile);
    set_text(feature, "status", row->status);
    set_own(feature, row, NULL);
    const bool written = OGR_L_CreateFeature(layer, feature) == OGRERR_NONE;
    OGR_F_Destroy(feature);
    return written;
}

selo_status selo_draft_add(selo_draft *draft, const selo_draft_row *row, GDALDatasetH layers)
{
    selo_heard heard;
    selo_heard_start(&heard);
    bool written = GDALDatasetStartTransaction(draft->dataset, FALSE) == OGRERR_NONE;
    for (int i = 0; written && layers && i < GDALDatasetGetLayerCount(layers); ++i) {
        OGRLayerH from = GDALDatasetGetLayer(layers, i);
        written = EQUAL(OGR_L_GetName(from), "selo_run") || copy_layer(draft, from, row);
    }
    if (written && !layers)
        written = add_failure(draft, row);
    written = written && GDALDatasetCommitTransaction(draft->dataset) == OGRERR_NONE;
    const bool full = !written && selo_draft_is_full(draft->path, &heard);
    if (!written)
        GDALDatasetRollbackTransaction(draft->dataset);
    selo_heard_end();
    return written ? SELO_OK : complain(draft, full);
}
