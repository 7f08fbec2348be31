#include "selo/localize.h"

#include <math.h>
#include <stdio.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "localize_job.h"
#include "map_files.h"
#include "selo/clock.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "window_size.h"

static selo_status open_like(localize_job *j)
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

static selo_status choose_smoothing(localize_job *j)
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

static void note(localize_job *j, const char *key, const char *value)
{
    if (value)
        j->metadata = CSLSetNameValue(j->metadata, key, value);
}

/* Entries of a band: QUERY of the only one, QUERY_2 of the second of several. */
static void note_band(localize_job *j, int k)
{
    const localize_band *band = &j->bands[k];
    const char *const keys[] = {"QUERY",          "WINDOWS",        "WINDOWS_MISSING",
                                "SIMILARITY_MIN", "SIMILARITY_MAX", "UNCOVERED_PX"};
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

static void write_metadata(localize_job *j)
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

static selo_status open_output(localize_job *j)
{
    write_metadata(j);
    const selo_raster_shape shape = {.width = j->width, .height = j->height, .bands = j->n_bands,
                                     .type = j->options->type,
                                     .has_nodata = j->options->type != GDT_Byte, .nodata = (double)NAN, .like = j->like,
                                     .metadata = j->metadata, .descriptions = (CSLConstList)j->descriptions};
    return selo_raster_output_open(&j->options->output, &shape, &j->output);
}

static selo_status generate(localize_job *j)
{
    selo_status status = open_like(j);
    if (!status)
        status = choose_smoothing(j);
    return status ? status : selo_localize_bands(j);
}

static selo_status filter(localize_job *j)
{
    const selo_status status = open_output(j);
    return status ? status : selo_localize_render(j);
}

static selo_status run(localize_job *j)
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

static selo_status make_map(const selo_localize_options *options, GDALProgressFunc progress, void *progress_data,
                            GDALDatasetH *map)
{
    localize_job j = {.options = options, .progress = progress ? progress : GDALDummyProgress,
                      .progress_data = progress_data};
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

selo_status selo_localize(const selo_localize_options *options, GDALProgressFunc progress, void *progress_data,
                          GDALDatasetH *map)
{
    if (options->maps || !selo_map_files_are_many(options->output.path))
        return make_map(options, progress, progress_data, map);
    selo_localize_options one = *options;
    char *path = selo_map_file_name(options->output.path, options->query ? options->query : "", 1);
    one.output.path = path;
    const selo_status status = make_map(&one, progress, progress_data, map);
    CPLFree(path);
    return status;
}
