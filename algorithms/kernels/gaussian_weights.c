#include <math.h>

#include "selo/filters.h"

/* The smallest windows have weights of their own in the published code's library: binomial ones, and nearly so. */
static const int small[][4] = {{256}, {64, 128}, {16, 64, 96}, {8, 28, 56, 72}};
enum { N_SMALL = sizeof small / sizeof *small };

static void copy_small(int half, int *weights)
{
    for (int i = 0; i <= half; i++)
        weights[i] = weights[2 * half - i] = small[half][i];
}

static void round_bell(int size, int *weights)
{
    const int half = size / 2;
    const double sigma = 0.15 * size + 0.35;
    double whole = 0;
    for (int i = 0; i < size; i++)
        whole += exp(-(double)(i - half) * (i - half) / (2 * sigma * sigma));
    double carried = 0;
    int sides = 0;
    for (int i = 0; i < half; i++) {
        const double exact = 256 * exp(-(double)(i - half) * (i - half) / (2 * sigma * sigma)) / whole + carried;
        const int weight = (int)rint(exact);
        carried = exact - weight;
        weights[i] = weights[size - 1 - i] = weight;
        sides += 2 * weight;
    }
    weights[half] = 256 - sides;
}

selo_status selo_gaussian_weights(int size, int *weights)
{
    if (size < 1 || size > SELO_FILTER_SIZE_MAX || size % 2 == 0 || !weights)
        return SELO_E_ARGUMENT;
    if (size / 2 < N_SMALL)
        copy_small(size / 2, weights);
    else
        round_bell(size, weights);
    return SELO_OK;
}
