#include "selo/strips.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "selo/memory.h"

typedef struct {
    const selo_strips *strips;
    pthread_mutex_t lock;
    pthread_cond_t made, freed;
    int n_places;
    void **places; /* strip k goes into place k % n_places */
    bool *ready;   /* ... and is in there, not yet taken */
    int next;      /* to be made */
    int taken;
    selo_status status;
} strip_queue;

/* Waits for a strip that may be made; -1: there is nothing more to do. */
static int claim(strip_queue *queue)
{
    while (queue->next < queue->strips->n_strips && queue->next >= queue->taken + queue->n_places && !queue->status)
        pthread_cond_wait(&queue->freed, &queue->lock);
    return queue->status || queue->next >= queue->strips->n_strips ? -1 : queue->next++;
}

static void *make_strips(void *data)
{
    strip_queue *queue = data;
    pthread_mutex_lock(&queue->lock);
    for (int k; (k = claim(queue)) >= 0;) {
        pthread_mutex_unlock(&queue->lock);
        const selo_status status = queue->strips->make(queue->strips->user, k, queue->places[k % queue->n_places]);
        pthread_mutex_lock(&queue->lock);
        if (status && !queue->status)
            queue->status = status;
        queue->ready[k % queue->n_places] = true;
        pthread_cond_broadcast(&queue->made);
    }
    pthread_cond_broadcast(&queue->made);
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

static void take_strips(strip_queue *queue)
{
    for (int k = 0; k < queue->strips->n_strips; k++) {
        const int place = k % queue->n_places;
        pthread_mutex_lock(&queue->lock);
        while (!queue->ready[place] && !queue->status)
            pthread_cond_wait(&queue->made, &queue->lock);
        const selo_status before = queue->status;
        pthread_mutex_unlock(&queue->lock);
        const selo_status status = before ? before : queue->strips->take(queue->strips->user, k, queue->places[place]);
        pthread_mutex_lock(&queue->lock);
        queue->ready[place] = false;
        queue->taken = k + 1;
        if (!queue->status)
            queue->status = status;
        const bool stop = queue->status != SELO_OK;
        pthread_cond_broadcast(&queue->freed);
        pthread_mutex_unlock(&queue->lock);
        if (stop)
            return;
    }
}

static selo_status run_with_threads(strip_queue *queue, int threads)
{
    pthread_t *ids = selo_alloc((size_t)threads, sizeof *ids);
    if (!ids)
        return SELO_E_MEMORY;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->made, NULL);
    pthread_cond_init(&queue->freed, NULL);
    int started = 0;
    while (started < threads && pthread_create(&ids[started], NULL, make_strips, queue) == 0)
        started++;
    if (started == 0)
        queue->status = SELO_E_MEMORY;
    take_strips(queue);
    for (int t = 0; t < started; t++)
        pthread_join(ids[t], NULL);
    pthread_cond_destroy(&queue->freed);
    pthread_cond_destroy(&queue->made);
    pthread_mutex_destroy(&queue->lock);
    selo_free(ids);
    return queue->status;
}

static selo_status run_in_turn(const selo_strips *strips, void *place)
{
    selo_status status = SELO_OK;
    for (int k = 0; k < strips->n_strips && !status; k++) {
        status = strips->make(strips->user, k, place);
        if (!status)
            status = strips->take(strips->user, k, place);
    }
    return status;
}

selo_status selo_strips_run(const selo_strips *strips)
{
    const int threads = strips->threads < strips->n_strips ? strips->threads : strips->n_strips;
    const int n = threads > 1 ? threads + 1 : 1;
    strip_queue queue = {.strips = strips, .n_places = n};
    queue.places = selo_alloc_zeroed((size_t)n, sizeof *queue.places);
    queue.ready = selo_alloc_zeroed((size_t)n, sizeof *queue.ready);
    selo_status status = queue.places && queue.ready ? SELO_OK : SELO_E_MEMORY;
    for (int k = 0; k < n && !status; k++) {
        queue.places[k] = selo_alloc(strips->strip_bytes, 1);
        status = queue.places[k] ? SELO_OK : SELO_E_MEMORY;
    }
    if (!status)
        status = threads > 1 ? run_with_threads(&queue, threads) : run_in_turn(strips, queue.places[0]);
    for (int k = 0; k < n && queue.places; k++)
        selo_free(queue.places[k]);
    selo_free(queue.places);
    selo_free(queue.ready);
    return status;
}
