#include "input_as_output.h"

#include <string.h>

#include "cpl_error.h"
#include "selo/source.h"

/* The file that an argument names; NULL: none, or it names no file. */
static const char *file_of(const selo_arg *arg, const selo_values *values)
{
    const char *name = NULL;
    if (arg->kind == SELO_ARG_RASTER || arg->kind == SELO_ARG_VECTOR || arg->kind == SELO_ARG_RASTER_OR_VECTOR)
        name = selo_values_dataset_name(values, arg->name);
    else if (arg->kind == SELO_ARG_FILE)
        name = selo_values_string(values, arg->name);
    return name && *name ? name : NULL;
}

static bool makes_file(const selo_arg *arg)
{
    /* GDAL's own have no name here */
    return (arg->flags & SELO_ARG_OUTPUT) || (arg->name && strcmp(arg->name, "output") == 0);
}

static selo_status refuse_inputs(const selo_command *command, const selo_values *values, const selo_arg *output,
                                 const char *path)
{
    for (size_t i = 0; i < command->n_args; i++) {
        const selo_arg *input = &command->args[i];
        const char *name = makes_file(input) ? NULL : file_of(input, values);
        if (!name || !selo_source_same_file(name, path))
            continue;
        CPLError(CE_Failure, CPLE_IllegalArg, "%s '%s' is the %s itself: choose another %s", output->name, path,
                 input->name, output->name);
        return SELO_E_ARGUMENT;
    }
    return SELO_OK;
}

selo_status selo_refuse_input_as_output(const selo_command *command, const selo_values *values)
{
    selo_status status = SELO_OK;
    for (size_t i = 0; i < command->n_args && !status; i++) {
        const char *path = makes_file(&command->args[i]) ? file_of(&command->args[i], values) : NULL;
        if (path)
            status = refuse_inputs(command, values, &command->args[i], path);
    }
    return status;
}
