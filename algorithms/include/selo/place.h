/* Regions placed on the pixel grid of a map. */
#ifndef SELO_PLACE_H
#define SELO_PLACE_H

#include "ogr_api.h"
#include "selo/map.h"
#include "selo/score.h"
#include "selo/truth.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_placed {
    size_t n_regions;
    OGRGeometryH *geometries; /* per region, in the grid's CRS (pixel coordinates where there is none) */
    size_t n_contours;
    selo_contour *contours; /* in pixel coordinates: per region its rings that have vertices, an outer one first */
    selo_point *vertices;   /* what the contours point into */
    bool touches;           /* the bounding box of some region meets the map */
} selo_placed;

/* The CRS rules below: SELO_OK, or the error, reported. */
SELO_API selo_status selo_place_check(const selo_truth *truth, const selo_grid *grid);

/* Places the regions of one sample. A ring's closing vertex is dropped, exactly one; further repeats stay.
 *
 * CRS rules: both known: reprojected. Neither: the coordinates are the map's (pixels if it is not georeferenced). One
 * side only, or a map without a geotransform and a truth in a CRS: an error that says which side, and the way out.
 *
 * Coordinates that went through a transformation are rounded to 2^-20 pixel: the noise of a round trip through a CRS is
 * far smaller, and a vertex published as an integer or a half becomes that number again before it is truncated.
 * The caller clears `placed` with selo_placed_clear(). */
SELO_API selo_status selo_place(const selo_truth *truth, size_t sample, const selo_grid *grid, selo_placed *placed);
SELO_API void selo_placed_clear(selo_placed *placed);

#ifdef __cplusplus
}
#endif
#endif
