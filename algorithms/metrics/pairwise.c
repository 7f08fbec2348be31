#include "pairwise.h"

/* A leaf of numpy's sum (pairwise_sum in its umath loops): that many values are added in eight interleaved sums. */
#define LEAF 128

static double sum_leaf(selo_next_term next, void *source, size_t n)
{
    double r[8];
    for (size_t j = 0; j < 8; j++)
        r[j] = next(source);
    size_t i = 8;
    for (; i + 8 <= n; i += 8)
        for (size_t j = 0; j < 8; j++)
            r[j] += next(source);
    double sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    for (; i < n; i++)
        sum += next(source);
    return sum;
}

double selo_pairwise_sum(selo_next_term next, void *source, size_t n)
{
    if (n < 8) {
        double sum = 0.0;
        for (size_t i = 0; i < n; i++)
            sum += next(source);
        return sum;
    }
    if (n <= LEAF)
        return sum_leaf(next, source, n);
    const size_t half = n / 2 - n / 2 % 8;
    const double left = selo_pairwise_sum(next, source, half);
    return left + selo_pairwise_sum(next, source, n - half);
}
