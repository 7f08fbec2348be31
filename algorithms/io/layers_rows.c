/* Rows: values into fields, geometries into the CRS of the layers. */
#include <math.h>
#include <string.h>

#include "layers_private.h"
#include "selo/memory.h"
#include "string_format.h"

void selo_layer_clear(selo_layer *layer)
{
    for (size_t i = 0; i < layer->n_extra; i++) {
        selo_free((char *)(uintptr_t)layer->extra[i].name);
        selo_free((char *)(uintptr_t)layer->extra[i].title);
        selo_free((char *)(uintptr_t)layer->extra[i].comment);
    }
    selo_free(layer->extra);
    selo_free(layer->at);
}

static selo_status copy_field(const selo_field *field, selo_field *copy)
{
    copy->name = selo_string_copy(field->name);
    copy->type = field->type;
    copy->title = selo_string_copy(field->title);
    copy->comment = selo_string_copy(field->comment);
    return copy->name && !copy->title == !field->title && !copy->comment == !field->comment ? SELO_OK : SELO_E_MEMORY;
}

selo_status selo_layers_extend(selo_layers *layers, size_t layer, const selo_field *fields, size_t n_fields)
{
    if (layers->started || layer + 1 >= layers->n_layers) {
        CPLError(CE_Failure, CPLE_IllegalArg, "%s: fields must be added before the first row, to a layer that exists",
                 layers->subject);
        return SELO_E_ARGUMENT;
    }
    selo_layer *to = &layers->layers[layer];
    selo_field *extra = selo_realloc(to->extra, to->n_extra + n_fields, sizeof *extra);
    if (!extra)
        return SELO_E_MEMORY;
    to->extra = extra;
    selo_status status = SELO_OK;
    for (size_t i = 0; i < n_fields && status == SELO_OK; i++)
        status = copy_field(&fields[i], &to->extra[to->n_extra++]);
    return status;
}

/* NULL equals NULL. */
static bool same_crs(OGRSpatialReferenceH a, OGRSpatialReferenceH b)
{
    return a && b ? OSRIsSame(a, b) : a == b;
}

static selo_status mismatch(const selo_layers *layers)
{
    CPLError(CE_Failure, CPLE_AppDefined,
             "%s: sample %s has %s CRS, and the layers have %s: give it an output of its own", layers->subject,
             layers->sample_id ? layers->sample_id : "(unnamed)", layers->rows_crs ? "a" : "no",
             layers->layers_crs ? "one" : "none");
    return SELO_E_OUTPUT;
}

/* Looks again at how rows come into the CRS of the layers. */
static selo_status connect(selo_layers *layers)
{
    OCTDestroyCoordinateTransformation(layers->transformation);
    layers->transformation = NULL;
    if (same_crs(layers->rows_crs, layers->layers_crs))
        return SELO_OK;
    if (!layers->rows_crs || !layers->layers_crs)
        return mismatch(layers);
    selo_fold_begin(&layers->fold);
    layers->transformation = OCTNewCoordinateTransformation(layers->rows_crs, layers->layers_crs);
    selo_fold_end();
    return layers->transformation ? SELO_OK : selo_layers_fail(layers, "geometries cannot be transformed to its CRS");
}

selo_status selo_layers_set_sample(selo_layers *layers, const char *sample_id, OGRSpatialReferenceH crs)
{
    char *copy = selo_string_copy(sample_id);
    if (sample_id && !copy)
        return SELO_E_MEMORY;
    selo_free(layers->sample_id);
    layers->sample_id = copy;
    if (same_crs(layers->rows_crs, crs))
        return SELO_OK;
    OSRDestroySpatialReference(layers->rows_crs);
    layers->rows_crs = crs ? OSRClone(crs) : NULL;
    return layers->started ? connect(layers) : SELO_OK;
}

selo_status selo_layers_start(selo_layers *layers)
{
    if (layers->started)
        return SELO_OK;
    layers->started = true;
    layers->layers_crs = layers->rows_crs ? OSRClone(layers->rows_crs) : NULL;
    selo_status status = selo_layers_make(layers);
    return status == SELO_OK ? connect(layers) : status;
}

static void set_value(OGRFeatureH feature, int at, const selo_value *value)
{
    switch (value->kind) {
    case SELO_VALUE_TEXT:
        if (value->as.text)
            OGR_F_SetFieldString(feature, at, value->as.text);
        else
            OGR_F_SetFieldNull(feature, at);
        break;
    case SELO_VALUE_REAL:
        if (isfinite(value->as.real))
            OGR_F_SetFieldDouble(feature, at, value->as.real);
        else
            OGR_F_SetFieldNull(feature, at);
        break;
    case SELO_VALUE_INTEGER:
        OGR_F_SetFieldInteger64(feature, at, value->as.integer);
        break;
    case SELO_VALUE_BYTES:
        if (value->as.bytes.data && value->as.bytes.size <= INT32_MAX)
            OGR_F_SetFieldBinary(feature, at, (int)value->as.bytes.size, value->as.bytes.data);
        else
            OGR_F_SetFieldNull(feature, at);
        break;
    case SELO_VALUE_NULL:
    default:
        OGR_F_SetFieldNull(feature, at);
    }
}

static bool set_geometry(const selo_layers *layers, OGRFeatureH feature, OGRGeometryH geometry)
{
    if (!geometry)
        return true;
    OGRGeometryH copy = OGR_G_Clone(geometry);
    if (!copy || (layers->transformation && OGR_G_Transform(copy, layers->transformation) != OGRERR_NONE)) {
        OGR_G_DestroyGeometry(copy);
        return false;
    }
    return OGR_F_SetGeometryDirectly(feature, copy) == OGRERR_NONE;
}

selo_status selo_layer_write(selo_layers *layers, const selo_layer *layer, OGRGeometryH geometry,
                             const selo_value *values, size_t n_values)
{
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer->handle));
    if (!feature)
        return SELO_E_MEMORY;
    const selo_value run_id = selo_value_text(layers->run_id), sample_id = selo_value_text(layers->sample_id);
    selo_fold_begin(&layers->fold);
    set_value(feature, layer->run_id_at, &run_id);
    if (layer->sample_id_at >= 0)
        set_value(feature, layer->sample_id_at, &sample_id);
    for (size_t i = 0; i < n_values; i++)
        set_value(feature, layer->at[i], &values[i]);
    const bool done = set_geometry(layers, feature, OGR_L_GetGeomType(layer->handle) == wkbNone ? NULL : geometry) &&
                      OGR_L_CreateFeature(layer->handle, feature) == OGRERR_NONE && !layers->fold.failure[0];
    selo_fold_end();
    OGR_F_Destroy(feature);
    layers->n_rows += done;
    if (done)
        return SELO_OK;
    char *what = selo_string_format("a row of layer %s cannot be written", layer->schema->name);
    (void)selo_layers_fail(layers, what ? what : "a row cannot be written");
    selo_free(what);
    return SELO_E_OUTPUT;
}

selo_status selo_layers_write(selo_layers *layers, size_t layer, OGRGeometryH geometry, const selo_value *values,
                              size_t n_values)
{
    if (layer + 1 >= layers->n_layers ||
        n_values != layers->layers[layer].schema->n_fields + layers->layers[layer].n_extra) {
        CPLError(CE_Failure, CPLE_IllegalArg, "%s: a row of %zu values does not fit layer number %zu", layers->subject,
                 n_values, layer);
        return SELO_E_ARGUMENT;
    }
    if (!layers->layers[layer].wanted)
        return SELO_OK;
    selo_status status = selo_layers_start(layers);
    return status == SELO_OK ? selo_layer_write(layers, &layers->layers[layer], geometry, values, n_values) : status;
}
