#include "queries.h"

#include <string.h>

#include "cpl_error.h"
#include "cpl_vsi.h"
#include "selo/memory.h"
#include "selo/vector_file.h"
#include "selo/vectors.h"

enum { FILE_BYTES_MAX = 16 << 20 };

/* The lines of a file that hold a text, added to *texts. */
static selo_status read_lines(const char *path, char ***texts)
{
    GByte *bytes = NULL;
    if (!VSIIngestFile(NULL, path, &bytes, NULL, FILE_BYTES_MAX))
        return SELO_E_INPUT; /* GDAL has said which file */
    char **lines = CSLTokenizeString2((const char *)bytes, "\r\n", CSLT_STRIPLEADSPACES | CSLT_STRIPENDSPACES);
    const int before = CSLCount((CSLConstList)*texts);
    for (char **line = lines; line && *line; line++) {
        if (**line && **line != '#')
            *texts = CSLAddString(*texts, *line);
    }
    CSLDestroy(lines);
    VSIFree(bytes);
    if (CSLCount((CSLConstList)*texts) > before)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined, "--queries: '%s' holds no text; one a line is expected", path);
    return SELO_E_INPUT;
}

/* Room for `more` further vectors. */
static selo_status grow(selo_queries *queries, size_t more)
{
    float *vectors = selo_realloc(queries->vectors, (queries->n + more) * queries->size, sizeof *vectors);
    if (!vectors)
        return SELO_E_MEMORY;
    queries->vectors = vectors;
    return SELO_OK;
}

static selo_status add_texts(const selo_query_options *options, selo_encoder *encoder, CSLConstList texts,
                             selo_queries *queries)
{
    selo_status status = grow(queries, (size_t)CSLCount(texts));
    if (texts && *texts && !encoder) {
        CPLError(CE_Failure, CPLE_AppDefined, "--query: a text needs the --model that the windows' vectors come from");
        return SELO_E_ARGUMENT;
    }
    for (; texts && *texts && status == SELO_OK; texts++) {
        status = selo_encoder_text_shuffled(encoder, *texts, options->shuffles, options->seed,
                                            queries->vectors + queries->n * queries->size);
        queries->names = CSLAddString(queries->names, *texts);
        queries->n += status == SELO_OK;
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
        }
        queries->names = CSLAddString(queries->names, vectors.names[i]);
        queries->n += status == SELO_OK;
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
