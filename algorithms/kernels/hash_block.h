/* A block of SHA-256, by the processor's own instructions where it has them. Private to kernels/. */
#ifndef SELO_KERNELS_HASH_BLOCK_H
#define SELO_KERNELS_HASH_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

extern const uint32_t selo_hash_constants[64];

/* Adds a block of 64 bytes to the state. */
void selo_hash_block_plain(uint32_t state[8], const uint8_t *block);

/* Whether this processor has the instructions; without them selo_hash_block_fast() must not be called. */
bool selo_hash_block_is_fast(void);
void selo_hash_block_fast(uint32_t state[8], const uint8_t *block);

#endif
