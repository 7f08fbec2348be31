#include "median_columns.h"

#include <string.h>

#include "wide_registers.h"

/* Rows between two looks at whether it still pays. */
enum { SOME_ROWS = 16 };

typedef uint32_t bits __attribute__((may_alias)); /* of a float: NaN, too, is like itself */

static SELO_INLINE void mark_bytes(const uint8_t *restrict values, int n, uint8_t *restrict differs)
{
    for (int c = 1; c < n; c++)
        differs[c] |= values[c] != values[c - 1];
}

static SELO_INLINE void mark_floats(const bits *restrict values, int n, uint8_t *restrict differs)
{
    for (int c = 1; c < n; c++)
        differs[c] |= values[c] != values[c - 1];
}

static SELO_INLINE const void *row_of(const selo_pixel_rows *rows, size_t row)
{
    return (const uint8_t *)rows->values + row * rows->stride * rows->size;
}

static int count_marks(const uint8_t *differs, int n)
{
    int marks = 0;
    for (int c = 0; c < n; c++)
        marks += differs[c];
    return marks;
}

/* Columns that differ from the one before in some row; false as soon as those are too many. */
SELO_WIDE_REGISTERS static bool mark_columns(const selo_pixel_rows *rows, uint8_t *differs)
{
    const int n = rows->n_pixels;
    memset(differs, 0, (size_t)n);
    differs[0] = 1;
    for (size_t row = 0; row < rows->n_rows; row++) {
        if (rows->size == 1)
            mark_bytes(row_of(rows, row), n, differs);
        else
            mark_floats(row_of(rows, row), n, differs);
        if ((row % SOME_ROWS == 0 || row + 1 == rows->n_rows) && count_marks(differs, n) > selo_columns_most(n))
            return false;
    }
    return true;
}

bool selo_columns_find(const selo_pixel_rows *rows, uint8_t *differs, selo_columns *columns)
{
    if (!mark_columns(rows, differs))
        return false;
    int n = 0;
    for (int c = 0; c < rows->n_pixels; c++) {
        if (differs[c])
            columns->start_of[n++] = c;
        columns->column_of[c] = n - 1;
    }
    columns->start_of[n] = rows->n_pixels;
    columns->n = n;
    return true;
}

void selo_columns_copy(const selo_pixel_rows *rows, const selo_columns *columns, void *values)
{
    const int32_t *starts = columns->start_of;
    const size_t n = (size_t)columns->n;
    for (size_t row = 0; row < rows->n_rows; row++) {
        if (rows->size == 1) {
            const uint8_t *from = row_of(rows, row);
            for (size_t c = 0; c < n; c++)
                ((uint8_t *)values)[row * n + c] = from[starts[c]];
        } else {
            const bits *from = row_of(rows, row);
            for (size_t c = 0; c < n; c++)
                ((bits *)values)[row * n + c] = from[starts[c]];
        }
    }
}
