/* The rest of selo/earth.h: what regions, outlines and pixels need of the ellipsoid and other rooms do not. Private to
 * geometry/. */
#ifndef SELO_GEOMETRY_ELLIPSOID_H
#define SELO_GEOMETRY_ELLIPSOID_H

#include "selo/earth.h"

/* Whether the CRS's own coordinates are longitude and latitude. */
bool selo_earth_is_geographic(const selo_earth *earth);

/* Size of the ellipsoid: its equatorial radius, metres. */
double selo_earth_radius(const selo_earth *earth);

/* The way back from selo_earth_to_lonlat(), in place; `false` if a point has no image. */
bool selo_earth_from_lonlat(const selo_earth *earth, size_t n, double *lon, double *lat);

/* The point (longitude, latitude in degrees) at a distance and azimuth from another one. */
selo_point selo_earth_walk(const selo_earth *earth, selo_point from, double azimuth_deg, double metres);

/* Ground area in m2 of one square unit of the CRS's coordinates, at each of n points of the CRS;
 * NaN where there is none. */
selo_status selo_earth_area_scale(const selo_earth *earth, size_t n, const double *x, const double *y, double *scale);

#endif
