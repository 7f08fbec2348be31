/* What a worker's thread is told by CPLError(), kept for a row instead of the terminal (private to this room). */
#ifndef SELO_TASKS_HEARD_H
#define SELO_TASKS_HEARD_H

#include "selo/status.h"

typedef struct selo_heard {
    char failure[500], warning[500]; /* the first of each; "": none */
} selo_heard;

/* From here to selo_heard_end() messages of this thread go to `heard`, and nowhere else. */
void selo_heard_start(selo_heard *heard);
void selo_heard_end(void);

/* The failure that was heard, or what the status says. */
const char *selo_heard_why(const selo_heard *heard, selo_status status);

#endif
