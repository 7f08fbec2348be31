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

static SELO_INLINE void count_step(selo_level_step *step, float value, uint32_t times)
{
    step->count += times;
    step->value = value;
}

static SELO_INLINE void count_steps(const selo_floats *floats, const float *values, const uint16_t *steps,
                                    selo_level_step *counted)
{
    const size_t n = floats->n_columns;
    size_t k = 0;
    if (floats->start_of)
        for (; k < n; k++)
            count_step(&counted[steps[k]], values[k], (uint32_t)(floats->start_of[k + 1] - floats->start_of[k]));
    while (k < n)
        if (k + LANES <= n && is_flat(values + k)) {
            count_step(&counted[steps[k]], values[k], LANES);
            k += LANES;
        } else
            for (size_t end = k + LANES < n ? k + LANES : n; k < end; k++)
                count_step(&counted[steps[k]], values[k], 1);
}

/* Infinite values are counted with the finite ones that they stand for. */
static SELO_INLINE float value_within(float value, span s)
{
    return value > s.high ? s.high : value < s.low ? s.low : value;
}

/* A new level starts where half of the values before a step and half of the steps before it fill the last one; or at
 * each step that is used, if there are levels enough. A level reaches from the value of its first step to that of its
 * last. */
static void share_levels(span s, selo_levels *levels)
{
    int64_t total = 0, used = 0, seen = 0; /* seen: values of the steps before */
    for (int step = 0; step < SELO_LEVEL_STEPS; step++) {
        total += levels->steps[step].count;
        used += levels->steps[step].count > 0;
    }
    const double half = 0.5 * (double)SELO_LEVELS, per_value = total > 0 ? half / (double)total : 0,
                 per_step = half / (double)SELO_LEVEL_STEPS;
    int level = -1;
    for (int step = 0; step < SELO_LEVEL_STEPS; step++) {
        const selo_level_step *here = &levels->steps[step];
        if (here->count > 0) {
            const bool full = (double)seen * per_value + step * per_step >= level + 1;
            const float value = value_within(here->value, s);
            if (full || used <= SELO_LEVELS)
                levels->least[++level] = value;
            levels->most[level] = value;
            seen += here->count;
        }
        levels->level_of_step[step] = (uint16_t)(level < 0 ? 0 : level);
    }
    levels->level_of_step[SELO_LEVEL_STEPS] = SELO_NO_LEVEL;
    levels->has_gaps = levels->steps[SELO_LEVEL_STEPS].count > 0;
    for (int k = level + 1; k <= SELO_LEVELS; k++)
        levels->least[k] = levels->most[k] = NAN;
}

static SELO_INLINE void put_levels(const selo_levels *levels, size_t n, uint16_t *steps)
{
    for (size_t k = 0; k < n; k++)
        steps[k] = levels->level_of_step[steps[k]];
}

/* ---- ranges that a few far values stretch ------------------------------------------------------------------------ */

/* New steps: those of a level from `first` on, `scale` for each unit above its least value. */
typedef struct {
    int32_t first[SELO_LEVELS + 1];
    double scale[SELO_LEVELS + 1];
} finer_steps;

static SELO_INLINE void widen_level(selo_levels *levels, uint16_t level, float value)
{
    levels->least[level] = value < levels->least[level] ? value : levels->least[level];
    levels->most[level] = value > levels->most[level] ? value : levels->most[level];
}

/* What levels really hold. */
static void widen_levels(const selo_floats *floats, span s, const uint16_t *level_of_value, selo_levels *levels)
{
    const size_t n = floats->n_columns;
    for (size_t row = 0; row < floats->n_rows; row++) {
        const float *values = floats->values + row * floats->stride;
        for (size_t k = 0; k < n; k++)
            if (k == 0 || values[k] != values[k - 1]) /* seldom, where there are crowds */
                widen_level(levels, level_of_value[row * n + k], value_within(values[k], s));
    }
}

/* Values of a level that is one step, with 1/CROWD of all; 0 for other levels. */
static int64_t find_large_steps(const selo_levels *levels, int64_t crowds[SELO_LEVELS])
{
    int64_t total = 0;
    int used[SELO_LEVELS] = {0};
    memset(crowds, 0, SELO_LEVELS * sizeof *crowds);
    for (int step = 0; step < SELO_LEVEL_STEPS; step++) {
        used[levels->level_of_step[step]] += levels->steps[step].count > 0;
        crowds[levels->level_of_step[step]] += levels->steps[step].count;
        total += levels->steps[step].count;
    }
    for (int k = 0; k < SELO_LEVELS; k++)
        if (used[k] != 1 || crowds[k] * CROWD < total)
            crowds[k] = 0;
    return total;
}

/* Values of all crowds, if that is 1/CROWDED of all; fewer may lie close together because they are alike. */
static int64_t count_crowded(const int64_t crowds[SELO_LEVELS], int64_t total)
{
    int64_t crowded = 0;
    for (int k = 0; k < SELO_LEVELS; k++)
        crowded += crowds[k];
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

static void drop_alike(const selo_levels *levels, int64_t crowds[SELO_LEVELS])
{
    for (int k = 0; k < SELO_LEVELS; k++)
        if (!(levels->least[k] < levels->most[k]))
            crowds[k] = 0;
}

static void start_counting(selo_levels *levels)
{
    memset(levels->steps, 0, sizeof levels->steps);
}

/* From the steps of all values, which are counted, to levels. */
static SELO_INLINE void share_values(const selo_floats *floats, span s, selo_levels *levels, uint16_t *steps)
{
    share_levels(s, levels);
    put_levels(levels, floats->n_rows * floats->n_columns, steps);
}

/* From levels to those of finer steps. */
static void divide_levels(const selo_floats *floats, span s, const finer_steps *finer, selo_levels *levels,
                          uint16_t *level_of_value)
{
    const size_t n = floats->n_columns;
    start_counting(levels);
    for (size_t row = 0; row < floats->n_rows; row++) {
        const float *values = floats->values + row * floats->stride;
        put_finer_steps(values, n, levels, finer, level_of_value + row * n);
        count_steps(floats, values, level_of_value + row * n, levels->steps);
    }
    share_values(floats, s, levels, level_of_value);
}

/* Where equal steps crowd different values into one, that one is divided; again, if need be. Only where there may be
 * such, values are looked at once more. */
static void divide_crowds(const selo_floats *floats, span s, selo_levels *levels, uint16_t *level_of_value)
{
    int64_t crowds[SELO_LEVELS];
    finer_steps finer;
    for (int round = 0; round <= ROUNDS; round++) {
        const int64_t total = find_large_steps(levels, crowds);
        if (round == 0 && count_crowded(crowds, total) == 0)
            return;
        widen_levels(floats, s, level_of_value, levels);
        drop_alike(levels, crowds);
        const int64_t crowded = count_crowded(crowds, total);
        if (crowded == 0 || round == ROUNDS)
            return;
        share_steps(levels, crowds, crowded, &finer);
        divide_levels(floats, s, &finer, levels, level_of_value);
    }
}

SELO_WIDE_REGISTERS void selo_levels_find(const selo_floats *floats, selo_levels *levels, uint16_t *level_of_value)
{
    const span s = find_span(floats);
    const scale to_steps = find_scale(s);
    const size_t n = floats->n_columns;
    start_counting(levels);
    for (size_t row = 0; row < floats->n_rows; row++) {
        const float *values = floats->values + row * floats->stride;
        uint16_t *steps = level_of_value + row * n;
        if (s.all_finite)
            find_finite_steps(values, n, to_steps, steps);
        else
            find_steps(values, n, s, to_steps, steps);
        count_steps(floats, values, steps, levels->steps);
    }
    share_values(floats, s, levels, level_of_value);
    divide_crowds(floats, s, levels, level_of_value);
}

SELO_WIDE_REGISTERS void selo_levels_place(const selo_levels *levels, const selo_places *places, int start, int end,
                                           float *values)
{
    const float *const least = levels->least, *const most = levels->most;
    const int32_t *const level = places->level, *const rank = places->rank, *const count = places->count;
    for (int k = start; k < end; k++)
        values[k] = least[level[k]] + (most[level[k]] - least[level[k]]) * (((float)rank[k] - 0.5F) / (float)count[k]);
}
