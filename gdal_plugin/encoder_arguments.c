#include "encoder_arguments.h"

selo_encoder_options selo_encoder_arguments(const selo_values *values, const char *model)
{
    return (selo_encoder_options){.model = model, .provider = selo_values_string(values, "provider"),
                                  .threads = selo_values_integer(values, "num-threads"),
                                  .batch = selo_values_is_set(values, "batch") ? selo_values_integer(values,
                                                                                                     "batch") : 0,
                                  .white = selo_values_is_set(values, "white") ? selo_values_real(values, "white") : 0};
}
