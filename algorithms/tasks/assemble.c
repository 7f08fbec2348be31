#include "assemble.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "assemble_state.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "selo/memory.h"
#include "selo/stat.h"
#include "selo/table.h"

static selo_status collect(assemble_state *b)
{
    const selo_assembly *assembly = b->assembly;
    b->rows = selo_table_new("rows", "run_no:i,sample_no:i,source:i,row:i");
    if (!b->rows)
        return SELO_E_MEMORY;
    for (size_t s = 0; s < assembly->n_sources; ++s) {
        const selo_status status = selo_table_read(assembly->sources[s].dataset, "selo_sample", &b->tables[s]);
        if (status != SELO_OK)
            return status;
        for (size_t row = 0; b->tables[s] && row < b->tables[s]->n_rows; ++row)
            for (size_t r = 0; r < assembly->n_runs; ++r)
                if (strcmp(selo_table_text(b->tables[s], row, "run_id"), assembly->runs[r].run_id) == 0) {
                    selo_table_add_row(b->rows);
                    selo_table_set_real(b->rows, "run_no", (double)r);
                    selo_table_set_real(b->rows, "sample_no", selo_table_real(b->tables[s], row, "sample_no"));
                    selo_table_set_real(b->rows, "source", (double)s);
                    selo_table_set_real(b->rows, "row", (double)row);
                    break;
                }
    }
    selo_table_sort(b->rows, "run_no,sample_no,source");
    return b->rows->failed ? SELO_E_MEMORY : SELO_OK;
}

size_t assemble_number(const assemble_state *b, size_t i, const char *column)
{
    const double value = selo_table_real(b->rows, i, column);
    return isnan(value) ? 0 : (size_t)value;
}

/* The same sample from two sources would count twice. */
static selo_status check_doubles(assemble_state *b)
{
    for (size_t i = 1; i < b->rows->n_rows; ++i)
        if (assemble_number(b, i, "run_no") == assemble_number(b, i - 1, "run_no") &&
            assemble_number(b, i, "sample_no") == assemble_number(b, i - 1, "sample_no")) {
            const size_t source = assemble_number(b, i, "source");
            CPLError(CE_Failure, CPLE_AppDefined, "%s and %s both hold sample '%s' of run '%s': pass each part once",
                     b->assembly->sources[assemble_number(b, i - 1, "source")].name, b->assembly->sources[source].name,
                     selo_table_text(b->tables[source], assemble_number(b, i, "row"), "sample_id"),
                     b->assembly->runs[assemble_number(b, i, "run_no")].run_id);
            return SELO_E_INPUT;
        }
    return SELO_OK;
}

static selo_status combine(assemble_state *b)
{
    selo_text columns = {0};
    const selo_table *first = b->tables[0];
    for (size_t k = 0; k < first->n_columns; ++k)
        selo_text_add(&columns, "%s%s:%c", k ? "," : "", first->columns[k].name, "sri"[first->columns[k].type]);
    b->samples = columns.failed ? NULL : selo_table_new("selo_sample", columns.data);
    selo_text_clear(&columns);
    for (size_t i = 0; b->samples && i < b->rows->n_rows; ++i) {
        const selo_table *from = b->tables[assemble_number(b, i, "source")];
        const size_t row = assemble_number(b, i, "row");
        selo_table_add_row(b->samples);
        for (size_t k = 0; k < from->n_columns; ++k)
            selo_table_set_text(b->samples, from->columns[k].name, from->cells[row * from->n_columns + k]);
    }
    return b->samples && !b->samples->failed ? SELO_OK : SELO_E_MEMORY;
}

static void release(assemble_state *b)
{
    for (size_t s = 0; s < b->assembly->n_sources; ++s) {
        for (size_t i = 0; b->parts && i < ASSEMBLE_LAYERS; ++i) {
            assemble_part *old = &b->parts[s * ASSEMBLE_LAYERS + i];
            for (size_t k = 0; k < old->n; ++k)
                CPLFree(old->places[k].key);
            selo_free(old->places);
        }
        selo_table_free(b->tables ? b->tables[s] : NULL);
    }
    for (size_t i = 0; i < b->n_layers; ++i)
        selo_free((void *)(uintptr_t)b->schemas[i].fields);
    selo_free(b->parts);
    selo_free(b->tables);
    selo_table_free(b->rows);
}

selo_status selo_assemble(const selo_assembly *assembly, selo_table **samples, selo_table **stat)
{
    assemble_state b = {.assembly = assembly};
    b.parts = selo_alloc_zeroed(assembly->n_sources, ASSEMBLE_LAYERS * sizeof *b.parts);
    b.tables = selo_alloc_zeroed(assembly->n_sources, sizeof *b.tables);
    selo_status status = b.parts && b.tables ? SELO_OK : SELO_E_MEMORY;
    selo_status (*const steps[])(assemble_state *) = {assemble_index, collect, check_doubles, combine};
    for (size_t k = 0; status == SELO_OK && k < sizeof steps / sizeof *steps; ++k)
        status = steps[k](&b);
    if (status == SELO_OK)
        status = selo_stat_make(b.samples, assembly->group_by, assembly->resampling, &b.stat);
    if (status == SELO_OK)
        status = assemble_write(&b);
    else if (status == SELO_E_MEMORY)
        CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory to put the results together");
    if (status == SELO_OK && samples) {
        *samples = b.samples;
        b.samples = NULL;
    }
    if (status == SELO_OK && stat) {
        *stat = b.stat;
        b.stat = NULL;
    }
    selo_table_free(b.samples);
    selo_table_free(b.stat);
    release(&b);
    return status;
}
