/* One piece of work at a time in another thread, with its errors reported in this one. Private to encoders/. */
#ifndef SELO_ENCODERS_BACKGROUND_H
#define SELO_ENCODERS_BACKGROUND_H

#include <pthread.h>
#include <stdbool.h>

#include "selo/status.h"

typedef struct selo_background {
    selo_status (*work)(void *data);
    void *data;
    selo_status status;
    char problem[1024]; /* what the work reported first; empty: nothing */
    pthread_t thread;
    bool running;
} selo_background;

/* Begins work(data); it is done at once where no thread can be had. No other work may be running. */
void selo_background_start(selo_background *background, selo_status (*work)(void *data), void *data);

/* Waits for the work that was begun, reports its problem with CPLError() and gives its status; SELO_OK if there was
 * none. */
selo_status selo_background_finish(selo_background *background);

#endif
