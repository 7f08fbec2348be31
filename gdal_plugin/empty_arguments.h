/* Arguments that are there and say nothing, as of a shell's variable that was never set. */
#ifndef SELO_PLUGIN_EMPTY_ARGUMENTS_H
#define SELO_PLUGIN_EMPTY_ARGUMENTS_H

#include "command.h"

/* SELO_E_ARGUMENT, and reported, where a command line has an empty name of a file or dataset, or an empty list: a run
 * would take its defaults, or keep its result to itself. A program may say "" for a dataset in memory. */
selo_status selo_refuse_empty_arguments(const selo_command *command, const selo_values *values);

#endif
