/* Window sizes that say their unit: "50px", "16m", "1.5km". */
#ifndef SELO_LENGTH_H
#define SELO_LENGTH_H

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum selo_unit {
    SELO_UNIT_PX, /* pixels of the map */
    SELO_UNIT_M   /* metres on the ground */
} selo_unit;

typedef struct selo_length {
    double value; /* finite, at least 0 */
    selo_unit unit;
} selo_length;

/* Reads a length: a number with a decimal point (whatever the locale) and a unit, px, m, cm or km (the last two become
 * metres); spaces around and between are allowed. On SELO_E_ARGUMENT *problem is a static sentence without the text
 * itself, to be put behind it: "unit missing: write px (pixels) or m (metres) behind the number".
 *
 *     selo_length size;
 *     const char *problem;
 *     if (selo_length_parse("16", &size, &problem) != SELO_OK)
 *         CPLError(CE_Failure, CPLE_IllegalArg, "smoothing: '%s': %s", "16", problem);
 */
SELO_API selo_status selo_length_parse(const char *text, selo_length *length, const char **problem);

/* A length in pixels; pixel_m is the ground length of one pixel step, greater than 0. NaN if that is not known (pass 0
 * or NaN) and the length is in metres. */
SELO_API double selo_length_px(selo_length length, double pixel_m);

/* The symmetric window of about size_px pixels: 2 * round((size_px - 1) / 2) + 1, at least 1, at most 2^30 - 1. */
SELO_API int selo_odd_window(double size_px);

#ifdef __cplusplus
}
#endif
#endif
