/* Random numbers that are the same on every machine: SplitMix64, Steele, Lea, Flood, OOPSLA 2014,
 * doi 10.1145/2660193.2660195; bounded without bias: Lemire, TOMACS 2019, doi 10.1145/3230636. */
#ifndef SELO_METRICS_RANDOM_H
#define SELO_METRICS_RANDOM_H

#include <stdint.h>

typedef struct selo_random {
    uint64_t state;
} selo_random;

/* A generator that depends on seed and stream only; each replicate of a bootstrap has its own stream. */
selo_random selo_random_start(uint64_t seed, uint64_t stream);

/* 64 random bits. */
uint64_t selo_random_next(selo_random *random);

/* A number 0 ... bound - 1, each equally likely; bound >= 1. */
uint32_t selo_random_below(selo_random *random, uint32_t bound);

#endif
