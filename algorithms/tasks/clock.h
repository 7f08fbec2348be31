/* Time for what a run reports about itself; never for what it computes. */
#ifndef SELO_TASKS_CLOCK_H
#define SELO_TASKS_CLOCK_H

#include <time.h>

/* Milliseconds since some moment. */
static inline double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

#endif
