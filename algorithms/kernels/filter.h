/* Bands of rows that the filters of this room work on (private). */
#ifndef SELO_KERNELS_FILTER_H
#define SELO_KERNELS_FILTER_H

#include "selo/filters.h"

/* Output rows row_start ... row_end - 1, and the input rows that their windows meet, first_row ... last_row. */
typedef struct {
    const selo_filter_options *options;
    int radius_x, radius_y;
    int row_start, row_end;
    int first_row, last_row;
    const void *input; /* from first_row on */
    void *output;      /* from row_start on */
} selo_band;

enum { SELO_LEVELS = 1024, SELO_LEVEL_STEPS = 65536, SELO_NO_LEVEL = 65535 };

struct selo_levels {
    double low, scale;                        /* step of value v: (v - low) * scale */
    double width;                             /* high - low */
    int64_t counts[SELO_LEVEL_STEPS];         /* values per step */
    float least[SELO_LEVEL_STEPS], most[SELO_LEVEL_STEPS]; /* of a step; after finishing: of a level */
    uint16_t level_of_step[SELO_LEVEL_STEPS]; /* after finishing */
    int n;                                    /* levels */
};

/* The level of a value; SELO_NO_LEVEL for NaN. */
static inline uint16_t selo_level_of(const selo_levels *levels, float value)
{
    const double place = ((double)value - levels->low) * levels->scale;
    if (!(place == place))
        return SELO_NO_LEVEL;
    return levels->level_of_step[place <= 0 ? 0 : place >= SELO_LEVEL_STEPS - 1 ? SELO_LEVEL_STEPS - 1 : (int)place];
}

selo_status selo_filter_median_band(const selo_band *band);
selo_status selo_filter_gaussian_band(const selo_band *band);
selo_status selo_filter_box_band(const selo_band *band);

/* Index mirrored without repeating the edge (101), however far outside. */
static inline int selo_mirror(int at, int length)
{
    if (at >= 0 && at < length)
        return at;
    if (length == 1)
        return 0;
    const int period = 2 * length - 2;
    at %= period;
    if (at < 0)
        at += period;
    return at < length ? at : period - at;
}

#endif
