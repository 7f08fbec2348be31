#include "assemble.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "ogr_api.h"
#include "selo/memory.h"
#include "selo/stat.h"
#include "selo/table.h"

enum { most_layers = 16 };

/* Where the rows of a sample are in one layer of one source. */
typedef struct place {
    char *key; /* run and sample */
    GIntBig fid;
} place;

typedef struct part {
    OGRLayerH layer; /* NULL: not in this source */
    place *places;   /* sorted by key, then fid */
    size_t n;
} part;

typedef struct builder {
    const selo_assembly *assembly;
    selo_layer_schema schemas[most_layers]; /* of the layers with samples, then selo_stat */
    size_t n_layers;                        /* without selo_stat */
    part *parts;                            /* n_sources * most_layers */
    selo_table *rows;                       /* run_no, sample_no, source, row: every sample, in order */
    selo_table **tables;                    /* selo_sample per source */
    selo_table *samples;                    /* all of them, in order */
    selo_table *stat;
    selo_layers *layers;
} builder;

static const selo_field stat_fields[] = {
    {"grp", SELO_FIELD_TEXT, "Group", "all, or FIELD=value"},
    {"metric", SELO_FIELD_TEXT, "Score", "column of selo_sample"},
    {"n", SELO_FIELD_INTEGER, "Samples", "count, with this score defined"},
    {"n_image", SELO_FIELD_INTEGER, "Images", "count; what the interval is clustered by"},
    {"mean", SELO_FIELD_REAL, "Mean", "over the samples"},
    {"std", SELO_FIELD_REAL, "Standard deviation", "n - 1 in the denominator"},
    {"median", SELO_FIELD_REAL, "Median", NULL},
    {"ci_lo", SELO_FIELD_REAL, "From", "lower end of the bootstrap interval of the mean"},
    {"ci_hi", SELO_FIELD_REAL, "To", "upper end"},
    {"ci_level", SELO_FIELD_REAL, "Level", "of the interval, 0..1"},
};
static const selo_layer_schema stat_schema = {"selo_stat", wkbNone, "Means of the scores, per run and group", false, stat_fields,
                                              sizeof stat_fields / sizeof *stat_fields};

/* ---- schemas, from the layers that are there ---- */

static selo_field_type field_type(OGRFieldDefnH field)
{
    switch (OGR_Fld_GetType(field)) {
    case OFTReal: return SELO_FIELD_REAL;
    case OFTInteger: return OGR_Fld_GetSubType(field) == OFSTBoolean ? SELO_FIELD_FLAG : SELO_FIELD_INTEGER;
    case OFTInteger64: return SELO_FIELD_BIG;
    case OFTDateTime: return SELO_FIELD_TIME;
    case OFTBinary: return SELO_FIELD_BYTES;
    default: return SELO_FIELD_TEXT;
    }
}

static bool carried(const char *field)
{
    return !EQUAL(field, "run_id") && !EQUAL(field, "sample_id") && !EQUAL(field, "crs_wkt");
}

/* Strings belong to the layer's definition, which outlives the assembly. */
static selo_status describe_layer(OGRLayerH layer, selo_layer_schema *schema)
{
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(layer);
    const int n = OGR_FD_GetFieldCount(definition);
    selo_field *fields = selo_alloc_zeroed((size_t)n, sizeof *fields);
    if (!fields)
        return SELO_E_MEMORY;
    const char *description = GDALGetMetadataItem(layer, "DESCRIPTION", NULL);
    *schema = (selo_layer_schema){OGR_L_GetName(layer), OGR_L_GetGeomType(layer), description ? description : "", true, fields, 0};
    for (int k = 0; k < n; ++k) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, k);
        const char *title = OGR_Fld_GetAlternativeNameRef(field), *comment = OGR_Fld_GetComment(field);
        if (carried(OGR_Fld_GetNameRef(field)))
            fields[schema->n_fields++] = (selo_field){OGR_Fld_GetNameRef(field), field_type(field), title && *title ? title : NULL,
                                                      comment && *comment ? comment : NULL};
    }
    return SELO_OK;
}

static bool known(const builder *b, const char *name)
{
    for (size_t i = 0; i < b->n_layers; ++i)
        if (EQUAL(b->schemas[i].name, name))
            return true;
    return false;
}

static selo_status describe(builder *b)
{
    for (size_t s = 0; s < b->assembly->n_sources; ++s)
        for (int i = 0; i < GDALDatasetGetLayerCount(b->assembly->sources[s].dataset); ++i) {
            OGRLayerH layer = GDALDatasetGetLayer(b->assembly->sources[s].dataset, i);
            if (!STARTS_WITH(OGR_L_GetName(layer), "selo_") || OGR_L_FindFieldIndex(layer, "sample_id", TRUE) < 0 ||
                known(b, OGR_L_GetName(layer)) || b->n_layers + 1 >= most_layers)
                continue;
            if (describe_layer(layer, &b->schemas[b->n_layers++]) != SELO_OK)
                return SELO_E_MEMORY;
        }
    return SELO_OK;
}

/* ---- where rows are ---- */

static int by_key(const void *a, const void *b)
{
    const place *left = a, *right = b;
    const int order = strcmp(left->key, right->key);
    return order ? order : (left->fid > right->fid) - (left->fid < right->fid);
}

static char *key_of(const char *run_id, const char *sample_id)
{
    return CPLStrdup(CPLSPrintf("%s\n%s", run_id, sample_id));
}

/* The count that a GeoPackage keeps of its rows is wrong after a kill, so the places are counted here. */
static selo_status index_layer(OGRLayerH layer, part *to)
{
    const int run_at = OGR_L_FindFieldIndex(layer, "run_id", TRUE), sample_at = OGR_L_FindFieldIndex(layer, "sample_id", TRUE);
    selo_status status = run_at >= 0 ? SELO_OK : SELO_E_INPUT;
    size_t room = 0;
    to->layer = layer;
    OGR_L_ResetReading(layer);
    for (OGRFeatureH feature; status == SELO_OK && (feature = OGR_L_GetNextFeature(layer)) != NULL; OGR_F_Destroy(feature)) {
        if (to->n == room) {
            room = 2 * room + 64;
            place *places = selo_realloc(to->places, room, sizeof *places);
            if (places)
                to->places = places;
            else
                status = SELO_E_MEMORY;
        }
        if (status == SELO_OK) {
            char *run_id = CPLStrdup(OGR_F_GetFieldAsString(feature, run_at));
            to->places[to->n++] = (place){key_of(run_id, OGR_F_GetFieldAsString(feature, sample_at)), OGR_F_GetFID(feature)};
            CPLFree(run_id);
        }
    }
    if (to->n > 1)
        qsort(to->places, to->n, sizeof *to->places, by_key);
    return status;
}

static selo_status index_sources(builder *b)
{
    for (size_t s = 0; s < b->assembly->n_sources; ++s)
        for (size_t i = 0; i < b->n_layers; ++i) {
            OGRLayerH layer = GDALDatasetGetLayerByName(b->assembly->sources[s].dataset, b->schemas[i].name);
            const selo_status status = layer ? index_layer(layer, &b->parts[s * most_layers + i]) : SELO_OK;
            if (status != SELO_OK)
                return status;
        }
    return SELO_OK;
}

/* ---- samples in order ---- */

static selo_status collect(builder *b)
{
    const selo_assembly *assembly = b->assembly;
    b->rows = selo_table_new("rows", "run_no:i,sample_no:i,source:i,row:i");
    if (!b->rows)
        return SELO_E_MEMORY;
    for (size_t s = 0; s < assembly->n_sources; ++s) {
        if (selo_table_read(assembly->sources[s].dataset, "selo_sample", &b->tables[s]) != SELO_OK)
            return SELO_E_MEMORY;
        for (size_t row = 0; b->tables[s] && row < b->tables[s]->n_rows; ++row)
            for (size_t r = 0; r < assembly->n_runs; ++r)
                if (strcmp(selo_table_text(b->tables[s], row, "run_id"), assembly->runs[r].run_id) == 0) {
                    selo_table_add_row(b->rows);
                    selo_table_set_real(b->rows, "run_no", (double)r);
                    selo_table_set_real(b->rows, "sample_no", selo_table_real(b->tables[s], row, "sample_no"));
                    selo_table_set_real(b->rows, "source", (double)s);
                    selo_table_set_real(b->rows, "row", (double)row);
                    break;
                }
    }
    selo_table_sort(b->rows, "run_no,sample_no,source");
    return b->rows->failed ? SELO_E_MEMORY : SELO_OK;
}

static size_t number(const builder *b, size_t i, const char *column)
{
    const double value = selo_table_real(b->rows, i, column);
    return isnan(value) ? 0 : (size_t)value;
}

/* The same sample from two sources would count twice. */
static selo_status check_doubles(const builder *b)
{
    for (size_t i = 1; i < b->rows->n_rows; ++i)
        if (number(b, i, "run_no") == number(b, i - 1, "run_no") && number(b, i, "sample_no") == number(b, i - 1, "sample_no")) {
            const size_t source = number(b, i, "source");
            CPLError(CE_Failure, CPLE_AppDefined, "%s and %s both hold sample '%s' of run '%s': pass each part once",
                     b->assembly->sources[number(b, i - 1, "source")].name, b->assembly->sources[source].name,
                     selo_table_text(b->tables[source], number(b, i, "row"), "sample_id"), b->assembly->runs[number(b, i, "run_no")].run_id);
            return SELO_E_INPUT;
        }
    return SELO_OK;
}

static selo_status combine(builder *b)
{
    selo_text columns = {0};
    const selo_table *first = b->tables[0];
    for (size_t k = 0; k < first->n_columns; ++k)
        selo_text_add(&columns, "%s%s:%c", k ? "," : "", first->columns[k].name, "sri"[first->columns[k].type]);
    b->samples = columns.failed ? NULL : selo_table_new("selo_sample", columns.data);
    selo_text_clear(&columns);
    for (size_t i = 0; b->samples && i < b->rows->n_rows; ++i) {
        const selo_table *from = b->tables[number(b, i, "source")];
        const size_t row = number(b, i, "row");
        selo_table_add_row(b->samples);
        for (size_t k = 0; k < from->n_columns; ++k)
            selo_table_set_text(b->samples, from->columns[k].name, from->cells[row * from->n_columns + k]);
    }
    return b->samples && !b->samples->failed ? SELO_OK : SELO_E_MEMORY;
}

/* ---- writing ---- */

static selo_value value_of(OGRFeatureH feature, int at, selo_field_type type)
{
    if (at < 0 || !OGR_F_IsFieldSetAndNotNull(feature, at))
        return selo_value_null();
    int size = 0;
    switch (type) {
    case SELO_FIELD_REAL: return selo_value_real(OGR_F_GetFieldAsDouble(feature, at));
    case SELO_FIELD_INTEGER:
    case SELO_FIELD_BIG:
    case SELO_FIELD_FLAG: return selo_value_integer(OGR_F_GetFieldAsInteger64(feature, at));
    case SELO_FIELD_BYTES: {
        const GByte *bytes = OGR_F_GetFieldAsBinary(feature, at, &size);
        return selo_value_bytes(bytes, (size_t)size);
    }
    default: return selo_value_text(OGR_F_GetFieldAsString(feature, at));
    }
}

static selo_status write_feature(builder *b, size_t layer, OGRFeatureH feature)
{
    const selo_layer_schema *schema = &b->schemas[layer];
    selo_value *values = selo_alloc(schema->n_fields, sizeof *values);
    if (!values)
        return SELO_E_MEMORY;
    for (size_t k = 0; k < schema->n_fields; ++k)
        values[k] = value_of(feature, OGR_F_GetFieldIndex(feature, schema->fields[k].name), schema->fields[k].type);
    const selo_status status = selo_layers_write(b->layers, layer, OGR_F_GetGeometryRef(feature), values, schema->n_fields);
    selo_free(values);
    return status;
}

static selo_status write_places(builder *b, size_t source, size_t layer, const char *key)
{
    const part *from = &b->parts[source * most_layers + layer];
    size_t low = 0, high = from->n;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (strcmp(from->places[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    selo_status status = SELO_OK;
    for (; status == SELO_OK && low < from->n && strcmp(from->places[low].key, key) == 0; ++low) {
        OGRFeatureH feature = OGR_L_GetFeature(from->layer, from->places[low].fid);
        status = feature ? write_feature(b, layer, feature) : SELO_E_INPUT;
        OGR_F_Destroy(feature);
    }
    return status;
}

/* CRS of a sample's geometries: its own, or its layer's; NULL: none. The caller destroys it. */
static OGRSpatialReferenceH crs_of(const builder *b, size_t i)
{
    const selo_table *table = b->tables[number(b, i, "source")];
    const char *wkt = selo_table_text(table, number(b, i, "row"), "crs_wkt");
    OGRLayerH layer = GDALDatasetGetLayerByName(b->assembly->sources[number(b, i, "source")].dataset, "selo_sample");
    OGRSpatialReferenceH crs = NULL;
    if (selo_table_column(table, "crs_wkt") == table->n_columns)
        crs = OGR_L_GetSpatialRef(layer) ? OSRClone(OGR_L_GetSpatialRef(layer)) : NULL;
    else if (*wkt)
        crs = OSRNewSpatialReference(wkt);
    if (crs)
        OSRSetAxisMappingStrategy(crs, OAMS_TRADITIONAL_GIS_ORDER);
    return crs;
}

static bool failed_row(const builder *b, size_t i)
{
    return *selo_table_text(b->tables[number(b, i, "source")], number(b, i, "row"), "message") != '\0';
}

static selo_status write_sample(builder *b, size_t i, OGRSpatialReferenceH *crs)
{
    const size_t source = number(b, i, "source"), row = number(b, i, "row");
    const char *sample_id = selo_table_text(b->tables[source], row, "sample_id");
    if (!failed_row(b, i)) { /* one that failed has no geometry, and no CRS of its own */
        OSRDestroySpatialReference(*crs);
        *crs = crs_of(b, i);
    }
    char *key = key_of(selo_table_text(b->tables[source], row, "run_id"), sample_id);
    selo_status status = selo_layers_set_sample(b->layers, sample_id, *crs);
    for (size_t layer = 0; status == SELO_OK && layer < b->n_layers; ++layer)
        status = write_places(b, source, layer, key);
    CPLFree(key);
    return status;
}

static selo_status write_stat(builder *b, const char *run_id)
{
    selo_status status = SELO_OK;
    for (size_t row = 0; status == SELO_OK && row < b->stat->n_rows; ++row) {
        if (strcmp(selo_table_text(b->stat, row, "run_id"), run_id) != 0)
            continue;
        selo_value values[sizeof stat_fields / sizeof *stat_fields];
        for (size_t k = 0; k < stat_schema.n_fields; ++k) {
            const double value = selo_table_real(b->stat, row, stat_fields[k].name);
            values[k] = stat_fields[k].type == SELO_FIELD_TEXT   ? selo_value_text(selo_table_text(b->stat, row, stat_fields[k].name))
                        : stat_fields[k].type == SELO_FIELD_REAL ? selo_value_real(value)
                                                                 : selo_value_rounded(value);
        }
        status = selo_layers_write(b->layers, b->n_layers, NULL, values, stat_schema.n_fields);
    }
    return status;
}

/* The CRS of the first sample that has one: failed samples before it go along with it. */
static OGRSpatialReferenceH first_crs(const builder *b)
{
    for (size_t i = 0; i < b->rows->n_rows; ++i)
        if (!failed_row(b, i))
            return crs_of(b, i);
    return NULL;
}

static selo_status write_runs(builder *b)
{
    OGRSpatialReferenceH crs = first_crs(b);
    selo_status status = SELO_OK;
    size_t i = 0;
    for (size_t r = 0; status == SELO_OK && r < b->assembly->n_runs; ++r) {
        if (r > 0)
            status = selo_layers_next_run(b->layers, &b->assembly->runs[r]);
        for (; status == SELO_OK && i < b->rows->n_rows && number(b, i, "run_no") == r; ++i)
            status = write_sample(b, i, &crs);
        if (status == SELO_OK)
            status = selo_layers_set_sample(b->layers, NULL, crs);
        if (status == SELO_OK)
            status = write_stat(b, b->assembly->runs[r].run_id);
    }
    OSRDestroySpatialReference(crs);
    return status;
}

static selo_status write_all(builder *b)
{
    const selo_layer_schema *schemas[most_layers];
    for (size_t i = 0; i < b->n_layers; ++i)
        schemas[i] = &b->schemas[i];
    schemas[b->n_layers] = &stat_schema;
    selo_status status = selo_layers_open(b->assembly->output, schemas, b->n_layers + 1, &b->assembly->runs[0], &b->layers);
    if (status != SELO_OK)
        return status;
    status = write_runs(b);
    if (status == SELO_OK)
        return selo_layers_close(b->layers, NULL);
    selo_layers_abandon(b->layers);
    return status;
}

static void release(builder *b)
{
    for (size_t s = 0; s < b->assembly->n_sources; ++s) {
        for (size_t i = 0; b->parts && i < most_layers; ++i) {
            part *old = &b->parts[s * most_layers + i];
            for (size_t k = 0; k < old->n; ++k)
                CPLFree(old->places[k].key);
            selo_free(old->places);
        }
        selo_table_free(b->tables ? b->tables[s] : NULL);
    }
    for (size_t i = 0; i < b->n_layers; ++i)
        selo_free((void *)(uintptr_t)b->schemas[i].fields);
    selo_free(b->parts);
    selo_free(b->tables);
    selo_table_free(b->rows);
}

selo_status selo_assemble(const selo_assembly *assembly, selo_table **samples, selo_table **stat)
{
    builder b = {.assembly = assembly};
    b.parts = selo_alloc_zeroed(assembly->n_sources, most_layers * sizeof *b.parts);
    b.tables = selo_alloc_zeroed(assembly->n_sources, sizeof *b.tables);
    selo_status status = b.parts && b.tables ? SELO_OK : SELO_E_MEMORY;
    selo_status (*const steps[])(builder *) = {describe, index_sources, collect};
    for (size_t k = 0; status == SELO_OK && k < sizeof steps / sizeof *steps; ++k)
        status = steps[k](&b);
    if (status == SELO_OK)
        status = check_doubles(&b);
    if (status == SELO_OK)
        status = combine(&b);
    if (status == SELO_OK)
        status = selo_stat_make(b.samples, assembly->group_by, assembly->resampling, &b.stat);
    if (status == SELO_OK)
        status = write_all(&b);
    else if (status == SELO_E_MEMORY)
        CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory to put the results together");
    if (status == SELO_OK && samples) {
        *samples = b.samples;
        b.samples = NULL;
    }
    if (status == SELO_OK && stat) {
        *stat = b.stat;
        b.stat = NULL;
    }
    selo_table_free(b.samples);
    selo_table_free(b.stat);
    release(&b);
    return status;
}
