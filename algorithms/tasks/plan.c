#include "selo/plan.h"

#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/memory.h"
#include "selo/text.h"
#include "window_size.h"

typedef struct {
    const selo_plan_options *options;
    GDALDatasetH image;
    int width, height;
    selo_plan first;         /* stage 1 */
    double *similarities;    /* of stage 1; NULL: none are known */
    uint8_t *selected;       /* of stage 1, with similarities */
    selo_plan second;        /* stage 2 */
} job;

static const selo_field fields[] = {
    {"win_id", SELO_FIELD_BIG, "Window", "number of the window, from 0"},
    {"stage", SELO_FIELD_INTEGER, "Stage", "1; v2 looks closer in a stage 2"},
    {"scale_px", SELO_FIELD_INTEGER, "Scale", "longer side of the window, px"},
    {"row_start", SELO_FIELD_INTEGER, "First row", "px from the top; negative where the image is smaller than the window"},
    {"row_end", SELO_FIELD_INTEGER, "Row behind the last", "px from the top"},
    {"col_start", SELO_FIELD_INTEGER, "First column", "px from the left; negative as row_start"},
    {"col_end", SELO_FIELD_INTEGER, "Column behind the last", "px from the left"},
    {"sim", SELO_FIELD_REAL, "Similarity", "the model's, to be filled in"},
    {"selected", SELO_FIELD_FLAG, "Selected", "takes part in the map; null: yes"},
};
enum { N_FIELDS = sizeof fields / sizeof *fields };

static const selo_layer_schema window_layer = {"selo_win", wkbPolygon, "Windows that a model compares with the query", false,
                                               fields, N_FIELDS};

static selo_status open_image(job *j)
{
    const selo_plan_options *options = j->options;
    j->image = options->image_dataset;
    if (!j->image)
        j->image = GDALOpenEx(options->image, GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR, NULL, NULL, NULL);
    if (!j->image)
        return SELO_E_INPUT; /* GDAL has said which file and why */
    j->width = GDALGetRasterXSize(j->image);
    j->height = GDALGetRasterYSize(j->image);
    return SELO_OK;
}

/* A scale without a unit is in pixels, as published. */
static selo_status read_scale(const job *j, const char *text, selo_scale *scale)
{
    selo_size_px size;
    char *with_unit = CPLStrdup(strspn(text, " 0123456789.") == strlen(text) ? CPLSPrintf("%spx", text) : text);
    selo_status status = selo_size_read("scales", with_unit, j->image, &size);
    CPLFree(with_unit);
    if (status)
        return status;
    if (!(size.x >= 0.5 && size.y >= 0.5 && size.x <= 1 << 29 && size.y <= 1 << 29)) {
        CPLError(CE_Failure, CPLE_IllegalArg, "--scales: '%s' is not a window of 1 px or more on '%s'", text, j->options->image);
        return SELO_E_ARGUMENT;
    }
    *scale = (selo_scale){(int)lround(size.y), (int)lround(size.x)};
    return SELO_OK;
}

static selo_status plan_v1(job *j)
{
    static const char *const published[] = {"256", "512", "768", NULL};
    CSLConstList texts = j->options->scales ? j->options->scales : (CSLConstList)published;
    const size_t n = (size_t)CSLCount(texts);
    selo_scale *scales = selo_alloc(n, sizeof *scales);
    selo_status status = scales ? SELO_OK : SELO_E_MEMORY;
    for (size_t k = 0; k < n && !status; k++)
        status = read_scale(j, texts[k], &scales[k]);
    if (!status)
        status = selo_plan_v1(j->height, j->width, scales, n, &j->first);
    selo_free(scales);
    return status;
}

/* The first stage as it came back from the model. */
static selo_status take_first_stage(job *j, const selo_window_table *table)
{
    j->similarities = selo_alloc(table->n, sizeof(double));
    j->selected = selo_alloc(table->n, 1);
    j->first.windows = selo_alloc(table->n, sizeof(selo_window));
    if (!j->similarities || !j->selected || !j->first.windows)
        return SELO_E_MEMORY;
    bool any = false;
    for (size_t k = 0; k < table->n; k++) {
        if (table->stages[k] != 1)
            continue;
        any = any || !isnan(table->similarities[k]);
        j->similarities[j->first.count] = table->similarities[k];
        j->first.windows[j->first.count++] = table->windows[k];
    }
    if (any)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined, "similarities '%s': no window of stage 1 has one; fill in the field sim (or similarity)",
             j->options->similarities->name);
    return SELO_E_INPUT;
}

static selo_status plan_v2(job *j)
{
    if (!j->options->similarities)
        return selo_plan_v2_tiles(j->height, j->width, &j->first);
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
typedef struct {
    const selo_window *window;
    int stage;
    double similarity; /* NaN: none */
    int selected;      /* -1: not said */
} plan_row;

static plan_row row_of(const job *j, size_t k)
{
    if (k >= j->first.count)
        return (plan_row){&j->second.windows[k - j->first.count], 2, (double)NAN, 1};
    return (plan_row){&j->first.windows[k], 1, j->similarities ? j->similarities[k] : (double)NAN,
                      j->selected ? j->selected[k] : -1};
}

static selo_status write_csv(const job *j)
{
    selo_text text = {0};
    const bool ranked = j->similarities != NULL;
    selo_text_add(&text, "stage,row_start,row_end,col_start,col_end%s\n", ranked ? ",similarity,selected" : "");
    for (size_t k = 0; k < j->first.count + j->second.count; k++) {
        const plan_row row = row_of(j, k);
        selo_text_add(&text, "%d,%d,%d,%d,%d", row.stage, row.window->row_start, row.window->row_end, row.window->col_start,
                      row.window->col_end);
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

/* The part of a window that lies on the image, in its CRS; without one in pixels, x = column, y = row. */
static OGRGeometryH outline_of(const job *j, const selo_window *window, const double *gt)
{
    selo_window cut;
    selo_window_clip(*window, j->height, j->width, &cut);
    const double corners[5][2] = {{cut.col_start, cut.row_start}, {cut.col_end, cut.row_start}, {cut.col_end, cut.row_end},
                                  {cut.col_start, cut.row_end}, {cut.col_start, cut.row_start}};
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing), polygon = OGR_G_CreateGeometry(wkbPolygon);
    for (int c = 0; c < 5; c++)
        OGR_G_AddPoint_2D(ring, gt[0] + corners[c][0] * gt[1] + corners[c][1] * gt[2],
                          gt[3] + corners[c][0] * gt[4] + corners[c][1] * gt[5]);
    OGR_G_AddGeometryDirectly(polygon, ring);
    return polygon;
}

static selo_status write_rows(const job *j, selo_layers *layers)
{
    double gt[6] = {0, 1, 0, 0, 0, 1};
    const bool placed = GDALGetGeoTransform(j->image, gt) == CE_None;
    OGRSpatialReferenceH crs = placed ? GDALGetSpatialRef(j->image) : NULL;
    if (!placed)
        memcpy(gt, (const double[]){0, 1, 0, 0, 0, 1}, sizeof gt);
    OGRSpatialReferenceH own = crs ? OSRClone(crs) : NULL;
    if (own)
        OSRSetAxisMappingStrategy(own, OAMS_TRADITIONAL_GIS_ORDER);
    selo_status status = selo_layers_set_sample(layers, NULL, own);
    for (size_t k = 0; k < j->first.count + j->second.count && !status; k++) {
        const plan_row row = row_of(j, k);
        const selo_window *w = row.window;
        const int rows = w->row_end - w->row_start, cols = w->col_end - w->col_start;
        const selo_value values[N_FIELDS] = {
            selo_value_integer((int64_t)k), selo_value_integer(row.stage), selo_value_integer(rows > cols ? rows : cols),
            selo_value_integer(w->row_start), selo_value_integer(w->row_end), selo_value_integer(w->col_start),
            selo_value_integer(w->col_end), selo_value_real(row.similarity),
            row.selected < 0 ? selo_value_null() : selo_value_flag(row.selected != 0)};
        OGRGeometryH outline = outline_of(j, w, gt);
        status = selo_layers_write(layers, 0, outline, values, N_FIELDS);
        OGR_G_DestroyGeometry(outline);
    }
    OSRDestroySpatialReference(own);
    return status;
}

static bool is_csv(const selo_layers_options *output)
{
    return output->path && (output->format ? EQUAL(output->format, "CSV") : EQUAL(CPLGetExtension(output->path), "csv"));
}

/* Formats that hold one layer get the windows; the others selo_run, too. */
static bool holds_more(const selo_layers_options *output)
{
    const char *kind = output->format ? output->format : output->path ? CPLGetExtension(output->path) : "gpkg";
    return *kind == '\0' || EQUAL(kind, "gpkg") || EQUAL(kind, "MEM") || EQUAL(kind, "SQLite");
}

static selo_status write_layers(const job *j, GDALDatasetH *dataset)
{
    static const char *const only_windows[] = {"selo_win", NULL};
    const selo_layer_schema *const schemas[] = {&window_layer};
    const selo_run run = {.command_line = j->options->command_line, .seed = -1, .cut_ms = NAN, .sim_ms = NAN, .gnt_ms = NAN,
                          .flt_ms = NAN};
    selo_layers_options output = j->options->output;
    if (!output.layers && !holds_more(&output))
        output.layers = (CSLConstList)only_windows;
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
        status = j->options->preset == SELO_PRESET_V2 ? plan_v2(j) : plan_v1(j);
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
