/* Windows with their vectors, and what queries make of them (private to this room). */
#ifndef SELO_TASKS_EMBEDDING_H
#define SELO_TASKS_EMBEDDING_H

#include <stddef.h>
#include <stdint.h>

#include "queries.h"
#include "selo/localize.h"
#include "selo/windows.h"

typedef struct selo_embedding {
    selo_window *windows;
    float *vectors;  /* n x size */
    uint8_t *states; /* n selo_window_state: only encoded ones have a vector */
    size_t n, size;
} selo_embedding;

/* Room for n windows that wait; NULL: the caller fills them in. Reports with CPLError() if memory is short. */
selo_status selo_embedding_make(const selo_window *windows, size_t n, size_t size, selo_embedding *embedding);
void selo_embedding_clear(selo_embedding *embedding);

/* A table of the embedding's windows and similarities, those with a vector selected, all of stage 1; ended with
 * selo_window_table_clear(). */
selo_status selo_embedding_table(const selo_embedding *embedding, const float *query, selo_window_table *table);

/* What a map says of its model, as entries of its metadata domain; destroyed by the caller. */
char **selo_model_notes(const selo_encoder *encoder, int shuffles, unsigned long long seed);

#endif
