#include "queries.h"

#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_vsi.h"
#include "selo/memory.h"
#include "selo/text.h"
#include "selo/vector_file.h"
#include "selo/vectors.h"

enum { FILE_BYTES_MAX = 16 << 20, QUERIES_MAX = 65535 }; /* as many bands as a GeoTIFF has */

/* Strings that CPLFree() frees, moved behind those that are there; CSLAddString() would count all of them each time. */
static char **appended(char **texts, char **more, int n)
{
    const int before = CSLCount((CSLConstList)texts);
    texts = CPLRealloc(texts, ((size_t)before + (size_t)n + 1) * sizeof *texts);
    memcpy(texts + before, more, (size_t)n * sizeof *more);
    texts[before + n] = NULL;
    return texts;
}

/* Moves the lines that hold a text to the front, frees the others, and says how many remain. */
static int keep_texts(char **lines)
{
    int n = 0;
    for (char **line = lines; line && *line; line++) {
        if (**line && **line != '#')
            lines[n++] = *line;
        else
            CPLFree(*line);
    }
    return n;
}

/* The lines of a file that hold a text, added to *texts. */
static selo_status read_lines(const char *path, char ***texts)
{
    char *bytes;
    size_t size;
    const selo_status status = selo_file_read(path, FILE_BYTES_MAX, &bytes, &size);
    if (status != SELO_OK)
        return status;
    const char *text = selo_text_of_bytes(bytes, size);
    char **lines = text ? CSLTokenizeString2(text, "\r\n", CSLT_STRIPLEADSPACES | CSLT_STRIPENDSPACES) : NULL;
    const int n = keep_texts(lines);
    VSIFree(bytes);
    if (n > 0)
        *texts = appended(*texts, lines, n);
    CPLFree(lines);
    if (n > 0)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined, "--queries: '%s' %s", path,
             text ? "holds no text; one a line is expected" : "is no text in UTF-8: save it so");
    return SELO_E_INPUT;
}

/* Room for `more` further vectors and names. */
static selo_status grow(selo_queries *queries, size_t more)
{
    const size_t n = queries->n + more;
    if (n > QUERIES_MAX) {
        CPLError(CE_Failure, CPLE_AppDefined, "%lld queries at once: at most %d will do", (long long)n, QUERIES_MAX);
        return SELO_E_ARGUMENT;
    }
    float *vectors = selo_realloc(queries->vectors, n * queries->size, sizeof *vectors);
    if (!vectors)
        return SELO_E_MEMORY;
    queries->vectors = vectors;
    queries->names = CPLRealloc(queries->names, (n + 1) * sizeof *queries->names);
    queries->names[queries->n] = NULL;
    return SELO_OK;
}

/* The vector behind the last is whole. */
static void count_query(selo_queries *queries, const char *name)
{
    queries->names[queries->n++] = CPLStrdup(name);
    queries->names[queries->n] = NULL;
}

static selo_status add_texts(const selo_query_options *options, selo_encoder *encoder, CSLConstList texts,
                             selo_queries *queries)
{
    if (texts && *texts && !encoder) {
        CPLError(CE_Failure, CPLE_AppDefined, "--query: a text needs the --model that the windows' vectors come from");
        return SELO_E_ARGUMENT;
    }
    selo_status status = grow(queries, (size_t)CSLCount(texts));
    for (; texts && *texts && status == SELO_OK; texts++) {
        status = selo_encoder_text_shuffled(encoder, *texts, options->shuffles, options->seed,
                                            queries->vectors + queries->n * queries->size);
        if (status == SELO_OK)
            count_query(queries, *texts);
    }
    return status;
}

static selo_status check_vectors(const char *path, const selo_vectors *vectors, size_t size)
{
    if (vectors->size == size)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined,
             "--query-vector: '%s' has vectors of %d numbers, those of the windows have %d", path, (int)vectors->size,
             (int)size);
    return SELO_E_INPUT;
}

static selo_status add_file(const char *path, selo_queries *queries)
{
    selo_vectors vectors;
    selo_status status = selo_vectors_read(path, &vectors);
    if (status != SELO_OK)
        return status;
    status = check_vectors(path, &vectors, queries->size);
    if (status == SELO_OK)
        status = grow(queries, vectors.count);
    for (size_t i = 0; i < vectors.count && status == SELO_OK; i++) {
        float *into = queries->vectors + queries->n * queries->size;
        memcpy(into, vectors.values + i * vectors.size, vectors.size * sizeof *into);
        if (!selo_normalise(into, vectors.size)) {
            CPLError(CE_Failure, CPLE_AppDefined, "--query-vector: '%s' holds a vector without length", path);
            status = SELO_E_INPUT;
        } else
            count_query(queries, vectors.names[i]);
    }
    selo_vectors_clear(&vectors);
    return status;
}

selo_status selo_queries_make(const selo_query_options *options, selo_encoder *encoder, size_t size,
                              selo_queries *queries)
{
    char **texts = CSLDuplicate(options->texts);
    *queries = (selo_queries){.size = size};
    selo_status status = options->texts_file ? read_lines(options->texts_file, &texts) : SELO_OK;
    if (status == SELO_OK && texts)
        status = add_texts(options, encoder, (CSLConstList)texts, queries);
    CSLDestroy(texts);
    for (CSLConstList path = options->vector_files; path && *path && status == SELO_OK; path++)
        status = add_file(*path, queries);
    if (status == SELO_OK && queries->n == 0) {
        CPLError(CE_Failure, CPLE_AppDefined, "nothing to look for: give --query, --queries or --query-vector");
        status = SELO_E_ARGUMENT;
    }
    if (status != SELO_OK)
        selo_queries_clear(queries);
    return status;
}

void selo_queries_clear(selo_queries *queries)
{
    CSLDestroy(queries->names);
    selo_free(queries->vectors);
    *queries = (selo_queries){0};
}
