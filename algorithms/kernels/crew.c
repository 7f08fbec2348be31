#include "crew.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS_MAX 256

typedef struct crew {
    atomic_size_t next;
    size_t pieces;
    selo_piece_of_work work;
    void *context;
} crew;

typedef struct member {
    crew *crew;
    int worker;
} member;

static void *take_pieces(void *argument)
{
    const member *me = argument;
    crew *all = me->crew;
    for (size_t i = atomic_fetch_add(&all->next, 1); i < all->pieces; i = atomic_fetch_add(&all->next, 1))
        all->work(all->context, i, me->worker);
    return NULL;
}

void selo_crew_run(int threads, size_t pieces, selo_piece_of_work work, void *context)
{
    crew all = {0, pieces, work, context};
    member members[THREADS_MAX];
    pthread_t ids[THREADS_MAX];
    int started = 1;
    if (threads > THREADS_MAX)
        threads = THREADS_MAX;
    for (; started < threads && (size_t)started < pieces; started++) {
        members[started] = (member){&all, started};
        if (pthread_create(&ids[started], NULL, take_pieces, &members[started]) != 0)
            break;
    }
    members[0] = (member){&all, 0};
    take_pieces(&members[0]);
    for (int i = 1; i < started; i++)
        pthread_join(ids[i], NULL);
}
