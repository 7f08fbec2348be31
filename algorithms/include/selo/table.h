/* Small tables in memory: result layers as they were read, and as they are printed (HTML, Markdown, CSV) or written. */
#ifndef SELO_TABLE_H
#define SELO_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "gdal.h"
#include "selo/status.h"
#include "selo/text.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum selo_column_type { SELO_COLUMN_TEXT, SELO_COLUMN_REAL, SELO_COLUMN_INTEGER } selo_column_type;

typedef struct selo_column {
    char *name;
    selo_column_type type;
} selo_column;

typedef struct selo_table {
    char *name;
    selo_column *columns;
    size_t n_columns;
    char **cells; /* row-major; NULL is a null value; reals with 17 digits, so that they come back as they were */
    size_t n_rows;
    size_t row_capacity;
    bool failed; /* memory ran short: rows are missing */
} selo_table;

/* An empty table; columns as "run_id:s,mean:r,n:i" (s text, r real, i integer). NULL on short memory; the caller
 * frees it with selo_table_free(). */
SELO_API selo_table *selo_table_new(const char *name, const char *columns);
SELO_API void selo_table_free(selo_table *table); /* NULL is allowed */

SELO_API void selo_table_add_row(selo_table *table); /* of nulls; what is set next is in the last row */
SELO_API void selo_table_set_text(selo_table *table, const char *column, const char *text);   /* NULL: null */
SELO_API void selo_table_set_real(selo_table *table, const char *column, double value);       /* NaN: null */

/* Index of a column; n_columns if there is none. */
SELO_API size_t selo_table_column(const selo_table *table, const char *column);
/* "" for null and no column */
SELO_API const char *selo_table_text(const selo_table *table, size_t row, const char *column);
/* NaN for null and no column */
SELO_API double selo_table_real(const selo_table *table, size_t row, const char *column);

/* Sorts rows by the given columns ("run_id,sample_id"), numbers as numbers; equal rows keep their order. */
SELO_API void selo_table_sort(selo_table *table, const char *columns);

/* Reads a layer without its geometry. A layer that is not there: SELO_OK and *table = NULL. */
SELO_API selo_status selo_table_read(GDALDatasetH dataset, const char *layer, selo_table **table);

/* Columns to print: "grp=Group,mean=Mean"; NULL: all under their own names. Reals are rounded to 4 significant decimals
 * in HTML and Markdown and exact in CSV. caption: NULL for none. */
SELO_API void selo_table_html(const selo_table *table, const char *columns, const char *caption, selo_text *text);
SELO_API void selo_table_markdown(const selo_table *table, const char *columns, selo_text *text);
/* An array of objects, a member per column; null values are null. */
SELO_API void selo_table_json(const selo_table *table, selo_text *text);
/* Columns lined up for a terminal; columns as above. */
SELO_API void selo_table_plain(const selo_table *table, const char *columns, selo_text *text);
SELO_API void selo_table_csv(const selo_table *table, selo_text *text);

#ifdef __cplusplus
}
#endif
#endif
