#include "selo/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *(*g_allocate)(size_t) = malloc;
static void *(*g_resize)(void *, size_t) = realloc;
static void (*g_release)(void *) = free;

void selo_set_allocator(void *(*allocate)(size_t), void *(*resize)(void *, size_t), void (*release)(void *))
{
    g_allocate = allocate ? allocate : malloc;
    g_resize = resize ? resize : realloc;
    g_release = release ? release : free;
}

/* 0 stands for "does not fit in memory". */
static size_t total_bytes(size_t count, size_t size)
{
    if (count == 0 || size == 0)
        return 1;
    return count > SIZE_MAX / size ? 0 : count * size;
}

void *selo_alloc(size_t count, size_t size)
{
    const size_t bytes = total_bytes(count, size);
    return bytes ? g_allocate(bytes) : NULL;
}

void *selo_alloc_zeroed(size_t count, size_t size)
{
    const size_t bytes = total_bytes(count, size);
    void *block = bytes ? g_allocate(bytes) : NULL;
    if (block)
        memset(block, 0, bytes);
    return block;
}

void *selo_realloc(void *block, size_t count, size_t size)
{
    const size_t bytes = total_bytes(count, size);
    return bytes ? g_resize(block, bytes) : NULL;
}

void selo_free(void *block)
{
    if (block)
        g_release(block);
}
