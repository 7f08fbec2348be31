/* Colour maps and the published overlay. */
#ifndef SELO_COLOUR_H
#define SELO_COLOUR_H

#include <stdbool.h>
#include <stdint.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum selo_colour_map {
    SELO_COLOUR_JET,     /* as published; not perceptually even */
    SELO_COLOUR_VIRIDIS, /* perceptually even, dark blue to yellow */
    SELO_COLOUR_MAGMA,   /* perceptually even, black to pale yellow */
    SELO_COLOUR_INFERNO, /* perceptually even, black to yellow */
    SELO_COLOUR_GREY
} selo_colour_map;

typedef struct selo_colour {
    uint8_t red, green, blue;
} selo_colour;

/* By name: "jet", "viridis", "magma", "inferno", "grey", in any case. False for any other. */
SELO_API bool selo_colour_map_find(const char *name, selo_colour_map *map);

/* The 256 colours of a map, from low to high. JET is that of the published code's library to the last bit; the even
 * ones are polynomials of degree 6 fitted to van der Walt and Smith's tables (public domain), within 9 levels of
 * them. */
SELO_API void selo_colour_table(selo_colour_map map, selo_colour table[256]);

/* Place of a value in a table: trunc(255 (value - low) / (high - low)), moved to 0 or 255 beyond; low < high; NaN is
 * 0. */
SELO_API uint8_t selo_colour_index(double value, double low, double high);

/* image_weight * image + colour_weight * colour, in binary32 with one rounding of the sum, to the nearest whole number,
 * half to even: the published blend with weights 0.7 and 0.3. Result 0..255. */
SELO_API uint8_t selo_colour_blend(uint8_t image, uint8_t colour, float image_weight, float colour_weight);

#ifdef __cplusplus
}
#endif
#endif
