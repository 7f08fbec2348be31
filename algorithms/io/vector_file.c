#include "vector_file.h"

#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <math.h>
#include <string.h>

#include "selo/memory.h"

#define FILE_BYTES_MAX ((GIntBig)1 << 30)

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
    vectors->count++;
    vectors->names = CSLAddString(vectors->names, name ? name : "");
    return SELO_OK;
}

static selo_status read_bytes(selo_vector_reader *reader, char *bytes, size_t size)
{
    const size_t blank = strspn(bytes, " \t\r\n");
    if (size >= 6 && memcmp(bytes, "\x93NUMPY", 6) == 0)
        return selo_vectors_from_npy(reader, (const unsigned char *)bytes, size);
    if (bytes[blank] == '[' || bytes[blank] == '{')
        return selo_vectors_from_json(reader, bytes, size);
    return selo_vectors_from_csv(reader, bytes);
}

selo_status selo_vectors_read(const char *path, selo_vectors *vectors)
{
    GByte *bytes = NULL;
    vsi_l_offset size = 0;
    selo_vector_reader reader = {.path = path, .vectors = vectors};
    *vectors = (selo_vectors){0};
    if (!VSIIngestFile(NULL, path, &bytes, &size, FILE_BYTES_MAX))
        return SELO_E_INPUT; /* GDAL has said which file */
    selo_status status = read_bytes(&reader, (char *)bytes, (size_t)size);
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
