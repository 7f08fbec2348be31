/* Tables for people: HTML, Markdown, CSV. */
#include <math.h>
#include <string.h>

#include "cpl_string.h"
#include "selo/table.h"

/* "column=Heading,..." taken apart: heads[i] is "column" or "column=Heading". The caller destroys it. */
static char **chosen(const selo_table *table, const char *columns)
{
    if (columns)
        return CSLTokenizeString2(columns, ",", 0);
    char **all = NULL;
    for (size_t k = 0; k < table->n_columns; ++k)
        all = CSLAddString(all, table->columns[k].name);
    return all;
}

static const char *heading(const char *entry)
{
    const char *equals = strchr(entry, '=');
    return equals ? equals + 1 : entry;
}

/* Column of an entry; n_columns if there is none. */
static size_t index_of(const selo_table *table, const char *entry)
{
    char name[64];
    CPLsnprintf(name, sizeof name, "%.*s", (int)strcspn(entry, "="), entry);
    return selo_table_column(table, name);
}

static const char *shown(const selo_table *table, size_t row, size_t k, char *number, size_t size)
{
    const char *text = k < table->n_columns ? table->cells[row * table->n_columns + k] : NULL;
    if (!text || table->columns[k].type != SELO_COLUMN_REAL)
        return text ? text : "";
    const double value = CPLAtof(text);
    CPLsnprintf(number, size, fabs(value) < 1000.0 ? "%.4f" : "%.1f", value);
    return number;
}

static bool is_number(const selo_table *table, size_t k)
{
    return k < table->n_columns && table->columns[k].type != SELO_COLUMN_TEXT;
}

void selo_table_html(const selo_table *table, const char *columns, const char *caption, selo_text *text)
{
    char **entries = chosen(table, columns), number[64];
    selo_text_add(text, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
    selo_text_add_html(text, caption ? caption : table->name);
    selo_text_add(text, "\"><table>\n");
    if (caption) {
        selo_text_add(text, "<caption>");
        selo_text_add_html(text, caption);
        selo_text_add(text, "</caption>\n");
    }
    selo_text_add(text, "<thead><tr>");
    for (int i = 0; entries && entries[i]; ++i) {
        selo_text_add(text, "<th scope=\"col\"%s>",
                      is_number(table, index_of(table, entries[i])) ? " class=\"n\"" : "");
        selo_text_add_html(text, heading(entries[i]));
        selo_text_add(text, "</th>");
    }
    selo_text_add(text, "</tr></thead>\n<tbody>\n");
    for (size_t row = 0; row < table->n_rows; ++row) {
        selo_text_add(text, "<tr>");
        for (int i = 0; entries && entries[i]; ++i) {
            const size_t k = index_of(table, entries[i]);
            selo_text_add(text, is_number(table, k) ? "<td class=\"n\">" : "<td>");
            selo_text_add_html(text, shown(table, row, k, number, sizeof number));
            selo_text_add(text, "</td>");
        }
        selo_text_add(text, "</tr>\n");
    }
    selo_text_add(text, "</tbody></table></div>\n");
    CSLDestroy(entries);
}

/* A bar would end the cell, a line break the row. */
static void markdown_cell(const char *plain, selo_text *text)
{
    for (; *plain; ++plain) {
        if (*plain == '|')
            selo_text_add(text, "\\|");
        else
            selo_text_add_bytes(text, *plain == '\n' || *plain == '\r' ? " " : plain, 1);
    }
}

void selo_table_markdown(const selo_table *table, const char *columns, selo_text *text)
{
    char **entries = chosen(table, columns), number[64];
    for (int i = 0; entries && entries[i]; ++i) {
        selo_text_add(text, "| ");
        markdown_cell(heading(entries[i]), text);
        selo_text_add(text, " ");
    }
    selo_text_add(text, "|\n");
    for (int i = 0; entries && entries[i]; ++i)
        selo_text_add(text, is_number(table, index_of(table, entries[i])) ? "|---:" : "|---");
    selo_text_add(text, "|\n");
    for (size_t row = 0; row < table->n_rows; ++row) {
        for (int i = 0; entries && entries[i]; ++i) {
            selo_text_add(text, "| ");
            markdown_cell(shown(table, row, index_of(table, entries[i]), number, sizeof number), text);
            selo_text_add(text, " ");
        }
        selo_text_add(text, "|\n");
    }
    CSLDestroy(entries);
}

void selo_table_csv(const selo_table *table, selo_text *text)
{
    for (size_t k = 0; k < table->n_columns; ++k) {
        selo_text_add(text, k ? "," : "");
        selo_text_add_csv(text, table->columns[k].name);
    }
    selo_text_add(text, "\n");
    for (size_t row = 0; row < table->n_rows; ++row) {
        for (size_t k = 0; k < table->n_columns; ++k) {
            selo_text_add(text, k ? "," : "");
            selo_text_add_csv(text, table->cells[row * table->n_columns + k]);
        }
        selo_text_add(text, "\n");
    }
}

void selo_table_json(const selo_table *table, selo_text *text)
{
    selo_text_add(text, "[");
    for (size_t row = 0; row < table->n_rows; ++row) {
        selo_text_add(text, row ? ",\n  {" : "\n  {");
        for (size_t k = 0; k < table->n_columns; ++k) {
            const char *cell = table->cells[row * table->n_columns + k];
            selo_text_add(text, k ? ", " : "");
            selo_text_add_json(text, table->columns[k].name);
            selo_text_add(text, ": ");
            if (cell && is_number(table, k))
                selo_text_add(text, "%s", cell);
            else
                selo_text_add_json(text, cell);
        }
        selo_text_add(text, "}");
    }
    selo_text_add(text, "\n]");
}

/* Characters of UTF-8, near enough to columns of a terminal. */
static size_t width_of(const char *text)
{
    size_t n = 0;
    for (; *text; ++text)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static void padded(const char *plain, size_t width, bool right, selo_text *text)
{
    const size_t own = width_of(plain), gap = own < width ? width - own : 0;
    selo_text_add(text, "%*s", right ? (int)gap : 0, "");
    selo_text_add_line(text, plain);
    selo_text_add(text, "%*s", right ? 0 : (int)gap, "");
}

void selo_table_plain(const selo_table *table, const char *columns, selo_text *text)
{
    char **entries = chosen(table, columns), number[64];
    size_t widths[64] = {0};
    const int n = CSLCount(entries) < 64 ? CSLCount(entries) : 64;
    for (int i = 0; i < n; ++i) {
        widths[i] = width_of(heading(entries[i]));
        for (size_t row = 0; row < table->n_rows; ++row) {
            const size_t width = width_of(shown(table, row, index_of(table, entries[i]), number, sizeof number));
            widths[i] = width > widths[i] ? width : widths[i];
        }
    }
    for (size_t line = 0; line <= table->n_rows; ++line) {
        for (int i = 0; i < n; ++i) {
            const size_t k = index_of(table, entries[i]);
            selo_text_add(text, i ? "  " : "");
            padded(line ? shown(table, line - 1, k, number, sizeof number) : heading(entries[i]), widths[i],
                   is_number(table, k), text);
        }
        selo_text_add(text, "\n");
    }
    CSLDestroy(entries);
}
