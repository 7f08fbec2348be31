/* Areas on maps that go around the Earth. */
#include <math.h>

#include "cpl_error.h"
#include "ellipsoid.h"
#include "selo/region.h"
#include "vertices.h"

static bool move_east(void *context, selo_point *at)
{
    at->x += *(const double *)context;
    return true;
}

static void find_ends(const selo_frame *frame, double *west, double *east)
{
    *west = INFINITY;
    *east = -INFINITY;
    for (int corner = 0; corner < 4; corner++) {
        const double x = selo_frame_to_map(frame, corner & 1 ? frame->width : 0, corner & 2 ? frame->height : 0).x;
        *west = fmin(*west, x);
        *east = fmax(*east, x);
    }
}

selo_status selo_area_around(const selo_frame *frame, const selo_earth *earth, OGRGeometryH area, OGRGeometryH *around)
{
    *around = NULL;
    if (!selo_earth_is_geographic(earth) || OGR_G_IsEmpty(area))
        return SELO_OK;
    double turn = 360, equator = 0, west, east; /* turn: in the CRS's unit */
    selo_earth_from_lonlat(earth, 1, &turn, &equator);
    find_ends(frame, &west, &east);
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
    const bool any = !OGR_G_IsEmpty(all);
    if (any) {
        OGR_G_AddGeometry(all, area);
        *around = OGR_G_UnaryUnion(all);
    }
    OGR_G_DestroyGeometry(all);
    if (!any || *around)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined, "an area and its copies around the Earth could not be joined into one");
    return SELO_E_INPUT;
}
