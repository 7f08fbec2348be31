/* The list of commands; each is declared in a file of its own under commands/. */
#include "command.h"

extern const selo_command selo_command_evaluate;

const selo_command *const selo_commands[] = {
    &selo_command_evaluate,
    NULL,
};
