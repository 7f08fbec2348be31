#include "embedding.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
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

void selo_embedding_compare(const selo_embedding *embedding, const float *query, double *similarities)
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
    selo_embedding_compare(embedding, query, table->similarities);
    for (size_t i = 0; i < n; i++) {
        table->stages[i] = 1;
        table->selected[i] = embedding->states[i] == SELO_WINDOW_ENCODED;
    }
    return SELO_OK;
}

/* A query as a part of a file's name: letters and digits, the rest as _. */
static void file_part(const char *text, char part[64])
{
    size_t n = 0;
    for (; *text && n < 60; text++) {
        const unsigned char byte = (unsigned char)*text;
        if (byte >= 128 || isalnum(byte) || byte == '-')
            part[n++] = (char)byte;
        else if (n > 0 && part[n - 1] != '_')
            part[n++] = '_';
    }
    while (n > 0 && part[n - 1] == '_')
        n--;
    part[n] = '\0';
}

/* The pattern with {n} and {query} filled in; freed with CPLFree(). */
static char *file_name(const char *pattern, const char *query, size_t number)
{
    char part[64], digits[24];
    file_part(query, part);
    snprintf(digits, sizeof digits, "%d", (int)number);
    char *name = CPLStrdup("");
    while (*pattern) {
        const char *brace = strchr(pattern, '{');
        const size_t plain = brace ? (size_t)(brace - pattern) : strlen(pattern);
        const bool is_n = brace && STARTS_WITH(brace, "{n}"), is_query = brace && STARTS_WITH(brace, "{query}");
        const char *filling = is_n ? digits : is_query ? part : brace ? "{" : "";
        char *longer = CPLStrdup(CPLSPrintf("%s%.*s%s", name, (int)plain, pattern, filling));
        CPLFree(name);
        name = longer;
        pattern += plain + (is_n ? 3 : is_query ? 7 : brace ? 1 : 0);
    }
    return name;
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

static bool is_pattern(const char *path)
{
    return path && (strstr(path, "{n}") || strstr(path, "{query}"));
}

static selo_status write_files(const selo_localize_options *options, const selo_window_table *tables,
                               CSLConstList names, size_t n, GDALProgressFunc progress, void *progress_data)
{
    selo_status status = SELO_OK;
    for (size_t k = 0; k < n && status == SELO_OK; k++) {
        const selo_localize_map map = {&tables[k], names[k]};
        selo_localize_options one = *options;
        char *path = file_name(options->output.path, names[k], k + 1);
        void *scaled =
            GDALCreateScaledProgress((double)k / (double)n, (double)(k + 1) / (double)n, progress, progress_data);
        one.output.path = path;
        one.maps = &map;
        one.n_maps = 1;
        GDALDatasetH written = NULL;
        status = selo_localize(&one, GDALScaledProgress, scaled, &written);
        if (written)
            GDALClose(written);
        GDALDestroyScaledProgress(scaled);
        CPLFree(path);
    }
    return status;
}

selo_status selo_write_maps(const selo_localize_options *options, const selo_window_table *tables, CSLConstList names,
                            size_t n, GDALProgressFunc progress, void *progress_data, GDALDatasetH *map)
{
    selo_localize_options all = *options;
    if (map)
        *map = NULL;
    if (is_pattern(options->output.path))
        return write_files(options, tables, names, n, progress, progress_data);
    selo_localize_map *maps = selo_alloc(n, sizeof *maps);
    if (!maps)
        return SELO_E_MEMORY;
    for (size_t k = 0; k < n; k++)
        maps[k] = (selo_localize_map){&tables[k], names[k]};
    all.maps = maps;
    all.n_maps = (int)n;
    const selo_status status = selo_localize(&all, progress, progress_data, map);
    selo_free(maps);
    return status;
}
