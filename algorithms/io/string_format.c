#include "string_format.h"

#include <stdio.h>
#include <string.h>

#include "selo/memory.h"

char *selo_string_format(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : selo_alloc((size_t)length + 1, 1);
    if (text) {
        va_start(arguments, format);
        (void)vsnprintf(text, (size_t)length + 1, format, arguments);
        va_end(arguments);
    }
    return text;
}

char *selo_string_copy(const char *text)
{
    const size_t bytes = text ? strlen(text) + 1 : 0;
    char *copy = text ? selo_alloc(bytes, 1) : NULL;
    return copy ? memcpy(copy, text, bytes) : NULL;
}
