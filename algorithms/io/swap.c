#define _GNU_SOURCE /* renameat2() */
#include "swap.h"

#include <string.h>

#ifdef __linux__
#include <fcntl.h>
#include <stdio.h>
#endif

bool selo_swap(const char *one, const char *other)
{
#ifdef RENAME_EXCHANGE
    return strncmp(one, "/vsi", 4) != 0 && strncmp(other, "/vsi", 4) != 0 &&
           renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) == 0;
#else
    (void)one, (void)other;
    return false;
#endif
}
