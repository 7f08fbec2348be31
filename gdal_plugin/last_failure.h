/* The last error of a run: GDAL forgets its own when what is cleaned up after it opens or closes something. */
#ifndef SELO_LAST_FAILURE_H
#define SELO_LAST_FAILURE_H

#include <stdbool.h>

#include "cpl_error.h"

typedef struct selo_last_failure {
    CPLErrorNum number;
    char *message;    /* NULL: no error so far */
    const int *ticks; /* of the progress bar on the terminal; NULL: there is none */
    int ticks_told;   /* those of them before the last message */
} selo_last_failure;

/* From here to selo_last_failure_end() errors of this thread are noted; all that is reported is passed on in one line,
 * cut where it would be endless, and below a progress bar that is unfinished. `ticks`: see terminal_progress.h; NULL:
 * no bar. */
void selo_last_failure_begin(selo_last_failure *failure, const int *ticks);
/* Makes the noted error GDAL's last one again if the run has `failed`. Whether there was any. */
bool selo_last_failure_end(selo_last_failure *failure, bool failed);

#endif
