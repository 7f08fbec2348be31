#include "repeated.h"

#include <stdlib.h>
#include <string.h>

#include "selo/memory.h"

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

selo_status selo_repeated_name(char *const *first, size_t n, size_t size, const char **twice)
{
    const char **names = selo_alloc(n, sizeof *names);
    *twice = NULL;
    if (!names)
        return SELO_E_MEMORY;
    for (size_t i = 0; i < n; i++)
        names[i] = *(char *const *)(const void *)((const char *)first + i * size);
    if (n > 1)
        qsort(names, n, sizeof *names, by_text);
    for (size_t i = 1; i < n && !*twice; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            *twice = names[i];
    selo_free(names);
    return SELO_OK;
}
