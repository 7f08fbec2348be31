/* Antialiased bicubic: weights of a cubic stretched over the pixels that fall together, as integers with 22 fractional
 * bits; rows first, rounded to 8 bits, then columns. Sixteen rows go through the first pass side by side. */
#include "selo/resize.h"

#include <math.h>
#include <stdbool.h>

#include "clones.h"
#include "selo/memory.h"

enum { FRACTION_BITS = 22, LANES = 16 };

/* One axis: target pixel i of `count` is the sum of sizes[i] source pixels from firsts[i] on, weights[i * room + k]
 * each. */
typedef struct axis {
    int count;
    int room;
    int *firsts;
    int *sizes;
    int32_t *weights;
} axis;

static double cubic(double x)
{
    const double a = -0.5;
    x = fabs(x);
    if (x < 1)
        return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

static void axis_free(axis *a)
{
    selo_free(a->firsts);
    selo_free(a->sizes);
    selo_free(a->weights);
}

/* Pixel `at` of `target` that `source` pixels become; the weights sum to one. */
static void fill_pixel(axis *a, int i, int at, int source, int target, double *weights)
{
    const double scale = (double)source / target, stretch = scale < 1 ? 1 : scale, support = 2 * stretch;
    const double centre = (at + 0.5) * scale;
    const int low = (int)(centre - support + 0.5), high = (int)(centre + support + 0.5);
    const int first = low < 0 ? 0 : low, size = (high > source ? source : high) - first;
    double sum = 0;
    for (int k = 0; k < size; k++) {
        weights[k] = cubic((k + first - centre + 0.5) * (1 / stretch));
        sum += weights[k];
    }
    a->firsts[i] = first;
    a->sizes[i] = size;
    for (int k = 0; k < size; k++) {
        const double part = (sum != 0 ? weights[k] / sum : weights[k]) * (1 << FRACTION_BITS);
        a->weights[(size_t)i * (size_t)a->room + (size_t)k] = (int32_t)(part < 0 ? part - 0.5 : part + 0.5);
    }
}

/* Target pixels skip ... skip + count - 1. */
static selo_status axis_make(axis *a, int source, int target, int skip, int count)
{
    const double scale = (double)source / target;
    *a = (axis){.count = count, .room = 2 * (int)ceil(2 * (scale < 1 ? 1 : scale)) + 1};
    a->firsts = selo_alloc((size_t)count, sizeof *a->firsts);
    a->sizes = selo_alloc((size_t)count, sizeof *a->sizes);
    a->weights = selo_alloc((size_t)count * (size_t)a->room, sizeof *a->weights);
    double *weights = selo_alloc((size_t)a->room, sizeof *weights);
    const bool ready = a->firsts && a->sizes && a->weights && weights;
    for (int i = 0; ready && i < count; i++)
        fill_pixel(a, i, skip + i, source, target, weights);
    selo_free(weights);
    if (!ready)
        axis_free(a);
    return ready ? SELO_OK : SELO_E_MEMORY;
}

static uint8_t rounded(int32_t sum)
{
    sum >>= FRACTION_BITS;
    return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

/* LANES rows as columns: pixel x of row r at lanes[x * LANES + r]; rows that are not there repeat the last. */
static void interleave(const axis *a, const uint8_t *source, size_t stride, int n_rows, uint8_t *lanes)
{
    const int end = a->firsts[a->count - 1] + a->sizes[a->count - 1];
    for (int r = 0; r < LANES; r++) {
        const uint8_t *row = source + (size_t)(r < n_rows ? r : n_rows - 1) * stride;
        for (int x = a->firsts[0]; x < end; x++)
            lanes[(size_t)x * LANES + (size_t)r] = row[x];
    }
}

/* Pixel i of LANES interleaved rows at the target's width. */
SELO_CLONES static void apply_lanes(const axis *a, int i, const uint8_t *restrict lanes, uint8_t *restrict out)
{
    const int32_t *weights = a->weights + (size_t)i * (size_t)a->room;
    int32_t sums[LANES];
    for (int r = 0; r < LANES; r++)
        sums[r] = 1 << (FRACTION_BITS - 1);
    for (int k = 0; k < a->sizes[i]; k++) {
        const uint8_t *pixels = lanes + (size_t)(a->firsts[i] + k) * LANES;
        for (int r = 0; r < LANES; r++)
            sums[r] += pixels[r] * weights[k];
    }
    for (int r = 0; r < LANES; r++)
        out[r] = rounded(sums[r]);
}

/* At most LANES rows at the target's width, tight in `out`; lanes: room for LANES source rows. */
static void apply_columns(const axis *a, const uint8_t *source, size_t stride, int n_rows, uint8_t *lanes, uint8_t *out)
{
    interleave(a, source, stride, n_rows, lanes);
    for (int i = 0; i < a->count; i++) {
        uint8_t pixels[LANES];
        apply_lanes(a, i, lanes, pixels);
        for (int r = 0; r < n_rows; r++)
            out[(size_t)r * (size_t)a->count + (size_t)i] = pixels[r];
    }
}

/* Row i of the target, of rows of n pixels; sums: room for n. */
SELO_CLONES static void apply_rows(const axis *a, int i, const uint8_t *restrict rows, size_t n, int32_t *restrict sums,
                                   uint8_t *restrict out)
{
    const int32_t *weights = a->weights + (size_t)i * (size_t)a->room;
    for (size_t x = 0; x < n; x++)
        sums[x] = 1 << (FRACTION_BITS - 1);
    for (int k = 0; k < a->sizes[i]; k++) {
        const uint8_t *row = rows + (size_t)(a->firsts[i] + k) * n;
        const int32_t weight = weights[k];
        for (size_t x = 0; x < n; x++)
            sums[x] += row[x] * weight;
    }
    for (size_t x = 0; x < n; x++)
        out[x] = rounded(sums[x]);
}

static selo_status apply_both(const axis *columns, const axis *rows, const uint8_t *source, size_t stride,
                              uint8_t *target)
{
    const size_t n = (size_t)columns->count;
    const int first = rows->firsts[0], end = rows->firsts[rows->count - 1] + rows->sizes[rows->count - 1];
    const int width = columns->firsts[columns->count - 1] + columns->sizes[columns->count - 1];
    uint8_t *middle = selo_alloc((size_t)(end - first), n), *lanes = selo_alloc((size_t)width, LANES);
    int32_t *sums = selo_alloc(n, sizeof *sums);
    const bool ready = middle && sums && lanes;
    for (int y = first; ready && y < end; y += LANES)
        apply_columns(columns, source + (size_t)y * stride, stride, end - y < LANES ? end - y : LANES, lanes,
                      middle + (size_t)(y - first) * n);
    for (int i = 0; ready && i < rows->count; i++) {
        rows->firsts[i] -= first;
        apply_rows(rows, i, middle, n, sums, target + (size_t)i * n);
    }
    selo_free(sums);
    selo_free(lanes);
    selo_free(middle);
    return ready ? SELO_OK : SELO_E_MEMORY;
}

selo_status selo_resize_clip(const uint8_t *source, size_t stride, int width, int height, uint8_t *target, int side)
{
    if (width < 1 || height < 1 || side < 1 || width > SELO_RESIZE_SIDE_MAX || height > SELO_RESIZE_SIDE_MAX ||
        side > SELO_RESIZE_SIDE_MAX)
        return SELO_E_ARGUMENT;
    const int least = width < height ? width : height;
    const double wide = (double)side * width / least, high = (double)side * height / least;
    if (wide > INT32_MAX || high > INT32_MAX)
        return SELO_E_ARGUMENT;
    const int all_columns = (int)wide, all_rows = (int)high;
    axis columns, rows;
    selo_status status = axis_make(&columns, width, all_columns, (int)rint((all_columns - side) / 2.0), side);
    if (status != SELO_OK)
        return status;
    status = axis_make(&rows, height, all_rows, (int)rint((all_rows - side) / 2.0), side);
    if (status == SELO_OK) {
        status = apply_both(&columns, &rows, source, stride, target);
        axis_free(&rows);
    }
    axis_free(&columns);
    return status;
}
