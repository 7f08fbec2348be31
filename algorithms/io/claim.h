/* Temporary folders that are known to be in use as long as the process that made them lives, however it ends.
 *
 * A folder is locked (flock) by its maker; the system drops the lock when the process is gone. Locks of another machine
 * on a shared disk may be invisible here, so the names of such folders hold a number of this machine's running system,
 * and only those of the same number are looked at. Process numbers decide nothing: they come back. Where there are no
 * such locks or numbers (/vsi paths, other systems, some file systems) folders are made all the same, but never removed
 * by others. */
#ifndef SELO_IO_CLAIM_H
#define SELO_IO_CLAIM_H

#include "selo/status.h"

typedef struct selo_claim {
    char *folder; /* NULL: none */
    int lock;     /* file descriptor that holds the lock; -1: none */
} selo_claim;

/* Makes a folder .selo-… in `parent`, with a name that nobody else has, after removing there what dead
 * processes have left. SELO_E_OUTPUT and errno if it cannot be made; SELO_E_MEMORY. Reports nothing. The caller
 * ends it with selo_claim_end(). */
selo_status selo_claim_make(const char *parent, selo_claim *claim);

/* Removes the folder with all that is in it, and frees what the claim holds; {0} is allowed. */
void selo_claim_end(selo_claim *claim);

/* The folder in a claimed one that holds what is being replaced. Whoever finds it beside anything else in the folder of
 * a dead process leaves both: it may be all there is of them. */
#define SELO_CLAIM_REPLACED ".replaced"

#endif
