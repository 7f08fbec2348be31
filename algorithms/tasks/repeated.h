/* Names that are there twice (private to this room). */
#ifndef SELO_TASKS_REPEATED_H
#define SELO_TASKS_REPEATED_H

#include <stddef.h>

#include "selo/status.h"

/* One of n names that is there more than once, in *twice; NULL: none is. `first` is that of the first of n structs of
 * `size` bytes. SELO_OK or SELO_E_MEMORY. */
selo_status selo_repeated_name(char *const *first, size_t n, size_t size, const char **twice);

#endif
