#include "selo/smooth.h"

#include <math.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "window_size.h"

enum { STRIP_BYTES = 16 << 20 };

typedef struct {
    const selo_smooth_options *options;
    GDALDatasetH dataset;
    GDALRasterBandH band;
    int width, height;
    bool bytes;       /* else floats */
    bool has_gaps;    /* NoData or a mask */
    selo_levels *levels;
    selo_raster_output *output;
    char **metadata;
    GDALProgressFunc progress;
    void *progress_data;
    int steps, step;  /* passes over the rows, for the progress */
} job;

static selo_status open_map(job *j)
{
    const selo_smooth_options *options = j->options;
    j->dataset = options->dataset;
    if (!j->dataset)
        j->dataset = selo_source_open(&(selo_source){.what = "map", .name = options->map, .flags = GDAL_OF_RASTER});
    if (!j->dataset)
        return SELO_E_INPUT;
    const int count = GDALGetRasterCount(j->dataset);
    if (options->band < 1 || options->band > count) {
        CPLError(CE_Failure, CPLE_AppDefined, "map '%s' has no band %d: --band must be 1 to %d", options->map, options->band, count);
        return SELO_E_INPUT;
    }
    j->band = GDALGetRasterBand(j->dataset, options->band);
    if (GDALDataTypeIsComplex(GDALGetRasterDataType(j->band))) {
        CPLError(CE_Failure, CPLE_AppDefined, "map '%s': complex values cannot be smoothed", options->map);
        return SELO_E_INPUT;
    }
    j->width = GDALGetRasterXSize(j->dataset);
    j->height = GDALGetRasterYSize(j->dataset);
    j->has_gaps = (GDALGetMaskFlags(j->band) & GMF_ALL_VALID) == 0;
    j->bytes = !j->has_gaps && GDALGetRasterDataType(j->band) == GDT_Byte;
    return SELO_OK;
}

static selo_status tell_progress(job *j, int rows)
{
    const double done = (j->step + (double)rows / j->height) / j->steps;
    if (j->progress(done < 1 ? done : 1, "", j->progress_data))
        return SELO_OK;
    CPLError(CE_Failure, CPLE_UserInterrupt, "cancelled; no output was written");
    return SELO_E_CANCELLED;
}

/* Values that are masked become NaN. */
static selo_status hide_gaps(const job *j, int row, int n_rows, float *values)
{
    const size_t n = (size_t)j->width * (size_t)n_rows;
    uint8_t *mask = selo_alloc(n, 1);
    if (!mask)
        return SELO_E_MEMORY;
    const selo_status status = selo_source_read("map", j->options->map, GDALGetMaskBand(j->band), row, n_rows, GDT_Byte, mask);
    for (size_t k = 0; k < n && !status; k++)
        if (!mask[k])
            values[k] = NAN;
    selo_free(mask);
    return status;
}

static selo_status read_rows(void *user, int row, int n_rows, void *rows)
{
    job *j = user;
    const size_t stride = (size_t)j->width * (j->bytes ? 1 : sizeof(float));
    const int strip = (int)(STRIP_BYTES / stride) + 1;
    selo_status status = SELO_OK;
    for (int y = 0; y < n_rows && !status; y += strip) {
        const int n = n_rows - y < strip ? n_rows - y : strip;
        uint8_t *at = (uint8_t *)rows + (size_t)y * stride;
        status = selo_source_read("map", j->options->map, j->band, row + y, n, j->bytes ? GDT_Byte : GDT_Float32, at);
        if (!status && j->has_gaps)
            status = hide_gaps(j, row + y, n, (float *)(void *)at);
    }
    return status;
}

static selo_status write_rows(void *user, int row, int n_rows, const void *rows)
{
    job *j = user;
    const size_t stride = (size_t)j->width * (j->bytes ? 1 : sizeof(float));
    const int strip = selo_raster_output_strip(j->output, STRIP_BYTES);
    selo_status status = SELO_OK;
    for (int y = 0; y < n_rows && !status; y += strip)
        status = selo_raster_output_write(j->output, n_rows - y < strip ? n_rows - y : strip,
                                          (const uint8_t *)rows + (size_t)y * stride);
    return status ? status : tell_progress(j, row + n_rows);
}

/* Runs over all values once, a strip at a time. */
static selo_status each_strip(job *j, void (*look)(void *user, const float *values, size_t n), void *user)
{
    const int strip = (int)(STRIP_BYTES / ((size_t)j->width * sizeof(float))) + 1;
    float *values = selo_alloc((size_t)strip * (size_t)j->width, sizeof *values);
    selo_status status = values ? SELO_OK : SELO_E_MEMORY;
    for (int y = 0; y < j->height && !status; y += strip) {
        const int n = j->height - y < strip ? j->height - y : strip;
        status = read_rows(j, y, n, values);
        if (!status) {
            look(user, values, (size_t)n * (size_t)j->width);
            status = tell_progress(j, y + n);
        }
    }
    j->step++;
    selo_free(values);
    return status;
}

typedef struct {
    float low, high;
} span;

static void look_for_span(void *user, const float *values, size_t n)
{
    span *s = user;
    for (size_t k = 0; k < n; k++) {
        if (!isfinite(values[k]))
            continue;
        s->low = values[k] < s->low ? values[k] : s->low;
        s->high = values[k] > s->high ? values[k] : s->high;
    }
}

static void look_for_levels(void *user, const float *values, size_t n)
{
    selo_levels_add(user, values, n);
}

static selo_status find_levels(job *j)
{
    span s = {INFINITY, -INFINITY};
    selo_status status = each_strip(j, look_for_span, &s);
    if (status)
        return status;
    if (s.low > s.high)
        s.low = s.high = 0;
    status = selo_levels_new(s.low, s.high, &j->levels);
    if (!status)
        status = each_strip(j, look_for_levels, j->levels);
    if (!status)
        selo_levels_finish(j->levels);
    return status;
}

static selo_status open_output(job *j, int size_x, int size_y)
{
    static const char *const methods[] = {"none", "median", "gaussian", "box"};
    j->metadata = CSLDuplicate(GDALGetMetadata(j->dataset, "SELO"));
    j->metadata = CSLSetNameValue(j->metadata, "SMOOTHING", methods[j->options->method]);
    j->metadata = CSLSetNameValue(j->metadata, "SMOOTHING_PX", CPLSPrintf("%d,%d", size_x, size_y));
    char **descriptions = CSLAddString(NULL, GDALGetDescription(j->band));
    const selo_raster_shape shape = {.width = j->width, .height = j->height, .bands = 1, .type = j->bytes ? GDT_Byte : GDT_Float32,
                                     .has_nodata = j->has_gaps, .nodata = (double)NAN, .like = j->dataset,
                                     .metadata = j->metadata, .descriptions = (CSLConstList)descriptions};
    const selo_status status = selo_raster_output_open(&j->options->output, &shape, &j->output);
    CSLDestroy(descriptions);
    return status;
}

static selo_status run(job *j)
{
    int size_x = 1, size_y = 1;
    selo_status status = open_map(j);
    if (!status)
        status = selo_filter_size_read("size", j->options->size, j->dataset, &size_x, &size_y);
    if (!status)
        status = open_output(j, size_x, size_y);
    const bool levels = !j->bytes && j->options->method == SELO_FILTER_MEDIAN;
    j->steps = levels ? 3 : 1;
    if (!status && levels)
        status = find_levels(j);
    if (status)
        return status;
    const selo_filter_options options = {.method = j->options->method, .size_x = size_x, .size_y = size_y,
                                         .sample = j->bytes ? SELO_SAMPLE_BYTE : SELO_SAMPLE_FLOAT, .width = j->width,
                                         .height = j->height, .levels = j->levels,
                                         .threads = j->options->threads > 1 ? j->options->threads : 1};
    const selo_row_stream stream = {j, read_rows, write_rows};
    status = selo_filter_run(&options, &stream);
    if (status == SELO_E_MEMORY)
        CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory to smooth '%s' with a window of %d x %d px", j->options->map,
                 size_x, size_y);
    return status;
}

selo_status selo_smooth(const selo_smooth_options *options, GDALProgressFunc progress, void *progress_data, GDALDatasetH *result)
{
    job j = {.options = options, .progress = progress ? progress : GDALDummyProgress, .progress_data = progress_data};
    selo_status status = run(&j);
    if (!status)
        status = selo_raster_output_close(j.output, NULL, NULL, result);
    else
        selo_raster_output_abandon(j.output);
    selo_levels_free(j.levels);
    CSLDestroy(j.metadata);
    if (j.dataset && !options->dataset)
        GDALClose(j.dataset);
    return status;
}
