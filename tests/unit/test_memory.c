/* Memory: overflow-checked sizes, and the replaceable allocator that other tests make fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "selo/memory.h"

static int live_blocks;

static void *counting_allocate(size_t bytes)
{
    live_blocks++;
    return malloc(bytes);
}

static void counting_release(void *block)
{
    live_blocks -= block != NULL;
    free(block);
}

/* Memory that was used before is not zero. */
static void *dirty_allocate(size_t bytes)
{
    void *block = malloc(bytes);
    return block ? memset(block, 0xAB, bytes) : NULL;
}

static void *failing_allocate(size_t bytes)
{
    (void)bytes;
    return NULL;
}

static void overflowing_sizes_are_refused(void **state)
{
    (void)state;
    assert_null(selo_alloc(SIZE_MAX / 2, 3));
    assert_null(selo_alloc_zeroed(SIZE_MAX, SIZE_MAX));
    assert_null(selo_realloc(NULL, SIZE_MAX / 8, 16));
}

static void zeroed_memory_is_zero(void **state)
{
    (void)state;
    selo_set_allocator(dirty_allocate, NULL, NULL);
    unsigned char *block = selo_alloc_zeroed(1000, 3);
    assert_non_null(block);
    for (size_t i = 0; i < 3000; i++)
        assert_int_equal(block[i], 0);
    selo_free(block);
    selo_set_allocator(NULL, NULL, NULL);
}

/* Sizes around a large page, which such blocks are made of. */
static void large_blocks_can_be_written_and_grow(void **state)
{
    (void)state;
    enum { PAGE = 2 << 20 };
    for (size_t bytes = PAGE - 1; bytes <= PAGE + 1; bytes++) {
        unsigned char *block = selo_alloc(bytes, 1);
        assert_non_null(block);
        block[0] = 7, block[bytes - 1] = 9;
        block = selo_realloc(block, bytes, 3);
        assert_non_null(block);
        assert_true(block[0] == 7 && block[bytes - 1] == 9);
        block[3 * bytes - 1] = 1;
        selo_free(block);
    }
}

static void nothing_is_still_a_block(void **state)
{
    void *block = selo_alloc(0, 8);
    (void)state;
    assert_non_null(block);
    selo_free(block);
    block = selo_alloc_zeroed(8, 0);
    assert_non_null(block);
    selo_free(block);
    selo_free(NULL);
}

static void the_allocator_is_replaceable(void **state)
{
    (void)state;
    selo_set_allocator(counting_allocate, realloc, counting_release);
    void *block = selo_alloc(10, 10);
    assert_int_equal(live_blocks, 1);
    selo_free(block);
    assert_int_equal(live_blocks, 0);
    selo_set_allocator(failing_allocate, realloc, counting_release);
    assert_null(selo_alloc(1, 1));
    assert_null(selo_alloc_zeroed(1, 1));
    selo_set_allocator(NULL, NULL, NULL);
    block = selo_alloc(1, 1);
    assert_non_null(block);
    selo_free(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overflowing_sizes_are_refused),
        cmocka_unit_test(zeroed_memory_is_zero),
        cmocka_unit_test(large_blocks_can_be_written_and_grow),
        cmocka_unit_test(nothing_is_still_a_block),
        cmocka_unit_test(the_allocator_is_replaceable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
