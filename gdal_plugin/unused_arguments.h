/* Arguments that a command has, but not for what it was given. */
#ifndef SELO_PLUGIN_UNUSED_ARGUMENTS_H
#define SELO_PLUGIN_UNUSED_ARGUMENTS_H

#include "command.h"

/* Warns of each of `names` (ends with NULL) that the user set: it has no meaning for `input`, such as "an image". */
void selo_warn_of_unused(const selo_values *values, const char *const *names, const char *input);

#endif
