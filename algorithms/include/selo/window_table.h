/* Windows as people have them: a CSV file, or a layer of any OGR format, with a row per window. */
#ifndef SELO_WINDOW_TABLE_H
#define SELO_WINDOW_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gdal.h"
#include "selo/status.h"
#include "selo/windows.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_window_source {
    const char *name;          /* any dataset name of OGR; also used in messages */
    GDALDatasetH dataset;      /* already open, stays the caller's; NULL: opened by name */
    const char *layer;         /* NULL: selo_win, or the only one */
    const char *where;         /* attribute filter; NULL: none */
    CSLConstList formats;      /* drivers to try; NULL: all */
    CSLConstList open_options; /* NULL: none */
} selo_window_source;

typedef struct selo_window_table {
    size_t n;
    selo_window *windows;
    double *similarities; /* NaN: missing */
    int *stages;          /* 1 where there is no such field */
    uint8_t *selected;    /* 1 where there is no such field, or it is null */
    size_t n_missing;     /* rows whose similarity is missing or not finite */
    bool has_similarity;  /* there is such a field */
} selo_window_table;

/* Reads rows with the fields row_start, row_end, col_start and col_end (pixels; the end is not included) and, where
 * there are such, sim or similarity, stage and selected. Reports with CPLError() what is no number and where.
 * The caller clears *table with selo_window_table_clear(). */
SELO_API selo_status selo_window_table_read(const selo_window_source *source, selo_window_table *table);
SELO_API void selo_window_table_clear(selo_window_table *table);

#ifdef __cplusplus
}
#endif
#endif
