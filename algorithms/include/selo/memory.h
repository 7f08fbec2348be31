/* Memory of the library: sizes multiplied with overflow checks, and a replaceable allocator, so that tests can make
 * allocations fail and count what leaks. */
#ifndef SELO_MEMORY_H
#define SELO_MEMORY_H

#include <stddef.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* count * size bytes, not initialised; at least one byte. NULL if the product overflows or memory is short.
 * Blocks of 2 MiB or more are in huge pages where the system has them. The caller frees it with selo_free(). */
SELO_API void *selo_alloc(size_t count, size_t size);

/* As selo_alloc(), filled with zero bytes. */
SELO_API void *selo_alloc_zeroed(size_t count, size_t size);

/* As realloc() for memory of selo_alloc(); on failure NULL, and the old block stays valid. */
SELO_API void *selo_realloc(void *block, size_t count, size_t size);

/* Frees what the functions above returned; NULL is allowed. */
SELO_API void selo_free(void *block);

/* For tests: replaces malloc, realloc and free. NULL, NULL, NULL brings the library's own back. Not thread safe. */
SELO_API void selo_set_allocator(void *(*allocator)(size_t), void *(*resizer)(void *, size_t),
                                 void (*releaser)(void *));

#ifdef __cplusplus
}
#endif
#endif
