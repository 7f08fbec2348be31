/* The output of selo_assemble(), run by run and sample by sample. */
#include <string.h>

#include "assemble_state.h"
#include "cpl_conv.h"
#include "ogr_api.h"
#include "selo/memory.h"

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
static const selo_layer_schema stat_schema = {"selo_stat", wkbNone,     "Means of the scores, per run and group",
                                              false,       stat_fields, sizeof stat_fields / sizeof *stat_fields};

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

static selo_status write_feature(assemble_state *b, size_t layer, OGRFeatureH feature)
{
    const selo_layer_schema *schema = &b->schemas[layer];
    selo_value *values = selo_alloc(schema->n_fields, sizeof *values);
    if (!values)
        return SELO_E_MEMORY;
    for (size_t k = 0; k < schema->n_fields; ++k)
        values[k] = value_of(feature, OGR_F_GetFieldIndex(feature, schema->fields[k].name), schema->fields[k].type);
    const selo_status status = selo_layers_write(b->layers, layer, OGR_F_GetGeometryRef(feature), values,
                                                 schema->n_fields);
    selo_free(values);
    return status;
}

static selo_status write_places(assemble_state *b, size_t source, size_t layer, const char *key)
{
    const assemble_part *from = &b->parts[source * ASSEMBLE_LAYERS + layer];
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
static OGRSpatialReferenceH crs_of(const assemble_state *b, size_t i)
{
    const selo_table *table = b->tables[assemble_number(b, i, "source")];
    const char *wkt = selo_table_text(table, assemble_number(b, i, "row"), "crs_wkt");
    OGRLayerH layer = GDALDatasetGetLayerByName(b->assembly->sources[assemble_number(b, i, "source")].dataset,
                                                "selo_sample");
    OGRSpatialReferenceH crs = NULL;
    if (selo_table_column(table, "crs_wkt") == table->n_columns)
        crs = OGR_L_GetSpatialRef(layer) ? OSRClone(OGR_L_GetSpatialRef(layer)) : NULL;
    else if (*wkt)
        crs = OSRNewSpatialReference(wkt);
    if (crs)
        OSRSetAxisMappingStrategy(crs, OAMS_TRADITIONAL_GIS_ORDER);
    return crs;
}

static bool failed_row(const assemble_state *b, size_t i)
{
    return *selo_table_text(b->tables[assemble_number(b, i, "source")], assemble_number(b, i, "row"), "message") !=
           '\0';
}

static selo_status write_sample(assemble_state *b, size_t i, OGRSpatialReferenceH *crs)
{
    const size_t source = assemble_number(b, i, "source"), row = assemble_number(b, i, "row");
    const char *sample_id = selo_table_text(b->tables[source], row, "sample_id");
    if (!failed_row(b, i)) { /* one that failed has no geometry, and no CRS of its own */
        OSRDestroySpatialReference(*crs);
        *crs = crs_of(b, i);
    }
    char *key = assemble_key(selo_table_text(b->tables[source], row, "run_id"), sample_id);
    selo_status status = selo_layers_set_sample(b->layers, sample_id, *crs);
    for (size_t layer = 0; status == SELO_OK && layer < b->n_layers; ++layer)
        status = write_places(b, source, layer, key);
    CPLFree(key);
    return status;
}

static selo_status write_stat(assemble_state *b, const char *run_id)
{
    selo_status status = SELO_OK;
    for (size_t row = 0; status == SELO_OK && row < b->stat->n_rows; ++row) {
        if (strcmp(selo_table_text(b->stat, row, "run_id"), run_id) != 0)
            continue;
        selo_value values[sizeof stat_fields / sizeof *stat_fields];
        for (size_t k = 0; k < stat_schema.n_fields; ++k) {
            const double value = selo_table_real(b->stat, row, stat_fields[k].name);
            values[k] = stat_fields[k].type == SELO_FIELD_TEXT
                            ? selo_value_text(selo_table_text(b->stat, row, stat_fields[k].name))
                        : stat_fields[k].type == SELO_FIELD_REAL ? selo_value_real(value)
                                                                 : selo_value_rounded(value);
        }
        status = selo_layers_write(b->layers, b->n_layers, NULL, values, stat_schema.n_fields);
    }
    return status;
}

/* The CRS of the first sample that has one: failed samples before it go along with it. */
static OGRSpatialReferenceH first_crs(const assemble_state *b)
{
    for (size_t i = 0; i < b->rows->n_rows; ++i)
        if (!failed_row(b, i))
            return crs_of(b, i);
    return NULL;
}

static selo_status write_runs(assemble_state *b)
{
    OGRSpatialReferenceH crs = first_crs(b);
    selo_status status = SELO_OK;
    size_t i = 0;
    for (size_t r = 0; status == SELO_OK && r < b->assembly->n_runs; ++r) {
        if (r > 0)
            status = selo_layers_next_run(b->layers, &b->assembly->runs[r]);
        for (; status == SELO_OK && i < b->rows->n_rows && assemble_number(b, i, "run_no") == r; ++i)
            status = write_sample(b, i, &crs);
        if (status == SELO_OK)
            status = selo_layers_set_sample(b->layers, NULL, crs);
        if (status == SELO_OK)
            status = write_stat(b, b->assembly->runs[r].run_id);
    }
    OSRDestroySpatialReference(crs);
    return status;
}

selo_status assemble_write(assemble_state *b)
{
    const selo_layer_schema *schemas[ASSEMBLE_LAYERS];
    for (size_t i = 0; i < b->n_layers; ++i)
        schemas[i] = &b->schemas[i];
    schemas[b->n_layers] = &stat_schema;
    selo_status status = selo_layers_open(b->assembly->output, schemas, b->n_layers + 1, &b->assembly->runs[0],
                                          &b->layers);
    if (status != SELO_OK)
        return status;
    status = write_runs(b);
    if (status == SELO_OK)
        return selo_layers_close(b->layers, NULL);
    selo_layers_abandon(b->layers);
    return status;
}
