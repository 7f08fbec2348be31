/* Independent pieces of work, shared among threads. */
#ifndef SELO_KERNELS_CREW_H
#define SELO_KERNELS_CREW_H

#include <stddef.h>

/* Does piece number `piece`; `worker`, below the number of threads, is that of the thread. */
typedef void (*selo_piece_of_work)(void *context, size_t piece, int worker);

typedef struct selo_crew selo_crew;

/* Threads, 256 at most, that begin pieces 0, 1, 2 ... in this order as they are released; NULL where there is no
 * memory. Where it is one thread, or the system refuses to start any, the caller does them in selo_crew_release().
 * Release, wait and free are for the thread that made the crew; pieces do not call them. */
selo_crew *selo_crew_new(int threads, selo_piece_of_work work, void *context);

/* Pieces before `end` may be done; `end` never falls. */
void selo_crew_release(selo_crew *crew, size_t end);

/* Waits until the pieces before `end`, which are released, are done. */
void selo_crew_wait(selo_crew *crew, size_t end);

/* Waits until all that are released are done, and frees. */
void selo_crew_free(selo_crew *crew);

/* Does all pieces and returns then. */
void selo_crew_run(int threads, size_t pieces, selo_piece_of_work work, void *context);

#endif
