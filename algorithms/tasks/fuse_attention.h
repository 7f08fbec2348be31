/* Attention under geometries, gathered while the rows of a map pass by once. */
#ifndef SELO_TASKS_FUSE_ATTENTION_H
#define SELO_TASKS_FUSE_ATTENTION_H

#include "cpl_progress.h"
#include "ogr_api.h"
#include "selo/earth.h"
#include "selo/map.h"

typedef struct selo_attention {
    double mean, max; /* NaN: nothing valid under it */
    double share;     /* of all attention; NaN for lines, and on a map without attention */
} selo_attention;

/* geometries: n polygons or lines (multi or not), in the CRS that frame places; NULL entries give NaN. */
selo_status selo_attention_under(selo_map *map, const selo_map_range *range, const selo_frame *frame,
                                 const OGRGeometryH *geometries, size_t n, selo_attention *attention);

#endif
