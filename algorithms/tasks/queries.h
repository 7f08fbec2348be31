/* What is looked for: texts and vectors of the user, as vectors of one size (private to this room). */
#ifndef SELO_TASKS_QUERIES_H
#define SELO_TASKS_QUERIES_H

#include "cpl_string.h"
#include "selo/encoder.h"
#include "selo/localize_image.h"

typedef struct selo_queries {
    char **names;   /* n texts; "" where a vector has none */
    float *vectors; /* n x size, of unit length */
    size_t n, size;
} selo_queries;

/* Encodes the texts and reads the vectors; at least one of either, or it is said that none is given.
 *   encoder  NULL: there is no text encoder, only vectors will do
 *   size     elements of the windows' vectors */
selo_status selo_queries_make(const selo_query_options *options, selo_encoder *encoder, size_t size,
                              selo_queries *queries);
void selo_queries_clear(selo_queries *queries);

#endif
