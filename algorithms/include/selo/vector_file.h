/* Query vectors that somebody else computed, from a file. */
#ifndef SELO_VECTOR_FILE_H
#define SELO_VECTOR_FILE_H

#include <stddef.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* `count` vectors of `size` finite numbers each, row after row. The caller clears them with selo_vectors_clear(). */
typedef struct selo_vectors {
    float *values;
    size_t count, size;
    char **names; /* CSL of `count` names; an entry is "" where the file names none */
} selo_vectors;

/* Reads vectors; the kind of file is told by its first bytes.
 *   NumPy .npy  float16, float32, float64 or (u)int8, little-endian, one- or two-dimensional, C order, one array
 *   JSON        an array of numbers; of arrays; of objects {"query": "…", "vector": […]}; an object {"name": […], …}
 *   CSV         numbers with a decimal point, by semicolon, tab, comma or blank; a first column that is no number names
 *               the row; a first row without numbers is a heading; a single column is one vector
 * Texts are UTF-8, with or without a byte order mark.
 * SELO_E_INPUT, reported with CPLError, if the file cannot be read, holds no vector, vectors of several sizes, or a
 * number that is not finite as float32. */
SELO_API selo_status selo_vectors_read(const char *path, selo_vectors *vectors);

SELO_API void selo_vectors_clear(selo_vectors *vectors);

#ifdef __cplusplus
}
#endif
#endif
