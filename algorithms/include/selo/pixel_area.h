/* Ellipsoidal area of every pixel of a map, row by row, with a relative error below 1e-6 (measured: tests/lib).
 *
 * In a north-up geographic CRS a row has one area, the integral between its two parallels. Elsewhere the area per pixel
 * is a smooth function of the place: a Chebyshev polynomial of the lowest sufficient degree stands for it over the
 * whole map, checked against the function itself; where a map is too large or too bent for that, one per tile of 256
 * pixels; where even that does not hold, the function itself is taken at every pixel. */
#ifndef SELO_PIXEL_AREA_H
#define SELO_PIXEL_AREA_H

#include "selo/earth.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_pixel_area selo_pixel_area;

/* `frame` must have passed selo_frame_check() and `earth` must live longer. The caller frees it with
 * selo_pixel_area_free(). */
SELO_API selo_status selo_pixel_area_new(const selo_frame *frame, const selo_earth *earth, selo_pixel_area **area);

/* Areas of the pixels of row y in m2, into areas[0 .. width - 1]; 0 for a pixel that has no place on the ellipsoid.
 * Rows may come in any order; ascending is fast. */
SELO_API selo_status selo_pixel_area_row(selo_pixel_area *area, int y, double *areas);

/* Whether every pixel of the map has a place on the ellipsoid, as far as is known without looking at each. */
SELO_API bool selo_pixel_area_is_everywhere(const selo_pixel_area *area);

SELO_API void selo_pixel_area_free(selo_pixel_area *area);

#ifdef __cplusplus
}
#endif
#endif
