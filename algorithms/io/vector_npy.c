/* NumPy's array file: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "selo/vectors.h"
#include "vector_file.h"

typedef struct npy {
    char kind;        /* 'f', 'i', 'u' */
    size_t item;      /* bytes of a number */
    size_t rows, columns;
    const unsigned char *data;
    size_t bytes; /* from `data` on */
} npy;

/* The text behind "'key':" in the header. */
static const char *entry(const char *header, const char *key)
{
    const char *at = strstr(header, key);
    at = at ? strchr(at, ':') : NULL;
    return at ? at + 1 + strspn(at + 1, " ") : "";
}

static bool read_shape(const char *text, npy *array)
{
    unsigned long long sides[2] = {1, 1};
    const int found = sscanf(text, "(%llu , %llu", &sides[0], &sides[1]);
    if (found < 1 || sides[0] > SIZE_MAX / 8 || sides[1] > SIZE_MAX / 8)
        return false;
    array->rows = found == 2 ? (size_t)sides[0] : 1;
    array->columns = (size_t)sides[found - 1];
    const char *end = strchr(text, ')');
    int commas = 0;
    for (const char *at = text; end && at < end; at++)
        commas += *at == ',' && at[1] != ')';
    return end && commas <= 1;
}

static bool read_type(const char *text, npy *array)
{
    static const char *const known[] = {"<f2", "<f4", "<f8", "|i1", "|u1"};
    const bool quoted = text[0] == '\'' || text[0] == '"';
    for (size_t i = 0; quoted && i < sizeof known / sizeof *known; i++) {
        if (strncmp(text + 1, known[i], 3) != 0 || text[4] != text[0])
            continue;
        array->kind = known[i][1];
        array->item = (size_t)(known[i][2] - '0');
        return true;
    }
    return false;
}

static selo_status read_header(const selo_vector_reader *reader, const unsigned char *bytes, size_t size, npy *array)
{
    char header[1024];
    if (size < 12)
        return selo_vector_reader_fail(reader, "cut off within its head");
    if (bytes[6] < 1 || bytes[6] > 3)
        return selo_vector_reader_fail(reader, "a version of .npy that is not known; save it with numpy.save()");
    const size_t start = bytes[6] == 1 ? 10 : 12;
    const size_t more = start == 12 ? ((size_t)bytes[10] << 16) + ((size_t)bytes[11] << 24) : 0;
    const size_t length = bytes[8] + ((size_t)bytes[9] << 8) + more;
    if (length > size - start)
        return selo_vector_reader_fail(reader, "cut off within its head");
    if (length >= sizeof header)
        return selo_vector_reader_fail(reader, "its head is longer than that of an array of numbers");
    memcpy(header, bytes + start, length);
    header[length] = '\0';
    array->data = bytes + start + length;
    array->bytes = size - start - length;
    if (!read_type(entry(header, "descr"), array))
        return selo_vector_reader_fail(reader, "save it as little-endian float16, float32, float64, int8 or uint8");
    if (strncmp(entry(header, "fortran_order"), "False", 5) != 0 && strstr(header, "fortran_order"))
        return selo_vector_reader_fail(reader, "stored in Fortran order; save numpy.ascontiguousarray(a)");
    if (!read_shape(entry(header, "shape"), array))
        return selo_vector_reader_fail(reader, "one or two dimensions are needed, and sizes that memory holds");
    if (array->columns == 0 || array->rows > array->bytes / array->item / array->columns)
        return selo_vector_reader_fail(reader, array->columns ? "shorter than its head says" : "a vector is empty");
    if (array->bytes != array->rows * array->columns * array->item)
        return selo_vector_reader_fail(reader, "longer than its head says: save one array a file");
    return SELO_OK;
}

static double number_at(const npy *array, size_t i)
{
    const unsigned char *at = array->data + i * array->item;
    float single;
    double full;
    uint16_t half;
    switch (array->item) {
    case 1: return array->kind == 'i' ? (double)(int8_t)*at : (double)*at;
    case 2: memcpy(&half, at, sizeof half); return (double)selo_half_to_float(half);
    case 4: memcpy(&single, at, sizeof single); return (double)single;
    default: memcpy(&full, at, sizeof full); return full;
    }
}

selo_status selo_vectors_from_npy(selo_vector_reader *reader, const unsigned char *bytes, size_t size)
{
    npy array = {0};
    selo_status status = read_header(reader, bytes, size, &array);
    for (size_t row = 0; row < array.rows && status == SELO_OK; row++) {
        for (size_t i = 0; i < array.columns && status == SELO_OK; i++)
            status = selo_vector_reader_add(reader, number_at(&array, row * array.columns + i));
        if (status == SELO_OK)
            status = selo_vector_reader_end(reader, NULL);
    }
    return status;
}
