#include "command_run.h"

#include "cpl_error.h"
#include "empty_arguments.h"
#include "input_as_output.h"
#include "last_failure.h"
#include "terminal_progress.h"

static selo_status check_and_run(const selo_command *command, selo_values *values, GDALProgressFunc progress,
                                 void *progress_data)
{
    selo_status status = selo_refuse_empty_arguments(command, values);
    if (status == SELO_OK)
        status = selo_refuse_input_as_output(command, values);
    return status == SELO_OK ? command->run(values, progress ? progress : GDALDummyProgress, progress_data) : status;
}

selo_status selo_command_run(const selo_command *command, selo_values *values, GDALProgressFunc progress,
                             void *progress_data)
{
    const bool on_terminal = progress == GDALTermProgress;
    int ticks = 0;
    selo_last_failure failure;
    selo_last_failure_begin(&failure, on_terminal ? &ticks : NULL);
    const selo_status status = on_terminal ? check_and_run(command, values, selo_terminal_progress, &ticks)
                                           : check_and_run(command, values, progress, progress_data);
    const bool reported = selo_last_failure_end(&failure, status != SELO_OK);
    if (status == SELO_OK)
        return status;
    if (!reported && CPLGetLastErrorType() != CE_Failure)
        CPLError(CE_Failure, CPLE_AppDefined, "%s: %s", command->path, selo_status_text(status));
    for (size_t i = 0; i < command->n_args; i++)
        if (command->args[i].kind == SELO_ARG_RETURN_CODE)
            selo_values_set_return_code(values, 1);
    return status;
}
