/* What the readers of vector files share. Private to io/. */
#ifndef SELO_IO_VECTOR_FILE_H
#define SELO_IO_VECTOR_FILE_H

#include "selo/vector_file.h"

/* Vectors while they are read, number by number. Functions report what they refuse, with the file's name. */
typedef struct selo_vector_reader {
    const char *path;
    selo_vectors *vectors;
    size_t used, room; /* numbers */
    size_t names_room;
} selo_vector_reader;

selo_status selo_vector_reader_add(selo_vector_reader *reader, double number);

/* Ends a vector; an empty one is refused, as is another size than the first. name may be NULL. */
selo_status selo_vector_reader_end(selo_vector_reader *reader, const char *name);

selo_status selo_vector_reader_fail(const selo_vector_reader *reader, const char *what);

selo_status selo_vectors_from_npy(selo_vector_reader *reader, const unsigned char *bytes, size_t size);
selo_status selo_vectors_from_json(selo_vector_reader *reader, char *bytes, size_t size);
selo_status selo_vectors_from_csv(selo_vector_reader *reader, char *text);

#endif
