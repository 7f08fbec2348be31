/* Text in UTF-8, cut where it may be cut. */
#ifndef SELO_UTF8_H
#define SELO_UTF8_H

#include <stddef.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of the longest beginning of `text` that has at most `most` bytes and ends between two characters. What is no
 * UTF-8 may be cut anywhere. */
SELO_API size_t selo_utf8_fitting(const char *text, size_t most);

/* The two arguments of a "%.*s" that prints that beginning. */
#define SELO_UTF8_SHORT(text, most) (int)selo_utf8_fitting(text, most), text

#ifdef __cplusplus
}
#endif
#endif
