#include "vertices.h"

bool selo_vertices_move(OGRGeometryH geometry, bool (*move)(void *context, selo_point *at), void *context)
{
    for (int i = 0; i < OGR_G_GetGeometryCount(geometry); i++)
        if (!selo_vertices_move(OGR_G_GetGeometryRef(geometry, i), move, context))
            return false;
    for (int i = 0; i < OGR_G_GetPointCount(geometry); i++) {
        selo_point at = {OGR_G_GetX(geometry, i), OGR_G_GetY(geometry, i)};
        if (!move(context, &at))
            return false;
        OGR_G_SetPoint_2D(geometry, i, at.x, at.y);
    }
    return true;
}
