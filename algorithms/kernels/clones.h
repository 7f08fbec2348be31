/* Loops over integers or in fixed floating order, compiled once for every processor and once for those with AVX2; the
 * results are the same. */
#ifndef SELO_KERNELS_CLONES_H
#define SELO_KERNELS_CLONES_H

#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
#define SELO_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define SELO_CLONES
#endif

#endif
