/* Two files that change places. */
#ifndef SELO_IO_SWAP_H
#define SELO_IO_SWAP_H

#include <stdbool.h>

/* Exchanges two existing files of one file system in one step: nobody ever sees either missing. False, and nothing
 * done, where the system cannot (/vsi paths, other systems, some file systems). */
bool selo_swap(const char *one, const char *other);

#endif
