/* Every vertex of a geometry, whatever its kind. */
#ifndef SELO_VERTICES_H
#define SELO_VERTICES_H

#include <stdbool.h>

#include "ogr_api.h"
#include "selo/metrics.h"

/* Replaces each vertex by what `move` makes of it; z and m are dropped. false as soon as `move` says so. */
bool selo_vertices_move(OGRGeometryH geometry, bool (*move)(void *context, selo_point *at), void *context);

#endif
