/* SHA-256 (FIPS 180-4): what a stored result was made from. */
#ifndef SELO_HASH_H
#define SELO_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_hash {
    uint32_t state[8];
    uint64_t bytes;
    uint8_t block[64];
} selo_hash;

#define SELO_HASH_HEX_SIZE 65 /* 64 digits and NUL */

/* Starts a hash of nothing, and adds `size` bytes. */
SELO_API void selo_hash_start(selo_hash *hash);
SELO_API void selo_hash_add(selo_hash *hash, const void *data, size_t size);
/* Adds a string and its final NUL, so that "a", "bc" and "ab", "c" differ; NULL counts as "". */
SELO_API void selo_hash_add_text(selo_hash *hash, const char *text);
/* Ends the hash; it must be started anew after. */
SELO_API void selo_hash_finish(selo_hash *hash, char hex[SELO_HASH_HEX_SIZE]);

#ifdef __cplusplus
}
#endif
#endif
