#include "empty_arguments.h"

#include "cpl_error.h"

static bool is_dataset(const selo_arg *arg)
{
    return arg->kind == SELO_ARG_RASTER || arg->kind == SELO_ARG_VECTOR || arg->kind == SELO_ARG_RASTER_OR_VECTOR;
}

static bool is_empty(const selo_arg *arg, const selo_values *values)
{
    if (is_dataset(arg))
        return selo_values_dataset_name(values, arg->name) == NULL;
    if (arg->kind == SELO_ARG_FILE)
        return *selo_values_string(values, arg->name) == '\0';
    return arg->kind == SELO_ARG_STRINGS && selo_values_strings(values, arg->name) == NULL;
}

/* Whether nobody asks where the output is. */
static bool needs_no_name(const selo_command *command, const selo_values *values, const selo_arg *arg)
{
    bool has_format = false;
    for (size_t i = 0; i < command->n_args; i++)
        has_format = has_format || command->args[i].kind == SELO_ARG_OUTPUT_FORMAT ||
                     command->args[i].kind == SELO_ARG_OUTPUT_FORMAT_STREAM;
    return (arg->flags & SELO_ARG_OUTPUT) && has_format && selo_values_in_memory(values);
}

selo_status selo_refuse_empty_arguments(const selo_command *command, const selo_values *values)
{
    if (!selo_values_from_command_line(values))
        return SELO_OK;
    for (size_t i = 0; i < command->n_args; i++) {
        const selo_arg *arg = &command->args[i];
        if (!arg->name || !selo_values_is_set(values, arg->name) || !is_empty(arg, values) ||
            needs_no_name(command, values, arg))
            continue;
        CPLError(CE_Failure, CPLE_IllegalArg, "--%s is empty; it takes: %s", arg->name, arg->help);
        return SELO_E_ARGUMENT;
    }
    return SELO_OK;
}
