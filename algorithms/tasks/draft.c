#include "draft.h"

#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "ogr_api.h"
#include "results_schema.h"
#include "selo/memory.h"

struct selo_draft {
    char *path;
    GDALDatasetH dataset;
};

/* ---- columns of a benchmark ---- */

static const struct {
    const char *name;
    OGRFieldType type;
    const char *title, *comment;
} own_columns[] = {
    {"sample_no", OFTInteger, "Place", "place of the sample in the test set, from 0"},
    {"image", OFTString, "Image", "what intervals are clustered by"},
    {"message", OFTString, "Message", "why the sample could not be scored; null: it could"},
    {"input_sha", OFTString, "Hash of the inputs", "SHA-256 of map, or image and model, of regions and parameters"},
    {"t_cut_ms", OFTReal, "Time of cutting", "ms; reading and cutting the image into windows, this sample's part"},
    {"t_sim_ms", OFTReal, "Time of similarity", "ms; model and similarity, this sample's part"},
    {"t_gnt_ms", OFTReal, "Time of generation", "ms; map from similarities"},
    {"t_flt_ms", OFTReal, "Time of filtering", "ms; smoothing of the map"},
};
enum { n_own_columns = sizeof own_columns / sizeof *own_columns };

static OGRErr add_field(OGRLayerH layer, const char *name, OGRFieldType type, const char *title, const char *comment)
{
    OGRFieldDefnH field = OGR_Fld_Create(name, type);
    OGR_Fld_SetAlternativeName(field, title ? title : "");
    OGR_Fld_SetComment(field, comment ? comment : "");
    const OGRErr status = OGR_L_CreateField(layer, field, TRUE);
    OGR_Fld_Destroy(field);
    return status;
}

/* ---- making one ---- */

char *selo_draft_path(const char *output)
{
    char *folder = CPLStrdup(CPLGetPath(output)), *name = CPLStrdup(CPLSPrintf(".%s.draft.gpkg", CPLGetFilename(output)));
    char *path = CPLStrdup(CPLFormFilename(folder, name, NULL));
    CPLFree(folder);
    CPLFree(name);
    return path;
}

static OGRFieldType type_of(const selo_field *field)
{
    static const OGRFieldType types[] = {[SELO_FIELD_TEXT] = OFTString,      [SELO_FIELD_REAL] = OFTReal,
                                         [SELO_FIELD_INTEGER] = OFTInteger,  [SELO_FIELD_BIG] = OFTInteger64,
                                         [SELO_FIELD_FLAG] = OFTInteger,     [SELO_FIELD_TIME] = OFTDateTime,
                                         [SELO_FIELD_BYTES] = OFTBinary};
    return types[field->type];
}

static OGRErr add_schema_field(OGRLayerH layer, const selo_field *schema)
{
    OGRFieldDefnH field = OGR_Fld_Create(schema->name, type_of(schema));
    if (schema->type == SELO_FIELD_FLAG)
        OGR_Fld_SetSubType(field, OFSTBoolean);
    OGR_Fld_SetAlternativeName(field, schema->title ? schema->title : "");
    OGR_Fld_SetComment(field, schema->comment ? schema->comment : "");
    const OGRErr status = OGR_L_CreateField(layer, field, TRUE);
    OGR_Fld_Destroy(field);
    return status;
}

static OGRErr make_layer(GDALDatasetH dataset, const selo_layer_schema *schema, CSLConstList groups)
{
    const char *const options[] = {"SPATIAL_INDEX=NO", NULL};
    const bool samples = schema == selo_result_schemas[SELO_LAYER_SAMPLE];
    OGRLayerH layer = GDALDatasetCreateLayer(dataset, schema->name, NULL, schema->geometry, (CSLConstList)options);
    OGRErr status = layer ? add_field(layer, "run_id", OFTString, "Run", NULL) : OGRERR_FAILURE;
    if (status == OGRERR_NONE)
        status = add_field(layer, "sample_id", OFTString, "Sample", NULL);
    for (size_t i = 0; status == OGRERR_NONE && i < schema->n_fields; ++i)
        status = add_schema_field(layer, &schema->fields[i]);
    for (size_t i = 0; status == OGRERR_NONE && samples && i < n_own_columns; ++i)
        status = add_field(layer, own_columns[i].name, own_columns[i].type, own_columns[i].title, own_columns[i].comment);
    for (int i = 0; status == OGRERR_NONE && samples && groups && groups[i]; ++i)
        if (OGR_L_FindFieldIndex(layer, groups[i], TRUE) < 0)
            status = add_field(layer, groups[i], OFTString, NULL, "field of the test set that means are split by");
    if (status == OGRERR_NONE && samples)
        status = add_field(layer, "crs_wkt", OFTString, NULL, "CRS of the sample's geometries");
    return status;
}

static GDALDatasetH make_file(const char *path, CSLConstList groups)
{
    VSIUnlink(path);
    VSIUnlink(CPLSPrintf("%s-journal", path));
    GDALDatasetH dataset = GDALCreate(GDALGetDriverByName("GPKG"), path, 0, 0, 0, GDT_Unknown, NULL);
    OGRErr status = dataset ? GDALDatasetStartTransaction(dataset, FALSE) : OGRERR_FAILURE;
    for (size_t i = 0; status == OGRERR_NONE && i < SELO_N_RESULT_LAYERS; ++i)
        status = make_layer(dataset, selo_result_schemas[i], groups);
    if (status == OGRERR_NONE)
        status = GDALDatasetCommitTransaction(dataset);
    if (status != OGRERR_NONE) {
        GDALClose(dataset);
        return NULL;
    }
    return dataset;
}

/* A work file can be gone on with if all layers and columns of this one are there. */
static bool fits(GDALDatasetH dataset, CSLConstList groups)
{
    for (size_t i = 0; i < SELO_N_RESULT_LAYERS; ++i) {
        const selo_layer_schema *schema = selo_result_schemas[i];
        OGRLayerH layer = GDALDatasetGetLayerByName(dataset, schema->name);
        for (size_t k = 0; layer && k < schema->n_fields; ++k)
            if (OGR_L_FindFieldIndex(layer, schema->fields[k].name, TRUE) < 0)
                return false;
        if (!layer)
            return false;
    }
    OGRLayerH samples = GDALDatasetGetLayerByName(dataset, "selo_sample");
    bool all = true;
    for (int i = 0; all && groups && groups[i]; ++i)
        all = OGR_L_FindFieldIndex(samples, groups[i], TRUE) >= 0;
    for (size_t i = 0; all && i < n_own_columns; ++i)
        all = OGR_L_FindFieldIndex(samples, own_columns[i].name, TRUE) >= 0;
    return all;
}

/* A finished output says its CRS once, at its layers; a work file at each sample. */
static bool spread_crs(GDALDatasetH dataset)
{
    OGRLayerH samples = GDALDatasetGetLayerByName(dataset, "selo_sample");
    OGRSpatialReferenceH crs = OGR_L_GetSpatialRef(samples);
    char *wkt = NULL;
    if (OGR_L_FindFieldIndex(samples, "crs_wkt", TRUE) >= 0)
        return true;
    if (add_field(samples, "crs_wkt", OFTString, NULL, "CRS of the sample's geometries") != OGRERR_NONE)
        return false;
    if (!crs || OSRIsLocal(crs) || OSRExportToWktEx(crs, &wkt, NULL) != OGRERR_NONE)
        return true;
    char *escaped = CPLEscapeString(wkt, -1, CPLES_SQL);
    char *sql = CPLStrdup(CPLSPrintf("UPDATE selo_sample SET crs_wkt = '%s' WHERE status <> 'failed'", escaped));
    GDALDatasetReleaseResultSet(dataset, GDALDatasetExecuteSQL(dataset, sql, NULL, NULL));
    CPLFree(sql);
    CPLFree(escaped);
    CPLFree(wkt);
    return true;
}

static GDALDatasetH go_on_with(const char *path, CSLConstList groups)
{
    const char *const drivers[] = {"GPKG", NULL};
    CPLPushErrorHandler(CPLQuietErrorHandler);
    GDALDatasetH dataset = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_UPDATE, drivers, NULL, NULL);
    CPLPopErrorHandler();
    if (dataset && fits(dataset, groups) && spread_crs(dataset))
        return dataset;
    GDALClose(dataset);
    return NULL;
}

static bool exists(const char *path)
{
    VSIStatBufL stat;
    return VSIStatExL(path, &stat, VSI_STAT_EXISTS_FLAG) == 0;
}

selo_status selo_draft_open(const char *path, const char *earlier, CSLConstList groups, selo_draft **out)
{
    *out = NULL;
    GDALDatasetH dataset = NULL;
    /* Only the process may be killed, not the machine: what SQLite has written, the next run reads. */
    CPLSetThreadLocalConfigOption("OGR_SQLITE_SYNCHRONOUS", "OFF");
    if (earlier && exists(earlier))
        dataset = go_on_with(earlier, groups);
    if (!dataset)
        dataset = make_file(path, groups);
    CPLSetThreadLocalConfigOption("OGR_SQLITE_SYNCHRONOUS", NULL);
    selo_draft *draft = selo_alloc_zeroed(1, sizeof *draft);
    if (!dataset || !draft) {
        CPLError(CE_Failure, CPLE_FileIO, "%s: the work file cannot be written; choose an output in a folder that can be", path);
        GDALClose(dataset);
        selo_free(draft);
        return SELO_E_OUTPUT;
    }
    draft->path = CPLStrdup(path);
    draft->dataset = dataset;
    *out = draft;
    return SELO_OK;
}

GDALDatasetH selo_draft_dataset(const selo_draft *draft)
{
    return draft->dataset;
}

void selo_draft_close(selo_draft *draft, bool remove)
{
    if (!draft)
        return;
    GDALClose(draft->dataset);
    if (remove)
        VSIUnlink(draft->path);
    CPLFree(draft->path);
    selo_free(draft);
}

/* ---- rows ---- */

selo_status selo_draft_samples(selo_draft *draft, selo_table **samples)
{
    return selo_table_read(draft->dataset, "selo_sample", samples);
}

static selo_status complain(const selo_draft *draft)
{
    CPLError(CE_Failure, CPLE_FileIO, "%s: the work file cannot be written; is the disk full?", draft->path);
    return SELO_E_OUTPUT;
}

selo_status selo_draft_forget(selo_draft *draft, const char *run_id, const char *sample_id)
{
    char *run = CPLEscapeString(run_id, -1, CPLES_SQL), *sample = CPLEscapeString(sample_id, -1, CPLES_SQL);
    CPLErrorReset();
    for (int i = 0; i < GDALDatasetGetLayerCount(draft->dataset); ++i) {
        OGRLayerH layer = GDALDatasetGetLayer(draft->dataset, i);
        if (OGR_L_FindFieldIndex(layer, "sample_id", TRUE) < 0)
            continue;
        char *sql = CPLStrdup(CPLSPrintf("DELETE FROM \"%s\" WHERE run_id = '%s' AND sample_id = '%s'", OGR_L_GetName(layer), run, sample));
        GDALDatasetReleaseResultSet(draft->dataset, GDALDatasetExecuteSQL(draft->dataset, sql, NULL, NULL));
        CPLFree(sql);
    }
    CPLFree(run);
    CPLFree(sample);
    return CPLGetLastErrorType() == CE_Failure ? SELO_E_OUTPUT : SELO_OK;
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
        if (OGR_L_FindFieldIndex(to, OGR_Fld_GetNameRef(field), TRUE) < 0 && OGR_L_CreateField(to, field, TRUE) != OGRERR_NONE)
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
    bool written = GDALDatasetStartTransaction(draft->dataset, FALSE) == OGRERR_NONE;
    for (int i = 0; written && layers && i < GDALDatasetGetLayerCount(layers); ++i) {
        OGRLayerH from = GDALDatasetGetLayer(layers, i);
        written = EQUAL(OGR_L_GetName(from), "selo_run") || copy_layer(draft, from, row);
    }
    if (written && !layers)
        written = add_failure(draft, row);
    if (written && GDALDatasetCommitTransaction(draft->dataset) == OGRERR_NONE)
        return SELO_OK;
    GDALDatasetRollbackTransaction(draft->dataset);
    return complain(draft);
}
