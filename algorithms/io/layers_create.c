/* Makes layers and fields of their schemas, as far as the format has such types. */
#include <string.h>

#include "layers_private.h"
#include "selo/memory.h"
#include "string_format.h"

static const selo_field run_id_field = {"run_id", SELO_FIELD_TEXT, "Run", "row of selo_run that this row comes from"};
static const selo_field sample_id_field = {"sample_id", SELO_FIELD_TEXT, "Sample", "one query on one image"};

static const selo_field *field_of(const selo_layer *layer, size_t i)
{
    const size_t n = layer->schema->n_fields;
    return i < n ? &layer->schema->fields[i] : &layer->extra[i - n];
}

static size_t count_of(const selo_layer *layer)
{
    return layer->schema->n_fields + layer->n_extra;
}

OGRFieldType selo_field_ogr_type(selo_field_type type)
{
    static const OGRFieldType types[] = {
        [SELO_FIELD_TEXT] = OFTString,   [SELO_FIELD_REAL] = OFTReal,    [SELO_FIELD_INTEGER] = OFTInteger,
        [SELO_FIELD_BIG] = OFTInteger64, [SELO_FIELD_FLAG] = OFTInteger, [SELO_FIELD_TIME] = OFTDateTime,
        [SELO_FIELD_BYTES] = OFTBinary,
    };
    return types[type];
}

/* A type that the format lacks is written as text (time) or number (flag); the rest every vector format has, or
 * refuses. */
static void stored_type(const selo_format *format, selo_field_type type, OGRFieldType *stored, OGRFieldSubType *subtype)
{
    *stored = selo_field_ogr_type(type);
    *subtype = type == SELO_FIELD_FLAG && selo_format_has_subtype(format, "Boolean") ? OFSTBoolean : OFSTNone;
    if (type == SELO_FIELD_TIME && !selo_format_has_type(format, "DateTime"))
        *stored = OFTString;
    if (type == SELO_FIELD_BIG && EQUAL(format->name, "OpenFileGDB"))
        *stored = OFTReal; /* what it does by default, with a warning per field */
}

static selo_status create_field(selo_layers *layers, const selo_layer *layer, const selo_field *field, int *at)
{
    OGRFieldType type;
    OGRFieldSubType subtype;
    stored_type(&layers->format, field->type, &type, &subtype);
    OGRFieldDefnH definition = OGR_Fld_Create(field->name, type);
    OGR_Fld_SetSubType(definition, subtype);
    if (field->title)
        OGR_Fld_SetAlternativeName(definition, field->title);
    if (field->comment)
        OGR_Fld_SetComment(definition, field->comment);
    const int before = OGR_FD_GetFieldCount(OGR_L_GetLayerDefn(layer->handle));
    selo_fold_begin(&layers->fold);
    const OGRErr failed = OGR_L_CreateField(layer->handle, definition, FALSE);
    selo_fold_end();
    OGR_Fld_Destroy(definition);
    OGRFeatureDefnH made = OGR_L_GetLayerDefn(layer->handle);
    *at = OGR_FD_GetFieldCount(made) > before ? OGR_FD_GetFieldCount(made) - 1 : -1;
    if (failed == OGRERR_NONE && *at >= 0)
        return SELO_OK;
    char *what = selo_string_format("%s cannot hold field %s of layer %s", layers->format.name, field->name,
                                  layer->schema->name);
    (void)selo_layers_fail(layers, what ? what : "a field cannot be made");
    selo_free(what);
    return SELO_E_OUTPUT;
}

/* Finds a field in a layer that was there before, or makes it. */
static selo_status place_field(selo_layers *layers, const selo_layer *layer, const selo_field *field, int *at)
{
    *at = layers->added ? OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(layer->handle), field->name) : -1;
    return *at >= 0 ? SELO_OK : create_field(layers, layer, field, at);
}

static selo_status place_fields(selo_layers *layers, selo_layer *layer)
{
    const size_t n = count_of(layer);
    layer->at = selo_alloc(n, sizeof *layer->at);
    if (!layer->at)
        return SELO_E_MEMORY;
    layer->sample_id_at = -1;
    selo_status status = place_field(layers, layer, &run_id_field, &layer->run_id_at);
    if (status == SELO_OK && layer->schema->sampled)
        status = place_field(layers, layer, &sample_id_field, &layer->sample_id_at);
    for (size_t i = 0; i < n && status == SELO_OK; i++)
        status = place_field(layers, layer, field_of(layer, i), &layer->at[i]);
    return status;
}

static char **set_unless_given(char **options, const char *name, const char *value)
{
    return CSLFetchNameValue(options, name) ? options : CSLSetNameValue(options, name, value);
}

/* The user's layer creation options, and what suits the format unless the user says otherwise. */
static char **options_of(const selo_layers *layers, const selo_layer *layer)
{
    const char *format = layers->format.name;
    const bool spatial = layer->schema->geometry != wkbNone;
    char **options = CSLDuplicate(layers->layer_options);
    if (EQUAL(format, "GPKG"))
        options = set_unless_given(options, "DESCRIPTION", layer->schema->description);
    if (EQUAL(format, "CSV") && spatial)
        options = set_unless_given(options, "GEOMETRY", "AS_WKT");
    if (EQUAL(format, "CSV") && layers->format.folder)
        options = set_unless_given(options, "CREATE_CSVT", "YES");
    if (EQUAL(format, "FlatGeobuf") && !spatial) /* its index takes no row without geometry */
        options = CSLSetNameValue(options, "SPATIAL_INDEX", "NO");
    return options;
}

static selo_status create_layer(selo_layers *layers, selo_layer *layer)
{
    const bool spatial = layer->schema->geometry != wkbNone;
    char **options = options_of(layers, layer);
    selo_fold_begin(&layers->fold);
    layer->handle = GDALDatasetCreateLayer(layers->dataset, layer->schema->name, spatial ? layers->layers_crs : NULL,
                                           layer->schema->geometry, options);
    selo_fold_end();
    CSLDestroy(options);
    if (layer->handle)
        return SELO_OK;
    char *what = selo_string_format("%s cannot hold layer %s (%s)", layers->format.name, layer->schema->name,
                                  spatial ? OGRGeometryTypeToName(layer->schema->geometry) : "no geometry");
    (void)selo_layers_fail(layers, what ? what : "a layer cannot be made");
    selo_free(what);
    return SELO_E_OUTPUT;
}

/* Metadata of the layer, where the format keeps any. On adding, the parameters of the first run stay. */
static void set_metadata(selo_layers *layers, const selo_layer *layer)
{
    selo_fold_begin(&layers->fold);
    (void)GDALSetMetadataItem(layer->handle, "SELO_SCHEMA", SELO_SCHEMA_VERSION, NULL);
    (void)GDALSetMetadataItem(layer->handle, "SELO_VERSION", SELO_VERSION, NULL);
    const char *known = GDALGetMetadataItem(layer->handle, "SELO_PARAMS", NULL);
    if (layers->params_json && (!known || strcmp(known, layers->params_json) != 0)) {
        char *item = known ? selo_string_format("SELO_PARAMS_%s", layers->run_id) : selo_string_copy("SELO_PARAMS");
        if (item)
            (void)GDALSetMetadataItem(layer->handle, item, layers->params_json, NULL);
        selo_free(item);
    }
    selo_fold_end();
}

/* The layer of an output that rows are added to; NULL: not there yet. A file of one layer may name it otherwise. */
static OGRLayerH find_layer(const selo_layers *layers, const selo_layer *layer)
{
    if (layers->format.one_layer && GDALDatasetGetLayerCount(layers->dataset) == 1)
        return GDALDatasetGetLayer(layers->dataset, 0);
    return GDALDatasetGetLayerByName(layers->dataset, layer->schema->name);
}

static selo_status check_version(const selo_layers *layers, const selo_layer *layer)
{
    const char *version = GDALGetMetadataItem(layer->handle, "SELO_SCHEMA", NULL);
    const bool ours = OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(layer->handle), run_id_field.name) >= 0;
    if (version ? strcmp(version, SELO_SCHEMA_VERSION) == 0 : ours)
        return SELO_OK;
    if (version)
        CPLError(CE_Failure, CPLE_AppDefined, "%s: layer %s has schema version %s, not " SELO_SCHEMA_VERSION
                 ": write to another output", layers->subject, layer->schema->name, version);
    else
        CPLError(CE_Failure, CPLE_AppDefined,
                 "%s: layer %s has no field run_id, so it was not written by selo: write to another output",
                 layers->subject, layer->schema->name);
    return SELO_E_OUTPUT;
}

static selo_status start_layer(selo_layers *layers, selo_layer *layer)
{
    selo_status status = SELO_OK;
    layer->handle = layers->added ? find_layer(layers, layer) : NULL;
    if (layer->handle)
        status = check_version(layers, layer);
    else
        status = create_layer(layers, layer);
    if (status == SELO_OK)
        status = place_fields(layers, layer);
    if (status == SELO_OK)
        set_metadata(layers, layer);
    return status;
}

/* What the format takes away. */
static void warn_of_losses(const selo_layers *layers)
{
    const char *format = layers->format.name;
    const selo_layer *spatial = NULL;
    for (size_t i = 0; i < layers->n_layers && !spatial; i++)
        if (layers->layers[i].wanted && layers->layers[i].schema->geometry != wkbNone)
            spatial = &layers->layers[i];
    if (spatial && OGR_L_GetGeomType(spatial->handle) == wkbNone)
        CPLError(CE_Warning, CPLE_AppDefined, "%s: %s holds no geometries: only the tables are written",
                 layers->subject, format);
    else if (spatial && !layers->layers_crs && (EQUAL(format, "GeoJSON") || EQUAL(format, "KML")))
        CPLError(CE_Warning, CPLE_AppDefined,
                 "%s: coordinates are pixels, but %s is read as degrees: write another format, such as GPKG",
                 layers->subject, format);
    if (EQUAL(format, "MapInfo File"))
        CPLError(CE_Warning, CPLE_AppDefined,
                 "%s: %s holds no nulls: numbers that are undefined are 0 there; write another format, such as GPKG",
                 layers->subject, format);
}

/* Rows are transformed to the CRS that is there already. */
static void adopt_crs(selo_layers *layers)
{
    for (size_t i = 0; layers->added && i < layers->n_layers; i++) {
        const selo_layer *layer = &layers->layers[i];
        OGRLayerH found = layer->wanted && layer->schema->geometry != wkbNone ? find_layer(layers, layer) : NULL;
        if (found) {
            OGRSpatialReferenceH crs = OGR_L_GetSpatialRef(found);
            OSRDestroySpatialReference(layers->layers_crs);
            layers->layers_crs = crs ? OSRClone(crs) : NULL;
            return;
        }
    }
}

selo_status selo_layers_make(selo_layers *layers)
{
    selo_status status = SELO_OK;
    adopt_crs(layers);
    for (size_t i = 0; i < layers->n_layers && status == SELO_OK; i++)
        if (layers->layers[i].wanted)
            status = start_layer(layers, &layers->layers[i]);
    if (status == SELO_OK)
        warn_of_losses(layers);
    return status;
}
