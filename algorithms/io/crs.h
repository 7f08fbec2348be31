/* A CRS that the user named. */
#ifndef SELO_IO_CRS_H
#define SELO_IO_CRS_H

#include "ogr_srs_api.h"
#include "selo/status.h"

/* `text` as PROJ understands it, or a copy of `own` where text is NULL; axes in x, y order. `argument` is named in the
 * report. *crs is to be released with OSRDestroySpatialReference(); NULL where there is neither. */
selo_status selo_crs_choose(const char *text, OGRSpatialReferenceH own, const char *argument,
                            OGRSpatialReferenceH *crs);

#endif
