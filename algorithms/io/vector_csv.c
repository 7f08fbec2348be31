#include <cpl_conv.h>
#include <cpl_string.h>
#include <stdbool.h>
#include <string.h>

#include "vector_file.h"

static bool is_number(const char *text)
{
    char *end;
    CPLStrtod(text, &end);
    return end != text && *end == '\0';
}

static selo_status add_row(selo_vector_reader *reader, CSLConstList cells)
{
    selo_status status = SELO_OK;
    const char *name = is_number(cells[0]) ? NULL : cells[0];
    for (CSLConstList cell = cells + (name != NULL); *cell && status == SELO_OK; cell++) {
        if (!is_number(*cell))
            return selo_vector_reader_fail(reader, CPLSPrintf("'%.40s' is no number", *cell));
        status = selo_vector_reader_add(reader, CPLAtof(*cell));
    }
    return status == SELO_OK ? selo_vector_reader_end(reader, name) : status;
}

static bool is_heading(CSLConstList cells)
{
    for (; *cells; cells++) {
        if (is_number(*cells))
            return false;
    }
    return true;
}

static char **split(const char *line)
{
    return CSLTokenizeString2(line, strpbrk(line, ",;\t") ? ",;\t" : " ",
                              CSLT_HONOURSTRINGS | CSLT_STRIPLEADSPACES | CSLT_STRIPENDSPACES);
}

/* Rows of one number each are one vector, written down. */
static void join_column(selo_vectors *vectors)
{
    if (vectors->size != 1 || vectors->count < 2)
        return;
    vectors->size = vectors->count;
    vectors->count = 1;
    CSLDestroy(vectors->names);
    vectors->names = CSLAddString(NULL, "");
}

selo_status selo_vectors_from_csv(selo_vector_reader *reader, char *text)
{
    selo_status status = SELO_OK;
    char **lines = CSLTokenizeString2(text, "\r\n", 0);
    for (int i = 0; lines && lines[i] && status == SELO_OK; i++) {
        char **cells = split(lines[i]);
        if (cells && cells[0] && !(i == 0 && is_heading((CSLConstList)cells)))
            status = add_row(reader, (CSLConstList)cells);
        CSLDestroy(cells);
    }
    CSLDestroy(lines);
    if (status == SELO_OK)
        join_column(reader->vectors);
    return status;
}
