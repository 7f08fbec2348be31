#include <math.h>

#include "selo/filters.h"

selo_status selo_gaussian_weights(int size, int *weights)
{
    if (size < 1 || size > SELO_FILTER_SIZE_MAX || size % 2 == 0 || !weights)
        return SELO_E_ARGUMENT;
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
    return SELO_OK;
}
