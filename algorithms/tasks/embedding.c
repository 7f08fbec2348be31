#include "embedding.h"

#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "encode_windows.h"
#include "selo/memory.h"
#include "selo/vectors.h"

selo_status selo_embedding_make(const selo_window *windows, size_t n, size_t size, selo_embedding *embedding)
{
    *embedding = (selo_embedding){
        .windows = selo_alloc(n, sizeof *windows), .states = selo_alloc_zeroed(n, 1), .n = n, .size = size};
    if (n == 0 || size <= SIZE_MAX / sizeof(float) / n)
        embedding->vectors = selo_alloc(n * size, sizeof(float));
    if (embedding->windows && embedding->vectors && embedding->states) {
        if (windows)
            memcpy(embedding->windows, windows, n * sizeof *windows);
        return SELO_OK;
    }
    CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory for the vectors of %lld windows", (long long)n);
    selo_embedding_clear(embedding);
    return SELO_E_MEMORY;
}

void selo_embedding_clear(selo_embedding *embedding)
{
    selo_free(embedding->windows);
    selo_free(embedding->vectors);
    selo_free(embedding->states);
    *embedding = (selo_embedding){0};
}

/* n similarities to one query: the dot product, NaN where a window has no vector. */
static void compare(const selo_embedding *embedding, const float *query, double *similarities)
{
    for (size_t i = 0; i < embedding->n; i++) {
        similarities[i] = embedding->states[i] == SELO_WINDOW_ENCODED
                              ? (double)selo_dot(embedding->vectors + i * embedding->size, query, embedding->size)
                              : (double)NAN;
    }
}

selo_status selo_embedding_table(const selo_embedding *embedding, const float *query, selo_window_table *table)
{
    const size_t n = embedding->n;
    *table = (selo_window_table){.n = n, .windows = selo_alloc(n, sizeof *table->windows),
                                 .similarities = selo_alloc(n, sizeof *table->similarities),
                                 .stages = selo_alloc(n, sizeof *table->stages), .selected = selo_alloc(n, 1),
                                 .has_similarity = true};
    if (!table->windows || !table->similarities || !table->stages || !table->selected) {
        selo_window_table_clear(table);
        return SELO_E_MEMORY;
    }
    memcpy(table->windows, embedding->windows, n * sizeof *table->windows);
    compare(embedding, query, table->similarities);
    for (size_t i = 0; i < n; i++) {
        table->stages[i] = 1;
        table->selected[i] = embedding->states[i] == SELO_WINDOW_ENCODED;
    }
    return SELO_OK;
}

char **selo_model_notes(const selo_encoder *encoder, int shuffles, unsigned long long seed)
{
    char **notes = CSLSetNameValue(NULL, "MODEL_SHA", selo_encoder_sha(encoder));
    notes = CSLSetNameValue(notes, "PROVIDER", selo_encoder_provider(encoder));
    if (shuffles < 1)
        return notes;
    notes = CSLSetNameValue(notes, "SHUFFLES", CPLSPrintf("%d", shuffles));
    return CSLSetNameValue(notes, "SEED", CPLSPrintf("%llu", seed));
}
