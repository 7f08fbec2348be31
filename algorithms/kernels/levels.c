#include <math.h>

#include "filter.h"
#include "selo/memory.h"

selo_status selo_levels_new(float low, float high, selo_levels **levels)
{
    if (!levels || !isfinite(low) || !isfinite(high) || low > high)
        return SELO_E_ARGUMENT;
    selo_levels *made = selo_alloc_zeroed(1, sizeof *made);
    if (!made)
        return SELO_E_MEMORY;
    made->low = (double)low;
    made->width = (double)high - (double)low;
    made->scale = high > low ? (SELO_LEVEL_STEPS - 1) / made->width : 0;
    made->n = -1;
    *levels = made;
    return SELO_OK;
}

void selo_levels_add(selo_levels *levels, const float *values, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        const double place = ((double)values[k] - levels->low) * levels->scale;
        if (!(place >= 0 && place <= SELO_LEVEL_STEPS - 1))
            continue;
        const int step = (int)place;
        if (levels->counts[step]++ == 0)
            levels->least[step] = levels->most[step] = values[k];
        levels->least[step] = values[k] < levels->least[step] ? values[k] : levels->least[step];
        levels->most[step] = values[k] > levels->most[step] ? values[k] : levels->most[step];
    }
}

/* Steps in order; a new level starts where one is full: `share` pixels, or any if there are levels enough. */
void selo_levels_finish(selo_levels *levels)
{
    int64_t total = 0, used = 0;
    for (int step = 0; step < SELO_LEVEL_STEPS; step++) {
        total += levels->counts[step];
        used += levels->counts[step] > 0;
    }
    int level = -1;
    int64_t seen = 0; /* pixels of the steps before */
    for (int step = 0; step < SELO_LEVEL_STEPS; step++) {
        const int64_t count = levels->counts[step];
        /* With steps to spare each used one is a level; else pixel k of all belongs to level k * 1024 / total. */
        const bool starts =
            count > 0 && (level < 0 || used <= SELO_LEVELS ||
                          (int64_t)((double)seen / (double)total * (double)SELO_LEVELS) > level);
        if (starts) {
            level++;
            levels->least[level] = levels->least[step];
        }
        if (count > 0)
            levels->most[level] = levels->most[step];
        levels->level_of_step[step] = (uint16_t)(level < 0 ? 0 : level);
        seen += count;
    }
    levels->n = level + 1;
}

void selo_levels_free(selo_levels *levels)
{
    selo_free(levels);
}
