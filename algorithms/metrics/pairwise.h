/* Sums in numpy's pairwise order, which the published figures need to the last bit. */
#ifndef SELO_METRICS_PAIRWISE_H
#define SELO_METRICS_PAIRWISE_H

#include <stddef.h>

/* Gives the terms of a sum one after another, so that filtered or computed terms need no array. */
typedef double (*selo_next_term)(void *source);

/* Sum of the next n terms. */
double selo_pairwise_sum(selo_next_term next, void *source, size_t n);

#endif
