#include "selo/smooth.h"

#include <math.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/map.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "window_size.h"

enum { STRIP_BYTES = 16 << 20 };

typedef struct {
    const selo_smooth_options *options;
    selo_map *map;
    GDALRasterBandH band;
    int width, height;
    bool bytes;       /* else floats */
    bool has_gaps;    /* NoData or a mask; floats may hold NaN besides */
    selo_raster_output *output;
    char **metadata;
    GDALProgressFunc progress;
    void *progress_data;
} job;

static selo_status open_map(job *j)
{
    const selo_map_options options = {.name = j->options->map,
                                      .dataset = j->options->dataset,
                                      .band = j->options->band,
                                      .formats = j->options->formats,
                                      .open_options = j->options->open_options,
                                      .threads = j->options->threads};
    const selo_status status = selo_map_open(&options, &j->map);
    if (status)
        return status;
    j->band = selo_map_band(j->map);
    j->width = selo_map_grid(j->map)->width;
    j->height = selo_map_grid(j->map)->height;
    j->has_gaps = (GDALGetMaskFlags(j->band) & GMF_ALL_VALID) == 0;
    j->bytes = !j->has_gaps && GDALGetRasterDataType(j->band) == GDT_Byte;
    return SELO_OK;
}

/* A sum that holds an infinite value holds no other any more, nor do those after it: such a value counts as none. */
static void drop_infinite(float *values, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (!isfinite(values[k]))
            values[k] = NAN;
}

static selo_status read_rows(void *user, int row, int n_rows, void *rows)
{
    job *j = user;
    const size_t stride = (size_t)j->width * (j->bytes ? 1 : sizeof(float));
    const int strip = selo_map_strip(j->map);
    selo_status status = SELO_OK;
    for (int n, end = row + n_rows; row < end && !status; row += n) {
        /* Strips end where blocks do, so that each block is read once. */
        n = strip - row % strip < end - row ? strip - row % strip : end - row;
        status = j->bytes ? selo_map_read(j->map, row, n, GDT_Byte, rows) : selo_map_read_floats(j->map, row, n, rows);
        if (!status && !j->bytes && j->options->method != SELO_FILTER_MEDIAN)
            drop_infinite(rows, (size_t)n * (size_t)j->width);
        rows = (uint8_t *)rows + (size_t)n * stride;
    }
    return status;
}

static selo_status write_rows(void *user, int row, int n_rows, const void *rows)
{
    job *j = user;
    const selo_status status = selo_raster_output_write_strips(j->output, STRIP_BYTES, n_rows, rows);
    return status
               ? status
               : selo_raster_output_tell(j->output, (double)(row + n_rows) / j->height, j->progress, j->progress_data);
}

static selo_status open_output(job *j, int size_x, int size_y)
{
    static const char *const methods[] = {"none", "median", "gaussian", "box"};
    j->metadata = CSLDuplicate(GDALGetMetadata(GDALGetBandDataset(j->band), "SELO"));
    j->metadata = CSLSetNameValue(j->metadata, "SMOOTHING", methods[j->options->method]);
    j->metadata = CSLSetNameValue(j->metadata, "SMOOTHING_PX", CPLSPrintf("%d,%d", size_x, size_y));
    char **descriptions = CSLAddString(NULL, GDALGetDescription(j->band));
    const selo_raster_shape shape = {.width = j->width,
                                     .height = j->height,
                                     .bands = 1,
                                     .type = j->bytes ? GDT_Byte : GDT_Float32,
                                     .has_nodata = !j->bytes,
                                     .nodata = (double)NAN,
                                     .like = GDALGetBandDataset(j->band),
                                     .values_of = j->band,
                                     .metadata = j->metadata,
                                     .descriptions = (CSLConstList)descriptions};
    const selo_status status = selo_raster_output_open(&j->options->output, &shape, &j->output);
    CSLDestroy(descriptions);
    return status;
}

static selo_status run(job *j)
{
    int size_x = 1, size_y = 1;
    selo_status status = open_map(j);
    if (!status)
        status = selo_filter_size_read("size", j->options->size, GDALGetBandDataset(j->band), &size_x, &size_y);
    if (!status)
        status = open_output(j, size_x, size_y);
    if (status)
        return status;
    const selo_filter_options options = {.method = j->options->method, .size_x = size_x, .size_y = size_y,
                                         .sample = j->bytes ? SELO_SAMPLE_BYTE : SELO_SAMPLE_FLOAT, .width = j->width,
                                         .height = j->height,
                                         .threads = j->options->threads > 1 ? j->options->threads : 1};
    const selo_row_stream stream = {j, read_rows, write_rows};
    status = selo_filter_run(&options, &stream);
    if (status == SELO_E_MEMORY)
        CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory to smooth '%s' with a window of %d x %d px",
                 j->options->map, size_x, size_y);
    return status;
}

selo_status selo_smooth(const selo_smooth_options *options, GDALProgressFunc progress, void *progress_data,
                        GDALDatasetH *result)
{
    job j = {.options = options, .progress = progress ? progress : GDALDummyProgress, .progress_data = progress_data};
    selo_status status = run(&j);
    if (!status)
        status = selo_raster_output_close(j.output, j.progress, j.progress_data, result);
    else
        selo_raster_output_abandon(j.output);
    CSLDestroy(j.metadata);
    selo_map_close(j.map);
    return status;
}
