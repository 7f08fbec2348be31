/* Cubic interpolation with 11 fractional bits along rows and binary32 down columns: the order of operations decides the
 * last bit, so it is kept. */
#include "selo/resize.h"

#include <math.h>
#include <string.h>

#include "selo/memory.h"

enum { TAPS = 4, FRACTION_BITS = 11 };

/* Where a target pixel lies in the source: tap i - 1 + k has weight[k]. */
typedef struct cubic_tap {
    int first;
    int32_t weight[TAPS];
} cubic_tap;

static float near(float x)
{
    const float a = -0.75f;
    return ((a + 2) * x - (a + 3)) * x * x + 1;
}

static cubic_tap tap_at(int d, int source, int target)
{
    const double step = 1 / ((double)target / source);
    const float a = -0.75f, at = (float)((d + 0.5) * step - 0.5);
    const int i = (int)floorf(at);
    const float x = at - (float)i;
    float c[TAPS];
    c[0] = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a;
    c[1] = near(x);
    c[2] = near(1 - x);
    c[3] = 1.f - c[0] - c[1] - c[2];
    cubic_tap tap = {.first = i - 1};
    for (int k = 0; k < TAPS; k++)
        tap.weight[k] = (int32_t)lrintf(c[k] * (1 << FRACTION_BITS));
    return tap;
}

static int clamp(int i, int n)
{
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* One source row at target width, without dividing by the weights' sum. */
static void resize_row(const uint8_t *row, int width, const cubic_tap *columns, int target_width, int32_t *out)
{
    for (int x = 0; x < target_width; x++) {
        const cubic_tap *tap = &columns[x];
        int32_t sum = 0;
        for (int k = 0; k < TAPS; k++)
            sum += row[clamp(tap->first + k, width)] * tap->weight[k];
        out[x] = sum;
    }
}

static void mix_rows(const int32_t *const rows[TAPS], const cubic_tap *tap, int width, uint8_t *out)
{
    float b[TAPS];
    for (int k = 0; k < TAPS; k++)
        b[k] = (float)tap->weight[k] * (1.f / (1 << 2 * FRACTION_BITS));
    for (int x = 0; x < width; x++) {
        const float s3 = (float)rows[3][x] * b[3];
        const float s2 = (float)rows[2][x] * b[2] + s3;
        const float s1 = (float)rows[1][x] * b[1] + s2;
        const float value = rintf((float)rows[0][x] * b[0] + s1);
        out[x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
}

typedef struct row_cache {
    int32_t *values; /* TAPS rows of target width */
    int held[TAPS];  /* source row in each; -1: none */
} row_cache;

typedef struct pixels {
    const uint8_t *values;
    size_t stride; /* from one row to the next */
    int width, height;
} pixels;

/* columns: a tap per column of the target */
static void resize_all(const pixels *source, const cubic_tap *columns, row_cache *cache, uint8_t *target, int width,
                       int height)
{
    for (int y = 0; y < height; y++) {
        const cubic_tap tap = tap_at(y, source->height, height);
        const int32_t *rows[TAPS];
        for (int k = 0; k < TAPS; k++) {
            const int line = clamp(tap.first + k, source->height), slot = line % TAPS;
            int32_t *row = cache->values + (size_t)slot * (size_t)width;
            if (cache->held[slot] != line)
                resize_row(source->values + (size_t)line * source->stride, source->width, columns, width, row);
            cache->held[slot] = line;
            rows[k] = row;
        }
        mix_rows(rows, &tap, width, target + (size_t)y * (size_t)width);
    }
}

selo_status selo_resize_cubic(const uint8_t *source, size_t stride, int width, int height, uint8_t *target,
                              int target_width, int target_height)
{
    const int sides[] = {width, height, target_width, target_height};
    for (int i = 0; i < 4; i++) {
        if (sides[i] < 1 || sides[i] > SELO_RESIZE_SIDE_MAX)
            return SELO_E_ARGUMENT;
    }
    if (width == target_width && height == target_height) {
        for (int y = 0; y < height; y++)
            memcpy(target + (size_t)y * (size_t)width, source + (size_t)y * stride, (size_t)width);
        return SELO_OK;
    }
    cubic_tap *columns = selo_alloc((size_t)target_width, sizeof *columns);
    row_cache cache = {selo_alloc((size_t)target_width * TAPS, sizeof *cache.values), {-1, -1, -1, -1}};
    const selo_status status = columns && cache.values ? SELO_OK : SELO_E_MEMORY;
    if (status == SELO_OK) {
        for (int x = 0; x < target_width; x++)
            columns[x] = tap_at(x, width, target_width);
        resize_all(&(pixels){source, stride, width, height}, columns, &cache, target, target_width, target_height);
    }
    selo_free(cache.values);
    selo_free(columns);
    return status;
}
