/* Strips of rows made by several threads and taken, in order, by one: how a map is computed while it is written. */
#ifndef SELO_STRIPS_H
#define SELO_STRIPS_H

#include <stddef.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_strips {
    int n_strips;
    size_t strip_bytes; /* of the largest strip */
    int threads;        /* that make strips; 1: made and taken in turn, on the caller's thread */
    void *user;
    /* Fills strip k into `strip`; called from any thread, for several strips at once. Must not report anything. */
    selo_status (*make)(void *user, int k, void *strip);
    /* Takes strip k; called on the caller's thread, for k = 0, 1, 2, ... */
    selo_status (*take)(void *user, int k, const void *strip);
} selo_strips;

/* Runs until all strips are taken or a function returns something else than SELO_OK, which is then returned. What is
 * taken does not depend on the number of threads. Memory: (threads + 1) strips, one for one thread. */
SELO_API selo_status selo_strips_run(const selo_strips *strips);

#ifdef __cplusplus
}
#endif
#endif
