/* Strings made with printf's formats, in memory of selo/memory.h. */
#ifndef SELO_IO_STRING_FORMAT_H
#define SELO_IO_STRING_FORMAT_H

#include <stdarg.h>

#if defined(__GNUC__)
#define SELO_PRINTF(text_at, first_at) __attribute__((format(printf, text_at, first_at)))
#else
#define SELO_PRINTF(text_at, first_at)
#endif

/* NULL if memory is short; the caller frees it with selo_free(). */
char *selo_string_format(const char *format, ...) SELO_PRINTF(1, 2);

/* A copy; NULL for NULL or if memory is short; the caller frees it with selo_free(). */
char *selo_string_copy(const char *text);

#endif
