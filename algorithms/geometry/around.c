/* Areas on maps that go around the Earth. */
#include <math.h>

#include "selo/region.h"
#include "vertices.h"

static bool move_east(void *context, selo_point *at)
{
    at->x += *(const double *)context;
    return true;
}

OGRGeometryH selo_area_around(const selo_frame *frame, const selo_earth *earth, OGRGeometryH area)
{
    if (!selo_earth_is_geographic(earth) || OGR_G_IsEmpty(area))
        return NULL;
    double turn = 360, equator = 0, west = INFINITY, east = -INFINITY;
    selo_earth_from_lonlat(earth, 1, &turn, &equator);
    for (int corner = 0; corner < 4; corner++) {
        const double x = selo_frame_to_map(frame, corner & 1 ? frame->width : 0, corner & 2 ? frame->height : 0).x;
        west = fmin(west, x);
        east = fmax(east, x);
    }
    OGREnvelope box;
    OGR_G_GetEnvelope(area, &box);
    OGRGeometryH all = OGR_G_CreateGeometry(wkbGeometryCollection);
    for (int k = -1; k <= 1; k += 2) {
        double shift = k * turn;
        if (!(box.MinX + shift < east && box.MaxX + shift > west))
            continue;
        OGRGeometryH copy = OGR_G_Clone(area);
        selo_vertices_move(copy, move_east, &shift);
        OGR_G_AddGeometryDirectly(all, copy);
    }
    OGRGeometryH joined = NULL;
    if (!OGR_G_IsEmpty(all)) {
        OGR_G_AddGeometry(all, area);
        joined = OGR_G_UnaryUnion(all);
    }
    OGR_G_DestroyGeometry(all);
    return joined;
}
