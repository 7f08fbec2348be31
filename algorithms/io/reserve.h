/* Room on the disk for a file whose length is known before it is written. */
#ifndef SELO_IO_RESERVE_H
#define SELO_IO_RESERVE_H

#include <stdint.h>

#include "selo/status.h"

/* Asks the file system for `bytes` bytes of room for the existing file `path`, without changing its length: so a disk
 * that is too small is reported before the work and not after it, and the file system need not look for room block by
 * block. Where it cannot be asked (/vsi paths, other systems, some file systems) nothing happens. Reports a full disk,
 * naming `output`, the path that the user gave, and what to do besides freeing some room. */
selo_status selo_reserve(const char *path, uint64_t bytes, const char *output, const char *otherwise);

#endif
