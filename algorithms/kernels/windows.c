#include "selo/windows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "selo/memory.h"

#define LONGEST (1 << 29) /* so that no sum of two lengths leaves an int */

/* The windows seen so far, as an open-addressing table of positions in the plan (plus 1; 0 is empty). */
typedef struct {
    uint32_t *slots;
    size_t size; /* a power of two */
} seen_set;

static size_t hash_of(selo_window w)
{
    uint64_t h = 1469598103934665603u;
    const int parts[4] = {w.row_start, w.row_end, w.col_start, w.col_end};
    for (int k = 0; k < 4; k++)
        h = (h ^ (uint32_t)parts[k]) * 1099511628211u;
    return (size_t)(h ^ (h >> 29));
}

static bool same(selo_window a, selo_window b)
{
    return a.row_start == b.row_start && a.row_end == b.row_end && a.col_start == b.col_start && a.col_end == b.col_end;
}

static uint32_t *slot_of(const seen_set *seen, const selo_plan *plan, selo_window window)
{
    size_t at = hash_of(window) & (seen->size - 1);
    while (seen->slots[at] && !same(plan->windows[seen->slots[at] - 1], window))
        at = (at + 1) & (seen->size - 1);
    return &seen->slots[at];
}

/* Makes room for one more window, in the plan and in the table. */
static selo_status grow(selo_plan *plan, seen_set *seen)
{
    if (plan->count == plan->capacity) {
        const size_t capacity = plan->capacity ? plan->capacity * 2 : 256;
        selo_window *windows = selo_realloc(plan->windows, capacity, sizeof *windows);
        if (!windows)
            return SELO_E_MEMORY;
        plan->windows = windows;
        plan->capacity = capacity;
    }
    if (seen->size > plan->count * 2 + 1)
        return SELO_OK;
    if (plan->count >= UINT32_MAX / 2)
        return SELO_E_MEMORY;
    size_t size = 512;
    while (size < plan->count * 4)
        size *= 2;
    uint32_t *slots = selo_alloc_zeroed(size, sizeof *slots);
    if (!slots)
        return SELO_E_MEMORY;
    selo_free(seen->slots);
    seen->slots = slots;
    seen->size = size;
    for (size_t k = 0; k < plan->count; k++)
        *slot_of(seen, plan, plan->windows[k]) = (uint32_t)(k + 1);
    return SELO_OK;
}

static selo_status add(selo_plan *plan, seen_set *seen, selo_window window)
{
    const selo_status status = grow(plan, seen);
    if (status)
        return status;
    uint32_t *slot = slot_of(seen, plan, window);
    if (!*slot) {
        plan->windows[plan->count++] = window;
        *slot = (uint32_t)plan->count;
    }
    return SELO_OK;
}

static int start_of(int nominal, int step, int length)
{
    return nominal + step < length ? nominal : length - step;
}

typedef struct {
    int height, width;
    selo_scale step;
    bool by_rows; /* rows outside, columns inside */
} grid_shape;

/* One grid from `offset`; a window that would stick out is moved back. */
static selo_status add_grid(const grid_shape *grid, selo_scale offset, selo_plan *plan, seen_set *seen)
{
    const int outer_end = grid->by_rows ? grid->height : grid->width;
    const int inner_end = grid->by_rows ? grid->width : grid->height;
    const int outer_step = grid->by_rows ? grid->step.rows : grid->step.cols;
    const int inner_step = grid->by_rows ? grid->step.cols : grid->step.rows;
    for (int outer = grid->by_rows ? offset.rows : offset.cols; outer < outer_end; outer += outer_step)
        for (int inner = grid->by_rows ? offset.cols : offset.rows; inner < inner_end; inner += inner_step) {
            const int row = start_of(grid->by_rows ? outer : inner, grid->step.rows, grid->height);
            const int col = start_of(grid->by_rows ? inner : outer, grid->step.cols, grid->width);
            const selo_window window = {row, row + grid->step.rows, col, col + grid->step.cols};
            const selo_status status = add(plan, seen, window);
            if (status)
                return status;
        }
    return SELO_OK;
}

/* Starts offset, offset + step, ... below length. */
static double starts(int length, int step, int offset)
{
    return offset < length ? ceil(((double)length - offset) / step) : 0;
}

static selo_scale half_of(selo_scale step)
{
    return (selo_scale){step.rows - step.rows / 2, step.cols - step.cols / 2};
}

double selo_plan_count(int height, int width, const selo_scale *scales, size_t n_scales, bool shifted)
{
    double count = 0;
    for (size_t k = 0; k < n_scales; k++) {
        const selo_scale step = scales[k], half = half_of(step);
        count += starts(height, step.rows, 0) * starts(width, step.cols, 0);
        if (shifted)
            count += starts(height, step.rows, half.rows) * starts(width, step.cols, half.cols);
    }
    return count;
}

static bool good_length(int length)
{
    return length >= 1 && length <= LONGEST;
}

selo_status selo_plan_v1(int height, int width, const selo_scale *scales, size_t n_scales, selo_plan *plan)
{
    if (!good_length(height) || !good_length(width) || !plan || (n_scales && !scales))
        return SELO_E_ARGUMENT;
    seen_set seen = {0};
    selo_status status = SELO_OK;
    for (size_t k = 0; k < n_scales && !status; k++) {
        const grid_shape grid = {height, width, scales[k], false};
        if (!good_length(grid.step.rows) || !good_length(grid.step.cols)) {
            status = SELO_E_ARGUMENT;
            break;
        }
        const selo_scale none = {0, 0};
        status = add_grid(&grid, none, plan, &seen);
        if (!status)
            status = add_grid(&grid, half_of(grid.step), plan, &seen);
    }
    selo_free(seen.slots);
    return status;
}

selo_status selo_plan_v2_tiles(int height, int width, selo_plan *plan)
{
    if (!good_length(height) || !good_length(width) || !plan)
        return SELO_E_ARGUMENT;
    seen_set seen = {0};
    const grid_shape grid = {height, width, {SELO_PLAN_V2_TILE, SELO_PLAN_V2_TILE}, true};
    const selo_status status = add_grid(&grid, (selo_scale){0, 0}, plan, &seen);
    selo_free(seen.slots);
    return status;
}

typedef struct {
    double similarity;
    size_t at;
} ranked;

static int by_similarity(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->similarity != y->similarity)
        return x->similarity < y->similarity ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

selo_status selo_plan_v2_select(const double *similarities, size_t n, uint8_t *selected)
{
    if (n && (!similarities || !selected))
        return SELO_E_ARGUMENT;
    if (n > SIZE_MAX / 20)
        return SELO_E_MEMORY;
    ranked *order = selo_alloc(n, sizeof *order);
    if (!order)
        return SELO_E_MEMORY;
    size_t known = 0;
    for (size_t k = 0; k < n; k++) {
        selected[k] = 0;
        if (!isnan(similarities[k]))
            order[known++] = (ranked){similarities[k], k};
    }
    qsort(order, known, sizeof *order, by_similarity);
    size_t keep = 3 * n / 20 + 1;
    while (keep-- && known)
        selected[order[--known].at] = 1;
    selo_free(order);
    return SELO_OK;
}

/* The two boxes around an anchor. At the near edges the box keeps its length, at the far ones it is cut. */
static selo_status add_boxes(int y, int x, int height, int width, selo_plan *plan, seen_set *seen)
{
    for (int s = 64; s <= 128; s += 64) {
        const int top = y > s ? y - s : 0, left = x > s ? x - s : 0;
        const selo_window box = {top, top + 2 * s < height ? top + 2 * s : height,
                                 left, left + 2 * s < width ? left + 2 * s : width};
        const selo_status status = add(plan, seen, box);
        if (status)
            return status;
    }
    return SELO_OK;
}

selo_status selo_plan_v2_boxes(int height, int width, const selo_window *tiles, size_t n_tiles, const uint8_t *selected,
                               selo_plan *plan)
{
    if (!good_length(height) || !good_length(width) || !plan || (n_tiles && !tiles))
        return SELO_E_ARGUMENT;
    seen_set seen = {0};
    selo_status status = SELO_OK;
    for (size_t k = 0; k < n_tiles && !status; k++) {
        if (selected && !selected[k])
            continue;
        const selo_window t = tiles[k];
        const int anchors[9][2] = {{t.row_start, t.col_start},
                                   {t.row_start, t.col_end},
                                   {t.row_end, t.col_start},
                                   {t.row_end, t.col_end},
                                   {t.row_start + 128, t.col_start + 128},
                                   {t.row_start + 128, t.col_start + 384},
                                   {t.row_start + 384, t.col_start + 128},
                                   {t.row_start + 384, t.col_start + 384},
                                   {t.row_start + 256, t.col_start + 256}};
        for (int a = 0; a < 9 && !status; a++)
            status = add_boxes(anchors[a][0], anchors[a][1], height, width, plan, &seen);
    }
    selo_free(seen.slots);
    return status;
}

selo_status selo_windows_match(const selo_window *windows, size_t n, size_t *firsts)
{
    selo_plan distinct = {0};
    seen_set seen = {0};
    size_t *positions = selo_alloc(n, sizeof *positions); /* of the distinct ones among all */
    selo_status status = positions || n == 0 ? SELO_OK : SELO_E_MEMORY;
    for (size_t k = 0; k < n && !status; k++) {
        const size_t before = distinct.count;
        status = add(&distinct, &seen, windows[k]);
        if (!status && distinct.count > before)
            positions[before] = k;
        if (!status)
            firsts[k] = positions[*slot_of(&seen, &distinct, windows[k]) - 1];
    }
    selo_plan_clear(&distinct);
    selo_free(seen.slots);
    selo_free(positions);
    return status;
}

static void clip_axis(int *start, int *end, int length)
{
    if (*start < 0)
        *start = *start > -length ? *start + length : 0;
    if (*end > length)
        *end = length;
    if (*end < 0)
        *end = *end > -length ? *end + length : 0;
    if (*end < *start)
        *end = *start;
}

bool selo_window_clip(selo_window window, int height, int width, selo_window *covered)
{
    clip_axis(&window.row_start, &window.row_end, height);
    clip_axis(&window.col_start, &window.col_end, width);
    *covered = window;
    return window.row_end > window.row_start && window.col_end > window.col_start;
}

void selo_plan_clear(selo_plan *plan)
{
    selo_free(plan->windows);
    *plan = (selo_plan){0};
}
