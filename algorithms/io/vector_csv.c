#include <cpl_conv.h>
#include <cpl_string.h>
#include <stdbool.h>
#include <string.h>

#include "selo/utf8.h"
#include "vector_file.h"

static bool is_number(const char *text)
{
    char *end;
    CPLStrtod(text, &end);
    return end != text && *end == '\0';
}

/* "0,5", which is neither a number here nor a name. */
static bool has_decimal_comma(const char *text)
{
    char *point = CPLStrdup(text), *comma = strchr(point, ',');
    if (comma)
        *comma = '.';
    const bool number = comma && is_number(point);
    CPLFree(point);
    return number;
}

static bool is_name(const char *cell)
{
    return *cell && !is_number(cell) && !has_decimal_comma(cell);
}

static selo_status fail_cell(const selo_vector_reader *reader, const char *cell)
{
    if (*cell == '\0')
        return selo_vector_reader_fail(reader, CPLSPrintf("vector %d lacks a number", (int)reader->vectors->count + 1));
    return selo_vector_reader_fail(reader, CPLSPrintf("'%.*s' is no number%s", SELO_UTF8_SHORT(cell, 40),
                                                      has_decimal_comma(cell) ? "; decimals take a point" : ""));
}

static selo_status add_row(selo_vector_reader *reader, CSLConstList cells)
{
    selo_status status = SELO_OK;
    const char *name = is_name(cells[0]) ? cells[0] : NULL;
    for (CSLConstList cell = cells + (name != NULL); *cell && status == SELO_OK; cell++)
        status = is_number(*cell) ? selo_vector_reader_add(reader, CPLAtof(*cell)) : fail_cell(reader, *cell);
    return status == SELO_OK ? selo_vector_reader_end(reader, name) : status;
}

static bool is_heading(CSLConstList cells)
{
    for (; *cells; cells++) {
        if (**cells && !is_name(*cells))
            return false;
    }
    return true;
}

/* What separates a row's cells: a semicolon, tab or comma outside quotes, in this order, since "0,5;1,5" is two numbers
 * with decimal commas and not four. */
static const char *separator_of(const char *line)
{
    static const char *const separators[] = {";", "\t", ","};
    for (size_t i = 0; i < sizeof separators / sizeof *separators; i++) {
        bool quoted = false;
        for (const char *at = line; *at; at++) {
            quoted ^= *at == '"';
            if (!quoted && *at == *separators[i])
                return separators[i];
        }
    }
    return " ";
}

/* The row's cells; one that is empty counts, but for what is behind a last separator. */
static char **split(const char *line)
{
    const char *separator = separator_of(line);
    const int blank = *separator == ' ';
    char **cells = CSLTokenizeString2(line, separator,
                                      CSLT_HONOURSTRINGS | CSLT_STRIPLEADSPACES | CSLT_STRIPENDSPACES |
                                          (blank ? 0 : CSLT_ALLOWEMPTYTOKENS));
    const int n = CSLCount((CSLConstList)cells);
    if (n > 1 && *cells[n - 1] == '\0')
        cells = CSLRemoveStrings(cells, n - 1, 1, NULL);
    return cells;
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
