#include "selo/window_table.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "fold.h"
#include "ogr_api.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "selo/utf8.h"

enum { ROW_START, ROW_END, COL_START, COL_END, SIM, SIMILARITY, STAGE, SELECTED, N_FIELDS };

/* A file of similarities of another tool may lack some of the last four. */
static const char *const field_names[N_FIELDS] = {"row_start", "row_end",    "col_start", "col_end",
                                                  "sim",       "similarity", "stage",     "selected"};

typedef struct {
    const char *name, *where; /* where: NULL for all rows */
    OGRLayerH layer;
    int fields[N_FIELDS]; /* -1: not there */
    const char *names[N_FIELDS]; /* as the layer has them */
    bool text[N_FIELDS];
} reader;

static OGRLayerH choose_layer(GDALDatasetH dataset, const selo_window_source *source)
{
    const int n = GDALDatasetGetLayerCount(dataset);
    OGRLayerH layer = GDALDatasetGetLayerByName(dataset, source->layer ? source->layer : "selo_win");
    if (!layer && !source->layer && n == 1)
        layer = GDALDatasetGetLayer(dataset, 0);
    if (!layer && source->layer)
        CPLError(CE_Failure, CPLE_AppDefined, "windows '%s' have no layer '%s'", source->name, source->layer);
    else if (!layer)
        CPLError(CE_Failure, CPLE_AppDefined,
                 "windows '%s' have %d layers and none is called selo_win: choose one with --layer", source->name, n);
    return layer;
}

static selo_status find_fields(reader *r)
{
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(r->layer);
    for (int f = 0; f < N_FIELDS; f++) {
        r->fields[f] = OGR_FD_GetFieldIndex(definition, field_names[f]);
        if (r->fields[f] >= 0) {
            r->text[f] = OGR_Fld_GetType(OGR_FD_GetFieldDefn(definition, r->fields[f])) == OFTString;
            r->names[f] = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(definition, r->fields[f]));
        } else if (f <= COL_END) {
            CPLError(CE_Failure, CPLE_AppDefined,
                     "windows '%s' have no field %s: row_start, row_end, col_start and col_end are needed (pixels)",
                     r->name, field_names[f]);
            return SELO_E_INPUT;
        }
    }
    return SELO_OK;
}

/* NaN where the field is absent, null or empty. What is there and no number is an error. */
static selo_status read_number(const reader *r, OGRFeatureH feature, int f, double *value)
{
    *value = (double)NAN;
    if (r->fields[f] < 0 || !OGR_F_IsFieldSetAndNotNull(feature, r->fields[f]))
        return SELO_OK;
    if (!r->text[f]) {
        *value = OGR_F_GetFieldAsDouble(feature, r->fields[f]);
        return SELO_OK;
    }
    const char *text = OGR_F_GetFieldAsString(feature, r->fields[f]);
    char *end = NULL;
    text += strspn(text, " ");
    *value = *text ? CPLStrtod(text, &end) : (double)NAN;
    if (*text && (end == text || end[strspn(end, " ")])) {
        CPLError(CE_Failure, CPLE_AppDefined, "windows '%s', row %lld: %s is '%.*s', which is no number", r->name,
                 (long long)OGR_F_GetFID(feature), r->names[f], SELO_UTF8_SHORT(text, 40));
        return SELO_E_INPUT;
    }
    return SELO_OK;
}

/* A number, or the words that other programs write for 1 and 0; absent: yes. */
static selo_status read_flag(const reader *r, OGRFeatureH feature, int f, uint8_t *flag)
{
    double value = 1;
    const char *text = r->fields[f] >= 0 && r->text[f] ? OGR_F_GetFieldAsString(feature, r->fields[f]) : "";
    const bool word = EQUAL(text, "true") || EQUAL(text, "false");
    const selo_status status = word ? SELO_OK : read_number(r, feature, f, &value);
    *flag = word ? EQUAL(text, "true") : isnan(value) || value != 0;
    return status;
}

static selo_status read_bound(const reader *r, OGRFeatureH feature, int f, int *bound)
{
    double value;
    const selo_status status = read_number(r, feature, f, &value);
    if (status)
        return status;
    if (!(fabs(value) <= 1 << 29) || value != floor(value)) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "windows '%s', row %lld: %s must be a whole number of pixels, from %d to %d", r->name,
                 (long long)OGR_F_GetFID(feature), field_names[f], -(1 << 29), 1 << 29);
        return SELO_E_INPUT;
    }
    *bound = (int)value;
    return SELO_OK;
}

static selo_status grow(selo_window_table *table, size_t *capacity)
{
    if (table->n < *capacity)
        return SELO_OK;
    const size_t wanted = *capacity ? *capacity * 2 : 4096;
    selo_window *windows = selo_realloc(table->windows, wanted, sizeof *windows);
    if (windows)
        table->windows = windows;
    double *similarities = selo_realloc(table->similarities, wanted, sizeof *similarities);
    if (similarities)
        table->similarities = similarities;
    int *stages = selo_realloc(table->stages, wanted, sizeof *stages);
    if (stages)
        table->stages = stages;
    uint8_t *selected = selo_realloc(table->selected, wanted, sizeof *selected);
    if (selected)
        table->selected = selected;
    if (!windows || !similarities || !stages || !selected)
        return SELO_E_MEMORY;
    *capacity = wanted;
    return SELO_OK;
}

/* Sums of similarities are numbers, whatever they mean: 1e8 of the greatest are. */
static const double MOST = 1e300;

/* A plan has an empty field sim, and who fills it in may as well add a field similarity. */
static selo_status read_similarity(const reader *r, OGRFeatureH feature, double *similarity)
{
    int f = SIM;
    selo_status status = read_number(r, feature, f, similarity);
    if (!status && isnan(*similarity))
        status = read_number(r, feature, f = SIMILARITY, similarity);
    if (status || !isfinite(*similarity) || fabs(*similarity) <= MOST)
        return status;
    CPLError(CE_Failure, CPLE_AppDefined, "windows '%s', row %lld: %s %g is no similarity: it must be from %g to %g",
             r->name, (long long)OGR_F_GetFID(feature), r->names[f], *similarity, -MOST, MOST);
    return SELO_E_INPUT;
}

static selo_status read_row(const reader *r, OGRFeatureH feature, selo_window_table *table)
{
    selo_window *w = &table->windows[table->n];
    double similarity, stage;
    selo_status status = read_bound(r, feature, ROW_START, &w->row_start);
    if (!status)
        status = read_bound(r, feature, ROW_END, &w->row_end);
    if (!status)
        status = read_bound(r, feature, COL_START, &w->col_start);
    if (!status)
        status = read_bound(r, feature, COL_END, &w->col_end);
    if (!status)
        status = read_similarity(r, feature, &similarity);
    if (!status)
        status = read_number(r, feature, STAGE, &stage);
    if (!status)
        status = read_flag(r, feature, SELECTED, &table->selected[table->n]);
    if (status)
        return status;
    table->similarities[table->n] = similarity;
    table->stages[table->n] = fabs(stage) < 1000 ? (int)stage : 1;
    table->n_missing += isfinite(similarity) ? 0 : 1;
    table->n++;
    return SELO_OK;
}

static selo_status read_rows(const reader *r, selo_window_table *table)
{
    size_t capacity = 0;
    selo_status status = SELO_OK;
    selo_source_rows rows = {.layer = r->layer, .what = "windows", .name = r->name, .where = r->where};
    OGR_L_ResetReading(r->layer);
    for (OGRFeatureH feature; !status && (feature = selo_source_next(&rows)) != NULL; OGR_F_Destroy(feature)) {
        status = grow(table, &capacity);
        if (!status)
            status = read_row(r, feature, table);
    }
    if (!status)
        status = selo_source_end(&rows);
    if (!status && table->n == 0) {
        CPLError(CE_Failure, CPLE_AppDefined, "windows '%s' have no row%s%s%s", r->name,
                 r->where ? " for which --where '" : "", r->where ? r->where : "", r->where ? "' holds" : "");
        status = SELO_E_INPUT;
    }
    return status;
}

static selo_status set_filter(const reader *r, const char *where)
{
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    const bool set = OGR_L_SetAttributeFilter(r->layer, where) == OGRERR_NONE;
    selo_fold_end();
    if (!set)
        CPLError(CE_Failure, CPLE_IllegalArg, "--where '%s' on windows '%s': %s%s", where, r->name,
                 selo_fold_reason(&fold, NULL, "it cannot be used"),
                 r->text[ROW_START]
                     ? "; all columns of a CSV file are text, unless --oo AUTODETECT_TYPE=YES says otherwise"
                     : "");
    selo_fold_clear(&fold);
    return set ? SELO_OK : SELO_E_ARGUMENT;
}

selo_status selo_window_table_read(const selo_window_source *source, selo_window_table *table)
{
    *table = (selo_window_table){0};
    GDALDatasetH dataset = source->dataset;
    if (!dataset)
        dataset = selo_source_open(&(selo_source){.what = "windows", .name = source->name, .flags = GDAL_OF_VECTOR,
                                                  .formats = source->formats, .open_options = source->open_options});
    if (!dataset)
        return SELO_E_INPUT;
    reader r = {.name = source->name, .where = source->where, .layer = choose_layer(dataset, source)};
    selo_status status = r.layer ? find_fields(&r) : SELO_E_INPUT;
    if (!status && source->where)
        status = set_filter(&r, source->where);
    if (!status)
        status = read_rows(&r, table);
    if (source->dataset && r.layer && source->where)
        OGR_L_SetAttributeFilter(r.layer, NULL);
    table->has_similarity = !status && (r.fields[SIM] >= 0 || r.fields[SIMILARITY] >= 0);
    if (!source->dataset)
        GDALClose(dataset);
    if (status)
        selo_window_table_clear(table);
    return status;
}

void selo_window_table_clear(selo_window_table *table)
{
    selo_free(table->windows);
    selo_free(table->similarities);
    selo_free(table->stages);
    selo_free(table->selected);
    *table = (selo_window_table){0};
}
