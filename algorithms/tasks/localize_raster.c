#include <math.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "map_files.h"
#include "queries.h"
#include "selo/embed.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "vector_raster.h"

typedef struct job {
    const selo_localize_raster_options *options;
    GDALDatasetH raster;
    int width, height, n_bands, strip_rows;
    selo_encoder *encoder;
    selo_queries queries;
    selo_vector_raster *vectors;
    double *sums;          /* queries x rows x width: cosines */
    void *out;             /* the same as the map's type */
    double *lows, *highs;  /* of each query */
    char **metadata;
    selo_raster_output *output;
    GDALProgressFunc progress;
    void *progress_data;
} job;

static selo_status open_raster(job *j)
{
    j->raster = j->options->raster_dataset;
    if (!j->raster)
        j->raster = selo_source_open(&(selo_source){.what = "raster", .name = j->options->raster,
                                                    .flags = GDAL_OF_RASTER});
    if (!j->raster)
        return SELO_E_INPUT;
    j->width = GDALGetRasterXSize(j->raster);
    j->height = GDALGetRasterYSize(j->raster);
    j->n_bands = GDALGetRasterCount(j->raster);
    return SELO_OK;
}

static selo_status make_queries(job *j)
{
    selo_status status = j->options->encoder.model ? selo_encoder_open(&j->options->encoder, &j->encoder) : SELO_OK;
    if (status == SELO_OK && j->encoder && selo_encoder_size(j->encoder) != (size_t)j->n_bands) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s: it has %d bands, the vectors of --model %s have %d elements",
                 GDALGetDescription(j->raster), j->n_bands, selo_encoder_name(j->encoder),
                 (int)selo_encoder_size(j->encoder));
        return SELO_E_INPUT;
    }
    return status == SELO_OK ? selo_queries_make(&j->options->queries, j->encoder, (size_t)j->n_bands, &j->queries)
                             : status;
}

static selo_status make_buffers(job *j)
{
    const size_t row = (size_t)j->width, n = j->queries.n;
    j->strip_rows = selo_vector_raster_rows(j->raster, n * (sizeof *j->sums + sizeof(float)));
    j->sums = selo_alloc((size_t)j->strip_rows * row, n * sizeof *j->sums);
    j->out = selo_alloc((size_t)j->strip_rows * row, n * sizeof(float));
    j->lows = selo_alloc(n, sizeof *j->lows);
    j->highs = selo_alloc(n, sizeof *j->highs);
    for (size_t k = 0; k < n && j->lows && j->highs; k++) {
        j->lows[k] = (double)INFINITY;
        j->highs[k] = -(double)INFINITY;
    }
    if (j->sums && j->out && j->lows && j->highs)
        return selo_vector_raster_open(j->raster, j->strip_rows, &j->vectors);
    CPLError(CE_Failure, CPLE_OutOfMemory, "%s: not enough memory for a strip of its %d bands and %d queries",
             GDALGetDescription(j->raster), j->n_bands, (int)n);
    return SELO_E_MEMORY;
}

static selo_status find_range(job *j, int n_rows)
{
    const size_t pixels = (size_t)n_rows * (size_t)j->width;
    for (size_t k = 0; k < j->queries.n; k++) {
        for (size_t i = 0; i < pixels; i++) {
            const double value = j->sums[k * pixels + i];
            j->lows[k] = value < j->lows[k] ? value : j->lows[k];
            j->highs[k] = value > j->highs[k] ? value : j->highs[k];
        }
    }
    return SELO_OK;
}

static selo_status write_strip(job *j, int n_rows)
{
    const size_t pixels = (size_t)n_rows * (size_t)j->width;
    const bool bytes = j->options->map.type == GDT_Byte;
    for (size_t k = 0; k < j->queries.n; k++) {
        const double range = j->highs[k] - j->lows[k];
        for (size_t i = k * pixels; i < (k + 1) * pixels; i++) {
            const double value = isnan(j->sums[i]) ? (double)NAN : range > 0 ? (j->sums[i] - j->lows[k]) / range : 0;
            if (bytes)
                ((unsigned char *)j->out)[i] = (unsigned char)(isnan(value) ? 0 : 255 * value);
            else
                ((float *)j->out)[i] = (float)value;
        }
    }
    return selo_raster_output_write(j->output, n_rows, j->out);
}

static selo_status walk(job *j, double from, selo_status (*use)(job *j, int n_rows))
{
    selo_status status = SELO_OK;
    for (int row = 0; row < j->height && status == SELO_OK; row += j->strip_rows) {
        const int n_rows = j->height - row < j->strip_rows ? j->height - row : j->strip_rows;
        status = selo_vector_raster_compare(j->vectors, j->queries.vectors, j->queries.n, row, n_rows, j->sums);
        if (status == SELO_OK)
            status = use(j, n_rows);
        if (status == SELO_OK)
            status = selo_raster_output_tell(j->output, from + 0.5 * (row + n_rows) / (j->height + 1.0), j->progress,
                                             j->progress_data);
    }
    return status;
}

static void note(job *j, const char *key, size_t k, const char *value)
{
    j->metadata = CSLSetNameValue(j->metadata, j->queries.n > 1 ? CPLSPrintf("%s_%d", key, (int)k + 1) : key, value);
}

static selo_status open_output(job *j)
{
    const selo_localize_options *map = &j->options->map;
    for (size_t k = 0; k < j->queries.n; k++) {
        char number[40];
        if (!(j->lows[k] <= j->highs[k])) {
            CPLError(CE_Failure, CPLE_AppDefined, "%s: no pixel has a vector", GDALGetDescription(j->raster));
            return SELO_E_INPUT;
        }
        note(j, "QUERY", k, j->queries.names[k]);
        CPLsnprintf(number, sizeof number, "%.17g", j->lows[k]);
        note(j, "SIMILARITY_MIN", k, number);
        CPLsnprintf(number, sizeof number, "%.17g", j->highs[k]);
        note(j, "SIMILARITY_MAX", k, number);
    }
    if (j->encoder)
        j->metadata = CSLSetNameValue(j->metadata, "MODEL", selo_encoder_name(j->encoder));
    const selo_raster_shape shape = {.width = j->width,
                                     .height = j->height,
                                     .bands = (int)j->queries.n,
                                     .type = map->type,
                                     .has_nodata = map->type != GDT_Byte,
                                     .nodata = (double)NAN,
                                     .like = j->raster,
                                     .metadata = (CSLConstList)j->metadata,
                                     .descriptions = (CSLConstList)j->queries.names};
    return selo_raster_output_open(&map->output, &shape, &j->output);
}

static selo_status run(job *j)
{
    if (selo_map_files_are_many(j->options->map.output.path)) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "output '%s': the map of an embedding raster has a band for each query; no {n} or {query} is filled "
                 "in",
                 j->options->map.output.path);
        return SELO_E_ARGUMENT;
    }
    selo_status status = open_raster(j);
    if (status == SELO_OK)
        status = make_queries(j);
    if (status == SELO_OK)
        status = make_buffers(j);
    if (status == SELO_OK)
        status = walk(j, 0, find_range);
    if (status == SELO_OK)
        status = open_output(j);
    return status == SELO_OK ? walk(j, 0.5, write_strip) : status;
}

selo_status selo_localize_raster(const selo_localize_raster_options *options, GDALProgressFunc progress,
                                 void *progress_data, GDALDatasetH *map)
{
    job j = {.options = options, .progress = progress ? progress : GDALDummyProgress, .progress_data = progress_data};
    selo_status status = run(&j);
    if (status == SELO_OK)
        status = selo_raster_output_close(j.output, j.progress, j.progress_data, map);
    else
        selo_raster_output_abandon(j.output);
    if (status == SELO_OK)
        j.progress(1, "", progress_data);
    selo_vector_raster_close(j.vectors);
    void *const blocks[] = {j.sums, j.out, j.lows, j.highs};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        selo_free(blocks[i]);
    selo_queries_clear(&j.queries);
    selo_encoder_free(j.encoder);
    CSLDestroy(j.metadata);
    if (j.raster && !options->raster_dataset)
        GDALClose(j.raster);
    return status;
}
