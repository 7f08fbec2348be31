/* From the truth's geometries to areas in the map's CRS: transformed, densified where the way bends, repaired. */
#ifndef SELO_OUTLINE_H
#define SELO_OUTLINE_H

#include "ogr_api.h"
#include "selo/earth.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_way selo_way;

typedef struct selo_way_options {
    const char *from_name, *to_name; /* of truth (or area of interest) and map, for messages */
    bool pixels;         /* `from` does not count: coordinates are columns and rows of the map */
    bool allow_ballpark; /* also a transformation that PROJ calls ballpark, or that is not made for the map's place */
} selo_way_options;

/* The way from `from` (NULL: the map's CRS already) to `to`, the CRS of the map at `frame`. Refused with CPLError(): no
 * transformation, only a ballpark one, or only one for other places than the map's. The caller frees it
 * with selo_way_free(). */
SELO_API selo_status selo_way_new(OGRSpatialReferenceH from, OGRSpatialReferenceH to, const selo_frame *frame,
                                  const selo_earth *earth, const selo_way_options *options, selo_way **way);
SELO_API void selo_way_free(selo_way *way);

/* A polygon, multipolygon or collection as a valid area (polygon or multipolygon) in the map's CRS, the caller's to
 * destroy.
 *
 * Edges are split until their straight image lies within 1e-6 pixel of the true one (at most 4096 pieces). On a
 * geographic map, longitudes go on beyond 180 degrees where the map or the area does. *repaired says whether GEOS had
 * to make it valid (by structure: shells are joined, holes taken off). *area is NULL, with SELO_OK, where nothing with
 * an area is left. SELO_E_INPUT, reported, for a vertex without an image. */
SELO_API selo_status selo_way_area(const selo_way *way, OGRGeometryH geometry, OGRGeometryH *area, bool *repaired);

#ifdef __cplusplus
}
#endif
#endif
