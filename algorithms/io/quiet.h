/* Holds back GDAL's own messages while a call is tried, so that the caller can say in one line what it means. */
#ifndef SELO_IO_QUIET_H
#define SELO_IO_QUIET_H

typedef struct selo_quiet {
    char message[512]; /* the first failure; empty if there was none */
} selo_quiet;

void selo_quiet_begin(selo_quiet *quiet); /* on this thread, until the matching end; may be nested */
void selo_quiet_end(selo_quiet *quiet);

#endif
