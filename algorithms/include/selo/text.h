/* A growing text: what reports, journals and standard output are put together in. */
#ifndef SELO_TEXT_H
#define SELO_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Start with {0}. After memory ran short, everything more is dropped and `failed` stays true:
 * look at it once, at the end. */
typedef struct selo_text {
    char *data; /* ends with a zero byte; NULL while empty */
    size_t size;
    size_t capacity;
    bool failed;
} selo_text;

/* Frees the text, which is then empty and may be used again. */
SELO_API void selo_text_clear(selo_text *text);

/* As printf(), with a decimal point in every locale. */
SELO_API void selo_text_add(selo_text *text, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;
/* n bytes as they are. */
SELO_API void selo_text_add_bytes(selo_text *text, const char *bytes, size_t n);

/* For element content and quoted attributes of HTML and SVG; NULL adds nothing. */
SELO_API void selo_text_add_html(selo_text *text, const char *plain);
/* A field of a CSV line, quoted where it must be. */
SELO_API void selo_text_add_csv(selo_text *text, const char *plain);
/* A part of a line for people: a blank for each line break, tab or other control character; NULL adds nothing. */
SELO_API void selo_text_add_line(selo_text *text, const char *plain);
/* A string of JSON with its quotes; NULL: null. */
SELO_API void selo_text_add_json(selo_text *text, const char *plain);
/* n bytes in base64 (RFC 4648), padded, on one line. */
SELO_API void selo_text_add_base64(selo_text *text, const unsigned char *bytes, size_t n);

/* Reads a whole file of at most `most` bytes, any path of GDAL; a zero byte follows. The caller frees *bytes with
 * VSIFree(). Reports with CPLError(), naming the file. */
SELO_API selo_status selo_file_read(const char *path, size_t most, char **bytes, size_t *size);

/* Where the text in a file's bytes begins, behind a byte order mark; NULL where they are no UTF-8 or hold a zero byte.
 * bytes[size] is a zero byte. */
SELO_API char *selo_text_of_bytes(char *bytes, size_t size);

/* Writes the text to any path of GDAL. The file is complete or absent. Refuses to replace an existing one unless
 * `overwrite`. Reports with CPLError(). */
SELO_API selo_status selo_text_write(const selo_text *text, const char *path, bool overwrite);

#ifdef __cplusplus
}
#endif
#endif
