#include "ground_arguments.h"

#include <math.h>

#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/region.h"

static selo_status refuse(const char *name, const char *what)
{
    CPLError(CE_Failure, CPLE_IllegalArg, "%s: %s", name, what);
    return SELO_E_ARGUMENT;
}

selo_status selo_length_argument(const selo_values *values, const char *name, selo_length *length)
{
    const char *problem, *text = selo_values_string(values, name);
    const selo_status status = selo_length_parse(text, length, &problem);
    if (status != SELO_OK)
        CPLError(CE_Failure, CPLE_IllegalArg, "--%s: '%s': %s", name, text, problem);
    return status;
}

/* Options that only the ground profile knows must not be lost in silence. */
static selo_status check_unused(const selo_values *values, const selo_profile_choice *choice)
{
    static const char *const names[] = {"smoothing", "separation",  "threshold", "expand", "weights",
                                        "tolerance", "value-range", "normalize", "aoi",    "allow-ballpark"};
    if (choice->n_profiles != 1 || choice->profiles[0] != SELO_PROFILE_REFERENCE)
        return SELO_OK;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (selo_values_is_set(values, names[i])) {
            CPLError(CE_Failure, CPLE_IllegalArg, "--%s: the reference profile is fixed; add --profile ground",
                     names[i]);
            return SELO_E_ARGUMENT;
        }
    return SELO_OK;
}

static void read_profiles(const selo_values *values, selo_profile_choice *choice)
{
    const CSLConstList names = selo_values_strings(values, "profile");
    for (int i = 0; i < CSLCount(names); i++) {
        const selo_profile profile = EQUAL(names[i], "ground") ? SELO_PROFILE_GROUND : SELO_PROFILE_REFERENCE;
        if (choice->n_profiles == 0 || choice->profiles[0] != profile) {
            if (choice->n_profiles < 2)
                choice->profiles[choice->n_profiles++] = profile;
        }
    }
}

static selo_status read_weights(const selo_values *values, selo_weights *weights)
{
    size_t n;
    const double *w = selo_values_reals(values, "weights", &n);
    if (n == 0)
        return SELO_OK;
    if (n != 3 || !(w[0] >= 0 && w[1] >= 0 && w[2] >= 0 && fabs(w[0] + w[1] + w[2] - 1) < 1e-9))
        return refuse("--weights", "give three numbers of at least 0 with sum 1, such as 0.40,0.35,0.25");
    *weights = (selo_weights){w[0], w[1], w[2]};
    return SELO_OK;
}

static selo_status read_range(const selo_values *values, selo_map_range *range)
{
    size_t n;
    const double *bounds = selo_values_reals(values, "value-range", &n);
    range->normalize = selo_values_flag(values, "normalize");
    range->given = n > 0;
    if (n != 0 && n != 2)
        return refuse("--value-range", "give two numbers, such as 0,100");
    if (n == 2) {
        range->low = bounds[0];
        range->high = bounds[1];
    }
    return SELO_OK;
}

static selo_status read_lengths(const selo_values *values, selo_ground_options *scoring)
{
    selo_length tolerance = {0, SELO_UNIT_M};
    selo_status status = selo_length_argument(values, "smoothing", &scoring->smoothing);
    if (status == SELO_OK)
        status = selo_length_argument(values, "separation", &scoring->separation);
    if (status == SELO_OK)
        status = selo_length_argument(values, "tolerance", &tolerance);
    if (status == SELO_OK && tolerance.unit != SELO_UNIT_M)
        return refuse("--tolerance", "give metres, such as 15m");
    if (status == SELO_OK && tolerance.value > SELO_BUFFER_MAX_M)
        return refuse("--tolerance", "at most 10000 km");
    scoring->tolerance_m = tolerance.value;
    return status;
}

selo_status selo_ground_arguments(const selo_values *values, selo_profile_choice *choice, selo_evaluate_ground *ground)
{
    *ground = (selo_evaluate_ground)SELO_EVALUATE_GROUND_DEFAULT;
    *choice = (selo_profile_choice){.n_profiles = 0};
    read_profiles(values, choice);
    selo_status status = check_unused(values, choice);
    if (status == SELO_OK)
        status = read_lengths(values, &ground->scoring);
    if (status == SELO_OK)
        status = read_weights(values, &ground->scoring.weights);
    if (status == SELO_OK)
        status = read_range(values, &ground->range);
    ground->scoring.threshold = selo_values_real(values, "threshold");
    ground->scoring.expansion = selo_values_real(values, "expand");
    ground->aoi = selo_values_dataset_name(values, "aoi");
    ground->aoi_dataset = selo_values_dataset(values, "aoi");
    ground->allow_ballpark = selo_values_flag(values, "allow-ballpark");
    return status;
}
