#include "selo/plan.h"

#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "selo/text.h"
#include "window_layer.h"
#include "window_plan.h"

typedef struct {
    const selo_plan_options *options;
    GDALDatasetH image;
    int width, height;
    selo_plan first;         /* stage 1 */
    double *similarities;    /* of stage 1; NULL: none are known */
    uint8_t *selected;       /* of stage 1, with similarities */
    selo_plan second;        /* stage 2 */
} job;

static selo_status open_image(job *j)
{
    const selo_plan_options *options = j->options;
    j->image = options->image_dataset;
    if (!j->image)
        j->image = selo_source_open(&(selo_source){.what = "image",
                                                   .name = options->image,
                                                   .flags = GDAL_OF_RASTER,
                                                   .formats = options->image_formats,
                                                   .open_options = options->image_open_options});
    if (!j->image)
        return SELO_E_INPUT;
    j->width = GDALGetRasterXSize(j->image);
    j->height = GDALGetRasterYSize(j->image);
    return SELO_OK;
}

/* Boxes are laid around places in a tile: of a smaller window they would lie beside it, of one at the edge end before
 * they start. */
static selo_status check_size(const job *j, const selo_window *w)
{
    if (w->row_end - w->row_start == SELO_PLAN_V2_TILE && w->col_end - w->col_start == SELO_PLAN_V2_TILE)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined,
             "similarities '%s': the window of rows %d to %d and columns %d to %d is no tile of v2, which has %d x %d "
             "pixels: are they of a plan of v1?",
             j->options->similarities->name, w->row_start, w->row_end, w->col_start, w->col_end, SELO_PLAN_V2_TILE,
             SELO_PLAN_V2_TILE);
    return SELO_E_INPUT;
}

/* A window of another image would have its boxes anywhere. */
static selo_status check_place(const job *j, const selo_window *w)
{
    if (w->row_start < w->row_end && w->col_start < w->col_end && w->row_end > 0 && w->col_end > 0 &&
        w->row_end <= j->height && w->col_end <= j->width)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined,
             "similarities '%s': a window of rows %d to %d and columns %d to %d does not lie on '%s' (%d x %d pixels): "
             "are they of another image?",
             j->options->similarities->name, w->row_start, w->row_end, w->col_start, w->col_end, j->options->image,
             j->width, j->height);
    return SELO_E_INPUT;
}

static selo_status refuse_conflict(const job *j, const selo_window *w, double one, double other)
{
    CPLError(CE_Failure, CPLE_AppDefined,
             "similarities '%s': the window of rows %d to %d and columns %d to %d is given twice, with %.9g and %.9g: "
             "are they of several queries, or joined twice?",
             j->options->similarities->name, w->row_start, w->row_end, w->col_start, w->col_end, one, other);
    return SELO_E_INPUT;
}

/* A window given twice counts once: the number that v2 chooses depends on that of the tiles. */
static selo_status drop_repeated(job *j)
{
    size_t n = 0, *firsts = selo_alloc(j->first.count + 1, sizeof *firsts),
           *places = selo_alloc(j->first.count + 1, sizeof *places);
    selo_status status = firsts && places ? selo_windows_match(j->first.windows, j->first.count, firsts)
                                          : SELO_E_MEMORY;
    for (size_t k = 0; k < j->first.count && !status; k++) {
        const double similarity = j->similarities[k];
        if (firsts[k] == k) {
            j->first.windows[n] = j->first.windows[k];
            j->similarities[n] = similarity;
            places[k] = n++;
            continue;
        }
        double *kept = &j->similarities[places[firsts[k]]];
        if (isnan(*kept))
            *kept = similarity;
        else if (!isnan(similarity) && similarity != *kept)
            status = refuse_conflict(j, &j->first.windows[k], *kept, similarity);
    }
    if (!status && n < j->first.count)
        CPLError(CE_Warning, CPLE_AppDefined, "similarities '%s': %llu rows repeat a window and are left out",
                 j->options->similarities->name, (unsigned long long)(j->first.count - n));
    if (!status)
        j->first.count = n;
    selo_free(firsts);
    selo_free(places);
    return status;
}

/* Rows of stage 1, in the memory that take_first_stage() has got. */
static selo_status copy_first_stage(job *j, const selo_window_table *table)
{
    for (size_t k = 0; k < table->n; k++) {
        if (table->stages[k] != 1)
            continue;
        selo_status status = check_place(j, &table->windows[k]);
        if (!status)
            status = check_size(j, &table->windows[k]);
        if (status)
            return status;
        j->similarities[j->first.count] = isfinite(table->similarities[k]) ? table->similarities[k] : (double)NAN;
        j->first.windows[j->first.count++] = table->windows[k];
    }
    return SELO_OK;
}

static selo_status count_missing(const job *j)
{
    const char *name = j->options->similarities->name;
    size_t missing = 0;
    for (size_t k = 0; k < j->first.count; k++)
        missing += isnan(j->similarities[k]) != 0;
    if (missing == j->first.count) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "similarities '%s': no window of stage 1 has one; fill in the field sim (or similarity)", name);
        return SELO_E_INPUT;
    }
    if (missing)
        CPLError(CE_Warning, CPLE_AppDefined, "similarities '%s': %llu windows of stage 1 have none and are not chosen",
                 name, (unsigned long long)missing);
    return SELO_OK;
}

/* The first stage as it came back from the model. */
static selo_status take_first_stage(job *j, const selo_window_table *table)
{
    j->similarities = selo_alloc(table->n, sizeof(double));
    j->selected = selo_alloc(table->n, 1);
    j->first.windows = selo_alloc(table->n, sizeof(selo_window));
    if (!j->similarities || !j->selected || !j->first.windows)
        return SELO_E_MEMORY;
    selo_status status = copy_first_stage(j, table);
    if (!status)
        status = drop_repeated(j);
    return status ? status : count_missing(j);
}

static selo_status plan_v2(job *j)
{
    selo_window_table table;
    selo_status status = selo_window_table_read(j->options->similarities, &table);
    if (status)
        return status;
    status = take_first_stage(j, &table);
    selo_window_table_clear(&table);
    if (!status)
        status = selo_plan_v2_select(j->similarities, j->first.count, j->selected);
    if (!status)
        status = selo_plan_v2_boxes(j->height, j->width, j->first.windows, j->first.count, j->selected, &j->second);
    return status;
}

/* Row k of both stages together. */
static selo_window_row row_of(const job *j, size_t k)
{
    if (k >= j->first.count)
        return (selo_window_row){&j->second.windows[k - j->first.count], 2, (double)NAN, 1};
    return (selo_window_row){&j->first.windows[k], 1, j->similarities ? j->similarities[k] : (double)NAN,
                             j->selected ? j->selected[k] : -1};
}

/* The list has its own form; GDAL's driver, which has options, would write other columns. */
static void warn_of_options(const selo_layers_options *output)
{
    CSLConstList options = output->layer_options ? output->layer_options : output->dataset_options;
    if (options && *options)
        CPLError(CE_Warning, CPLE_AppDefined,
                 "output '%s': a list of windows in CSV has no creation options: %s is ignored", output->path,
                 *options);
}

static selo_status write_csv(const job *j)
{
    warn_of_options(&j->options->output);
    selo_text text = {0};
    const bool ranked = j->similarities != NULL;
    selo_text_add(&text, "stage,row_start,row_end,col_start,col_end%s\n", ranked ? ",similarity,selected" : "");
    for (size_t k = 0; k < j->first.count + j->second.count; k++) {
        const selo_window_row row = row_of(j, k);
        selo_text_add(&text, "%d,%d,%d,%d,%d", row.stage, row.window->row_start, row.window->row_end,
                      row.window->col_start, row.window->col_end);
        if (ranked && isnan(row.similarity))
            selo_text_add(&text, ",,%d", row.selected);
        else if (ranked)
            selo_text_add(&text, ",%.17g,%d", row.similarity, row.selected);
        selo_text_add(&text, "\n");
    }
    const selo_status status = selo_text_write(&text, j->options->output.path, j->options->output.overwrite);
    selo_text_clear(&text);
    return status;
}

static selo_status write_rows(const job *j, selo_layers *layers)
{
    selo_window_place place = {.crs = NULL};
    selo_status status = selo_window_place_make(j->image, layers, &place);
    for (size_t k = 0; k < j->first.count + j->second.count && !status; k++) {
        const selo_window_row row = row_of(j, k);
        status = selo_window_row_write(&place, layers, k, &row, NULL);
    }
    selo_window_place_clear(&place);
    return status;
}

static bool is_csv(const selo_layers_options *output)
{
    return output->path &&
           (output->format ? EQUAL(output->format, "CSV") : EQUAL(CPLGetExtension(output->path), "csv"));
}

static selo_status write_layers(const job *j, GDALDatasetH *dataset)
{
    const selo_layer_schema *const schemas[] = {&selo_window_layer};
    const selo_run run = {.command_line = j->options->command_line, .seed = -1, .cut_ms = NAN, .sim_ms = NAN,
                          .gnt_ms = NAN, .flt_ms = NAN};
    selo_layers_options output = j->options->output;
    output.layers = selo_window_layer_choice(&output);
    selo_layers *layers;
    selo_status status = selo_layers_open(&output, schemas, 1, &run, &layers);
    if (status)
        return status;
    status = write_rows(j, layers);
    if (!status)
        return selo_layers_close(layers, dataset);
    selo_layers_abandon(layers);
    return status;
}

static selo_status run(job *j, GDALDatasetH *dataset)
{
    selo_status status = open_image(j);
    if (!status)
        status = j->options->similarities
                     ? plan_v2(j)
                     : selo_window_plan_make(j->image, j->options->preset, j->options->scales, &j->first);
    if (status == SELO_E_MEMORY)
        CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory for the windows of '%s'", j->options->image);
    if (status)
        return status;
    return is_csv(&j->options->output) ? write_csv(j) : write_layers(j, dataset);
}

selo_status selo_plan_write(const selo_plan_options *options, size_t *n_windows, GDALDatasetH *layers)
{
    job j = {.options = options};
    if (layers)
        *layers = NULL;
    const selo_status status = run(&j, layers);
    if (!status && n_windows)
        *n_windows = j.first.count + j.second.count;
    selo_plan_clear(&j.first);
    selo_plan_clear(&j.second);
    selo_free(j.similarities);
    selo_free(j.selected);
    if (j.image && !options->image_dataset)
        GDALClose(j.image);
    return status;
}
