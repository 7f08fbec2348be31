#include "selo/utf8.h"

#include <string.h>

size_t selo_utf8_fitting(const char *text, size_t most)
{
    const size_t size = strnlen(text, most + 1);
    size_t end = size <= most ? size : most;
    if (end == size)
        return end;
    for (int back = 0; back < 3 && end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80; back++)
        end--;
    return end;
}
