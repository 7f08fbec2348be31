#include "selo/localize_image.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "embedding.h"
#include "encode_windows.h"
#include "selo/memory.h"
#include "window_plan.h"

typedef struct job {
    const selo_localize_image_options *options;
    GDALDatasetH image;
    selo_bands bands;
    selo_encoder *encoder;
    selo_queries queries;
    selo_plan plan;
    selo_embedding windows; /* v1's windows, or v2's tiles */
    selo_embedding boxes;   /* v2: boxes of all queries, sorted */
    selo_window_table *tables;
    char **metadata;
    double read_ms, encode_ms;
    GDALProgressFunc progress;
    void *progress_data;
} job;

static selo_status open_image(job *j)
{
    const selo_localize_image_options *options = j->options;
    j->image = options->image_dataset;
    if (!j->image)
        j->image = GDALOpenEx(options->image, GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR, NULL, NULL, NULL);
    return j->image ? selo_bands_find(j->image, options->bands, &j->bands) : SELO_E_INPUT;
}

/* Encodes the windows that wait, within a part of the whole progress. */
static selo_status encode(job *j, selo_embedding *embedding, double from, double to)
{
    void *scaled = GDALCreateScaledProgress(from, to, j->progress, j->progress_data);
    selo_encode_windows_job work = {.image = j->image,
                                    .bands = j->bands,
                                    .encoder = j->encoder,
                                    .windows = embedding->windows,
                                    .n = embedding->n,
                                    .least_valid = j->options->least_valid,
                                    .vectors = embedding->vectors,
                                    .states = embedding->states,
                                    .progress = GDALScaledProgress,
                                    .progress_data = scaled};
    const selo_status status = selo_encode_windows(&work);
    j->read_ms += work.read_ms;
    j->encode_ms += work.encode_ms;
    GDALDestroyScaledProgress(scaled);
    return status;
}

static size_t count_skipped(const selo_embedding *embedding)
{
    size_t skipped = 0;
    for (size_t i = 0; i < embedding->n; i++)
        skipped += embedding->states[i] != SELO_WINDOW_ENCODED;
    return skipped;
}

static selo_status encode_windows(job *j)
{
    const bool v2 = j->options->map.preset == SELO_PRESET_V2;
    selo_status status = selo_window_plan_make(j->image, j->options->map.preset, j->options->scales, &j->plan);
    if (status == SELO_OK)
        status = selo_embedding_make(j->plan.windows, j->plan.count, selo_encoder_size(j->encoder), &j->windows);
    if (status == SELO_OK)
        status = encode(j, &j->windows, 0, v2 ? 0.5 : 0.8);
    if (status != SELO_OK)
        return status;
    const size_t skipped = count_skipped(&j->windows);
    if (skipped == j->windows.n) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s: no window has enough valid pixels", GDALGetDescription(j->image));
        return SELO_E_INPUT;
    }
    if (skipped > 0)
        CPLError(CE_Warning, CPLE_AppDefined, "%lld of %lld windows have too few valid pixels and take no part",
                 (long long)skipped, (long long)j->windows.n);
    return SELO_OK;
}

static selo_status compare_v1(job *j)
{
    selo_status status = SELO_OK;
    for (size_t k = 0; k < j->queries.n && status == SELO_OK; k++)
        status = selo_embedding_table(&j->windows, j->queries.vectors + k * j->queries.size, &j->tables[k]);
    return status;
}

/* The boxes around the tiles that a query selects; their flags stay in its table. */
static selo_status plan_boxes(const job *j, selo_window_table *table, selo_plan *boxes)
{
    selo_status status = selo_plan_v2_select(table->similarities, table->n, table->selected);
    selo_plan_clear(boxes);
    if (status == SELO_OK)
        status = selo_plan_v2_boxes(GDALGetRasterYSize(j->image), GDALGetRasterXSize(j->image), table->windows,
                                    table->n, table->selected, boxes);
    return status;
}

static int compare_windows(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(selo_window)); /* any order will do, as long as it is one */
}

static selo_status collect_boxes(job *j, selo_plan *all)
{
    selo_plan boxes = {0};
    selo_status status = SELO_OK;
    for (size_t k = 0; k < j->queries.n && status == SELO_OK; k++) {
        status = plan_boxes(j, &j->tables[k], &boxes);
        selo_window *windows =
            status == SELO_OK ? selo_realloc(all->windows, all->count + boxes.count, sizeof *windows) : NULL;
        if (status == SELO_OK && !windows)
            status = SELO_E_MEMORY;
        if (status == SELO_OK) {
            memcpy(windows + all->count, boxes.windows, boxes.count * sizeof *windows);
            all->windows = windows;
            all->count += boxes.count;
        }
    }
    selo_plan_clear(&boxes);
    if (status != SELO_OK)
        return status;
    size_t n = 0;
    qsort(all->windows, all->count, sizeof *all->windows, compare_windows);
    for (size_t i = 0; i < all->count; i++) {
        if (n == 0 || compare_windows(&all->windows[n - 1], &all->windows[i]) != 0)
            all->windows[n++] = all->windows[i];
    }
    all->count = n;
    return SELO_OK;
}

/* Adds a query's boxes with their similarities behind its tiles. */
static selo_status add_boxes(const job *j, const double *all, selo_window_table *table)
{
    selo_plan boxes = {0};
    selo_status status = plan_boxes(j, table, &boxes);
    const size_t n = table->n + boxes.count;
    selo_window_table grown = {.n = n, .windows = selo_alloc(n, sizeof *grown.windows), .has_similarity = true,
                               .similarities = selo_alloc(n, sizeof *grown.similarities),
                               .stages = selo_alloc(n, sizeof *grown.stages), .selected = selo_alloc(n, 1)};
    if (status == SELO_OK && (!grown.windows || !grown.similarities || !grown.stages || !grown.selected))
        status = SELO_E_MEMORY;
    for (size_t i = 0; i < n && status == SELO_OK; i++) {
        const bool box = i >= table->n;
        grown.windows[i] = box ? boxes.windows[i - table->n] : table->windows[i];
        const selo_window *found =
            box ? bsearch(&grown.windows[i], j->boxes.windows, j->boxes.n, sizeof *found, compare_windows) : NULL;
        grown.similarities[i] = box ? all[found - j->boxes.windows] : table->similarities[i];
        grown.stages[i] = box ? 2 : 1;
        grown.selected[i] = box ? 1 : table->selected[i];
    }
    selo_plan_clear(&boxes);
    if (status != SELO_OK) {
        selo_window_table_clear(&grown);
        return status;
    }
    selo_window_table_clear(table);
    *table = grown;
    return SELO_OK;
}

static selo_status compare_v2(job *j)
{
    selo_plan boxes = {0};
    selo_status status = compare_v1(j);
    if (status == SELO_OK)
        status = collect_boxes(j, &boxes);
    if (status == SELO_OK)
        status = selo_embedding_make(boxes.windows, boxes.count, j->windows.size, &j->boxes);
    selo_free(boxes.windows);
    if (status == SELO_OK)
        status = encode(j, &j->boxes, 0.5, 0.8);
    double *similarities = selo_alloc(j->boxes.n, sizeof *similarities);
    if (!similarities)
        status = SELO_E_MEMORY;
    for (size_t k = 0; k < j->queries.n && status == SELO_OK; k++) {
        const float *query = j->queries.vectors + k * j->queries.size;
        selo_embedding_compare(&j->boxes, query, similarities);
        status = add_boxes(j, similarities, &j->tables[k]);
    }
    selo_free(similarities);
    return status;
}

static selo_status compare(job *j)
{
    j->tables = selo_alloc_zeroed(j->queries.n, sizeof *j->tables);
    if (!j->tables)
        return SELO_E_MEMORY;
    return j->options->map.preset == SELO_PRESET_V2 ? compare_v2(j) : compare_v1(j);
}

static void note(job *j, const char *key, const char *value)
{
    j->metadata = CSLSetNameValue(j->metadata, key, value);
}

static selo_status write_maps(job *j, GDALDatasetH *map)
{
    const selo_localize_image_options *options = j->options;
    selo_localize_options maps = options->map;
    note(j, "MODEL_SHA", selo_encoder_sha(j->encoder));
    note(j, "PROVIDER", selo_encoder_provider(j->encoder));
    if (options->queries.shuffles > 0) {
        note(j, "SHUFFLES", CPLSPrintf("%d", options->queries.shuffles));
        note(j, "SEED", CPLSPrintf("%llu", options->queries.seed));
    }
    CPLDebug("SELO", "%.1f ms reading, %.1f ms encoding", j->read_ms, j->encode_ms);
    maps.like = GDALGetDescription(j->image);
    maps.like_dataset = j->image;
    maps.model = selo_encoder_name(j->encoder);
    maps.metadata = (CSLConstList)j->metadata;
    void *scaled = GDALCreateScaledProgress(0.8, 1, j->progress, j->progress_data);
    const selo_status status = selo_write_maps(&maps, j->tables, (CSLConstList)j->queries.names, j->queries.n,
                                               GDALScaledProgress, scaled, map);
    GDALDestroyScaledProgress(scaled);
    return status;
}

static selo_status run(job *j, GDALDatasetH *map)
{
    selo_status status = open_image(j);
    if (status == SELO_OK)
        status = selo_encoder_open(&j->options->encoder, &j->encoder);
    if (status == SELO_OK)
        status = selo_queries_make(&j->options->queries, j->encoder, selo_encoder_size(j->encoder), &j->queries);
    if (status == SELO_OK)
        status = encode_windows(j);
    if (status == SELO_OK)
        status = compare(j);
    return status == SELO_OK ? write_maps(j, map) : status;
}

selo_status selo_localize_image(const selo_localize_image_options *options, GDALProgressFunc progress,
                                void *progress_data, GDALDatasetH *map)
{
    job j = {.options = options, .progress = progress ? progress : GDALDummyProgress, .progress_data = progress_data};
    if (map)
        *map = NULL;
    const selo_status status = run(&j, map);
    for (size_t k = 0; j.tables && k < j.queries.n; k++)
        selo_window_table_clear(&j.tables[k]);
    selo_free(j.tables);
    selo_queries_clear(&j.queries);
    selo_plan_clear(&j.plan);
    selo_embedding_clear(&j.windows);
    selo_embedding_clear(&j.boxes);
    selo_encoder_free(j.encoder);
    CSLDestroy(j.metadata);
    if (j.image && !options->image_dataset)
        GDALClose(j.image);
    return status;
}
