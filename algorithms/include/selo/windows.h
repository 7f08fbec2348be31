/* Window plans: which rectangles of an image a model is asked about.
 *
 * Two published plans. v1: a grid of square windows per scale, once from the corner and once shifted by half a step.
 * v2: a first stage of tiles, and around the best of them a second stage of small boxes.
 * Sources: TGRS 2022, doi 10.1109/TGRS.2022.3207171, section III-B (v1), and the published generators (v1 and v2);
 * docs/maps.md states their arithmetic, edge rules included. */
#ifndef SELO_WINDOWS_H
#define SELO_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A window by its published name: rows row_start ... row_end - 1, columns col_start ... col_end - 1, in pixels from the
 * top left corner. In an image smaller than the scale starts are negative; selo_window_clip() says what that means. */
typedef struct selo_window {
    int row_start, row_end;
    int col_start, col_end;
} selo_window;

/* The sides of a window, in pixels, each at least 1. The published scales are square. */
typedef struct selo_scale {
    int rows;
    int cols;
} selo_scale;

/* A plan. Set to {0} before the first use; the caller clears it with selo_plan_clear(). No window occurs twice. */
typedef struct selo_plan {
    selo_window *windows;
    size_t count;
    size_t capacity; /* internal */
} selo_plan;

#define SELO_PLAN_V2_TILE 512 /* side of a first-stage tile, px */

/* The v1 plan of an image of height x width pixels: for every scale the full-step grid and the one shifted by half a
 * step on both axes; a window that would stick out is moved back inside. Windows are appended in the published order
 * (scale, grid, column, row). Fails with SELO_E_ARGUMENT if a size or a scale is less than 1 or greater than 2^29. */
SELO_API selo_status selo_plan_v1(int height, int width, const selo_scale *scales, size_t n_scales, selo_plan *plan);

/* How many windows grids of these scales have at most, before any is made: those that occur twice are counted twice.
 *   shifted  true: with the grid shifted by half a step, as v1; false: without, as v2's tiles */
SELO_API double selo_plan_count(int height, int width, const selo_scale *scales, size_t n_scales, bool shifted);

/* The v2 plan's first stage: tiles of 512 px from the corner, moved back inside at the far edges; row by row. Errors
 * as of selo_plan_v1(). */
SELO_API selo_status selo_plan_v2_tiles(int height, int width, selo_plan *plan);

/* Marks the tiles that v2 looks into: the floor(3 n / 20) + 1 with the highest similarity, at most n. NaN
 * ranks lowest and is never marked. Of equal ones the later in the list is taken first (the published order
 * of equal ones is undefined).
 *   similarities  n numbers     selected  n flags, 0 or 1, written */
SELO_API selo_status selo_plan_v2_select(const double *similarities, size_t n, uint8_t *selected);

/* The v2 plan's second stage: boxes of 128 and 256 px around nine anchors of every selected tile, cut to the image at
 * the far edges and moved inside at the near ones; each distinct box once. Appended to `plan`, which should be empty.
 *   tiles, n_tiles  first stage, by nominal coordinates     selected  n_tiles flags; NULL: all
 * Errors as of selo_plan_v1(). */
SELO_API selo_status selo_plan_v2_boxes(int height, int width, const selo_window *tiles, size_t n_tiles,
                                        const uint8_t *selected, selo_plan *plan);

/* For each of n windows, the position of the first one with the same name: its own, where none
 * before has it. Linear in n.
 *   firsts  n numbers, written */
SELO_API selo_status selo_windows_match(const selo_window *windows, size_t n, size_t *firsts);

/* The pixels that a window covers, cut to the image. A negative start a means max(0, a + n), as in the published code,
 * with n the image's length on that axis: a window longer than the image covers its last 2n - length pixels only, or
 * all of it if length >= 2n. False, and *covered empty, if nothing is covered. */
SELO_API bool selo_window_clip(selo_window window, int height, int width, selo_window *covered);

SELO_API void selo_plan_clear(selo_plan *plan);

#ifdef __cplusplus
}
#endif
#endif
