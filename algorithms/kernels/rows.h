/* The last rows of something that streams by, in a ring. */
#ifndef SELO_KERNELS_ROWS_H
#define SELO_KERNELS_ROWS_H

#include <stddef.h>

#include "selo/memory.h"
#include "selo/status.h"

typedef struct selo_rows {
    char *data;
    size_t row_bytes;
    int capacity;
} selo_rows;

static inline selo_status selo_rows_new(selo_rows *rows, int capacity, int width, size_t value_bytes)
{
    rows->row_bytes = (size_t)width * value_bytes;
    rows->capacity = capacity;
    rows->data = selo_alloc((size_t)capacity, rows->row_bytes);
    return rows->data ? SELO_OK : SELO_E_MEMORY;
}

/* Row y, as long as no row y + capacity or later has been written. */
static inline void *selo_rows_at(const selo_rows *rows, int y)
{
    return rows->data + (size_t)(y % rows->capacity) * rows->row_bytes;
}

#endif
