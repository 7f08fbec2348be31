#include "resampling_arguments.h"

#include "cpl_string.h"

selo_resampling selo_resampling_arguments(const selo_values *values)
{
    return (selo_resampling){.seed = (uint64_t)selo_values_integer(values, "seed"),
                             .replicates = (size_t)selo_values_integer(values, "replicates"),
                             .level = selo_values_real(values, "confidence"),
                             .method = EQUAL(selo_values_string(values, "interval"),
                                             "bca") ? SELO_INTERVAL_BCA : SELO_INTERVAL_PERCENTILE};
}
