/* Processing steps for VRT files. Each works on pixels one by one, so any part of an image can be asked for.
 *
 * GDAL checks arguments against the XML that each step is registered with (names, required ones, types); what it cannot see,
 * such as choices or an empty range, is checked when the VRT is opened, by `prepare`. */
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "gdal.h"
#include "selo/colour.h"
#include "vrt_functions.h"

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
    bool (*prepare)(const char *name, CSLConstList arguments, vrt_step *step);
    /* One pixel: n_in values to n_out. What is not there is NaN, in and out. */
    void (*pixel)(const vrt_step *step, const double *in, double *out);
} vrt_step_kind;

static double number(CSLConstList arguments, const char *name, double otherwise)
{
    const char *text = CSLFetchNameValue(arguments, name);
    return text ? CPLAtof(text) : otherwise;
}

static bool flag(CSLConstList arguments, const char *name, bool otherwise)
{
    return CPLTestBool(CSLFetchNameValueDef(arguments, name, otherwise ? "true" : "false"));
}

static bool refuse(const char *step, const char *argument, const char *problem)
{
    CPLError(CE_Failure, CPLE_AppDefined, "VRT step %s: argument '%s' %s", step, argument, problem);
    return false;
}

static bool read_range(const char *name, CSLConstList arguments, vrt_step *step)
{
    step->low = number(arguments, "min", 0);
    step->high = number(arguments, "max", 1);
    if (!(step->low < step->high) || isinf(step->low) || isinf(step->high))
        return refuse(name, "max", "must be greater than 'min', and both must be finite");
    return true;
}

/* Position of a word among "a|b|c"; -1: none of them. */
static int choice(CSLConstList arguments, const char *name, const char *const *words, int otherwise)
{
    const char *text = CSLFetchNameValue(arguments, name);
    if (!text)
        return otherwise;
    for (int k = 0; words[k]; k++)
        if (EQUAL(text, words[k]))
            return k;
    return -1;
}

/* ---- the steps ------------------------------------------------------------------------------------------------------ */

static bool prepare_normalise(const char *name, CSLConstList arguments, vrt_step *step)
{
    step->clamps = flag(arguments, "clamp", true);
    return read_range(name, arguments, step);
}

static void normalise_pixel(const vrt_step *step, const double *in, double *out)
{
    for (int b = 0; b < step->n_out; b++) {
        const double value = (in[b] - step->low) / (step->high - step->low);
        out[b] = step->clamps && value < 0 ? 0 : step->clamps && value > 1 ? 1 : value;
    }
}

static bool prepare_threshold(const char *name, CSLConstList arguments, vrt_step *step)
{
    step->threshold = number(arguments, "threshold", 0.5);
    step->above = number(arguments, "above", 1);
    step->below = number(arguments, "below", 0);
    step->type_out = GDT_Byte;
    step->nodata_out = 255;
    if (isnan(step->threshold))
        return refuse(name, "threshold", "must be a number");
    static const char *const problem = "must be a whole number from 0 to 254 (255 is NoData)";
    if (!(step->above >= 0 && step->above <= 254 && step->above == floor(step->above)))
        return refuse(name, "above", problem);
    return (step->below >= 0 && step->below <= 254 && step->below == floor(step->below)) || refuse(name, "below", problem);
}

static void threshold_pixel(const vrt_step *step, const double *in, double *out)
{
    for (int b = 0; b < step->n_out; b++)
        out[b] = isnan(in[b]) ? in[b] : in[b] >= step->threshold ? step->above : step->below;
}

static bool prepare_colours(const char *name, CSLConstList arguments, vrt_step *step)
{
    selo_colour_map map;
    if (!selo_colour_map_find(CSLFetchNameValueDef(arguments, "colormap", "jet"), &map))
        return refuse(name, "colormap", "must be jet, viridis, magma, inferno or grey");
    selo_colour_table(map, step->colours);
    step->alpha = flag(arguments, "alpha", false);
    step->n_out = step->alpha ? 4 : 3;
    step->type_out = GDT_Byte;
    step->nodata_out = (double)NAN;
    return read_range(name, arguments, step);
}

static void colour_pixel(const vrt_step *step, const double *in, double *out)
{
    const selo_colour colour = isnan(in[0]) ? (selo_colour){0, 0, 0}
                                            : step->colours[selo_colour_index(in[0], step->low, step->high)];
    out[0] = colour.red;
    out[1] = colour.green;
    out[2] = colour.blue;
    if (step->alpha)
        out[3] = isnan(in[0]) ? 0 : 255;
}

enum { COSINE, DOT, MEAN };

static bool prepare_similarity(const char *name, CSLConstList arguments, vrt_step *step)
{
    static const char *const methods[] = {"cosine", "dot", "mean", NULL};
    char **numbers = CSLTokenizeString2(CSLFetchNameValueDef(arguments, "vector", ""), ", \t\r\n", 0);
    const int n = CSLCount(numbers);
    bool good = n == step->n_in;
    if (!good)
        refuse(name, "vector", CPLSPrintf("has %d numbers, but the input has %d bands", n, step->n_in));
    step->vector = CPLCalloc((size_t)n + 1, sizeof(double));
    double squares = 0;
    for (int k = 0; k < n && good; k++) {
        step->vector[k] = CPLAtof(numbers[k]);
        good = isfinite(step->vector[k]) || refuse(name, "vector", "must hold finite numbers");
        squares += step->vector[k] * step->vector[k];
    }
    CSLDestroy(numbers);
    step->method = choice(arguments, "method", methods, COSINE);
    for (int k = 0; k < n && step->method == COSINE && squares > 0; k++)
        step->vector[k] /= sqrt(squares);
    step->n_out = 1;
    return good && (step->method >= 0 || refuse(name, "method", "must be cosine, dot or mean"));
}

static void similarity_pixel(const vrt_step *step, const double *in, double *out)
{
    double product = 0, squares = 0;
    for (int b = 0; b < step->n_in; b++) {
        product += in[b] * step->vector[b];
        squares += in[b] * in[b];
    }
    if (step->method == MEAN)
        product /= step->n_in;
    else if (step->method == COSINE)
        product = squares > 0 ? product / sqrt(squares) : (double)NAN;
    out[0] = product;
}

enum { MULTIPLY, MINIMUM, MAXIMUM, WEIGHTED };

static bool prepare_fusion(const char *name, CSLConstList arguments, vrt_step *step)
{
    static const char *const methods[] = {"multiply", "minimum", "maximum", "weighted", NULL};
    step->method = choice(arguments, "method", methods, MULTIPLY);
    step->weight = number(arguments, "weight", 0.5);
    step->n_out = 1;
    if (step->method < 0)
        return refuse(name, "method", "must be multiply, minimum, maximum or weighted");
    return (step->weight >= 0 && step->weight <= 1) || refuse(name, "weight", "must be 0 to 1");
}

static void fusion_pixel(const vrt_step *step, const double *in, double *out)
{
    const double map = in[0], mask = in[1];
    switch (step->method) {
    case MULTIPLY: out[0] = map * mask; break;
    case MINIMUM: out[0] = isnan(map) || isnan(mask) ? (double)NAN : map < mask ? map : mask; break;
    case MAXIMUM: out[0] = isnan(map) || isnan(mask) ? (double)NAN : map > mask ? map : mask; break;
    default: out[0] = (1 - step->weight) * map + step->weight * mask;
    }
}

#define ARGUMENTS(list) "<ProcessedDatasetFunctionArgumentsList>" list "</ProcessedDatasetFunctionArgumentsList>"
#define RANGE_ARGUMENTS                                                                                                \
    "<Argument name='min' type='double' description='Value that becomes the lowest' default='0'/>"                     \
    "<Argument name='max' type='double' description='Value that becomes the highest' default='1'/>"

static const int one_band[] = {1}, two_bands[] = {2};

static const vrt_step_kind kinds[] = {
    {"SeloNormalise",
     ARGUMENTS(RANGE_ARGUMENTS
               "<Argument name='clamp' type='boolean' description='Whether values beyond become 0 or 1' default='true'/>"),
     NULL, 0, prepare_normalise, normalise_pixel},
    {"SeloThreshold",
     ARGUMENTS("<Argument name='threshold' type='double' description='Lowest value that counts as above' default='0.5'/>"
               "<Argument name='above' type='double' description='Value where it is reached, 0 to 254' default='1'/>"
               "<Argument name='below' type='double' description='Value elsewhere, 0 to 254' default='0'/>"),
     NULL, 0, prepare_threshold, threshold_pixel},
    {"SeloColorMap",
     ARGUMENTS("<Argument name='colormap' type='string' description='jet, viridis, magma, inferno or grey' default='jet'/>" RANGE_ARGUMENTS
               "<Argument name='alpha' type='boolean' description='Fourth band: 0 where there is no value' default='false'/>"),
     one_band, 1, prepare_colours, colour_pixel},
    {"SeloSimilarity",
     ARGUMENTS("<Argument name='vector' type='double_list' required='true' description='The query, a number per band'/>"
               "<Argument name='method' type='string' description='cosine, dot, or mean of products' default='cosine'/>"),
     NULL, 0, prepare_similarity, similarity_pixel},
    {"SeloFusion",
     ARGUMENTS("<Argument name='method' type='string' default='multiply' "
               "description='multiply, minimum, maximum or weighted: how map (band 1) and mask (band 2) go together'/>"
               "<Argument name='weight' type='double' description='Share of the mask in weighted, 0 to 1' default='0.5'/>"),
     two_bands, 1, prepare_fusion, fusion_pixel},
};

/* ---- GDAL's side ---------------------------------------------------------------------------------------------------- */

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

/* GDAL only warns of an argument that the step does not have; a misspelt one must not pass. */
static bool knows_arguments(const vrt_step_kind *kind, CSLConstList arguments)
{
    for (; arguments && *arguments; arguments++) {
        char *key = NULL;
        CPLParseNameValue(*arguments, &key);
        const bool known = !key || strstr(kind->arguments, CPLSPrintf("name='%s'", key));
        if (!known)
            refuse(kind->name, key, "is not known");
        CPLFree(key);
        if (!known)
            return false;
    }
    return true;
}

static CPLErr init_step(const char *name, void *user, CSLConstList arguments, int n_in, GDALDataType type_in,
                        double *nodata_in, int *n_out, GDALDataType *type_out, double **nodata_out, const char *vrt_path,
                        VRTPDWorkingDataPtr *working)
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
    if (!knows_arguments(kind, arguments) || !kind->prepare(name, arguments, step)) {
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
            ((GByte *)out)[at] = isnan(values[b]) ? (GByte)(isnan(step->nodata_out) ? 0 : step->nodata_out) : (GByte)values[b];
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
        CPLError(CE_Failure, CPLE_AppDefined, "VRT step %s: bands or types are not those that it was opened with", name);
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
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        GDALVRTRegisterProcessedDatasetFunc(kinds[k].name, (void *)(uintptr_t)&kinds[k], kinds[k].arguments, GDT_Float64, NULL, 0,
                                            kinds[k].band_counts, kinds[k].n_band_counts, init_step, free_step,
                                            process_step, NULL);
}
