/* Functions that are compiled twice, also for the wide registers of newer processors, and their parts (private). */
#ifndef SELO_KERNELS_WIDE_REGISTERS_H
#define SELO_KERNELS_WIDE_REGISTERS_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define SELO_WIDE_REGISTERS __attribute__((target_clones("avx2", "default")))
#else
#define SELO_WIDE_REGISTERS
#endif

/* What a function of that kind calls becomes part of both. */
#define SELO_INLINE inline __attribute__((always_inline))

#endif
