/* What the unit tests share: cmocka with its prerequisites, random numbers that are the same everywhere, and an
 * allocator that fails on demand and counts what is not freed. */
#ifndef SELO_TEST_H
#define SELO_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "selo/memory.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* xorshift64*: Vigna 2016, doi 10.1145/2845077. */
static inline uint64_t test_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545F4914F6CDD1DULL;
}

/* A whole number from low to high, both included. */
static inline int test_random_int(uint64_t *state, int low, int high)
{
    return (int)(low + (int64_t)(test_random(state) % (uint64_t)((int64_t)high - low + 1)));
}

/* Pixel `at` of n, those beyond the edge mirrored without repeating it (101). */
static inline int test_mirror(int at, int n)
{
    while (at < 0 || at >= n)
        at = n == 1 ? 0 : at < 0 ? -at : 2 * n - 2 - at;
    return at;
}

/* Allocations are counted; the one with number `failing` and all after it fail (-1: none does). */
static struct {
    long made, failing, alive;
} test_heap;

static inline void *test_allocate(size_t bytes)
{
    if (test_heap.made++ >= test_heap.failing && test_heap.failing >= 0)
        return NULL;
    test_heap.alive++;
    return malloc(bytes);
}

static inline void *test_resize(void *block, size_t bytes)
{
    if (test_heap.made++ >= test_heap.failing && test_heap.failing >= 0)
        return NULL;
    test_heap.alive += block == NULL;
    return realloc(block, bytes);
}

static inline void test_release(void *block)
{
    test_heap.alive -= block != NULL;
    free(block);
}

/* From now on allocation number `failing` and later ones fail; -1: none. */
static inline void test_heap_start(long failing)
{
    test_heap.made = 0;
    test_heap.alive = 0;
    test_heap.failing = failing;
    selo_set_allocator(test_allocate, test_resize, test_release);
}

/* Back to the C library's allocator; what is still alive. */
static inline long test_heap_end(void)
{
    selo_set_allocator(NULL, NULL, NULL);
    return test_heap.alive;
}

#endif
