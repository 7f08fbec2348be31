#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "queries.h"
#include "selo/embed.h"
#include "selo/memory.h"
#include "selo/source.h"

enum { STRIP_BYTES = 64 << 20 };

typedef struct job {
    const selo_localize_raster_options *options;
    GDALDatasetH raster;
    int width, height, n_bands, strip_rows;
    double *scales, *offsets, *nodata; /* per band; nodata NaN: none */
    selo_encoder *encoder;
    selo_queries queries;
    float *values;         /* bands x rows x width of a strip */
    double *lengths;       /* rows x width: squared lengths; NaN: no vector */
    double *sums;          /* queries x rows x width */
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
        j->raster = selo_source_open(&(selo_source){.what = "raster", .name = j->options->raster, .flags = GDAL_OF_RASTER});
    if (!j->raster)
        return SELO_E_INPUT;
    j->width = GDALGetRasterXSize(j->raster);
    j->height = GDALGetRasterYSize(j->raster);
    j->n_bands = GDALGetRasterCount(j->raster);
    return SELO_OK;
}

static selo_status read_band_facts(job *j)
{
    const size_t n = (size_t)j->n_bands;
    j->scales = selo_alloc(n, sizeof(double));
    j->offsets = selo_alloc(n, sizeof(double));
    j->nodata = selo_alloc(n, sizeof(double));
    if (!j->scales || !j->offsets || !j->nodata)
        return SELO_E_MEMORY;
    for (int b = 0; b < j->n_bands; b++) {
        GDALRasterBandH band = GDALGetRasterBand(j->raster, b + 1);
        int there;
        j->scales[b] = GDALGetRasterScale(band, NULL);
        j->offsets[b] = GDALGetRasterOffset(band, NULL);
        j->nodata[b] = GDALGetRasterNoDataValue(band, &there);
        if (!there)
            j->nodata[b] = (double)NAN;
    }
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

/* Whole rows of blocks, about STRIP_BYTES of them. */
static selo_status make_buffers(job *j)
{
    int block_width, block_height;
    GDALGetBlockSize(GDALGetRasterBand(j->raster, 1), &block_width, &block_height);
    const double row_bytes = (double)j->width * j->n_bands * (double)sizeof(float);
    const int fitting = row_bytes < (double)STRIP_BYTES ? (int)((double)STRIP_BYTES / row_bytes) : 1;
    j->strip_rows = fitting < block_height ? fitting : fitting / block_height * block_height;
    j->strip_rows = j->strip_rows > j->height ? j->height : j->strip_rows;
    const size_t pixels = (size_t)j->strip_rows * (size_t)j->width;
    j->values = selo_alloc(pixels * (size_t)j->n_bands, sizeof *j->values);
    j->lengths = selo_alloc(pixels, sizeof *j->lengths);
    j->sums = selo_alloc(pixels * j->queries.n, sizeof *j->sums);
    j->out = selo_alloc(pixels * j->queries.n, sizeof(float));
    j->lows = selo_alloc(j->queries.n, sizeof *j->lows);
    j->highs = selo_alloc(j->queries.n, sizeof *j->highs);
    for (size_t k = 0; k < j->queries.n && j->lows && j->highs; k++) {
        j->lows[k] = (double)INFINITY;
        j->highs[k] = -(double)INFINITY;
    }
    if (j->values && j->lengths && j->sums && j->out && j->lows && j->highs)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_OutOfMemory, "%s: not enough memory for a strip of its %d bands",
             GDALGetDescription(j->raster), j->n_bands);
    return SELO_E_MEMORY;
}

/* Adds one band to the sums and lengths of a strip's pixels. */
static void add_band(job *j, int b, size_t pixels)
{
    const float *values = j->values + (size_t)b * pixels;
    for (size_t i = 0; i < pixels; i++) {
        const bool missing = (double)values[i] == j->nodata[b] || !isfinite(values[i]);
        const double value = missing ? (double)NAN : values[i] * j->scales[b] + j->offsets[b];
        j->lengths[i] += value * value;
        for (size_t k = 0; k < j->queries.n; k++)
            j->sums[k * pixels + i] += value * (double)j->queries.vectors[k * j->queries.size + (size_t)b];
    }
}

/* Cosines of the strip that starts at `row` into `sums`; bands are added in their order, whatever the strips. */
static selo_status compare_strip(job *j, int row, int n_rows)
{
    const size_t pixels = (size_t)n_rows * (size_t)j->width;
    if (GDALDatasetRasterIO(j->raster, GF_Read, 0, row, j->width, n_rows, j->values, j->width, n_rows, GDT_Float32,
                            j->n_bands, NULL, 0, 0, 0) != CE_None)
        return SELO_E_INPUT; /* GDAL has said what and where */
    memset(j->lengths, 0, pixels * sizeof *j->lengths);
    memset(j->sums, 0, pixels * j->queries.n * sizeof *j->sums);
    for (int b = 0; b < j->n_bands; b++)
        add_band(j, b, pixels);
    for (size_t k = 0; k < j->queries.n; k++) {
        for (size_t i = 0; i < pixels; i++)
            j->sums[k * pixels + i] = j->lengths[i] > 0 ? j->sums[k * pixels + i] / sqrt(j->lengths[i]) : (double)NAN;
    }
    return SELO_OK;
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
        status = compare_strip(j, row, n_rows);
        if (status == SELO_OK)
            status = use(j, n_rows);
        if (status == SELO_OK)
            status = selo_raster_output_tell(j->output, from + 0.5 * (row + n_rows) / (j->height + 1.0), j->progress, j->progress_data);
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
    selo_status status = open_raster(j);
    if (status == SELO_OK)
        status = read_band_facts(j);
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
    void *const blocks[] = {j.scales, j.offsets, j.nodata, j.values, j.lengths, j.sums, j.out, j.lows, j.highs};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        selo_free(blocks[i]);
    selo_queries_clear(&j.queries);
    selo_encoder_free(j.encoder);
    CSLDestroy(j.metadata);
    if (j.raster && !options->raster_dataset)
        GDALClose(j.raster);
    return status;
}
