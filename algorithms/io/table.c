#include "selo/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cpl_error.h"
#include "cpl_string.h"
#include "ogr_api.h"
#include "selo/memory.h"
#include "selo/source.h"

/* ---- columns and cells ---- */

static selo_column_type type_of_letter(char letter)
{
    return letter == 'r' ? SELO_COLUMN_REAL : letter == 'i' ? SELO_COLUMN_INTEGER : SELO_COLUMN_TEXT;
}

static bool add_column(selo_table *table, const char *name, selo_column_type type)
{
    selo_column *columns = selo_realloc(table->columns, table->n_columns + 1, sizeof *columns);
    if (!columns) {
        table->failed = true;
        return false;
    }
    table->columns = columns;
    columns[table->n_columns++] = (selo_column){CPLStrdup(name), type};
    return true;
}

selo_table *selo_table_new(const char *name, const char *columns)
{
    selo_table *table = selo_alloc_zeroed(1, sizeof *table);
    if (!table)
        return NULL;
    table->name = CPLStrdup(name);
    char **entries = CSLTokenizeString2(columns, ",", 0);
    for (int i = 0; entries && entries[i]; ++i) {
        char *colon = strrchr(entries[i], ':');
        const char letter = colon ? colon[1] : 's';
        if (colon)
            *colon = '\0';
        add_column(table, entries[i], type_of_letter(letter));
    }
    CSLDestroy(entries);
    return table;
}

void selo_table_free(selo_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->n_rows * table->n_columns; ++i)
        CPLFree(table->cells[i]);
    for (size_t i = 0; i < table->n_columns; ++i)
        CPLFree(table->columns[i].name);
    CPLFree(table->name);
    selo_free(table->cells);
    selo_free(table->columns);
    selo_free(table);
}

void selo_table_add_row(selo_table *table)
{
    if (table->n_rows == table->row_capacity) {
        const size_t capacity = 2 * table->row_capacity + 16;
        char **cells = selo_realloc(table->cells, capacity, table->n_columns * sizeof *cells);
        if (!cells) {
            table->failed = true;
            return;
        }
        table->cells = cells;
        table->row_capacity = capacity;
    }
    memset(table->cells + table->n_rows * table->n_columns, 0, table->n_columns * sizeof *table->cells);
    table->n_rows++;
}

size_t selo_table_column(const selo_table *table, const char *column)
{
    size_t i = 0;
    while (i < table->n_columns && !EQUAL(table->columns[i].name, column))
        ++i;
    return i;
}

static char **cell(const selo_table *table, size_t row, const char *column)
{
    const size_t k = selo_table_column(table, column);
    return k < table->n_columns && row < table->n_rows ? &table->cells[row * table->n_columns + k] : NULL;
}

void selo_table_set_text(selo_table *table, const char *column, const char *text)
{
    char **place = table->n_rows > 0 ? cell(table, table->n_rows - 1, column) : NULL;
    if (!place)
        return;
    CPLFree(*place);
    *place = text ? CPLStrdup(text) : NULL;
}

void selo_table_set_real(selo_table *table, const char *column, double value)
{
    char number[40];
    CPLsnprintf(number, sizeof number, "%.17g", value);
    selo_table_set_text(table, column, isnan(value) ? NULL : number);
}

const char *selo_table_text(const selo_table *table, size_t row, const char *column)
{
    char **place = cell(table, row, column);
    return place && *place ? *place : "";
}

double selo_table_real(const selo_table *table, size_t row, const char *column)
{
    char **place = cell(table, row, column);
    return place && *place && **place ? CPLAtof(*place) : NAN;
}

/* ---- sorting ---- */

static int compare_cells(const char *a, const char *b, selo_column_type type)
{
    if (type == SELO_COLUMN_TEXT || !a || !b)
        return strcmp(a ? a : "", b ? b : "");
    const double left = CPLAtof(a), right = CPLAtof(b);
    return (left > right) - (left < right);
}

static int compare_rows(const selo_table *table, const size_t *keys, size_t a, size_t b)
{
    for (; *keys < table->n_columns; ++keys) {
        const int order = compare_cells(table->cells[a * table->n_columns + *keys],
                                        table->cells[b * table->n_columns + *keys], table->columns[*keys].type);
        if (order != 0)
            return order;
    }
    return 0;
}

/* Merge sort of row numbers: stable, and without a global for the table. */
static void sort_rows(const selo_table *table, const size_t *keys, size_t *rows, size_t *spare, size_t n)
{
    if (n < 2)
        return;
    const size_t half = n / 2;
    sort_rows(table, keys, rows, spare, half);
    sort_rows(table, keys, rows + half, spare, n - half);
    memcpy(spare, rows, n * sizeof *rows);
    for (size_t a = 0, b = half, i = 0; i < n; ++i)
        rows[i] = b == n || (a < half && compare_rows(table, keys, spare[a], spare[b]) <= 0) ? spare[a++] : spare[b++];
}

void selo_table_sort(selo_table *table, const char *columns)
{
    char **names = CSLTokenizeString2(columns, ",", 0);
    const size_t n = table->n_rows, width = table->n_columns, n_names = (size_t)CSLCount(names);
    size_t *keys = selo_alloc(n_names + 1, sizeof *keys), *rows = selo_alloc(n, 2 * sizeof *rows);
    char **cells = selo_alloc(n * width, sizeof *cells);
    if (keys && rows && cells && n > 1) {
        size_t n_keys = 0;
        for (size_t i = 0; i < n_names; ++i)
            if (selo_table_column(table, names[i]) < width)
                keys[n_keys++] = selo_table_column(table, names[i]);
        keys[n_keys] = width;
        for (size_t i = 0; i < n; ++i)
            rows[i] = i;
        sort_rows(table, keys, rows, rows + n, n);
        memcpy(cells, table->cells, n * width * sizeof *cells);
        for (size_t i = 0; i < n; ++i)
            memcpy(table->cells + i * width, cells + rows[i] * width, width * sizeof *cells);
    }
    table->failed = table->failed || !keys || !rows || !cells;
    selo_free(keys);
    selo_free(rows);
    selo_free(cells);
    CSLDestroy(names);
}

/* ---- layers ---- */

static selo_column_type type_of_field(OGRFieldDefnH field)
{
    const OGRFieldType type = OGR_Fld_GetType(field);
    return type == OFTReal                              ? SELO_COLUMN_REAL
           : type == OFTInteger || type == OFTInteger64 ? SELO_COLUMN_INTEGER
                                                        : SELO_COLUMN_TEXT;
}

static void read_row(selo_table *table, OGRFeatureH feature)
{
    selo_table_add_row(table);
    for (size_t k = 0; k < table->n_columns && !table->failed; ++k) {
        if (!OGR_F_IsFieldSetAndNotNull(feature, (int)k))
            continue;
        if (table->columns[k].type == SELO_COLUMN_REAL)
            selo_table_set_real(table, table->columns[k].name, OGR_F_GetFieldAsDouble(feature, (int)k));
        else
            selo_table_set_text(table, table->columns[k].name, OGR_F_GetFieldAsString(feature, (int)k));
    }
}

selo_status selo_table_read(GDALDatasetH dataset, const char *layer_name, selo_table **table)
{
    *table = NULL;
    OGRLayerH layer = GDALDatasetGetLayerByName(dataset, layer_name);
    if (!layer)
        return SELO_OK;
    selo_table *made = selo_table_new(layer_name, "");
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(layer);
    for (int k = 0; made && k < OGR_FD_GetFieldCount(definition); ++k) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, k);
        add_column(made, OGR_Fld_GetNameRef(field), type_of_field(field));
    }
    selo_source_rows rows = {.layer = layer, .what = "results", .name = GDALGetDescription(dataset)};
    OGR_L_ResetReading(layer);
    for (OGRFeatureH feature; made && !made->failed && (feature = selo_source_next(&rows)) != NULL;
         OGR_F_Destroy(feature))
        read_row(made, feature);
    if (!made || made->failed) {
        CPLError(CE_Failure, CPLE_OutOfMemory, "%s: not enough memory for its rows", layer_name);
        selo_table_free(made);
        return SELO_E_MEMORY;
    }
    const selo_status status = selo_source_end(&rows);
    if (status == SELO_OK)
        *table = made;
    else
        selo_table_free(made);
    return status;
}
