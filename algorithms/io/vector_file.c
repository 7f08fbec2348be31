#include "vector_file.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <math.h>
#include <string.h>

#include "selo/memory.h"
#include "selo/text.h"

#define FILE_BYTES_MAX ((size_t)1 << 30)

selo_status selo_vector_reader_fail(const selo_vector_reader *reader, const char *what)
{
    CPLError(CE_Failure, CPLE_AppDefined, "%s: %s", reader->path, what);
    return SELO_E_INPUT;
}

selo_status selo_vector_reader_add(selo_vector_reader *reader, double number)
{
    if (!isfinite((float)number))
        return selo_vector_reader_fail(reader, "a vector holds a number that is not finite");
    if (reader->used == reader->room) {
        const size_t room = reader->room ? reader->room * 2 : 1024;
        float *values = selo_realloc(reader->vectors->values, room, sizeof *values);
        if (!values)
            return SELO_E_MEMORY;
        reader->vectors->values = values;
        reader->room = room;
    }
    reader->vectors->values[reader->used++] = (float)number;
    return SELO_OK;
}

/* CSLAddString() would count all of them each time. */
static void add_name(selo_vector_reader *reader, const char *name)
{
    selo_vectors *vectors = reader->vectors;
    if (vectors->count + 1 >= reader->names_room) {
        reader->names_room = reader->names_room ? reader->names_room * 2 : 16;
        vectors->names = CPLRealloc(vectors->names, reader->names_room * sizeof *vectors->names);
    }
    vectors->names[vectors->count] = CPLStrdup(name ? name : "");
    vectors->names[vectors->count + 1] = NULL;
}

selo_status selo_vector_reader_end(selo_vector_reader *reader, const char *name)
{
    selo_vectors *vectors = reader->vectors;
    const size_t size = reader->used - vectors->count * vectors->size;
    if (size == 0)
        return selo_vector_reader_fail(reader, "a vector is empty");
    if (vectors->count > 0 && size != vectors->size) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s: vector %d has %d numbers, the first has %d", reader->path,
                 (int)vectors->count + 1, (int)size, (int)vectors->size);
        return SELO_E_INPUT;
    }
    vectors->size = size;
    add_name(reader, name);
    vectors->count++;
    return SELO_OK;
}

static selo_status read_bytes(selo_vector_reader *reader, char *bytes, size_t size)
{
    if (size >= 6 && memcmp(bytes, "\x93NUMPY", 6) == 0)
        return selo_vectors_from_npy(reader, (const unsigned char *)bytes, size);
    char *text = selo_text_of_bytes(bytes, size);
    if (!text)
        return selo_vector_reader_fail(reader, "neither .npy nor text in UTF-8");
    const char first = text[strspn(text, " \t\r\n")];
    if (first == '[' || first == '{')
        return selo_vectors_from_json(reader, text, size - (size_t)(text - bytes));
    return selo_vectors_from_csv(reader, text);
}

selo_status selo_vectors_read(const char *path, selo_vectors *vectors)
{
    char *bytes;
    size_t size;
    selo_vector_reader reader = {.path = path, .vectors = vectors};
    *vectors = (selo_vectors){0};
    selo_status status = selo_file_read(path, FILE_BYTES_MAX, &bytes, &size);
    if (status != SELO_OK)
        return status;
    status = read_bytes(&reader, bytes, size);
    VSIFree(bytes);
    if (status == SELO_OK && vectors->count == 0)
        status = selo_vector_reader_fail(&reader, "no vector in it; JSON, CSV and .npy are read");
    if (status != SELO_OK)
        selo_vectors_clear(vectors);
    return status;
}

void selo_vectors_clear(selo_vectors *vectors)
{
    selo_free(vectors->values);
    CSLDestroy(vectors->names);
    *vectors = (selo_vectors){0};
}
