#include "levels.h"

#include <math.h>
#include <string.h>

#include "wide_registers.h"

enum { LANES = 16 };

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

/* Of any values; SELO_LEVEL_STEPS of NaN. */
static SELO_INLINE void find_steps(const float *restrict values, size_t n, scale s, uint16_t *restrict steps)
{
    for (size_t k = 0; k < n; k++) {
        const double place = ((double)values[k] - s.low) * s.per_value;
        const double from = place > 0 ? place : 0, to = from < SELO_LEVEL_STEPS - 1 ? from : SELO_LEVEL_STEPS - 1;
        const int32_t step = (int32_t)to;
        steps[k] = (uint16_t)(place == place ? step : SELO_LEVEL_STEPS);
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

static SELO_INLINE void count_steps(const float *values, const uint16_t *steps, size_t n, uint32_t *counts)
{
    size_t k = 0;
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
            find_steps(values, n, to_steps, steps);
        count_steps(values, steps, n, levels->counts);
    }
    share_levels(levels);
    for (size_t row = 0; row < floats->n_rows; row++)
        put_levels(floats->values + row * floats->stride, n, s, levels, level_of_value + row * n);
    levels->least[SELO_NO_LEVEL] = levels->most[SELO_NO_LEVEL] = NAN;
}

SELO_WIDE_REGISTERS void selo_levels_place(const selo_levels *levels, const selo_places *places, int start, int end, float *values)
{
    const float *const least = levels->least, *const most = levels->most;
    const int32_t *const level = places->level, *const rank = places->rank, *const count = places->count;
    for (int k = start; k < end; k++)
        values[k] = least[level[k]] + (most[level[k]] - least[level[k]]) * (((float)rank[k] - 0.5F) / (float)count[k]);
}
