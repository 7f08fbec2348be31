#define _DEFAULT_SOURCE /* madvise() */
#include "selo/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

/* Linux hands memory out in pages of 4 KiB, one interruption each, which for the buffers of a filter costs as much as
 * half of its arithmetic. Large blocks ask for pages of 2 MiB; where there are none, they are as any other. */
static void *allocate(size_t bytes)
{
#ifdef MADV_HUGEPAGE
    enum { HUGE_PAGE = 2 << 20 };
    if (bytes >= HUGE_PAGE && bytes < SIZE_MAX - HUGE_PAGE) {
        const size_t whole = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
        void *block = aligned_alloc(HUGE_PAGE, whole);
        if (block)
            (void)madvise(block, whole, MADV_HUGEPAGE);
        return block;
    }
#endif
    return malloc(bytes);
}

static void *(*g_allocate)(size_t) = allocate;
static void *(*g_resize)(void *, size_t) = realloc;
static void (*g_release)(void *) = free;

void selo_set_allocator(void *(*allocator)(size_t), void *(*resizer)(void *, size_t), void (*releaser)(void *))
{
    g_allocate = allocator ? allocator : allocate;
    g_resize = resizer ? resizer : realloc;
    g_release = releaser ? releaser : free;
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
