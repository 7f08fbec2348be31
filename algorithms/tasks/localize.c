#include "selo/localize.h"

#include <math.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/clock.h"
#include "selo/lattice.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "selo/strips.h"
#include "window_size.h"

enum { STRIP_BYTES = 4 << 20 };

/* One band of the output. */
typedef struct {
    const char *query;
    selo_lattice *lattice;
    selo_range range;
    size_t n_windows, n_missing;
    selo_surface *surface;
} band_job;

typedef struct {
    const selo_localize_options *options;
    GDALDatasetH like;
    int width, height;
    selo_filter_method filter;
    int size_x, size_y;
    band_job *bands;
    int n_bands;
    char **metadata, **descriptions;
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
        j->like = selo_source_open(&(selo_source){.what = "image", .name = options->like, .flags = GDAL_OF_RASTER});
    if (!j->like)
        return SELO_E_INPUT;
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
static selo_status count_windows(const job *j, band_job *band, const selo_window_table *table)
{
    const char *name = j->options->windows.name ? j->options->windows.name : "in memory";
    bool any = false, selected = false;
    for (size_t k = 0; k < table->n; k++) {
        selo_window cut;
        if (!table->selected[k])
            continue;
        selected = true;
        if (isfinite(table->similarities[k])) {
            band->n_windows++;
            any = selo_window_clip(table->windows[k], j->height, j->width, &cut) || any;
        } else
            band->n_missing++;
    }
    if (!selected)
        CPLError(CE_Failure, CPLE_AppDefined, "windows '%s': the field selected is 0 for all, so none takes part", name);
    else if (!table->has_similarity || band->n_windows == 0)
        CPLError(CE_Failure, CPLE_AppDefined, "windows '%s' have no similarity%s: fill in the field sim (or similarity)", name,
                 table->has_similarity ? " that is a number" : "");
    else if (!any)
        CPLError(CE_Failure, CPLE_AppDefined, "windows '%s' all lie outside '%s' (%d x %d pixels): is it the right --like?", name,
                 j->options->like, j->width, j->height);
    else if (band->n_missing)
        CPLError(CE_Warning, CPLE_AppDefined, "windows '%s': %lld have no similarity and take no part", name,
                 (long long)band->n_missing);
    return table->has_similarity && any ? SELO_OK : SELO_E_INPUT;
}

static selo_status explain(selo_status status)
{
    if (status == SELO_E_MEMORY)
        CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory for the map's lattice: its windows share too few edges");
    return status;
}

/* In the published 8-bit arithmetic one pixel without a window makes the v1 map 0 everywhere. */
static void blank_if_uncovered(const band_job *band)
{
    const size_t n = (size_t)band->lattice->n_rows * (size_t)band->lattice->n_cols;
    CPLError(CE_Warning, CPLE_AppDefined,
             "%lld pixels have no window, which makes the whole map 0 in the published 8-bit arithmetic of v1; Float32 keeps them as NoData",
             (long long)band->range.uncovered_px);
    for (size_t k = 0; k < n; k++)
        band->lattice->values[k] = 0;
}

static selo_status new_lattice(const job *j, band_job *band, const selo_window_table *table)
{
    double *similarities = selo_alloc(table->n, sizeof *similarities);
    selo_status status = similarities ? SELO_OK : SELO_E_MEMORY;
    for (size_t k = 0; k < table->n && !status; k++)
        similarities[k] = table->selected[k] ? table->similarities[k] : (double)NAN;
    if (!status)
        status = selo_lattice_new(j->height, j->width, table->windows, similarities, table->n, &band->lattice);
    selo_free(similarities);
    return explain(status);
}

static selo_status build_band(const job *j, band_job *band, const selo_window_table *table)
{
    selo_status status = count_windows(j, band, table);
    if (!status)
        status = new_lattice(j, band, table);
    if (status)
        return status;
    const bool v2 = j->options->preset == SELO_PRESET_V2;
    selo_lattice_normalize(band->lattice, v2 ? SELO_UNCOVERED_ZERO : SELO_UNCOVERED_NO_DATA, &band->range);
    if (band->range.flat)
        CPLError(CE_Warning, CPLE_AppDefined, "all similarities amount to the same: the map is 0 everywhere");
    if (j->options->type == GDT_Byte) {
        selo_lattice_to_bytes(band->lattice);
        if (!v2 && band->range.uncovered_px)
            blank_if_uncovered(band);
    }
    return SELO_OK;
}

static selo_status build_bands(job *j)
{
    const selo_localize_options *options = j->options;
    selo_window_table table;
    selo_status status = SELO_OK;
    j->n_bands = options->maps ? options->n_maps : 1;
    j->bands = selo_alloc_zeroed((size_t)j->n_bands, sizeof *j->bands);
    if (!j->bands)
        return SELO_E_MEMORY;
    for (int k = 0; options->maps && k < j->n_bands && !status; k++) {
        j->bands[k].query = options->maps[k].query;
        status = build_band(j, &j->bands[k], options->maps[k].table);
    }
    if (options->maps || status)
        return status;
    j->bands[0].query = options->query;
    status = selo_window_table_read(&options->windows, &table);
    if (status)
        return status;
    status = build_band(j, &j->bands[0], &table);
    selo_window_table_clear(&table);
    return status;
}

static void note(job *j, const char *key, const char *value)
{
    if (value)
        j->metadata = CSLSetNameValue(j->metadata, key, value);
}

/* Entries of a band: QUERY of the only one, QUERY_2 of the second of several. */
static void note_band(job *j, int k)
{
    const band_job *band = &j->bands[k];
    const char *const keys[] = {"QUERY", "WINDOWS", "WINDOWS_MISSING", "SIMILARITY_MIN", "SIMILARITY_MAX", "UNCOVERED_PX"};
    char values[6][40], key[40];
    snprintf(values[1], sizeof values[1], "%lld", (long long)band->n_windows);
    snprintf(values[2], sizeof values[2], "%lld", (long long)band->n_missing);
    CPLsnprintf(values[3], sizeof values[3], "%.17g", band->range.low);
    CPLsnprintf(values[4], sizeof values[4], "%.17g", band->range.high);
    snprintf(values[5], sizeof values[5], "%lld", (long long)band->range.uncovered_px);
    for (int i = 0; i < 6; i++) {
        snprintf(key, sizeof key, "%s_%d", keys[i], k + 1);
        note(j, j->n_bands > 1 ? key : keys[i], i == 0 ? band->query : values[i]);
    }
    j->descriptions = CSLAddString(j->descriptions, band->query ? band->query : "");
}

static void write_metadata(job *j)
{
    static const char *const filters[] = {"none", "median", "gaussian"};
    note(j, "MODEL", j->options->model);
    for (CSLConstList item = j->options->metadata; item && *item; item++)
        j->metadata = CSLAddString(j->metadata, *item);
    note(j, "PRESET", j->options->preset == SELO_PRESET_V2 ? "v2" : "v1");
    note(j, "SMOOTHING", filters[j->filter]);
    if (j->filter != SELO_FILTER_NONE)
        note(j, "SMOOTHING_PX", CPLSPrintf("%d,%d", j->size_x, j->size_y));
    for (int k = 0; k < j->n_bands; k++)
        note_band(j, k);
}

static selo_status open_output(job *j)
{
    write_metadata(j);
    const selo_raster_shape shape = {.width = j->width, .height = j->height, .bands = j->n_bands, .type = j->options->type,
                                     .has_nodata = j->options->type != GDT_Byte, .nodata = (double)NAN, .like = j->like,
                                     .metadata = j->metadata, .descriptions = (CSLConstList)j->descriptions};
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
    const size_t sample = j->options->type == GDT_Byte ? 1 : sizeof(float);
    const size_t band_bytes = (size_t)rows_of(j, k) * (size_t)j->width * sample;
    selo_status status = SELO_OK;
    for (int i = 0; i < j->n_bands && !status; i++)
        status = selo_surface_rows(j->bands[i].surface, k * j->strip_rows, rows_of(j, k), (char *)strip + (size_t)i * band_bytes);
    return status;
}

static selo_status take_strip(void *user, int k, const void *strip)
{
    job *j = user;
    const selo_status status = selo_raster_output_write(j->output, rows_of(j, k), strip);
    const double done = (double)(k + 1) * j->strip_rows / (j->height + (double)j->strip_rows);
    return status ? status : selo_raster_output_tell(j->output, done, j->progress, j->progress_data);
}

static selo_status render(job *j)
{
    const bool bytes = j->options->type == GDT_Byte;
    selo_status status = SELO_OK;
    for (int k = 0; k < j->n_bands && !status; k++)
        status = selo_surface_new(j->bands[k].lattice, bytes ? SELO_SAMPLE_BYTE : SELO_SAMPLE_FLOAT, j->filter, j->size_x,
                                  j->size_y, &j->bands[k].surface);
    if (status)
        return status;
    j->strip_rows = selo_raster_output_strip(j->output, STRIP_BYTES);
    const selo_strips strips = {.n_strips = (j->height + j->strip_rows - 1) / j->strip_rows,
                                .strip_bytes = (size_t)j->strip_rows * (size_t)j->width * (bytes ? 1 : sizeof(float)) * (size_t)j->n_bands,
                                .threads = j->options->threads, .user = j, .make = make_strip, .take = take_strip};
    status = selo_strips_run(&strips);
    if (status == SELO_E_MEMORY)
        CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory for the rows of the map");
    return status;
}

/* ---- windows that share few edges ---------------------------------------------------------------------------------- */

/* From this cost on the median of any map (selo/filters.h) is faster than the one over cells. */
static const double COSTLY = 100;

static selo_status read_plain(void *user, int row, int n_rows, void *rows)
{
    const job *j = user;
    return selo_surface_rows(j->bands[0].surface, row, n_rows, rows);
}

static selo_status write_smooth(void *user, int row, int n_rows, const void *rows)
{
    job *j = user;
    const selo_status status = selo_raster_output_write_strips(j->output, STRIP_BYTES, n_rows, rows);
    return status ? status : selo_raster_output_tell(j->output, (double)(row + n_rows) / (j->height + 1.0), j->progress, j->progress_data);
}

/* Whether the map is better smoothed pixel by pixel; only a single map is: several come from one encoder's regular plan. */
static selo_status is_fine(job *j, bool *fine)
{
    *fine = false;
    if (j->filter != SELO_FILTER_MEDIAN || j->n_bands != 1)
        return SELO_OK;
    selo_surface *surface;
    const selo_status status = selo_surface_new(j->bands[0].lattice, SELO_SAMPLE_BYTE, j->filter, j->size_x, j->size_y, &surface);
    if (!status) {
        *fine = selo_surface_cost(surface) > COSTLY;
        selo_surface_free(surface);
    }
    return status;
}

static selo_status render_fine(job *j)
{
    const selo_sample sample = j->options->type == GDT_Byte ? SELO_SAMPLE_BYTE : SELO_SAMPLE_FLOAT;
    selo_status status = selo_surface_new(j->bands[0].lattice, sample, SELO_FILTER_NONE, 0, 0, &j->bands[0].surface);
    const selo_filter_options options = {.method = j->filter, .size_x = j->size_x, .size_y = j->size_y, .sample = sample,
                                         .width = j->width, .height = j->height,
                                         .threads = j->options->threads > 1 ? j->options->threads : 1};
    const selo_row_stream stream = {j, read_plain, write_smooth};
    if (!status)
        status = selo_filter_run(&options, &stream);
    return explain(status);
}

static selo_status generate(job *j)
{
    selo_status status = open_like(j);
    if (!status)
        status = choose_smoothing(j);
    return status ? status : build_bands(j);
}

static selo_status filter(job *j)
{
    bool fine = false;
    selo_status status = open_output(j);
    if (!status)
        status = is_fine(j, &fine);
    if (status)
        return status;
    return fine ? render_fine(j) : render(j);
}

static selo_status run(job *j)
{
    const double start = selo_now_ms();
    selo_status status = generate(j);
    const double middle = selo_now_ms();
    if (!status)
        status = filter(j);
    if (j->options->times) {
        j->options->times->generate_ms += middle - start;
        j->options->times->filter_ms += selo_now_ms() - middle;
    }
    return status;
}

selo_status selo_localize(const selo_localize_options *options, GDALProgressFunc progress, void *progress_data,
                          GDALDatasetH *map)
{
    job j = {.options = options, .progress = progress ? progress : GDALDummyProgress, .progress_data = progress_data};
    selo_status status = run(&j);
    if (!status)
        status = selo_raster_output_close(j.output, j.progress, j.progress_data, map);
    else
        selo_raster_output_abandon(j.output);
    if (!status)
        j.progress(1, "", progress_data);
    for (int k = 0; k < j.n_bands && j.bands; k++) {
        selo_surface_free(j.bands[k].surface);
        selo_lattice_free(j.bands[k].lattice);
    }
    selo_free(j.bands);
    CSLDestroy(j.metadata);
    CSLDestroy(j.descriptions);
    if (j.like && !options->like_dataset)
        GDALClose(j.like);
    return status;
}
