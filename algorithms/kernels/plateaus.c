#include "plateaus.h"

#include <stdint.h>
#include <stdlib.h>

#include "selo/memory.h"

/* A plateau that may still grow, or a freed place in the list of them. */
typedef struct open_plateau {
    selo_plateau sum;
    size_t parent; /* itself, or the one that it has been joined to; of a freed place: the next freed one */
    int last_y;
} open_plateau;

typedef struct labelled_run {
    int x0, x1;
    size_t label;
} labelled_run;

typedef struct run_row {
    labelled_run *runs;
    size_t count, capacity;
} run_row;

struct selo_plateaus {
    selo_plateau_end end;
    void *context;
    int y; /* of the row above */
    run_row above, present;
    open_plateau *open;
    size_t n_open, open_capacity, freed;
    selo_plateau *found;
    size_t n_found, found_capacity;
};

#define NONE SIZE_MAX
#define FREED (-1) /* in place of the last row */

/* Makes room for one more item than `count`. */
static selo_status grow(void **items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return SELO_OK;
    const size_t wanted = *capacity < 16 ? 16 : *capacity + *capacity / 2;
    void *grown = selo_realloc(*items, wanted, size);
    if (!grown)
        return SELO_E_MEMORY;
    *items = grown;
    *capacity = wanted;
    return SELO_OK;
}

selo_status selo_plateaus_new(selo_plateau_end end, void *context, selo_plateaus **plateaus)
{
    *plateaus = selo_alloc_zeroed(1, sizeof **plateaus);
    if (!*plateaus)
        return SELO_E_MEMORY;
    (*plateaus)->end = end;
    (*plateaus)->context = context;
    (*plateaus)->freed = NONE;
    return SELO_OK;
}

void selo_plateaus_free(selo_plateaus *plateaus)
{
    if (!plateaus)
        return;
    selo_free(plateaus->above.runs);
    selo_free(plateaus->present.runs);
    selo_free(plateaus->open);
    selo_free(plateaus->found);
    selo_free(plateaus);
}

static size_t find(open_plateau *open, size_t label)
{
    while (open[label].parent != label) {
        open[label].parent = open[open[label].parent].parent;
        label = open[label].parent;
    }
    return label;
}

static selo_status take_label(selo_plateaus *plateaus, size_t *label)
{
    if (plateaus->freed != NONE) {
        *label = plateaus->freed;
        plateaus->freed = plateaus->open[*label].parent;
        return SELO_OK;
    }
    void *open = plateaus->open;
    const selo_status status = grow(&open, plateaus->n_open, &plateaus->open_capacity, sizeof *plateaus->open);
    plateaus->open = open;
    *label = plateaus->n_open;
    plateaus->n_open += status == SELO_OK;
    return status;
}

static bool begins_before(const selo_plateau *a, const selo_plateau *b)
{
    return a->first_y < b->first_y || (a->first_y == b->first_y && a->first_x < b->first_x);
}

static void add(selo_plateau *sum, const selo_plateau *other)
{
    if (begins_before(other, sum)) {
        sum->first_x = other->first_x;
        sum->first_y = other->first_y;
        sum->level = other->level;
    }
    sum->size += other->size;
    sum->sum_x += other->sum_x;
    sum->sum_y += other->sum_y;
    sum->value_sum += other->value_sum;
}

static selo_plateau run_sum(const selo_run *run, int y)
{
    const int64_t size = (int64_t)run->x1 - run->x0 + 1;
    return (selo_plateau){.size = size, .sum_x = ((int64_t)run->x0 + run->x1) * size / 2, .sum_y = y * size,
                          .first_x = run->x0, .first_y = y, .level = run->level, .value_sum = run->value_sum,
                          .centre_value = -1};
}

/* Joins two plateaus; the label that stays is the lower one. */
static size_t join(open_plateau *open, size_t a, size_t b)
{
    a = find(open, a);
    b = find(open, b);
    if (a == b)
        return a;
    const size_t root = a < b ? a : b, leaf = a < b ? b : a;
    add(&open[root].sum, &open[leaf].sum);
    open[root].last_y = open[root].last_y > open[leaf].last_y ? open[root].last_y : open[leaf].last_y;
    open[leaf].parent = root;
    return root;
}

/* Labels a run: that of the runs above which it touches, also by a corner, from *next on; a new one if there is
 * none. */
static selo_status add_run(selo_plateaus *plateaus, int y, const selo_run *run, size_t *next)
{
    const run_row *above = &plateaus->above;
    size_t label = NONE;
    while (*next < above->count && above->runs[*next].x1 < run->x0 - 1)
        ++*next;
    for (size_t i = *next; i < above->count && above->runs[i].x0 - 1 <= run->x1; i++)
        label = label == NONE ? find(plateaus->open, above->runs[i].label)
                              : join(plateaus->open, label, above->runs[i].label);
    const selo_plateau sum = run_sum(run, y);
    if (label != NONE) {
        add(&plateaus->open[label].sum, &sum);
    } else {
        const selo_status status = take_label(plateaus, &label);
        if (status != SELO_OK)
            return status;
        plateaus->open[label] = (open_plateau){sum, label, y};
    }
    plateaus->open[label].last_y = y;
    run_row *present = &plateaus->present;
    void *runs = present->runs;
    const selo_status status = grow(&runs, present->count, &present->capacity, sizeof *present->runs);
    present->runs = runs;
    if (status == SELO_OK)
        present->runs[present->count++] = (labelled_run){run->x0, run->x1, label};
    return status;
}

static selo_status end_plateau(selo_plateaus *plateaus, size_t label)
{
    void *found = plateaus->found;
    const selo_status status = grow(&found, plateaus->n_found, &plateaus->found_capacity, sizeof *plateaus->found);
    plateaus->found = found;
    if (status != SELO_OK)
        return status;
    selo_plateau *plateau = plateaus->found + plateaus->n_found++;
    *plateau = plateaus->open[label].sum;
    plateaus->end(plateaus->context, plateau, plateaus->open[label].last_y);
    return SELO_OK;
}

/* After the runs of row y have been labelled: points them at the roots, ends the plateaus that did not reach the row,
 * and frees the labels that no run of the row bears. Every label in use is that of a run above or of a new plateau. */
static selo_status end_row(selo_plateaus *plateaus, int y)
{
    run_row *above = &plateaus->above, *present = &plateaus->present;
    for (size_t i = 0; i < present->count; i++)
        present->runs[i].label = find(plateaus->open, present->runs[i].label);
    for (size_t i = 0; i < above->count; i++) {
        const size_t label = above->runs[i].label;
        open_plateau *open = plateaus->open + label;
        const bool root = open->parent == label;
        if (open->last_y == FREED || (root && open->last_y == y))
            continue;
        const selo_status status = root ? end_plateau(plateaus, label) : SELO_OK;
        if (status != SELO_OK)
            return status;
        open->last_y = FREED;
        open->parent = plateaus->freed;
        plateaus->freed = label;
    }
    const run_row swap = *above;
    *above = *present;
    *present = swap;
    present->count = 0;
    plateaus->y = y;
    return SELO_OK;
}

selo_status selo_plateaus_push(selo_plateaus *plateaus, int y, const selo_run *runs, size_t count)
{
    selo_status status = SELO_OK;
    size_t next = 0;
    if (y > plateaus->y + 1)
        status = end_row(plateaus, y - 1);
    for (size_t i = 0; i < count && status == SELO_OK; i++)
        status = add_run(plateaus, y, runs + i, &next);
    return status == SELO_OK ? end_row(plateaus, y) : status;
}

static int compare_first(const void *a, const void *b)
{
    return begins_before(a, b) ? -1 : begins_before(b, a);
}

selo_status selo_plateaus_finish(selo_plateaus *plateaus, selo_plateau **found, size_t *count)
{
    const selo_status status = end_row(plateaus, plateaus->y + 1);
    if (status != SELO_OK)
        return status;
    if (plateaus->n_found > 1)
        qsort(plateaus->found, plateaus->n_found, sizeof *plateaus->found, compare_first);
    *found = plateaus->found ? plateaus->found : selo_alloc(1, sizeof **found);
    *count = plateaus->n_found;
    plateaus->found = NULL;
    plateaus->n_found = plateaus->found_capacity = 0;
    return *found ? SELO_OK : SELO_E_MEMORY;
}
