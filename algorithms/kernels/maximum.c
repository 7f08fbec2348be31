#include "maximum.h"

#include <string.h>

#include "box.h"

static uint16_t max16(uint16_t a, uint16_t b)
{
    return a > b ? a : b;
}

static int window_length(selo_extent extent)
{
    return extent.before + extent.after + 1;
}

selo_status selo_maximum_new(selo_maximum *maximum, int width, int height, selo_extent x, selo_extent y)
{
    *maximum = (selo_maximum){.width = width, .height = height, .x = selo_extent_cut(x, width),
                              .y = selo_extent_cut(y, height)};
    const int rows = window_length(maximum->y);
    selo_status status = selo_rows_new(&maximum->values, rows, width, sizeof(uint16_t));
    if (status == SELO_OK)
        status = selo_rows_new(&maximum->suffix, rows, width, sizeof(uint16_t));
    maximum->prefix = selo_alloc((size_t)width, sizeof *maximum->prefix);
    maximum->columns = selo_alloc((size_t)width, sizeof *maximum->columns);
    maximum->block_suffix = selo_alloc((size_t)width, sizeof *maximum->block_suffix);
    return status == SELO_OK && maximum->prefix && maximum->columns && maximum->block_suffix ? SELO_OK : SELO_E_MEMORY;
}

void selo_maximum_free(selo_maximum *maximum)
{
    selo_free(maximum->values.data);
    selo_free(maximum->suffix.data);
    selo_free(maximum->prefix);
    selo_free(maximum->columns);
    selo_free(maximum->block_suffix);
}

/* A block of as many rows as a window has, or the map, ends with row `last`: maxima from each of its rows to its
 * end. */
static void end_block(selo_maximum *maximum, int last)
{
    const int first = last - last % window_length(maximum->y);
    memcpy(selo_rows_at(&maximum->suffix, last), selo_rows_at(&maximum->values, last), maximum->values.row_bytes);
    for (int y = last - 1; y >= first; y--) {
        const uint16_t *below = selo_rows_at(&maximum->suffix, y + 1), *values = selo_rows_at(&maximum->values, y);
        uint16_t *suffix = selo_rows_at(&maximum->suffix, y);
        for (int x = 0; x < maximum->width; x++)
            suffix[x] = max16(below[x], values[x]);
    }
}

void selo_maximum_push(selo_maximum *maximum, const uint16_t *values)
{
    const int y = maximum->pushed++, rows = window_length(maximum->y);
    memcpy(selo_rows_at(&maximum->values, y), values, maximum->values.row_bytes);
    for (int x = 0; x < maximum->width; x++)
        maximum->prefix[x] = y % rows == 0 ? values[x] : max16(maximum->prefix[x], values[x]);
    if (y % rows == rows - 1 || y == maximum->height - 1)
        end_block(maximum, y);
}

/* Over a row of n values, likewise. */
static void maximum_along(const uint16_t *in, uint16_t *suffix, uint16_t *out, int n, selo_extent extent)
{
    const int length = window_length(extent);
    for (int x = n - 1; x >= 0; x--)
        suffix[x] = x == n - 1 || x % length == length - 1 ? in[x] : max16(in[x], suffix[x + 1]);
    uint16_t prefix = 0;
    for (int64_t end = 0; end < (int64_t)n + extent.after; end++) {
        const int64_t begin = end - length + 1, x = end - extent.after;
        if (end < n)
            prefix = end % length == 0 ? in[end] : max16(prefix, in[end]);
        else if (end % length == 0)
            prefix = 0;
        if (x >= 0)
            out[x] = begin >= 0 ? max16(prefix, suffix[begin]) : prefix;
    }
}

bool selo_maximum_next(selo_maximum *maximum, uint16_t *maxima, const uint16_t **values)
{
    const int y = maximum->done, rows = window_length(maximum->y), height = maximum->height;
    const int last = y < height - maximum->y.after ? y + maximum->y.after : height - 1;
    if (y >= height || maximum->pushed <= last)
        return false;
    const int first = y > maximum->y.before ? y - maximum->y.before : 0;
    const uint16_t *prefix = maximum->prefix, *suffix = selo_rows_at(&maximum->suffix, first);
    const bool two_blocks = first / rows < last / rows;
    for (int x = 0; x < maximum->width; x++)
        maximum->columns[x] = two_blocks ? max16(prefix[x], suffix[x]) : first % rows == 0 ? prefix[x] : suffix[x];
    maximum_along(maximum->columns, maximum->block_suffix, maxima, maximum->width, maximum->x);
    *values = selo_rows_at(&maximum->values, y);
    maximum->done++;
    return true;
}
