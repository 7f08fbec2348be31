/* An output that is one of the command's own inputs. */
#ifndef SELO_PLUGIN_INPUT_AS_OUTPUT_H
#define SELO_PLUGIN_INPUT_AS_OUTPUT_H

#include "command.h"

/* SELO_E_ARGUMENT, and reported, where an output names the same file as an input: --overwrite
 * would replace what was read. */
selo_status selo_refuse_input_as_output(const selo_command *command, const selo_values *values);

#endif
