#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "embedding.h"
#include "encode_windows.h"
#include "map_files.h"
#include "selo/clock.h"
#include "selo/embed.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "selo/vectors.h"

static const char *const field_names[2] = {"embedding", "embed_f16"};

static OGRLayerH find_layer(GDALDatasetH dataset, const char *name)
{
    OGRLayerH layer = GDALDatasetGetLayerByName(dataset, name ? name : "selo_win");
    return layer || name || GDALDatasetGetLayerCount(dataset) != 1 ? layer : GDALDatasetGetLayer(dataset, 0);
}

/* The index of the field of vectors; -1 if there is none. */
static int find_field(OGRLayerH layer, bool *half)
{
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(layer);
    const int full_at = OGR_FD_GetFieldIndex(definition, field_names[0]),
              half_at = OGR_FD_GetFieldIndex(definition, field_names[1]);
    *half = full_at < 0;
    return full_at >= 0 ? full_at : half_at;
}

bool selo_has_vectors(GDALDatasetH windows, const char *layer)
{
    bool half;
    OGRLayerH found = find_layer(windows, layer);
    return found && find_field(found, &half) >= 0;
}

/* The stored bytes as floats behind the n vectors that are there. */
static selo_status take_vector(const char *name, const GByte *bytes, size_t size, bool half, size_t i,
                               selo_embedding *embedding)
{
    const size_t elements = size / (half ? sizeof(uint16_t) : sizeof(float));
    if (!bytes || size == 0) /* skipped */
        return SELO_OK;
    if (embedding->size == 0) {
        embedding->size = elements;
        embedding->vectors = selo_alloc(embedding->n * elements, sizeof(float));
        if (!embedding->vectors)
            return SELO_E_MEMORY;
    }
    if (elements != embedding->size || size % (half ? sizeof(uint16_t) : sizeof(float)) != 0) {
        CPLError(CE_Failure, CPLE_AppDefined, "windows '%s': vector %d has %d numbers, the first has %d", name, (int)i,
                 (int)elements, (int)embedding->size);
        return SELO_E_INPUT;
    }
    float *vector = embedding->vectors + i * elements;
    for (size_t k = 0; k < elements; k++) {
        if (half)
            vector[k] = selo_half_to_float((uint16_t)(bytes[2 * k] | bytes[2 * k + 1] << 8));
        else
            memcpy(&vector[k], bytes + 4 * k, sizeof *vector);
    }
    embedding->states[i] = SELO_WINDOW_ENCODED;
    return SELO_OK;
}

/* OGR hands out a text's letters as bytes, too, which would make vectors of any length. */
static selo_status check_field(const char *name, OGRLayerH layer, int field)
{
    OGRFieldDefnH definition = OGR_FD_GetFieldDefn(OGR_L_GetLayerDefn(layer), field);
    if (OGR_Fld_GetType(definition) == OFTBinary)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined,
             "windows '%s': the field %s is of type %s; vectors are read from binary fields, as `gdal selo embed` "
             "writes them",
             name, OGR_Fld_GetNameRef(definition), OGR_GetFieldTypeName(OGR_Fld_GetType(definition)));
    return SELO_E_INPUT;
}

static selo_status read_vectors(const selo_window_source *source, OGRLayerH layer, selo_embedding *embedding)
{
    bool half;
    const int field = find_field(layer, &half);
    selo_status status = check_field(source->name, layer, field);
    size_t i = 0;
    if (source->where)
        OGR_L_SetAttributeFilter(layer, source->where);
    selo_source_rows rows = {.layer = layer, .what = "windows", .name = source->name, .where = source->where};
    OGR_L_ResetReading(layer);
    for (OGRFeatureH feature; status == SELO_OK && (feature = selo_source_next(&rows)) != NULL;
         OGR_F_Destroy(feature)) {
        int size = 0;
        const GByte *bytes = OGR_F_GetFieldAsBinary(feature, field, &size);
        if (i < embedding->n)
            status = take_vector(source->name, bytes, (size_t)size, half, i++, embedding);
    }
    if (source->where)
        OGR_L_SetAttributeFilter(layer, NULL);
    if (status == SELO_OK)
        status = selo_source_end(&rows);
    if (status == SELO_OK && embedding->size == 0) {
        CPLError(CE_Failure, CPLE_AppDefined, "windows '%s': not one has a vector", source->name);
        status = SELO_E_INPUT;
    }
    return status;
}

/* Vectors of one model say nothing to texts of another. */
static selo_status check_model(GDALDatasetH dataset, const char *name, const selo_encoder *encoder)
{
    OGRLayerH layer = GDALDatasetGetLayerByName(dataset, "selo_run");
    selo_source_rows rows = {.layer = layer, .what = "windows", .name = name};
    if (layer)
        OGR_L_ResetReading(layer);
    OGRFeatureH feature = layer ? selo_source_next(&rows) : NULL;
    const int at = feature ? OGR_F_GetFieldIndex(feature, "model_sha") : -1;
    const bool other = at >= 0 && OGR_F_IsFieldSetAndNotNull(feature, at) &&
                       strcmp(OGR_F_GetFieldAsString(feature, at), selo_encoder_sha(encoder)) != 0;
    OGR_F_Destroy(feature);
    if (!other)
        return selo_source_end(&rows);
    CPLError(CE_Failure, CPLE_AppDefined,
             "windows '%s': their vectors come from another model than --model %s, or that has changed since", name,
             selo_encoder_name(encoder));
    return SELO_E_INPUT;
}

static selo_status read_embedding(const selo_window_source *source, GDALDatasetH dataset, selo_embedding *embedding)
{
    selo_window_table table;
    selo_window_source opened = *source;
    opened.dataset = dataset;
    *embedding = (selo_embedding){0};
    selo_status status = selo_window_table_read(&opened, &table);
    if (status != SELO_OK)
        return status;
    embedding->n = table.n;
    embedding->windows = table.windows;
    table.windows = NULL;
    selo_window_table_clear(&table);
    embedding->states = selo_alloc_zeroed(embedding->n, 1);
    return embedding->states ? read_vectors(&opened, find_layer(dataset, source->layer), embedding) : SELO_E_MEMORY;
}

static selo_status write_maps(const selo_localize_embedded_options *options, const selo_embedding *embedding,
                              const selo_queries *queries, GDALProgressFunc progress, void *progress_data,
                              GDALDatasetH *map)
{
    selo_localize_options maps = options->map;
    selo_window_table *tables = selo_alloc_zeroed(queries->n, sizeof *tables);
    selo_status status = tables ? SELO_OK : SELO_E_MEMORY;
    const double start = selo_now_ms();
    for (size_t k = 0; k < queries->n && status == SELO_OK; k++)
        status = selo_embedding_table(embedding, queries->vectors + k * queries->size, &tables[k]);
    CPLDebug("SELO", "comparing: %.3f ms, %d windows, %d queries", selo_now_ms() - start, (int)embedding->n,
             (int)queries->n);
    maps.windows.name = options->windows.name;
    maps.model = options->encoder.model;
    if (status == SELO_OK)
        status = selo_write_maps(&maps, tables, (CSLConstList)queries->names, queries->n, progress, progress_data, map);
    for (size_t k = 0; tables && k < queries->n; k++)
        selo_window_table_clear(&tables[k]);
    selo_free(tables);
    return status;
}

selo_status selo_localize_embedded(const selo_localize_embedded_options *options, GDALProgressFunc progress,
                                   void *progress_data, GDALDatasetH *map)
{
    const selo_window_source *source = &options->windows;
    GDALDatasetH dataset = source->dataset;
    selo_embedding embedding = {0};
    selo_queries queries = {0};
    selo_encoder *encoder = NULL;
    if (options->map.preset == SELO_PRESET_V2) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "--preset v2 chooses its boxes by the query, which takes the image; stored vectors make maps of "
                 "preset v1");
        return SELO_E_ARGUMENT;
    }
    if (!dataset)
        dataset = selo_source_open(&(selo_source){.what = "windows", .name = source->name, .flags = GDAL_OF_VECTOR});
    selo_status status = dataset ? read_embedding(source, dataset, &embedding) : SELO_E_INPUT;
    if (status == SELO_OK && options->encoder.model)
        status = selo_encoder_open(&options->encoder, &encoder);
    if (status == SELO_OK && encoder)
        status = check_model(dataset, source->name, encoder);
    if (status == SELO_OK)
        status = selo_queries_make(&options->queries, encoder, embedding.size, &queries);
    if (status == SELO_OK)
        status = selo_map_files_check(&options->map.output, (CSLConstList)queries.names, queries.n);
    if (status == SELO_OK)
        status = write_maps(options, &embedding, &queries, progress, progress_data, map);
    selo_queries_clear(&queries);
    selo_embedding_clear(&embedding);
    selo_encoder_free(encoder);
    if (dataset && !source->dataset)
        GDALClose(dataset);
    return status;
}
