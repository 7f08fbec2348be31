#include "selo/localize_image.h"

#include "cpl_conv.h"
#include "cpl_error.h"
#include "image_tables.h"
#include "map_files.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "window_plan.h"

typedef struct job {
    const selo_localize_image_options *options;
    GDALDatasetH image;
    selo_encoder *encoder;
    selo_queries queries;
    selo_plan plan;
    selo_image_vectors vectors;
    selo_window_table *tables;
    char **metadata;
    GDALProgressFunc progress;
    void *progress_data;
} job;

static selo_status open_image(job *j)
{
    const selo_localize_image_options *options = j->options;
    j->image = options->image_dataset;
    if (!j->image)
        j->image = selo_source_open(&(selo_source){.what = "image", .name = options->image, .flags = GDAL_OF_RASTER});
    return j->image ? selo_image_vectors_start(&j->vectors, j->image, options->bands, options->least_valid)
                    : SELO_E_INPUT;
}

/* Encodes the windows of the preset, within a part of the whole progress. */
static selo_status encode(job *j, double end)
{
    selo_status status = selo_window_plan_make(j->image, j->options->map.preset, j->options->scales, &j->plan);
    if (status != SELO_OK)
        return status;
    void *scaled = GDALCreateScaledProgress(0, end, j->progress, j->progress_data);
    status = selo_image_vectors_add(&j->vectors, j->encoder, j->plan.windows, j->plan.count, GDALScaledProgress,
                                    scaled);
    GDALDestroyScaledProgress(scaled);
    return status;
}

static selo_status compare(job *j, double start)
{
    j->tables = selo_alloc_zeroed(j->queries.n, sizeof *j->tables);
    if (!j->tables)
        return SELO_E_MEMORY;
    void *scaled = GDALCreateScaledProgress(start, 0.8, j->progress, j->progress_data);
    const selo_image_queries queries = {j->queries.vectors, j->queries.n, j->tables};
    const selo_status status = selo_image_tables_make(&j->vectors, j->encoder, j->options->map.preset, &j->plan,
                                                      &queries, GDALScaledProgress, scaled);
    GDALDestroyScaledProgress(scaled);
    return status;
}

static selo_status write_maps(job *j, GDALDatasetH *map)
{
    const selo_localize_image_options *options = j->options;
    selo_localize_options maps = options->map;
    j->metadata = selo_model_notes(j->encoder, options->queries.shuffles, options->queries.seed);
    CPLDebug("SELO", "%.1f ms reading, %.1f ms encoding", j->vectors.times.read_ms,
             j->vectors.times.network_ms + j->vectors.times.window_ms);
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
    const double encoded = j->options->map.preset == SELO_PRESET_V2 ? 0.5 : 0.8; /* v2 looks closer later */
    selo_status status = open_image(j);
    if (status == SELO_OK)
        status = selo_encoder_open(&j->options->encoder, &j->encoder);
    if (status == SELO_OK)
        status = selo_queries_make(&j->options->queries, j->encoder, selo_encoder_size(j->encoder), &j->queries);
    if (status == SELO_OK)
        status = selo_map_files_check(&j->options->map.output, (CSLConstList)j->queries.names, j->queries.n);
    if (status == SELO_OK)
        status = encode(j, encoded);
    if (status == SELO_OK)
        status = compare(j, encoded);
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
    selo_image_vectors_clear(&j.vectors);
    selo_encoder_free(j.encoder);
    CSLDestroy(j.metadata);
    if (j.image && !options->image_dataset)
        GDALClose(j.image);
    return status;
}
