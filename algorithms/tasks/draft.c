/* The file of a draft: its layers and columns, made new or taken over. */
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "draft_state.h"
#include "results_schema.h"
#include "selo/memory.h"
#include "selo/source.h"

/* Columns of selo_sample that only a benchmark has. */
static const selo_field own_columns[] = {
    {"sample_no", SELO_FIELD_INTEGER, "Place", "place of the sample in the test set, from 0"},
    {"image", SELO_FIELD_TEXT, "Image", "what intervals are clustered by"},
    {"message", SELO_FIELD_TEXT, "Message", "why the sample could not be scored; null: it could"},
    {"input_sha", SELO_FIELD_TEXT, "Hash of the inputs",
     "SHA-256 of map, or image and model, of regions and parameters"},
    {"t_cut_ms", SELO_FIELD_REAL, "Time of cutting",
     "ms; reading and cutting the image into windows, this sample's part"},
    {"t_sim_ms", SELO_FIELD_REAL, "Time of similarity", "ms; model and similarity, this sample's part"},
    {"t_gnt_ms", SELO_FIELD_REAL, "Time of generation", "ms; map from similarities"},
    {"t_flt_ms", SELO_FIELD_REAL, "Time of filtering", "ms; smoothing of the map"},
};
enum { N_OWN_COLUMNS = sizeof own_columns / sizeof *own_columns };

static const selo_field id_columns[] = {{"run_id", SELO_FIELD_TEXT, "Run", NULL},
                                        {"sample_id", SELO_FIELD_TEXT, "Sample", NULL}};
static const selo_field crs_column = {"crs_wkt", SELO_FIELD_TEXT, NULL, "CRS of the sample's geometries"};

char *selo_draft_path(const char *output)
{
    char *folder = CPLStrdup(CPLGetPath(output)),
         *name = CPLStrdup(CPLSPrintf(".%s.draft.gpkg", CPLGetFilename(output)));
    char *path = CPLStrdup(CPLFormFilename(folder, name, NULL));
    CPLFree(folder);
    CPLFree(name);
    return path;
}

static OGRErr add_column(OGRLayerH layer, const selo_field *column)
{
    OGRFieldDefnH field = OGR_Fld_Create(column->name, selo_field_ogr_type(column->type));
    if (column->type == SELO_FIELD_FLAG)
        OGR_Fld_SetSubType(field, OFSTBoolean);
    OGR_Fld_SetAlternativeName(field, column->title ? column->title : "");
    OGR_Fld_SetComment(field, column->comment ? column->comment : "");
    const OGRErr status = OGR_L_CreateField(layer, field, TRUE);
    OGR_Fld_Destroy(field);
    return status;
}

static OGRErr add_columns(OGRLayerH layer, const selo_field *columns, size_t n)
{
    OGRErr status = OGRERR_NONE;
    for (size_t i = 0; status == OGRERR_NONE && i < n; ++i)
        status = add_column(layer, &columns[i]);
    return status;
}

static OGRErr add_group_columns(OGRLayerH layer, CSLConstList groups)
{
    OGRErr status = OGRERR_NONE;
    for (int i = 0; status == OGRERR_NONE && groups && groups[i]; ++i) {
        const selo_field column = {groups[i], SELO_FIELD_TEXT, NULL, "field of the test set that means are split by"};
        if (OGR_L_FindFieldIndex(layer, groups[i], TRUE) < 0)
            status = add_column(layer, &column);
    }
    return status;
}

static OGRErr make_layer(GDALDatasetH dataset, const selo_layer_schema *schema, CSLConstList groups)
{
    const char *const options[] = {"SPATIAL_INDEX=NO", NULL};
    const bool samples = schema == selo_result_schemas[SELO_LAYER_SAMPLE];
    OGRLayerH layer = GDALDatasetCreateLayer(dataset, schema->name, NULL, schema->geometry, (CSLConstList)options);
    OGRErr status = layer ? add_columns(layer, id_columns, 2) : OGRERR_FAILURE;
    if (status == OGRERR_NONE)
        status = add_columns(layer, schema->fields, schema->n_fields);
    if (status == OGRERR_NONE && samples)
        status = add_columns(layer, own_columns, N_OWN_COLUMNS);
    if (status == OGRERR_NONE && samples)
        status = add_group_columns(layer, groups);
    if (status == OGRERR_NONE && samples)
        status = add_column(layer, &crs_column);
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
    if (status == OGRERR_NONE)
        return dataset;
    GDALClose(dataset);
    return NULL;
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
    for (size_t i = 0; all && i < N_OWN_COLUMNS; ++i)
        all = OGR_L_FindFieldIndex(samples, own_columns[i].name, TRUE) >= 0;
    return all;
}

bool selo_draft_change(GDALDatasetH dataset, const selo_text *sql)
{
    CPLErrorReset();
    if (!sql->failed)
        GDALDatasetReleaseResultSet(dataset, GDALDatasetExecuteSQL(dataset, sql->data, NULL, NULL));
    return !sql->failed && CPLGetLastErrorType() != CE_Failure;
}

/* A finished output says its CRS once, at its layers; a work file at each sample. */
static bool spread_crs(GDALDatasetH dataset)
{
    OGRLayerH samples = GDALDatasetGetLayerByName(dataset, "selo_sample");
    OGRSpatialReferenceH crs = OGR_L_GetSpatialRef(samples);
    char *wkt = NULL;
    if (OGR_L_FindFieldIndex(samples, "crs_wkt", TRUE) >= 0)
        return true;
    if (add_column(samples, &crs_column) != OGRERR_NONE)
        return false;
    if (!crs || OSRIsLocal(crs) || OSRExportToWktEx(crs, &wkt, NULL) != OGRERR_NONE)
        return true;
    char *escaped = CPLEscapeString(wkt, -1, CPLES_SQL);
    selo_text sql = {0};
    selo_text_add(&sql, "UPDATE selo_sample SET crs_wkt = '%s' WHERE status <> 'failed'", escaped);
    const bool done = selo_draft_change(dataset, &sql);
    selo_text_clear(&sql);
    CPLFree(escaped);
    CPLFree(wkt);
    return done;
}

/* Whether every page of the file can be read: rows behind a damage would be missing. */
static bool is_sound(GDALDatasetH dataset)
{
    OGRLayerH answer = GDALDatasetExecuteSQL(dataset, "PRAGMA quick_check(1)", NULL, NULL);
    OGRFeatureH row = answer ? OGR_L_GetNextFeature(answer) : NULL;
    const bool sound = row && EQUAL(OGR_F_GetFieldAsString(row, 0), "ok");
    OGR_F_Destroy(row);
    GDALDatasetReleaseResultSet(dataset, answer);
    return sound;
}

static GDALDatasetH go_on_with(const char *path, CSLConstList groups)
{
    const char *const drivers[] = {"GPKG", NULL};
    CPLPushErrorHandler(CPLQuietErrorHandler);
    GDALDatasetH dataset = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_UPDATE, drivers, NULL, NULL);
    const bool sound = dataset && is_sound(dataset);
    CPLPopErrorHandler();
    CPLErrorReset();
    if (sound && fits(dataset, groups) && spread_crs(dataset))
        return dataset;
    if (dataset && !sound)
        CPLError(CE_Warning, CPLE_AppDefined,
                 "--resume: what is there cannot be read to its end (%s): all is done anew", path);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    GDALClose(dataset);
    CPLPopErrorHandler();
    CPLErrorReset();
    return NULL;
}

bool selo_draft_is_full(const char *path, const selo_heard *heard)
{
    return strstr(heard->failure, "disk is full") || selo_source_is_full(path);
}

selo_status selo_draft_open(const char *path, const char *earlier, CSLConstList groups, selo_draft **out)
{
    *out = NULL;
    selo_draft *draft = selo_alloc_zeroed(1, sizeof *draft);
    if (!draft)
        return SELO_E_MEMORY;
    GDALDatasetH dataset = NULL;
    /* Only the process may be killed, not the machine: what SQLite has written, the next run reads. */
    CPLSetThreadLocalConfigOption("OGR_SQLITE_SYNCHRONOUS", "OFF");
    if (earlier && selo_source_exists(earlier))
        dataset = go_on_with(earlier, groups);
    selo_heard heard; /* SQLite has a line for each of its steps */
    selo_heard_start(&heard);
    if (!dataset)
        dataset = make_file(path, groups);
    const bool full = !dataset && selo_draft_is_full(path, &heard);
    selo_heard_end();
    CPLSetThreadLocalConfigOption("OGR_SQLITE_SYNCHRONOUS", NULL);
    if (!dataset) {
        CPLError(CE_Failure, CPLE_FileIO, "%s: the work file cannot be written%s", path,
                 full ? ": the disk is full" : "; choose an output in a folder that can be");
        VSIUnlink(path); /* half of it is of no use */
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
    selo_heard heard; /* after a failure, lines about what it could not make either */
    selo_heard_start(&heard);
    GDALClose(draft->dataset);
    selo_heard_end();
    if (remove)
        VSIUnlink(draft->path);
    CPLFree(draft->path);
    selo_free(draft);
}
