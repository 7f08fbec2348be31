#include "selo/embed.h"

#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "embedding.h"
#include "encode_windows.h"
#include "input_hash.h"
#include "journal.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "selo/text.h"
#include "selo/vectors.h"
#include "window_layer.h"
#include "window_plan.h"

typedef struct job {
    const selo_embed_options *options;
    GDALDatasetH image;
    selo_bands bands;
    selo_encoder *encoder;
    selo_plan plan;          /* the preset's windows */
    selo_window_table table; /* or the user's */
    selo_embedding embedding;
    char key[SELO_HASH_HEX_SIZE];
    selo_journal *journal;
    selo_embed_result result;
    selo_encode_stages stages;
    GDALProgressFunc progress;
    void *progress_data;
} job;

static selo_status open_image(job *j)
{
    const selo_embed_options *options = j->options;
    j->image = options->image_dataset;
    if (!j->image)
        j->image = selo_source_open(&(selo_source){.what = "image", .name = options->image, .flags = GDAL_OF_RASTER});
    return j->image ? selo_bands_find(j->image, options->bands, &j->bands) : SELO_E_INPUT;
}

/* Says what the user's own windows may not be meant to do: lie outside, or start before the first row or column. */
static selo_status check_windows(job *j)
{
    const int height = GDALGetRasterYSize(j->image), width = GDALGetRasterXSize(j->image);
    const char *name = j->options->windows->name ? j->options->windows->name : "in memory";
    size_t negative = 0;
    for (size_t i = 0; i < j->table.n; i++) {
        selo_window cut;
        negative += j->table.windows[i].row_start < 0 || j->table.windows[i].col_start < 0;
        j->result.outside += !selo_window_clip(j->table.windows[i], height, width, &cut);
    }
    if (j->result.outside == j->table.n) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "windows '%s' all lie outside '%s' (%d x %d pixels): is it the right image?", name,
                 GDALGetDescription(j->image), width, height);
        return SELO_E_INPUT;
    }
    if (negative > 0)
        CPLError(CE_Warning, CPLE_AppDefined,
                 "windows '%s': %lld start at a negative row or column, which counts from the far end, as in the "
                 "published code",
                 name, (long long)negative);
    return SELO_OK;
}

static selo_status make_windows(job *j)
{
    const selo_embed_options *options = j->options;
    const size_t size = selo_encoder_size(j->encoder);
    selo_status status;
    if (options->windows) {
        status = selo_window_table_read(options->windows, &j->table);
        if (status == SELO_OK)
            status = check_windows(j);
        return status == SELO_OK ? selo_embedding_make(j->table.windows, j->table.n, size, &j->embedding) : status;
    }
    status = selo_window_plan_make(j->image, options->preset, options->scales, &j->plan);
    return status == SELO_OK ? selo_embedding_make(j->plan.windows, j->plan.count, size, &j->embedding) : status;
}

/* All that decides the vectors. */
static void make_key(job *j)
{
    selo_hash hash;
    selo_hash_start(&hash);
    selo_hash_add_text(&hash, "selo embed 1");
    selo_hash_add_text(&hash, selo_encoder_sha(j->encoder));
    selo_hash_add(&hash, &j->bands, sizeof j->bands);
    selo_hash_add(&hash, &j->options->least_valid, sizeof j->options->least_valid);
    selo_hash_add(&hash, j->embedding.windows, j->embedding.n * sizeof *j->embedding.windows);
    selo_hash_add_image(&hash, j->image);
    selo_hash_finish(&hash, j->key);
}

/* The text of a field of selo_run's first row; freed with CPLFree(), NULL if there is none. */
static char *run_text(GDALDatasetH dataset, const char *field)
{
    OGRLayerH layer = dataset ? GDALDatasetGetLayerByName(dataset, "selo_run") : NULL;
    if (layer)
        OGR_L_ResetReading(layer);
    OGRFeatureH feature = layer ? OGR_L_GetNextFeature(layer) : NULL;
    const int at = feature ? OGR_F_GetFieldIndex(feature, field) : -1;
    char *text =
        at >= 0 && OGR_F_IsFieldSetAndNotNull(feature, at) ? CPLStrdup(OGR_F_GetFieldAsString(feature, at)) : NULL;
    OGR_F_Destroy(feature);
    return text;
}

static const char *field_name(bool half)
{
    return half ? "embed_f16" : "embedding";
}

/* The field of vectors. */
static selo_field vector_field(bool half)
{
    return (selo_field){field_name(half), SELO_FIELD_BYTES, "Vector",
                        half ? "numbers of 16 bits (IEEE 754 binary16, little-endian)"
                             : "numbers of 32 bits (IEEE 754 binary32, little-endian)"};
}

/* Better now than when everything is encoded. */
static selo_status check_output(const job *j)
{
    const selo_field field = vector_field(j->options->half);
    const selo_layer_schema vectors = {.name = selo_window_layer.name, .fields = &field, .n_fields = 1};
    const selo_layer_schema *const schemas[] = {&vectors};
    const selo_status status = selo_window_place_check(j->image);
    return status == SELO_OK ? selo_layers_check(&j->options->output, schemas, 1) : status;
}

/* Whether the output is there and made of the same; an error if of something else that may not be replaced, or if it
 * could not be written. */
static selo_status look_at_output(job *j)
{
    const selo_layers_options *output = &j->options->output;
    VSIStatBufL entry;
    if (!output->path || output->append || VSIStatL(output->path, &entry) != 0 ||
        !(VSI_ISREG(entry.st_mode) || VSI_ISDIR(entry.st_mode))) /* nobody may be at the other end of a pipe */
        return check_output(j);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    GDALDatasetH dataset = GDALOpenEx(output->path, GDAL_OF_VECTOR, NULL, NULL, NULL);
    CPLPopErrorHandler();
    OGRLayerH layer = dataset ? GDALDatasetGetLayerByName(dataset, "selo_win") : NULL;
    char *params = run_text(dataset, "params");
    const bool stored = layer && OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(layer), field_name(j->options->half)) >= 0;
    j->result.up_to_date = stored && params && strstr(params, j->key);
    CPLFree(params);
    if (dataset)
        GDALClose(dataset);
    if (j->result.up_to_date)
        return SELO_OK;
    if (output->overwrite)
        return check_output(j);
    CPLError(CE_Failure, CPLE_AppDefined,
             "%s: exists already, made of another image, model or windows; use --overwrite to replace it",
             output->path);
    return SELO_E_OUTPUT;
}

static selo_status save(void *user, const size_t *indices, size_t count)
{
    job *j = user;
    return selo_journal_add(j->journal, &j->embedding, indices, count);
}

static selo_status encode(job *j)
{
    void *scaled = GDALCreateScaledProgress(0, 0.9, j->progress, j->progress_data);
    selo_encode_windows_job work = {.image = j->image,
                                    .bands = j->bands,
                                    .encoder = j->encoder,
                                    .windows = j->embedding.windows,
                                    .n = j->embedding.n,
                                    .least_valid = j->options->least_valid,
                                    .vectors = j->embedding.vectors,
                                    .states = j->embedding.states,
                                    .save = j->journal ? save : NULL,
                                    .user = j,
                                    .progress = GDALScaledProgress,
                                    .progress_data = scaled};
    const selo_status status = selo_encode_windows(&work);
    GDALDestroyScaledProgress(scaled);
    j->result.read_ms = work.times.read_ms;
    j->result.encode_ms = work.times.network_ms + work.times.window_ms;
    j->stages = selo_encode_stages_of(&work.times, selo_encoder_has_network(j->encoder));
    for (size_t i = 0; i < j->embedding.n; i++)
        j->result.encoded += j->embedding.states[i] == SELO_WINDOW_ENCODED;
    if (status != SELO_OK || j->result.encoded > 0)
        return status;
    CPLError(CE_Failure, CPLE_AppDefined, "%s: no window has enough valid pixels", GDALGetDescription(j->image));
    return SELO_E_INPUT;
}

/* A vector as it is stored; `bytes` is room for one of float16. */
static selo_value stored_vector(const job *j, size_t i, uint16_t *half)
{
    const selo_embedding *embedding = &j->embedding;
    const float *vector = embedding->vectors + i * embedding->size;
    if (embedding->states[i] != SELO_WINDOW_ENCODED)
        return selo_value_null();
    if (!half)
        return selo_value_bytes(vector, embedding->size * sizeof *vector);
    for (size_t k = 0; k < embedding->size; k++)
        half[k] = selo_half_from_float(vector[k]);
    return selo_value_bytes(half, embedding->size * sizeof *half);
}

static selo_status write_rows(const job *j, selo_layers *layers)
{
    const selo_field field = vector_field(j->options->half);
    uint16_t *half = j->options->half ? selo_alloc(j->embedding.size, sizeof *half) : NULL;
    selo_window_place place = {.crs = NULL};
    selo_status status = half || !j->options->half ? selo_layers_extend(layers, 0, &field, 1) : SELO_E_MEMORY;
    if (status == SELO_OK)
        status = selo_window_place_make(j->image, layers, &place);
    for (size_t i = 0; i < j->embedding.n && status == SELO_OK; i++) {
        const selo_window_row row = {&j->embedding.windows[i], j->table.stages ? j->table.stages[i] : 1, (double)NAN,
                                     -1};
        const selo_value vector = stored_vector(j, i, half);
        status = selo_window_row_write(&place, layers, i, &row, &vector);
    }
    selo_window_place_clear(&place);
    selo_free(half);
    return status;
}

static selo_status write_output(job *j, GDALDatasetH *dataset)
{
    const selo_layer_schema *const schemas[] = {&selo_window_layer};
    const char *type = j->options->half ? "float16" : "float32";
    char *params = CPLStrdup(
        CPLSPrintf("{\"input_sha\": \"%s\", \"dimensions\": %d, \"type\": \"%s\", \"windows\": %d, \"encoded\": %d}",
                   j->key, (int)j->embedding.size, type, (int)j->embedding.n, (int)j->result.encoded));
    const selo_run run = {.command_line = j->options->command_line,
                          .params_json = params,
                          .model_sha = selo_encoder_sha(j->encoder),
                          .provider = selo_encoder_provider(j->encoder),
                          .seed = -1,
                          .cut_ms = j->stages.cut_ms,
                          .sim_ms = j->stages.sim_ms,
                          .gnt_ms = NAN,
                          .flt_ms = NAN};
    selo_layers_options output = j->options->output;
    selo_layers *layers;
    selo_status status = selo_layers_open(&output, schemas, 1, &run, &layers);
    CPLFree(params);
    if (status != SELO_OK)
        return status;
    status = write_rows(j, layers);
    if (status == SELO_OK)
        return selo_layers_close(layers, dataset);
    selo_layers_abandon(layers);
    return status;
}

static selo_status run(job *j, GDALDatasetH *layers)
{
    const char *path = j->options->output.path;
    selo_status status = open_image(j);
    if (status == SELO_OK)
        status = selo_encoder_open(&j->options->encoder, &j->encoder);
    if (status == SELO_OK)
        status = make_windows(j);
    if (status != SELO_OK)
        return status;
    make_key(j);
    j->result.windows = j->embedding.n;
    status = look_at_output(j);
    if (status != SELO_OK || j->result.up_to_date)
        return status;
    if (path && selo_source_is_random_access(path))
        status = selo_journal_open(path, j->key, selo_encoder_batch(j->encoder), &j->embedding, &j->journal,
                                   &j->result.resumed);
    if (status == SELO_OK)
        status = encode(j);
    if (status == SELO_E_CANCELLED && selo_journal_encoded(j->journal) > 0)
        CPLError(CE_Warning, CPLE_AppDefined, "what is encoded is in %s.part: the same command goes on from there",
                 path);
    return status == SELO_OK ? write_output(j, layers) : status;
}

selo_status selo_embed(const selo_embed_options *options, GDALProgressFunc progress, void *progress_data,
                       selo_embed_result *result, GDALDatasetH *layers)
{
    job j = {.options = options, .progress = progress ? progress : GDALDummyProgress, .progress_data = progress_data};
    if (layers)
        *layers = NULL;
    const selo_status status = run(&j, layers);
    selo_journal_close(j.journal, status == SELO_OK);
    if (result)
        *result = j.result;
    if (status == SELO_OK)
        j.progress(1, "", progress_data);
    selo_embedding_clear(&j.embedding);
    selo_window_table_clear(&j.table);
    selo_plan_clear(&j.plan);
    selo_encoder_free(j.encoder);
    if (j.image && !options->image_dataset)
        GDALClose(j.image);
    return status;
}
