/* GDAL's side of the processing steps for VRT files.
 *
 * GDAL checks arguments against the XML that each step is registered with (required ones, types); what it cannot see,
 * such as choices, an empty range or a name that is not declared, is checked when the VRT is opened. */
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "gdal.h"
#include "vrt_functions.h"
#include "vrt_step.h"

static void free_step(const char *name, void *kind, VRTPDWorkingDataPtr working)
{
    vrt_step *step = working;
    (void)name, (void)kind;
    if (!step)
        return;
    CPLFree(step->nodata_in);
    CPLFree(step->vector);
    CPLFree(step);
}

static CPLErr init_step(const char *name, void *user, CSLConstList arguments, int n_in, GDALDataType type_in,
                        double *nodata_in, int *n_out, GDALDataType *type_out, double **nodata_out,
                        const char *vrt_path, VRTPDWorkingDataPtr *working)
{
    const vrt_step_kind *kind = user;
    vrt_step *step = CPLCalloc(1, sizeof *step);
    (void)type_in, (void)vrt_path;
    *working = step;
    step->n_in = step->n_out = n_in;
    step->type_out = GDT_Float32;
    step->nodata_out = (double)NAN;
    step->nodata_in = CPLMalloc((size_t)n_in * sizeof(double));
    for (int b = 0; b < n_in; b++)
        step->nodata_in[b] = nodata_in ? nodata_in[b] : (double)NAN;
    char owner[64];
    CPLsnprintf(owner, sizeof owner, "step %s", name);
    const vrt_arguments read = {.owner = owner, .declared = kind->arguments, .given = arguments};
    if (!selo_vrt_all_known(&read) || !kind->prepare(&read, step)) {
        free_step(name, user, step);
        *working = NULL;
        return CE_Failure;
    }
    *n_out = step->n_out;
    *type_out = step->type_out;
    *nodata_out = CPLRealloc(*nodata_out, (size_t)step->n_out * sizeof(double));
    for (int b = 0; b < step->n_out; b++)
        (*nodata_out)[b] = step->nodata_out;
    return CE_None;
}

static void put(const vrt_step *step, const double *values, void *out, size_t pixel)
{
    for (int b = 0; b < step->n_out; b++) {
        const size_t at = pixel * (size_t)step->n_out + (size_t)b;
        if (step->type_out == GDT_Byte)
            ((GByte *)out)[at] = isnan(values[b]) ? (GByte)(isnan(step->nodata_out) ? 0 : step->nodata_out)
                                                  : (GByte)values[b];
        else
            ((float *)out)[at] = (float)values[b];
    }
}

static CPLErr process_step(const char *name, void *user, VRTPDWorkingDataPtr working, CSLConstList arguments, int width,
                           int height, const void *in, size_t in_size, GDALDataType type_in, int n_in,
                           const double *nodata_in, void *out, size_t out_size, GDALDataType type_out, int n_out,
                           const double *nodata_out, double x_off, double y_off, double x_size, double y_size,
                           const double *geotransform, const char *vrt_path, CSLConstList extra)
{
    const vrt_step_kind *kind = user;
    const vrt_step *step = working;
    (void)arguments, (void)nodata_in, (void)nodata_out, (void)x_off, (void)y_off, (void)x_size, (void)y_size;
    (void)geotransform, (void)vrt_path, (void)extra;
    const size_t n = (size_t)width * (size_t)height;
    const size_t out_bytes = n * (size_t)step->n_out * (size_t)GDALGetDataTypeSizeBytes(step->type_out);
    if (type_in != GDT_Float64 || n_in != step->n_in || n_out != step->n_out || type_out != step->type_out ||
        in_size < n * (size_t)n_in * sizeof(double) || out_size < out_bytes) {
        CPLError(CE_Failure, CPLE_AppDefined, "VRT step %s: bands or types are not those that it was opened with",
                 name);
        return CE_Failure;
    }
    double *values = CPLMalloc((size_t)(n_in + n_out) * sizeof(double));
    for (size_t p = 0; p < n; p++) {
        memcpy(values, (const double *)in + p * (size_t)n_in, (size_t)n_in * sizeof(double));
        for (int b = 0; b < n_in; b++)
            if (values[b] == step->nodata_in[b])
                values[b] = (double)NAN;
        kind->pixel(step, values, values + n_in);
        put(step, values + n_in, out, p);
    }
    CPLFree(values);
    return CE_None;
}

void selo_vrt_steps_register(void)
{
    /* GDAL may load its drivers several times, but takes a step once and calls the second time an error. */
    static atomic_flag registered = ATOMIC_FLAG_INIT;
    if (atomic_flag_test_and_set(&registered))
        return;
    const vrt_step_kind *kind;
    for (size_t k = 0; (kind = selo_vrt_step_kind(k)) != NULL; k++)
        GDALVRTRegisterProcessedDatasetFunc(kind->name, (void *)(uintptr_t)kind, kind->arguments, GDT_Float64, NULL, 0,
                                            kind->band_counts, kind->n_band_counts, init_step, free_step, process_step,
                                            NULL);
}
