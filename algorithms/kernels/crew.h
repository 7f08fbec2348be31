/* Independent pieces of work, shared among threads. */
#ifndef SELO_KERNELS_CREW_H
#define SELO_KERNELS_CREW_H

#include <stddef.h>

/* Does piece number `piece`; `worker`, below the number of threads, is that of the thread. */
typedef void (*selo_piece_of_work)(void *context, size_t piece, int worker);

/* Does all pieces and returns then. Threads that the system refuses to start are done without. */
void selo_crew_run(int threads, size_t pieces, selo_piece_of_work work, void *context);

#endif
