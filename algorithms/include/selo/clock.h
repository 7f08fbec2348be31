/* Time for what a run reports about itself; never for what it computes. */
#ifndef SELO_CLOCK_H
#define SELO_CLOCK_H

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Milliseconds since some moment. */
SELO_API double selo_now_ms(void);

#ifdef __cplusplus
}
#endif
#endif
