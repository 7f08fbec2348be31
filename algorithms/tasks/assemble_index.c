/* The layers of the sources: their schemas, and where the rows of each sample are. */
#include <stdlib.h>
#include <string.h>

#include "assemble_state.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "ogr_api.h"
#include "selo/memory.h"
#include "selo/source.h"

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
    *schema = (selo_layer_schema){OGR_L_GetName(layer),
                                  OGR_L_GetGeomType(layer),
                                  description ? description : "",
                                  true,
                                  fields,
                                  0};
    for (int k = 0; k < n; ++k) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, k);
        const char *title = OGR_Fld_GetAlternativeNameRef(field), *comment = OGR_Fld_GetComment(field);
        if (carried(OGR_Fld_GetNameRef(field)))
            fields[schema->n_fields++] = (selo_field){OGR_Fld_GetNameRef(field), field_type(field),
                                                      title && *title ? title : NULL,
                                                      comment && *comment ? comment : NULL};
    }
    return SELO_OK;
}

static bool known(const assemble_state *b, const char *name)
{
    for (size_t i = 0; i < b->n_layers; ++i)
        if (EQUAL(b->schemas[i].name, name))
            return true;
    return false;
}

static selo_status describe(assemble_state *b)
{
    for (size_t s = 0; s < b->assembly->n_sources; ++s)
        for (int i = 0; i < GDALDatasetGetLayerCount(b->assembly->sources[s].dataset); ++i) {
            OGRLayerH layer = GDALDatasetGetLayer(b->assembly->sources[s].dataset, i);
            if (!STARTS_WITH(OGR_L_GetName(layer), "selo_") || OGR_L_FindFieldIndex(layer, "sample_id", TRUE) < 0 ||
                known(b, OGR_L_GetName(layer)) || b->n_layers + 1 >= ASSEMBLE_LAYERS)
                continue;
            if (describe_layer(layer, &b->schemas[b->n_layers++]) != SELO_OK)
                return SELO_E_MEMORY;
        }
    return SELO_OK;
}

static int by_key(const void *a, const void *b)
{
    const assemble_place *left = a, *right = b;
    const int order = strcmp(left->key, right->key);
    return order ? order : (left->fid > right->fid) - (left->fid < right->fid);
}

char *assemble_key(const char *run_id, const char *sample_id)
{
    const size_t before = strlen(run_id), after = strlen(sample_id);
    char *key = CPLMalloc(before + after + 2); /* CPLSPrintf() would cut long ones */
    memcpy(key, run_id, before);
    key[before] = '\n';
    memcpy(key + before + 1, sample_id, after + 1);
    return key;
}

/* The count that a GeoPackage keeps of its rows is wrong after a kill, so the places are counted here. */
static selo_status index_layer(OGRLayerH layer, const char *name, assemble_part *to)
{
    const int run_at = OGR_L_FindFieldIndex(layer, "run_id", TRUE),
              sample_at = OGR_L_FindFieldIndex(layer, "sample_id", TRUE);
    selo_status status = run_at >= 0 && sample_at >= 0 ? SELO_OK : SELO_E_INPUT;
    size_t room = 0;
    if (status != SELO_OK)
        CPLError(CE_Failure, CPLE_AppDefined, "results '%s', layer '%s' has no field '%s'", name, OGR_L_GetName(layer),
                 run_at < 0 ? "run_id" : "sample_id");
    to->layer = layer;
    selo_source_rows rows = {.layer = layer, .what = "results", .name = name};
    OGR_L_ResetReading(layer);
    for (OGRFeatureH feature; status == SELO_OK && (feature = selo_source_next(&rows)) != NULL;
         OGR_F_Destroy(feature)) {
        if (to->n == room) {
            room = 2 * room + 64;
            assemble_place *places = selo_realloc(to->places, room, sizeof *places);
            if (places)
                to->places = places;
            else
                status = SELO_E_MEMORY;
        }
        if (status == SELO_OK) {
            char *run_id = CPLStrdup(OGR_F_GetFieldAsString(feature, run_at));
            to->places[to->n++] = (assemble_place){assemble_key(run_id, OGR_F_GetFieldAsString(feature, sample_at)),
                                                   OGR_F_GetFID(feature)};
            CPLFree(run_id);
        }
    }
    if (to->n > 1)
        qsort(to->places, to->n, sizeof *to->places, by_key);
    return status == SELO_OK ? selo_source_end(&rows) : status;
}

static selo_status index_sources(assemble_state *b)
{
    for (size_t s = 0; s < b->assembly->n_sources; ++s)
        for (size_t i = 0; i < b->n_layers; ++i) {
            const selo_assembly_source *source = &b->assembly->sources[s];
            OGRLayerH layer = GDALDatasetGetLayerByName(source->dataset, b->schemas[i].name);
            const selo_status status =
                layer ? index_layer(layer, source->name, &b->parts[s * ASSEMBLE_LAYERS + i]) : SELO_OK;
            if (status != SELO_OK)
                return status;
        }
    return SELO_OK;
}

selo_status assemble_index(assemble_state *b)
{
    const selo_status status = describe(b);
    return status == SELO_OK ? index_sources(b) : status;
}
