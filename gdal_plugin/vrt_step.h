/* What a processing step is, to those who write one (vrt_step_kinds.c) and to GDAL's side of it (vrt_steps.c). */
#ifndef SELO_VRT_STEP_H
#define SELO_VRT_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "gdal.h"
#include "selo/colour.h"
#include "vrt_arguments.h"

/* A step with its arguments read. Pixels come as doubles, a pixel's bands beside each other. */
typedef struct vrt_step {
    int n_in, n_out;
    double *nodata_in; /* NaN: none */
    GDALDataType type_out;
    double nodata_out;
    double low, high, threshold, above, below, weight;
    bool clamps, alpha;
    selo_colour colours[256];
    double *vector; /* n_in numbers */
    int method;
} vrt_step;

typedef struct {
    const char *name;
    const char *arguments; /* XML, for GDAL */
    const int *band_counts; /* of the input; NULL: any */
    size_t n_band_counts;
    /* Reads arguments into the step, of which n_in is set and n_out is n_in. Reports what is wrong. */
    bool (*prepare)(const vrt_arguments *arguments, vrt_step *step);
    /* One pixel: n_in values to n_out. What is not there is NaN, in and out. */
    void (*pixel)(const vrt_step *step, const double *in, double *out);
} vrt_step_kind;

/* Step k; NULL behind the last one. */
const vrt_step_kind *selo_vrt_step_kind(size_t k);

#endif
