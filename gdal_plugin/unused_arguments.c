#include "unused_arguments.h"

#include "cpl_error.h"

void selo_warn_of_unused(const selo_values *values, const char *const *names, const char *input)
{
    for (; *names; names++)
        if (selo_values_is_set(values, *names))
            CPLError(CE_Warning, CPLE_AppDefined, "--%s has no meaning for %s and is ignored", *names, input);
}
