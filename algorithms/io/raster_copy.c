/* The end of a raster output: what was written is closed, and copied into its format where that is made of a whole. */
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "raster_private.h"
#include "selo/source.h"

void selo_raster_look_at_disk(selo_raster_output *output)
{
    output->disk_was_full = output->disk_was_full || (output->stage.inside && !output->stage.copies &&
                                                      selo_source_is_full(output->stage.inside));
}

selo_status selo_raster_fail(selo_raster_output *output, const char *otherwise)
{
    selo_raster_look_at_disk(output);
    const char *reason = selo_fold_reason(&output->fold, output->stage.claim.folder, otherwise);
    CPLError(CE_Failure, CPLE_AppDefined, "output '%s' (format %s): %s", output->stage.path ? output->stage.path : "",
             GDALGetDescription(output->driver), output->disk_was_full ? "the disk is full" : reason);
    selo_fold_clear(&output->fold);
    return SELO_E_OUTPUT;
}

/* The caller's progress. */
typedef struct {
    GDALProgressFunc progress;
    void *data;
    bool cancelled;
} listener;

static int CPL_STDCALL listen(double done, const char *message, void *user)
{
    listener *l = user;
    l->cancelled = l->cancelled || !l->progress(done, message, l->data);
    return !l->cancelled;
}

/* Some drivers squeeze values into fewer bits, with a warning or without. */
static bool holds_values(GDALDatasetH copy, GDALDataType type)
{
    for (int b = 1; b <= GDALGetRasterCount(copy); b++) {
        GDALRasterBandH band = GDALGetRasterBand(copy, b);
        const char *bits = GDALGetMetadataItem(band, "NBITS", "IMAGE_STRUCTURE");
        if (GDALDataTypeUnion(GDALGetRasterDataType(band), type) == GDALGetRasterDataType(band) &&
            (!bits || atoi(bits) >= 8))
            return true;
    }
    return GDALGetRasterCount(copy) == 0;
}

/* The domain SELO goes into the .aux.xml where the format has no place for it. */
static GDALDatasetH copy_with_metadata(const selo_raster_output *output, GDALDatasetH source, listener *l)
{
    char **options = selo_raster_format_copied(output->creation_options);
    GDALDatasetH copy = GDALCreateCopy(output->driver, output->stage.inside, source, FALSE, options, listen, l);
    const bool wanted = CSLFetchBoolean(options, "COPY_SRC_MDD", FALSE);
    CSLDestroy(options);
    if (copy && wanted && !GDALGetMetadata(copy, "SELO"))
        GDALSetMetadata(copy, GDALGetMetadata(source, "SELO"), "SELO");
    return copy;
}

static selo_status copy_from_temporary(selo_raster_output *output, GDALProgressFunc progress, void *progress_data)
{
    listener l = {progress ? progress : GDALDummyProgress, progress_data, false};
    selo_fold_begin(&output->fold);
    GDALDatasetH source = GDALOpenEx(output->temporary, GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR, NULL, NULL, NULL);
    GDALDatasetH copy = source ? copy_with_metadata(output, source, &l) : NULL;
    const bool holds = !copy || holds_values(copy, output->type);
    const bool closed = copy && GDALClose(copy) == CE_None;
    if (source)
        GDALClose(source);
    selo_raster_look_at_disk(output);
    VSIUnlink(output->temporary);
    selo_fold_end();
    if (l.cancelled) {
        CPLError(CE_Failure, CPLE_UserInterrupt, "cancelled; no output was written");
        return SELO_E_CANCELLED;
    }
    if (!closed || output->fold.failure[0])
        return selo_raster_fail(output, "cannot be made");
    return holds ? SELO_OK
                 : selo_raster_fail(output, selo_raster_format_lacks(output->type, "", output->type_is_chosen));
}

/* Whether the domain SELO can be read from the file, after it was set once more if it was not there. */
static bool has_metadata(const selo_raster_output *output, bool set)
{
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    GDALDatasetH dataset = GDALOpenEx(output->stage.inside, GDAL_OF_RASTER, NULL, NULL, NULL);
    const bool there = dataset && GDALGetMetadata(dataset, "SELO");
    if (dataset && !there && set)
        GDALSetMetadata(dataset, output->metadata, "SELO");
    (void)GDALClose(dataset);
    selo_fold_end();
    selo_fold_clear(&fold);
    return there;
}

/* As copy_with_metadata(), of what was written directly. */
static void keep_metadata(const selo_raster_output *output)
{
    if (output->metadata && !EQUAL(GDALGetDescription(output->driver), "GTiff") && !has_metadata(output, true) &&
        !has_metadata(output, false))
        CPLError(CE_Warning, CPLE_AppDefined,
                 "output '%s': format %s has no place for the metadata of the domain SELO (query, model, ...)",
                 output->stage.path, GDALGetDescription(output->driver));
}

selo_status selo_raster_close_written(selo_raster_output *output)
{
    selo_fold_begin(&output->fold);
    const bool closed = GDALClose(output->dataset) == CE_None;
    output->dataset = NULL;
    selo_fold_end();
    selo_raster_look_at_disk(output);
    return closed && !output->fold.failure[0] ? SELO_OK : selo_raster_fail(output, "cannot be written to its end");
}

selo_status selo_raster_finish(selo_raster_output *output, GDALProgressFunc progress, void *progress_data)
{
    selo_status status = selo_raster_close_written(output);
    if (!status && output->temporary)
        status = copy_from_temporary(output, progress, progress_data);
    else if (!status)
        keep_metadata(output);
    if (!status && selo_stage_look(output->stage.inside) == SELO_STAGE_FREE)
        return selo_raster_fail(output, "this format writes no file of that name; choose another name");
    if (!status)
        status = selo_raster_check(output);
    if (!status)
        selo_fold_warn(&output->fold, output->stage.claim.folder, CPLSPrintf("output '%s'", output->stage.path));
    return status;
}
