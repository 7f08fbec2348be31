/* The detections or roads that a map is fused with: read once, in their own CRS. */
#ifndef SELO_TASKS_FUSE_DETECTIONS_H
#define SELO_TASKS_FUSE_DETECTIONS_H

#include "selo/fuse.h"

typedef struct selo_detection {
    int64_t id;
    char *cls, *sample_id; /* may be NULL */
    double score;          /* 0..1; 1 where the layer has none */
    OGRGeometryH geometry; /* in the detections' CRS */
    OGRGeometryH placed;   /* in the map's CRS, while its sample is under way */
} selo_detection;

typedef struct selo_detections {
    const char *name;
    OGRSpatialReferenceH crs; /* NULL: none */
    bool pixels;              /* coordinates are the map's columns and rows */
    selo_detection *items;
    size_t n, room;
} selo_detections;

/* Polygons and lines of the layer that the options name. Reports; clear it also after a failure. */
selo_status selo_detections_read(const selo_fuse_options *options, selo_detections *detections);

/* The way into a map's CRS; NULL: coordinates stay as they are. The caller destroys it. Reports. */
selo_status selo_detections_way(const selo_detections *detections, const selo_grid *grid,
                                OGRCoordinateTransformationH *way);

/* Puts one on the map: `placed` becomes its geometry, brought there by `way` (NULL: as it is). Reports. */
selo_status selo_detection_place(const selo_detections *detections, selo_detection *detection,
                                 OGRCoordinateTransformationH way);

/* Forgets where the detections lie on the last map. */
void selo_detections_unplace(selo_detections *detections);

void selo_detections_clear(selo_detections *detections);

#endif
