/* Time for what a run reports about itself; never for what it computes. */
#ifndef SELO_CLOCK_H
#define SELO_CLOCK_H

#include <stdint.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The moment that results shall bear instead of now, so that a run can be repeated byte for byte: the environment
 * variable SOURCE_DATE_EPOCH (reproducible-builds.org), seconds since 1970 in UTC. Negative: not given. */
SELO_API int64_t selo_given_moment(void);

/* Milliseconds since some moment; NaN, for "not measured", where a moment is given. */
SELO_API double selo_now_ms(void);

#ifdef __cplusplus
}
#endif
#endif
