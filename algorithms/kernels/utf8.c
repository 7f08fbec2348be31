#include "selo/utf8.h"

#include <string.h>

size_t selo_utf8_fitting(const char *text, size_t most)
{
    size_t end = strnlen(text, most);
    for (int back = 0; back < 3 && end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80; back++)
        end--; /* within a character, whose first byte is at most 3 before */
    return end;
}
