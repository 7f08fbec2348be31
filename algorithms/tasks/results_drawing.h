/* Where the parts of a scored sample lie: on the map's grid, in its CRS and on the ellipsoid. */
#ifndef SELO_TASKS_RESULTS_DRAWING_H
#define SELO_TASKS_RESULTS_DRAWING_H

#include "selo/earth.h"
#include "selo/results.h"

typedef struct selo_drawing {
    const selo_sample_result *sample;
    const selo_earth *earth; /* NULL: no ellipsoid, so no metres */
    double to_centre; /* px, from a centre or candidate to where it is drawn: whole pixels are drawn at their middle */
} selo_drawing;

selo_drawing selo_drawing_of(const selo_sample_result *sample, const selo_earth *earth);

/* Geometries below are the caller's to destroy; NULL if memory is short. */
OGRGeometryH selo_draw_footprint(const selo_drawing *drawing);
OGRGeometryH selo_draw_candidate(const selo_drawing *drawing, const selo_candidate *candidate);
OGRGeometryH selo_draw_shift(const selo_drawing *drawing, const selo_region_score *region,
                             const selo_candidate *candidate);

/* Ground profile: all points at r_m from the centre; reference: all at r_px on the grid. A region of no radius has its
 * centre as a polygon without extent. */
OGRGeometryH selo_draw_circle(const selo_drawing *drawing, const selo_region_score *region);

/* Distance and azimuth (0..360, NaN at distance 0) from a region's centre to a candidate, each NaN without an
 * ellipsoid. */
void selo_drawing_geodesic(const selo_drawing *drawing, const selo_region_score *region,
                         const selo_candidate *candidate, double *metres, double *azimuth_deg);

#endif
