/* The processing steps: what each takes and what it makes of a pixel. Pixels are worked on one by one, so any part of
 * an image can be asked for. */
#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "vrt_step.h"

static bool prepare_normalise(const vrt_arguments *arguments, vrt_step *step)
{
    step->clamps = selo_vrt_flag(arguments, "clamp", true);
    return selo_vrt_range(arguments, &step->low, &step->high);
}

static void normalise_pixel(const vrt_step *step, const double *in, double *out)
{
    for (int b = 0; b < step->n_out; b++) {
        const double value = (in[b] - step->low) / (step->high - step->low);
        out[b] = step->clamps && value < 0 ? 0 : step->clamps && value > 1 ? 1 : value;
    }
}

static bool prepare_threshold(const vrt_arguments *arguments, vrt_step *step)
{
    step->threshold = selo_vrt_number(arguments, "threshold", 0.5);
    step->above = selo_vrt_number(arguments, "above", 1);
    step->below = selo_vrt_number(arguments, "below", 0);
    step->type_out = GDT_Byte;
    step->nodata_out = 255;
    if (isnan(step->threshold))
        return selo_vrt_refuse(arguments, "threshold", "must be a number");
    static const char *const problem = "must be a whole number from 0 to 254 (255 is NoData)";
    if (!(step->above >= 0 && step->above <= 254 && step->above == floor(step->above)))
        return selo_vrt_refuse(arguments, "above", problem);
    return (step->below >= 0 && step->below <= 254 && step->below == floor(step->below)) ||
           selo_vrt_refuse(arguments, "below", problem);
}

static void threshold_pixel(const vrt_step *step, const double *in, double *out)
{
    for (int b = 0; b < step->n_out; b++)
        out[b] = isnan(in[b]) ? in[b] : in[b] >= step->threshold ? step->above : step->below;
}

static bool prepare_colours(const vrt_arguments *arguments, vrt_step *step)
{
    selo_colour_map map;
    if (!selo_colour_map_find(CSLFetchNameValueDef(arguments->given, "colormap", "jet"), &map))
        return selo_vrt_refuse(arguments, "colormap", "must be jet, viridis, magma, inferno or grey");
    selo_colour_table(map, step->colours);
    step->alpha = selo_vrt_flag(arguments, "alpha", false);
    step->n_out = step->alpha ? 4 : 3;
    step->type_out = GDT_Byte;
    step->nodata_out = (double)NAN;
    return selo_vrt_range(arguments, &step->low, &step->high);
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

/* By way of the greatest element, so that squares are neither infinite nor 0. */
static void make_unit(double *vector, int n, double most)
{
    double squares = 0;
    for (int k = 0; k < n; k++) {
        vector[k] /= most;
        squares += vector[k] * vector[k];
    }
    for (int k = 0; k < n; k++)
        vector[k] /= sqrt(squares);
}

static bool prepare_similarity(const vrt_arguments *arguments, vrt_step *step)
{
    static const char *const methods[] = {"cosine", "dot", "mean", NULL};
    char **numbers = CSLTokenizeString2(CSLFetchNameValueDef(arguments->given, "vector", ""), ", \t\r\n", 0);
    const int n = CSLCount(numbers);
    bool good = n == step->n_in;
    if (!good)
        selo_vrt_refuse(arguments, "vector", CPLSPrintf("has %d numbers, but the input has %d bands", n, step->n_in));
    step->vector = CPLCalloc((size_t)n + 1, sizeof(double));
    double most = 0;
    for (int k = 0; k < n && good; k++) {
        step->vector[k] = CPLAtof(numbers[k]);
        good = isfinite(step->vector[k]) || selo_vrt_refuse(arguments, "vector", "must hold finite numbers");
        most = fmax(most, fabs(step->vector[k]));
    }
    CSLDestroy(numbers);
    step->method = selo_vrt_choice(arguments, "method", methods, COSINE);
    if (good && step->method == COSINE && !(most > 0))
        good = selo_vrt_refuse(arguments, "vector", "is all zeros, which is similar to nothing by cosine");
    if (good && step->method == COSINE)
        make_unit(step->vector, n, most);
    step->n_out = 1;
    return good && (step->method >= 0 || selo_vrt_refuse(arguments, "method", "must be cosine, dot or mean"));
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

static bool prepare_fusion(const vrt_arguments *arguments, vrt_step *step)
{
    static const char *const methods[] = {"multiply", "minimum", "maximum", "weighted", NULL};
    step->method = selo_vrt_choice(arguments, "method", methods, MULTIPLY);
    step->weight = selo_vrt_number(arguments, "weight", 0.5);
    step->n_out = 1;
    if (step->method < 0)
        return selo_vrt_refuse(arguments, "method", "must be multiply, minimum, maximum or weighted");
    return (step->weight >= 0 && step->weight <= 1) || selo_vrt_refuse(arguments, "weight", "must be 0 to 1");
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
     ARGUMENTS(
         RANGE_ARGUMENTS
         "<Argument name='clamp' type='boolean' description='Whether values beyond become 0 or 1' default='true'/>"),
     NULL, 0, prepare_normalise, normalise_pixel},
    {"SeloThreshold",
     ARGUMENTS(
         "<Argument name='threshold' type='double' description='Lowest value that counts as above' "
         "default='0.5'/><Argument name='above' type='double' description='Value where it is reached, 0 to 254' "
         "default='1'/><Argument name='below' type='double' description='Value elsewhere, 0 to 254' default='0'/>"),
     NULL, 0, prepare_threshold, threshold_pixel},
    {"SeloColorMap",
     ARGUMENTS("<Argument name='colormap' type='string' description='jet, viridis, magma, inferno or grey' "
               "default='jet'/>" RANGE_ARGUMENTS "<Argument name='alpha' type='boolean' description='Fourth band: 0 "
                                                 "where there is no value' default='false'/>"),
     one_band, 1, prepare_colours, colour_pixel},
    {"SeloSimilarity",
     ARGUMENTS(
         "<Argument name='vector' type='double_list' required='true' description='The query, a number per "
         "band'/><Argument name='method' type='string' description='cosine, dot, or mean of products' "
         "default='cosine'/>"),
     NULL, 0, prepare_similarity, similarity_pixel},
    {"SeloFusion",
     ARGUMENTS(
         "<Argument name='method' type='string' default='multiply' description='multiply, minimum, maximum or "
         "weighted: how map (band 1) and mask (band 2) go together'/><Argument name='weight' type='double' "
         "description='Share of the mask in weighted, 0 to 1' default='0.5'/>"),
     two_bands, 1, prepare_fusion, fusion_pixel},
};

const vrt_step_kind *selo_vrt_step_kind(size_t k)
{
    return k < sizeof kinds / sizeof *kinds ? &kinds[k] : NULL;
}
