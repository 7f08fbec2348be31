#include "selo/clock.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

int64_t selo_given_moment(void)
{
    const char *text = getenv("SOURCE_DATE_EPOCH");
    char *end = NULL;
    const long long seconds = text && *text ? strtoll(text, &end, 10) : -1;
    return end && *end == '\0' && seconds >= 0 ? seconds : -1;
}

double selo_now_ms(void)
{
    struct timespec t;
    if (selo_given_moment() >= 0)
        return (double)NAN;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}
