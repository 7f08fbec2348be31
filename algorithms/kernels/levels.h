/* Floating point values as at most 512 levels of adjacent ones (private).
 *
 * Values are told apart by 65535 equal steps of their range; where a few far values stretch that, so that 1/8 of all
 * fall on steps that hold 1/512 of all, which differ, such steps are divided, three times at most. A step that holds a
 * value is a level; where there are more of those than levels, neighbours share one, so that none holds much more than
 * 1/256 of all values, nor spans more than 1/256 of the steps, unless it is a single one. */
#ifndef SELO_KERNELS_LEVELS_H
#define SELO_KERNELS_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SELO_LEVELS = 512, SELO_NO_LEVEL = SELO_LEVELS, SELO_LEVEL_STEPS = 65535 };

/* How many values a step holds, and one of them. */
typedef struct {
    uint32_t count;
    float value;
} selo_level_step;

typedef struct {
    float least[SELO_LEVELS + 1], most[SELO_LEVELS + 1]; /* value of a level; NaN of no level */
    bool has_gaps;                                       /* some values are NaN */
    selo_level_step steps[SELO_LEVEL_STEPS + 1];         /* the last is NaN's */
    uint16_t level_of_step[SELO_LEVEL_STEPS + 1];
} selo_levels;

/* A rectangle of values: n_columns of each row, `stride` from row to row. */
typedef struct {
    const float *values;
    size_t stride, n_rows, n_columns;
    const int32_t *start_of; /* column c counts start_of[c + 1] - start_of[c] times; NULL: each once */
} selo_floats;

/* The levels of these values, and the level of each, row-major without padding: 0 ... 511, or SELO_NO_LEVEL for NaN.
 * Infinite values count as the least or the greatest finite one. */
void selo_levels_find(const selo_floats *floats, selo_levels *levels, uint16_t *level_of_value);

/* Places in levels: of the `count` values of a level, the one with this rank, from 1. */
typedef struct {
    int32_t *level, *rank, *count;
} selo_places;

/* The values at places start ... end - 1. Within a level values are taken to be spaced evenly. */
void selo_levels_place(const selo_levels *levels, const selo_places *places, int start, int end, float *values);

#endif
