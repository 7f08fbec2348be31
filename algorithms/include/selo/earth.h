/* A map's CRS as a surface: the way between its coordinates and longitude, latitude on its own ellipsoid, and lengths
 * there. No datum is changed anywhere here, so nothing is approximate but rounding.
 *
 * Geodesics: Karney 2013, doi 10.1007/s00190-012-0578-z (PROJ's geodesic.h). Not thread safe:
 * one selo_earth per thread. */
#ifndef SELO_EARTH_H
#define SELO_EARTH_H

#include <stdbool.h>
#include <stddef.h>

#include "ogr_srs_api.h"
#include "selo/metrics.h"
#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_earth selo_earth;

/* Pixels of a map and their place: x = gt[0] + column * gt[1] + row * gt[2], y = gt[3] + column * gt[4] + row *
 * gt[5]. */
typedef struct selo_frame {
    int width, height; /* pixels */
    double gt[6];
} selo_frame;

/* The surface of `crs`, of which a copy is kept. SELO_E_INPUT, reported with CPLError(), for a CRS without a known way
 * to longitude and latitude (local, geocentric, derived geographic). The caller frees it with selo_earth_free(). */
SELO_API selo_status selo_earth_new(OGRSpatialReferenceH crs, selo_earth **earth);
SELO_API void selo_earth_free(selo_earth *earth);

/* n points of the CRS (x, y in GIS order: east or longitude first) to longitude, latitude in degrees, in place. A point
 * without an image becomes NaN, NaN; `false` if there is one. */
SELO_API bool selo_earth_to_lonlat(const selo_earth *earth, size_t n, double *x, double *y);

/* Length of the geodesic between two points (x = longitude, y = latitude, degrees), in metres. azimuth_deg, which may
 * be NULL, receives its direction at `from`, clockwise from north, -180..180. */
SELO_API double selo_earth_distance(const selo_earth *earth, selo_point from, selo_point to, double *azimuth_deg);

/* Where a point (longitude, latitude in degrees) of the ellipsoid stands in space: metres from its centre. The straight
 * way between two of them is never longer than the geodesic, and a hundred times as fast to know. */
typedef struct selo_space {
    double x, y, z;
} selo_space;
SELO_API selo_space selo_earth_in_space(const selo_earth *earth, selo_point lonlat);

/* Azimuthal equidistant plane around `centre`: metres east and north of it; distances from it are geodesic. */
SELO_API selo_point selo_earth_to_plane(const selo_earth *earth, selo_point centre, selo_point lonlat);
SELO_API selo_point selo_earth_from_plane(const selo_earth *earth, selo_point centre, selo_point metres);

/* Pixel coordinates to the CRS and back. The frame's matrix must be invertible (selo_frame_check()). On the way back,
 * what lies within the rounding of its coordinates (4 units in the last place) of a border of pixels lies on it: so
 * areas drawn along borders hold whole pixels. */
SELO_API selo_point selo_frame_to_map(const selo_frame *frame, double column, double row);
SELO_API selo_point selo_frame_to_pixel(const selo_frame *frame, double x, double y);

/* Refuses, reported with CPLError(), what cannot be measured: a matrix that cannot be inverted, latitudes
 * beyond a pole, more than a full turn of longitude, a centre that has no place on the ellipsoid. `name` is the
 * map's name in the message. */
SELO_API selo_status selo_frame_check(const selo_frame *frame, const selo_earth *earth, const char *name);

/* Ground length of one pixel step along columns (x_m) and rows (y_m) at the map's centre, metres;
 * `variation` is how much the longest step on the map exceeds the shortest one of the same axis, as a share
 * (0.01 = 1 %), seen at nine places. */
SELO_API void selo_frame_step(const selo_frame *frame, const selo_earth *earth, double *x_m, double *y_m,
                              double *variation);

#ifdef __cplusplus
}
#endif
#endif
