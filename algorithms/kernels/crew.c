#include "crew.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "selo/memory.h"

enum { THREADS_MAX = 256 };
#define IDLE SIZE_MAX

typedef struct {
    selo_crew *crew;
    pthread_t id;
    int number;
    size_t piece; /* that it does; IDLE: none */
} member;

struct selo_crew {
    selo_piece_of_work work;
    void *context;
    pthread_mutex_t lock;
    pthread_cond_t released, done;
    size_t next, end; /* pieces from next to end - 1 are released and nobody has them */
    bool over;
    int n_members; /* 0: the caller does the work */
    member members[THREADS_MAX];
};

static void *do_pieces(void *argument)
{
    member *me = argument;
    selo_crew *crew = me->crew;
    pthread_mutex_lock(&crew->lock);
    while (crew->next < crew->end || !crew->over) {
        if (crew->next == crew->end) {
            pthread_cond_wait(&crew->released, &crew->lock);
            continue;
        }
        me->piece = crew->next++;
        pthread_mutex_unlock(&crew->lock);
        crew->work(crew->context, me->piece, me->number);
        pthread_mutex_lock(&crew->lock);
        me->piece = IDLE;
        pthread_cond_broadcast(&crew->done);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

static void start(selo_crew *crew, int threads)
{
    for (int k = 0; k < threads && k < THREADS_MAX; k++) {
        member *m = &crew->members[k];
        *m = (member){.crew = crew, .number = k, .piece = IDLE};
        if (pthread_create(&m->id, NULL, do_pieces, m) != 0)
            return;
        crew->n_members = k + 1;
    }
}

selo_crew *selo_crew_new(int threads, selo_piece_of_work work, void *context)
{
    selo_crew *crew = selo_alloc_zeroed(1, sizeof *crew);
    if (!crew)
        return NULL;
    crew->work = work;
    crew->context = context;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->released, NULL);
    pthread_cond_init(&crew->done, NULL);
    if (threads > 1)
        start(crew, threads);
    return crew;
}

void selo_crew_release(selo_crew *crew, size_t end)
{
    for (; crew->n_members == 0 && crew->next < end; crew->next++)
        crew->work(crew->context, crew->next, 0);
    pthread_mutex_lock(&crew->lock);
    crew->end = end;
    pthread_cond_broadcast(&crew->released);
    pthread_mutex_unlock(&crew->lock);
}

static bool is_done(const selo_crew *crew, size_t end)
{
    bool done = crew->next >= end;
    for (int k = 0; k < crew->n_members && done; k++)
        done = crew->members[k].piece >= end;
    return done;
}

void selo_crew_wait(selo_crew *crew, size_t end)
{
    pthread_mutex_lock(&crew->lock);
    while (!is_done(crew, end))
        pthread_cond_wait(&crew->done, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
}

void selo_crew_free(selo_crew *crew)
{
    if (!crew)
        return;
    pthread_mutex_lock(&crew->lock);
    crew->over = true;
    pthread_cond_broadcast(&crew->released);
    pthread_mutex_unlock(&crew->lock);
    for (int k = 0; k < crew->n_members; k++)
        pthread_join(crew->members[k].id, NULL);
    pthread_cond_destroy(&crew->done);
    pthread_cond_destroy(&crew->released);
    pthread_mutex_destroy(&crew->lock);
    selo_free(crew);
}

void selo_crew_run(int threads, size_t pieces, selo_piece_of_work work, void *context)
{
    selo_crew *crew = selo_crew_new((size_t)threads < pieces ? threads : (int)pieces, work, context);
    if (crew)
        selo_crew_release(crew, pieces);
    for (size_t piece = 0; !crew && piece < pieces; piece++)
        work(context, piece, 0);
    selo_crew_free(crew);
}
