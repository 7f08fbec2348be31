/* Attention and area of a map and of parts of it, added up while its rows pass.
 *
 * A row is added up in one fixed order (eight interleaved partial sums, then in pairs), rows are added top to bottom;
 * so the result does not depend, by one bit, on how rows are grouped or by how many threads they were read. */
#ifndef SELO_MASS_H
#define SELO_MASS_H

#include <stddef.h>
#include <stdint.h>

#include "selo/coverage.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One row of a map; arrays of `width`. */
typedef struct selo_map_row {
    int width;
    const float *values;  /* 0..1; 0 where not valid */
    const uint16_t *levels; /* round(65535 * value); NULL: not known */
    const uint8_t *valid; /* 0 or 1 */
    const double *areas;  /* of each pixel, in m2 (or 1 throughout) */
} selo_map_row;

/* Sums over pixels, each weighted by its covered share. Start with all zero. */
typedef struct selo_mass {
    double mass;       /* value * area, valid pixels */
    double area;       /* valid pixels */
    double pixels;     /* number of valid pixels */
    double area_all;   /* valid or not */
    double pixels_all; /* valid or not */
} selo_mass;

/* Adds the runs of one row. */
SELO_API void selo_mass_add(selo_mass *sum, const selo_map_row *row, const selo_cover_run *runs, size_t n_runs);

/* Adds a whole row: what selo_mass_add() does for one run of share 1 over all columns. */
SELO_API void selo_mass_add_row(selo_mass *sum, const selo_map_row *row);

#ifdef __cplusplus
}
#endif
#endif
