/* Regions on a map: their outline in pixel coordinates, their centre and their circle on the ellipsoid. */
#ifndef SELO_REGION_H
#define SELO_REGION_H

#include "ogr_api.h"
#include "selo/earth.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Rings in pixel coordinates, as selo_coverage_new() takes them: shells one way round, holes the other. */
typedef struct selo_rings {
    double *xy;    /* x, y pairs, ring after ring */
    size_t *sizes; /* points per ring */
    size_t n_rings;
} selo_rings;

/* The rings of a polygon, multipolygon or collection of such in the map's CRS. The caller clears them with
 * selo_rings_clear(). */
SELO_API selo_status selo_rings_of(const selo_frame *frame, OGRGeometryH area, selo_rings *rings);
SELO_API void selo_rings_clear(selo_rings *rings);

/* On a map in longitude and latitude that goes far around the Earth, an area may show twice: what leaves it in the west
 * comes back in the east. *around: the area, in the map's CRS, with its copies, a turn further, that meet the map; the
 * caller destroys it; NULL if there is no copy, as nearly always. Where they cannot be joined, it reports that with
 * CPLError(). */
SELO_API selo_status selo_area_around(const selo_frame *frame, const selo_earth *earth, OGRGeometryH area,
                                      OGRGeometryH *around);

typedef struct selo_shape {
    selo_point centre_px; /* planar area centroid, pixel coordinates; affine maps do not move it */
    selo_point centre;    /* the same place, longitude and latitude in degrees */
    double area_px;       /* planar area, in pixels, on the map or not */
    double radius_m;      /* expansion times the radius of the minimum bounding circle, in the azimuthal
                             equidistant plane at the centre */
} selo_shape;

/* Measures a region. SELO_E_INPUT, reported with CPLError() under `name`, if it has no area or no place on the
 * Earth. */
SELO_API selo_status selo_shape_of(const selo_frame *frame, const selo_earth *earth, OGRGeometryH region,
                                   double expansion, const char *name, selo_shape *shape);

/* The circle of all points at radius_m from `centre` (degrees), as a polygon of 128 points in the map's CRS; the caller
 * destroys it. NULL, not reported, if a part of it has no place in the CRS. */
SELO_API OGRGeometryH selo_circle_polygon(const selo_earth *earth, selo_point centre, double radius_m);

#define SELO_BUFFER_MAX_M 1e7

/* `geometry` (any kind, in the map's CRS) widened by `metres`: an area in the map's CRS, the caller's to destroy; NULL,
 * not reported, if it cannot be drawn there. At most SELO_BUFFER_MAX_M, a quarter of the way around the Earth: beyond,
 * the plane says less and less of what lies inside. The buffer is drawn in the azimuthal equidistant plane at the
 * geometry's middle, so its width holds to (extent / 6400 km)^2 / 6. */
SELO_API OGRGeometryH selo_buffer_of(const selo_earth *earth, OGRGeometryH geometry, double metres);

#ifdef __cplusplus
}
#endif
#endif
