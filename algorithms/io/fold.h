/* Folds what GDAL reports underneath into one line of ours. */
#ifndef SELO_IO_FOLD_H
#define SELO_IO_FOLD_H

#include <stdbool.h>

#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/status.h"

typedef struct selo_fold {
    char failure[512]; /* the first one since selo_fold_begin(); empty: none */
    char **warnings;   /* different ones, at most a few */
    CPLErr class_before; /* GDAL's last error as it was: it stays the last one */
    CPLErrorNum number_before;
    char *message_before;
} selo_fold;

/* From here to selo_fold_end() errors and warnings of this thread are kept in `fold` (zeroed before the first time) and
 * not shown; warnings add up over several times. */
void selo_fold_begin(selo_fold *fold);
void selo_fold_end(void);

/* The first failure in one line; `hidden` (a temporary folder, may be NULL) is left out of file names in it.
 * `otherwise`: what to say if there is none. Belongs to `fold`. */
const char *selo_fold_reason(selo_fold *fold, const char *hidden, const char *otherwise);

/* Reports the warnings kept, each in one line that starts with `subject`, and forgets them. */
void selo_fold_warn(selo_fold *fold, const char *hidden, const char *subject);

/* Ends, and clears, a fold in which rows of something were read: SELO_E_INPUT and one line if that `failed`, with the
 * warnings in either case. `what` and `name` say what was read, as in "map 'a.tif'". */
selo_status selo_fold_end_rows(selo_fold *fold, const char *what, const char *name, int row, int n_rows, bool failed);

void selo_fold_clear(selo_fold *fold);

#endif
