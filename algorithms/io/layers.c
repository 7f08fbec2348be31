/* The life of an output of layers: opened, filled row by row, put in its place. */
#include "selo/layers.h"

#include "cpl_conv.h"
#include "dataset_files.h"
#include "layers_private.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "string_format.h"

static bool disk_is_full(const selo_layers *layers)
{
    return layers->stage.claim.folder && !layers->stage.copies && selo_source_is_full(layers->stage.claim.folder);
}

selo_status selo_layers_fail(selo_layers *layers, const char *what)
{
    const char *reason = disk_is_full(layers)
                             ? "the disk is full"
                             : selo_fold_reason(&layers->fold, layers->stage.claim.folder, "GDAL gives no reason");
    CPLError(CE_Failure, CPLE_FileIO, "%s: %s: %s", layers->subject, what, reason);
    return SELO_E_OUTPUT;
}

static selo_status make_layers(selo_layers *layers, const selo_layers_options *options,
                               const selo_layer_schema *const *schemas, size_t n_schemas)
{
    layers->n_layers = n_schemas + 1;
    layers->layers = selo_alloc_zeroed(layers->n_layers, sizeof *layers->layers);
    if (!layers->layers)
        return SELO_E_MEMORY;
    for (size_t i = 0; i < layers->n_layers; i++) {
        layers->layers[i].schema = i < n_schemas ? schemas[i] : &selo_run_schema;
        layers->layers[i].wanted = selo_layers_choose(options, layers->layers[i].schema->name);
    }
    return SELO_OK;
}

static selo_status open_dataset(selo_layers *layers, CSLConstList options)
{
    const char *inside = layers->in_memory ? "selo" : layers->stage.inside;
    const char *const drivers[] = {layers->format.name, NULL};
    selo_fold_begin(&layers->fold);
    if (layers->added)
        layers->dataset = GDALOpenEx(inside, GDAL_OF_VECTOR | GDAL_OF_UPDATE, drivers, NULL, NULL);
    else
        layers->dataset = GDALCreate(layers->format.driver, inside, 0, 0, 0, GDT_Unknown, options);
    if (layers->dataset && GDALDatasetTestCapability(layers->dataset, ODsCTransactions))
        layers->transaction = GDALDatasetStartTransaction(layers->dataset, FALSE) == OGRERR_NONE;
    selo_fold_end();
    return layers->dataset ? SELO_OK
                           : selo_layers_fail(layers, layers->added ? "rows cannot be added" : "cannot be made");
}

/* What has no name of its own still needs an extension, for drivers that go by it. */
static selo_status name_by_format(selo_layers *layers)
{
    const char *extensions = GDALGetMetadataItem(layers->format.driver, GDAL_DMD_EXTENSIONS, NULL);
    char **words = CSLTokenizeString2(extensions, " ", 0);
    char *named = selo_string_format("%s.%s", layers->stage.inside, words && *words ? *words : "out");
    CSLDestroy(words);
    if (!named)
        return SELO_E_MEMORY;
    selo_free(layers->stage.inside);
    layers->stage.inside = named;
    return SELO_OK;
}

static selo_status open_stage(selo_layers *layers, const selo_layers_options *options)
{
    const bool replaces = !layers->format.to_stdout && (options->overwrite || options->append);
    selo_status status = selo_stage_open(options->path, &layers->stage);
    if (status == SELO_OK && replaces)
        layers->existing = selo_dataset_files(layers->stage.place, layers->format.driver, GDAL_OF_VECTOR);
    layers->added = options->append && layers->existing && selo_stage_look(options->path) != SELO_STAGE_EMPTY_FOLDER;
    if (status == SELO_OK && layers->format.to_stdout)
        status = name_by_format(layers);
    if (status == SELO_OK && layers->added)
        status = selo_stage_fill(&layers->stage, layers->existing);
    return status;
}

selo_status selo_layers_open(const selo_layers_options *options, const selo_layer_schema *const *schemas,
                             size_t n_schemas, const selo_run *run, selo_layers **out)
{
    selo_layers *layers = selo_alloc_zeroed(1, sizeof *layers);
    *out = NULL;
    if (!layers)
        return SELO_E_MEMORY;
    layers->in_memory = !options->path;
    layers->subject = selo_string_copy(options->path ? options->path : "output in memory");
    layers->layer_options = CSLDuplicate(options->layer_options);
    selo_status status = layers->subject ? selo_layers_check_all(options, schemas, n_schemas, &layers->format)
                                         : SELO_E_MEMORY;
    if (status == SELO_OK)
        status = make_layers(layers, options, schemas, n_schemas);
    if (status == SELO_OK)
        status = selo_layers_remember_run(layers, run);
    if (status == SELO_OK && !layers->in_memory)
        status = open_stage(layers, options);
    if (status == SELO_OK)
        status = open_dataset(layers, options->dataset_options);
    if (status != SELO_OK)
        selo_layers_abandon(layers);
    else
        *out = layers;
    return status;
}

bool selo_layers_wants(const selo_layers *layers, size_t layer)
{
    return layer < layers->n_layers && layers->layers[layer].wanted;
}

/* Frees all but what must be closed in order. */
static void release(selo_layers *layers)
{
    for (size_t i = 0; layers->layers && i < layers->n_layers; i++)
        selo_layer_clear(&layers->layers[i]);
    selo_free(layers->layers);
    OCTDestroyCoordinateTransformation(layers->transformation);
    OSRDestroySpatialReference(layers->layers_crs);
    OSRDestroySpatialReference(layers->rows_crs);
    selo_layers_forget_run(layers);
    selo_free(layers->sample_id);
    selo_free(layers->subject);
    CSLDestroy(layers->existing);
    CSLDestroy(layers->layer_options);
    selo_stage_drop(&layers->stage);
    selo_fold_clear(&layers->fold);
    selo_free(layers);
}

void selo_layers_abandon(selo_layers *layers)
{
    if (!layers)
        return;
    selo_fold_begin(&layers->fold);
    if (layers->transaction)
        (void)GDALDatasetRollbackTransaction(layers->dataset);
    (void)GDALClose(layers->dataset);
    selo_fold_end();
    release(layers);
}

/* Whether as many rows can be read as were written. */
static bool is_whole(const selo_layers *layers)
{
    int64_t n_rows = 0;
    GDALDatasetH dataset = GDALOpenEx(layers->stage.inside, GDAL_OF_VECTOR, NULL, NULL, NULL);
    for (int i = 0; dataset && i < GDALDatasetGetLayerCount(dataset); i++) {
        OGRLayerH layer = GDALDatasetGetLayer(dataset, i);
        OGR_L_ResetReading(layer);
        for (OGRFeatureH feature; (feature = OGR_L_GetNextFeature(layer)) != NULL; OGR_F_Destroy(feature))
            n_rows++;
    }
    (void)GDALClose(dataset);
    return dataset && n_rows >= layers->n_rows;
}

/* Everything on disk, or a failure: a full disk may show only when buffers are written, and some drivers (KML, ODS)
 * lose them without a word. */
static selo_status finish_dataset(selo_layers *layers)
{
    bool done = true;
    selo_fold_begin(&layers->fold);
    if (layers->transaction)
        done = GDALDatasetCommitTransaction(layers->dataset) == OGRERR_NONE;
    layers->transaction = false;
    if (!layers->in_memory) {
        done = GDALClose(layers->dataset) == CE_None && done;
        layers->dataset = NULL;
        done = done && (!disk_is_full(layers) || is_whole(layers));
    }
    selo_fold_end();
    return done && !layers->fold.failure[0] ? SELO_OK : selo_layers_fail(layers, "cannot be completed");
}

static selo_status put_in_place(selo_layers *layers)
{
    if (!layers->existing && !layers->format.to_stdout &&
        selo_stage_look(layers->subject) > SELO_STAGE_EMPTY_FOLDER) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s was made by somebody else in the meantime: name another output",
                 layers->subject);
        return SELO_E_OUTPUT;
    }
    return selo_stage_commit(&layers->stage, layers->existing);
}

selo_status selo_layers_close(selo_layers *layers, GDALDatasetH *dataset)
{
    selo_status status = selo_layers_start(layers);
    if (dataset)
        *dataset = NULL;
    if (status == SELO_OK)
        status = selo_layers_write_run(layers);
    if (status == SELO_OK)
        status = selo_layers_write_styles(layers);
    if (status == SELO_OK)
        status = finish_dataset(layers);
    if (status == SELO_OK && !layers->in_memory)
        status = put_in_place(layers);
    selo_fold_warn(&layers->fold, layers->stage.claim.folder, layers->subject);
    if (status == SELO_OK && layers->in_memory && dataset) {
        *dataset = layers->dataset;
        layers->dataset = NULL;
    }
    selo_layers_abandon(layers);
    return status;
}
