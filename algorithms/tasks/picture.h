/* Small pictures of large rasters, ready to be put into a page. */
#ifndef SELO_TASKS_PICTURE_H
#define SELO_TASKS_PICTURE_H

#include <stdbool.h>

#include "gdal.h"
#include "selo/text.h"

/* Adds "data:image/png;base64,..." of a band of a map, from 1, at most `side` pixels on its longer side, coloured;
 * where `clear`, low values are see-through. False if that cannot be done; nothing is added then. */
bool selo_picture_map(GDALDatasetH map, int band, int side, bool clear, selo_text *text);

/* As above of an image: its first three bands, or its first as grey, as "data:image/jpeg;base64,...". */
bool selo_picture_image(GDALDatasetH image, int side, selo_text *text);

#endif
