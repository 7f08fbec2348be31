/* Names that are there twice (private to this room). */
#ifndef SELO_TASKS_REPEATED_H
#define SELO_TASKS_REPEATED_H

#include <stddef.h>

/* One of n names that is there more than once; NULL: none is. Sorts `names`. */
const char *selo_repeated_name(const char **names, size_t n);

#endif
