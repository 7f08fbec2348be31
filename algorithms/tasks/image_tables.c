#include "image_tables.h"

#include <math.h>
#include <string.h>

#include "cpl_error.h"
#include "selo/memory.h"
#include "selo/vectors.h"

static selo_status check(const selo_image_vectors *vectors, const selo_plan *plan)
{
    size_t skipped = 0;
    for (size_t i = 0; i < plan->count; i++)
        skipped += vectors->stored.states[selo_image_vectors_find(vectors, &plan->windows[i])] != SELO_WINDOW_ENCODED;
    if (skipped == plan->count) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s: no window has enough valid pixels",
                 GDALGetDescription(vectors->image));
        return SELO_E_INPUT;
    }
    if (skipped > 0)
        CPLError(CE_Warning, CPLE_AppDefined, "%lld of %lld windows have too few valid pixels and take no part",
                 (long long)skipped, (long long)plan->count);
    return SELO_OK;
}

static selo_status grow(selo_window_table *table, size_t more)
{
    const size_t n = table->n + more;
    selo_window *windows = selo_realloc(table->windows, n, sizeof *windows);
    table->windows = windows ? windows : table->windows;
    double *similarities = windows ? selo_realloc(table->similarities, n, sizeof *similarities) : NULL;
    table->similarities = similarities ? similarities : table->similarities;
    int *stages = similarities ? selo_realloc(table->stages, n, sizeof *stages) : NULL;
    table->stages = stages ? stages : table->stages;
    uint8_t *selected = stages ? selo_realloc(table->selected, n, 1) : NULL;
    table->selected = selected ? selected : table->selected;
    return selected ? SELO_OK : SELO_E_MEMORY;
}

/* Adds a plan's windows to a query's table. Those without a vector have no similarity, and are not
 * selected in the first stage. */
static selo_status add_rows(const selo_image_vectors *vectors, const selo_plan *plan, int stage, const float *query,
                            selo_window_table *table)
{
    const selo_embedding *stored = &vectors->stored;
    const selo_status status = grow(table, plan->count);
    for (size_t i = 0; i < plan->count && status == SELO_OK; i++) {
        const size_t row = table->n++, at = selo_image_vectors_find(vectors, &plan->windows[i]);
        const bool encoded = stored->states[at] == SELO_WINDOW_ENCODED;
        table->windows[row] = plan->windows[i];
        table->similarities[row] = encoded ? (double)selo_dot(stored->vectors + at * stored->size, query, stored->size)
                                           : (double)NAN;
        table->stages[row] = stage;
        table->selected[row] = encoded || stage > 1;
    }
    return status;
}

/* The boxes around the tiles that a query selects; the flags stay in its table. */
static selo_status plan_boxes(const selo_image_vectors *vectors, selo_window_table *table, selo_plan *boxes)
{
    const selo_status status = selo_plan_v2_select(table->similarities, table->n, table->selected);
    return status == SELO_OK
               ? selo_plan_v2_boxes(GDALGetRasterYSize(vectors->image), GDALGetRasterXSize(vectors->image),
                                    table->windows, table->n, table->selected, boxes)
               : status;
}

/* The boxes of all queries are encoded together: the image is read once for them. */
static selo_status encode_boxes(selo_image_vectors *vectors, selo_encoder *encoder, const selo_plan *boxes, size_t n,
                                GDALProgressFunc progress, void *progress_data)
{
    size_t all = 0, done = 0;
    for (size_t k = 0; k < n; k++)
        all += boxes[k].count;
    selo_window *windows = selo_alloc(all, sizeof *windows);
    if (!windows)
        return SELO_E_MEMORY;
    for (size_t k = 0; k < n; done += boxes[k++].count)
        if (boxes[k].count > 0)
            memcpy(windows + done, boxes[k].windows, boxes[k].count * sizeof *windows);
    const selo_status status = selo_image_vectors_add(vectors, encoder, windows, all, progress, progress_data);
    selo_free(windows);
    return status;
}

static selo_status look_closer(selo_image_vectors *vectors, selo_encoder *encoder, const selo_image_queries *queries,
                               GDALProgressFunc progress, void *progress_data)
{
    selo_plan *boxes = selo_alloc_zeroed(queries->n, sizeof *boxes);
    selo_status status = boxes ? SELO_OK : SELO_E_MEMORY;
    for (size_t k = 0; k < queries->n && status == SELO_OK; k++)
        status = plan_boxes(vectors, &queries->tables[k], &boxes[k]);
    if (status == SELO_OK)
        status = encode_boxes(vectors, encoder, boxes, queries->n, progress, progress_data);
    for (size_t k = 0; k < queries->n && status == SELO_OK; k++)
        status = add_rows(vectors, &boxes[k], 2, queries->vectors + k * vectors->stored.size, &queries->tables[k]);
    for (size_t k = 0; boxes && k < queries->n; k++)
        selo_plan_clear(&boxes[k]);
    selo_free(boxes);
    return status;
}

selo_status selo_image_tables_make(selo_image_vectors *vectors, selo_encoder *encoder, selo_preset preset,
                                   const selo_plan *plan, const selo_image_queries *queries, GDALProgressFunc progress,
                                   void *progress_data)
{
    for (size_t k = 0; k < queries->n; k++)
        queries->tables[k] = (selo_window_table){.has_similarity = true};
    selo_status status = check(vectors, plan);
    for (size_t k = 0; k < queries->n && status == SELO_OK; k++)
        status = add_rows(vectors, plan, 1, queries->vectors + k * vectors->stored.size, &queries->tables[k]);
    return status == SELO_OK && preset == SELO_PRESET_V2
               ? look_closer(vectors, encoder, queries, progress, progress_data)
               : status;
}
