#include "levels.h"

#include <math.h>
#include <string.h>

#include "wide_registers.h"

enum { LANES = 16, CROWD = 512, CROWDED = 8, ROUNDS = 3 };

typedef struct {
    float low, high; /* of the finite values */
    bool all_finite;
} span;

static SELO_INLINE void widen(span *s, float value)
{
    s->low = ((value < s->low) & (value > -INFINITY)) ? value : s->low;
    s->high = ((value > s->high) & (value < INFINITY)) ? value : s->high;
}

static SELO_INLINE bool any_infinite(const float *values, size_t n)
{
    bool any = false;
    for (size_t k = 0; k < n; k++)
        any |= values[k] - values[k] != 0;
    return any;
}

/* In lanes: a compiler that keeps the order of floating point operations can do these at once. */
static SELO_INLINE span find_span(const selo_floats *floats)
{
    span lanes[LANES];
    bool any = false;
    for (int k = 0; k < LANES; k++)
        lanes[k] = (span){.low = INFINITY, .high = -INFINITY};
    for (size_t row = 0; row < floats->n_rows; row++) {
        const float *values = floats->values + row * floats->stride;
        size_t c = 0;
        for (; c + LANES <= floats->n_columns; c += LANES)
            for (size_t k = 0; k < LANES; k++)
                widen(&lanes[k], values[c + k]);
        for (; c < floats->n_columns; c++)
            widen(&lanes[0], values[c]);
        any |= any_infinite(values, floats->n_columns);
    }
    for (int k = 1; k < LANES; k++) {
        widen(&lanes[0], lanes[k].low);
        widen(&lanes[0], lanes[k].high);
    }
    lanes[0].all_finite = !any;
    return lanes[0];
}

/* Steps of a span: from a value to the number of its one. */
typedef struct {
    double low, per_value;
} scale;

static SELO_INLINE scale find_scale(span s)
{
    const double range = (double)s.high - (double)s.low;
    return (scale){(double)s.low, range > 0 ? (SELO_LEVEL_STEPS - 1) / range : 0};
}

/* Of finite values. As none needs a look of its own, several are done at once. */
static SELO_INLINE void find_finite_steps(const float *restrict values, size_t n, scale s, uint16_t *restrict steps)
{
    for (size_t k = 0; k < n; k++)
        steps[k] = (uint16_t)(int32_t)(((double)values[k] - s.low) * s.per_value);
}

/* Of any values, infinite ones as the outer finite ones; SELO_LEVEL_STEPS of NaN. */
static SELO_INLINE void find_steps(const float *restrict values, size_t n, span ends, scale s, uint16_t *restrict steps)
{
    for (size_t k = 0; k < n; k++) {
        const float value = values[k] > ends.high ? ends.high : values[k] < ends.low ? ends.low : values[k];
        const double place = ((double)value - s.low) * s.per_value, from = place > 0 ? place : 0; /* of NaN 0, too */
        const int32_t step = (int32_t)from;
        steps[k] = (uint16_t)(value == value ? step : SELO_LEVEL_STEPS);
    }
}

/* Whether the next LANES values are the same, as in flat places: then they are counted at once. */
static SELO_INLINE bool is_flat(const float *values)
{
    bool differ = false;
    for (int k = 1; k < LANES; k++)
        differ |= values[k] != values[0];
    return !differ;
}

static SELO_INLINE void count_steps(const selo_floats *floats, const float *values, const uint16_t *steps,
                                    uint32_t *counts)
{
    const size_t n = floats->n_columns;
    size_t k = 0;
    if (floats->start_of)
        for (; k < n; k++)
            counts[steps[k]] += (uint32_t)(floats->start_of[k + 1] - floats->start_of[k]);
    while (k < n)
        if (k + LANES <= n && is_flat(values + k)) {
            counts[steps[k]] += LANES;
            k += LANES;
        } else
            for (size_t end = k + LANES < n ? k + LANES : n; k < end; k++)
                counts[steps[k]]++;
}

/* Steps in order; a new level starts where one is full: 1/1024 of all values, or any if there are levels enough. */
static void share_levels(selo_levels *levels)
{
    int64_t total = 0, used = 0, seen = 0; /* seen: values of the steps before */
    for (int step = 0; step < SELO_LEVEL_STEPS; step++) {
        total += levels->counts[step];
        used += levels->counts[step] > 0;
    }
    int level = -1;
    for (int step = 0; step < SELO_LEVEL_STEPS; step++) {
        /* With steps to spare each used one is a level; else value k of all belongs to level k * 1024 / total. */
        level += levels->counts[step] > 0 && (level < 0 || used <= SELO_LEVELS || seen * SELO_LEVELS / total > level);
        levels->level_of_step[step] = (uint16_t)(level < 0 ? 0 : level);
        seen += levels->counts[step];
    }
    levels->level_of_step[SELO_LEVEL_STEPS] = SELO_NO_LEVEL;
    levels->has_gaps = levels->counts[SELO_LEVEL_STEPS] > 0;
    for (int k = 0; k <= SELO_LEVELS; k++)
        levels->least[k] = INFINITY, levels->most[k] = -INFINITY;
}

/* What a level holds. Infinite values go on widening it, but no further than the finite ones reach. */
static SELO_INLINE void widen_level(selo_levels *levels, uint16_t level, float value, span s)
{
    if (value < levels->least[level])
        levels->least[level] = value > s.low ? value : s.low;
    if (value > levels->most[level])
        levels->most[level] = value < s.high ? value : s.high;
}

/* From steps to levels. */
static SELO_INLINE void put_levels(const float *values, size_t n, span s, selo_levels *levels, uint16_t *steps)
{
    size_t k = 0;
    while (k < n)
        if (k + LANES <= n && is_flat(values + k)) {
            const uint16_t level = levels->level_of_step[steps[k]];
            widen_level(levels, level, values[k], s);
            for (size_t end = k + LANES; k < end; k++)
                steps[k] = level;
        } else
            for (size_t end = k + LANES < n ? k + LANES : n; k < end; k++) {
                steps[k] = levels->level_of_step[steps[k]];
                widen_level(levels, steps[k], values[k], s);
            }
}

/* From the steps of all values, which are counted, to levels. */
static SELO_INLINE void share_values(const selo_floats *floats, span s, selo_levels *levels, uint16_t *steps)
{
    const size_t n = floats->n_columns;
    share_levels(levels);
    for (size_t row = 0; row < floats->n_rows; row++)
        put_levels(floats->values + row * floats->stride, n, s, levels, steps + row * n);
}

/* ---- ranges that a few far values stretch ------------------------------------------------------------------------ */

/* New steps: those of a level from `first` on, `scale` for each unit above its least value. */
typedef struct {
    int32_t first[SELO_LEVELS + 1];
    double scale[SELO_LEVELS + 1];
} finer_steps;

/* Values of a level that is one step, of different values and with 1/CROWD of all; 0 for other levels. Their sum, if
 * that is 1/CROWDED of all: fewer lie close together because they are alike. */
static int64_t find_crowds(const selo_levels *levels, int64_t crowds[SELO_LEVELS])
{
    int64_t total = 0, crowded = 0;
    int used[SELO_LEVELS] = {0};
    memset(crowds, 0, SELO_LEVELS * sizeof *crowds);
    for (int step = 0; step < SELO_LEVEL_STEPS; step++) {
        used[levels->level_of_step[step]] += levels->counts[step] > 0;
        crowds[levels->level_of_step[step]] += levels->counts[step];
        total += levels->counts[step];
    }
    for (int k = 0; k < SELO_LEVELS; k++) {
        if (used[k] != 1 || crowds[k] * CROWD < total || !(levels->least[k] < levels->most[k]))
            crowds[k] = 0;
        crowded += crowds[k];
    }
    return crowded * CROWDED < total ? 0 : crowded;
}

/* A crowd gets steps in proportion to its values, other levels one each. */
static void share_steps(const selo_levels *levels, const int64_t crowds[SELO_LEVELS], int64_t crowded,
                        finer_steps *finer)
{
    const int64_t spare = SELO_LEVEL_STEPS - SELO_LEVELS;
    int32_t next = 0;
    for (int k = 0; k < SELO_LEVELS; k++) {
        const int32_t more = (int32_t)(crowds[k] * spare / crowded);
        finer->first[k] = next;
        finer->scale[k] = crowds[k] ? more / ((double)levels->most[k] - (double)levels->least[k]) : 0;
        next += 1 + more;
    }
    finer->first[SELO_NO_LEVEL] = SELO_LEVEL_STEPS;
    finer->scale[SELO_NO_LEVEL] = 0;
}

/* From levels to the new steps. */
static void put_finer_steps(const float *values, size_t n, const selo_levels *levels, const finer_steps *finer,
                            uint16_t *steps)
{
    for (size_t k = 0; k < n; k++) {
        const uint16_t level = steps[k];
        const float most = levels->most[level], value = values[k] < most ? values[k] : most;
        const double place = ((double)value - (double)levels->least[level]) * finer->scale[level];
        steps[k] = (uint16_t)(finer->first[level] + (place > 0 ? (int32_t)place : 0));
    }
}

/* Where equal steps crowd different values into one, that one is divided; again, if need be. */
static void divide_crowds(const selo_floats *floats, span s, selo_levels *levels, uint16_t *level_of_value)
{
    const size_t n = floats->n_columns;
    int64_t crowds[SELO_LEVELS], crowded;
    finer_steps finer;
    for (int round = 0; round < ROUNDS && (crowded = find_crowds(levels, crowds)) > 0; round++) {
        share_steps(levels, crowds, crowded, &finer);
        memset(levels->counts, 0, sizeof levels->counts);
        for (size_t row = 0; row < floats->n_rows; row++) {
            const float *values = floats->values + row * floats->stride;
            put_finer_steps(values, n, levels, &finer, level_of_value + row * n);
            count_steps(floats, values, level_of_value + row * n, levels->counts);
        }
        share_values(floats, s, levels, level_of_value);
    }
}

SELO_WIDE_REGISTERS void selo_levels_find(const selo_floats *floats, selo_levels *levels, uint16_t *level_of_value)
{
    const span s = find_span(floats);
    const scale to_steps = find_scale(s);
    const size_t n = floats->n_columns;
    memset(levels->counts, 0, sizeof levels->counts);
    for (size_t row = 0; row < floats->n_rows; row++) {
        const float *values = floats->values + row * floats->stride;
        uint16_t *steps = level_of_value + row * n;
        if (s.all_finite)
            find_finite_steps(values, n, to_steps, steps);
        else
            find_steps(values, n, s, to_steps, steps);
        count_steps(floats, values, steps, levels->counts);
    }
    share_values(floats, s, levels, level_of_value);
    divide_crowds(floats, s, levels, level_of_value);
    levels->least[SELO_NO_LEVEL] = levels->most[SELO_NO_LEVEL] = NAN;
}

SELO_WIDE_REGISTERS void selo_levels_place(const selo_levels *levels, const selo_places *places, int start, int end,
                                           float *values)
{
    const float *const least = levels->least, *const most = levels->most;
    const int32_t *const level = places->level, *const rank = places->rank, *const count = places->count;
    for (int k = start; k < end; k++)
        values[k] = least[level[k]] + (most[level[k]] - least[level[k]]) * (((float)rank[k] - 0.5F) / (float)count[k]);
}
