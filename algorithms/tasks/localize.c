#include "selo/localize.h"

#include <math.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/lattice.h"
#include "selo/memory.h"
#include "selo/strips.h"
#include "window_size.h"

enum { STRIP_BYTES = 4 << 20 };

typedef struct {
    const selo_localize_options *options;
    GDALDatasetH like;
    int width, height;
    selo_filter_method filter;
    int size_x, size_y;
    selo_lattice *lattice;
    selo_range range;
    size_t n_windows, n_missing;
    char **metadata;
    selo_surface *surface;
    selo_raster_output *output;
    int strip_rows;
    GDALProgressFunc progress;
    void *progress_data;
} job;

static selo_status open_like(job *j)
{
    const selo_localize_options *options = j->options;
    j->like = options->like_dataset;
    if (!j->like)
        j->like = GDALOpenEx(options->like, GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR, NULL, NULL, NULL);
    if (!j->like)
        return SELO_E_INPUT; /* GDAL has said which file and why */
    j->width = GDALGetRasterXSize(j->like);
    j->height = GDALGetRasterYSize(j->like);
    return SELO_OK;
}

static selo_status choose_smoothing(job *j)
{
    const bool v2 = j->options->preset == SELO_PRESET_V2;
    const char *name = j->options->smoothing ? j->options->smoothing : v2 ? "gaussian" : "median";
    const char *size = j->options->smoothing_size;
    if (EQUAL(name, "none")) {
        j->filter = SELO_FILTER_NONE;
        return SELO_OK;
    }
    j->filter = EQUAL(name, "gaussian") ? SELO_FILTER_GAUSSIAN : SELO_FILTER_MEDIAN;
    if (!size)
        size = j->filter == SELO_FILTER_GAUSSIAN ? "255px" : "251px";
    return selo_filter_size_read("smoothing-size", size, j->like, &j->size_x, &j->size_y);
}

/* Windows that v2 did not select take no part; neither do those without a similarity, which is said. */
static selo_status read_windows(job *j, selo_window_table *table)
{
    const char *name = j->options->windows.name;
    selo_status status = selo_window_table_read(&j->options->windows, table);
    if (status)
        return status;
    bool any = false;
    for (size_t k = 0; k < table->n; k++) {
        selo_window cut;
        if (!table->selected[k])
            table->similarities[k] = (double)NAN;
        else if (isfinite(table->similarities[k])) {
            j->n_windows++;
            any = selo_window_clip(table->windows[k], j->height, j->width, &cut) || any;
        } else
            j->n_missing++;
    }
    if (!table->has_similarity || j->n_windows == 0)
        CPLError(CE_Failure, CPLE_AppDefined, "windows '%s' have no similarity%s: fill in the field sim (or similarity)", name,
                 table->has_similarity ? " that is a number" : "");
    else if (!any)
        CPLError(CE_Failure, CPLE_AppDefined, "windows '%s' all lie outside '%s' (%d x %d pixels): is it the right --like?", name,
                 j->options->like, j->width, j->height);
    else if (j->n_missing)
        CPLError(CE_Warning, CPLE_AppDefined, "windows '%s': %lld have no similarity and take no part", name,
                 (long long)j->n_missing);
    if (!table->has_similarity || !any)
        status = SELO_E_INPUT;
    if (status)
        selo_window_table_clear(table);
    return status;
}

static selo_status explain(selo_status status)
{
    if (status == SELO_E_MEMORY)
        CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory for the map's lattice: its windows share too few edges");
    return status;
}

/* In the published 8-bit arithmetic one pixel without a window makes the v1 map 0 everywhere. */
static void blank_if_uncovered(job *j)
{
    const size_t n = (size_t)j->lattice->n_rows * (size_t)j->lattice->n_cols;
    CPLError(CE_Warning, CPLE_AppDefined,
             "%lld pixels have no window, which makes the whole map 0 in the published 8-bit arithmetic of v1; Float32 keeps them as NoData",
             (long long)j->range.uncovered_px);
    for (size_t k = 0; k < n; k++)
        j->lattice->values[k] = 0;
}

static selo_status build_lattice(job *j)
{
    selo_window_table table;
    selo_status status = read_windows(j, &table);
    if (status)
        return status;
    status = explain(selo_lattice_new(j->height, j->width, table.windows, table.similarities, table.n, &j->lattice));
    selo_window_table_clear(&table);
    if (status)
        return status;
    const bool v2 = j->options->preset == SELO_PRESET_V2;
    selo_lattice_normalize(j->lattice, v2 ? SELO_UNCOVERED_ZERO : SELO_UNCOVERED_NO_DATA, &j->range);
    if (j->range.flat)
        CPLError(CE_Warning, CPLE_AppDefined, "all similarities amount to the same: the map is 0 everywhere");
    if (j->options->type == GDT_Byte) {
        selo_lattice_to_bytes(j->lattice);
        if (!v2 && j->range.uncovered_px)
            blank_if_uncovered(j);
    }
    return SELO_OK;
}

static void note(job *j, const char *key, const char *value)
{
    if (value)
        j->metadata = CSLSetNameValue(j->metadata, key, value);
}

static void write_metadata(job *j)
{
    static const char *const filters[] = {"none", "median", "gaussian"};
    note(j, "QUERY", j->options->query);
    note(j, "MODEL", j->options->model);
    note(j, "PRESET", j->options->preset == SELO_PRESET_V2 ? "v2" : "v1");
    note(j, "SMOOTHING", filters[j->filter]);
    if (j->filter != SELO_FILTER_NONE)
        note(j, "SMOOTHING_PX", CPLSPrintf("%d,%d", j->size_x, j->size_y));
    note(j, "WINDOWS", CPLSPrintf("%lld", (long long)j->n_windows));
    note(j, "WINDOWS_MISSING", CPLSPrintf("%lld", (long long)j->n_missing));
    note(j, "SIMILARITY_MIN", CPLSPrintf("%.17g", j->range.low));
    note(j, "SIMILARITY_MAX", CPLSPrintf("%.17g", j->range.high));
    note(j, "UNCOVERED_PX", CPLSPrintf("%lld", (long long)j->range.uncovered_px));
}

static selo_status open_output(job *j)
{
    write_metadata(j);
    const selo_raster_shape shape = {.width = j->width, .height = j->height, .bands = 1, .type = j->options->type,
                                     .has_nodata = j->options->type != GDT_Byte, .nodata = (double)NAN, .like = j->like,
                                     .metadata = j->metadata, .description = j->options->query};
    return selo_raster_output_open(&j->options->output, &shape, &j->output);
}

static int rows_of(const job *j, int k)
{
    const int left = j->height - k * j->strip_rows;
    return left < j->strip_rows ? left : j->strip_rows;
}

static selo_status make_strip(void *user, int k, void *strip)
{
    const job *j = user;
    return selo_surface_rows(j->surface, k * j->strip_rows, rows_of(j, k), strip);
}

static selo_status take_strip(void *user, int k, const void *strip)
{
    job *j = user;
    const selo_status status = selo_raster_output_write(j->output, rows_of(j, k), strip);
    if (status || j->progress((double)(k + 1) * j->strip_rows / (j->height + (double)j->strip_rows), "", j->progress_data))
        return status;
    CPLError(CE_Failure, CPLE_UserInterrupt, "cancelled; no output was written");
    return SELO_E_CANCELLED;
}

static selo_status render(job *j)
{
    const bool bytes = j->options->type == GDT_Byte;
    selo_status status = selo_surface_new(j->lattice, bytes ? SELO_SAMPLE_BYTE : SELO_SAMPLE_FLOAT, j->filter, j->size_x,
                                          j->size_y, &j->surface);
    if (status)
        return status;
    j->strip_rows = selo_raster_output_strip(j->output, STRIP_BYTES);
    const selo_strips strips = {.n_strips = (j->height + j->strip_rows - 1) / j->strip_rows,
                                .strip_bytes = (size_t)j->strip_rows * (size_t)j->width * (bytes ? 1 : sizeof(float)),
                                .threads = j->options->threads, .user = j, .make = make_strip, .take = take_strip};
    status = selo_strips_run(&strips);
    if (status == SELO_E_MEMORY)
        CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory for the rows of the map");
    return status;
}

static selo_status run(job *j)
{
    selo_status status = open_like(j);
    if (!status)
        status = choose_smoothing(j);
    if (!status)
        status = build_lattice(j);
    if (!status)
        status = open_output(j);
    return status ? status : render(j);
}

selo_status selo_localize(const selo_localize_options *options, GDALProgressFunc progress, void *progress_data,
                          GDALDatasetH *map)
{
    job j = {.options = options, .progress = progress ? progress : GDALDummyProgress, .progress_data = progress_data};
    selo_status status = run(&j);
    if (!status)
        status = selo_raster_output_close(j.output, NULL, NULL, map);
    else
        selo_raster_output_abandon(j.output);
    if (!status)
        j.progress(1, "", progress_data);
    selo_surface_free(j.surface);
    selo_lattice_free(j.lattice);
    CSLDestroy(j.metadata);
    if (j.like && !options->like_dataset)
        GDALClose(j.like);
    return status;
}
