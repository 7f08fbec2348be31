/* Window sizes given with a unit, on a certain raster (private to this room). */
#ifndef SELO_TASKS_WINDOW_SIZE_H
#define SELO_TASKS_WINDOW_SIZE_H

#include "gdal.h"
#include "selo/length.h"

/* Pixels per axis, not rounded: along columns (x) and along rows (y). */
typedef struct selo_size_px {
    double x, y;
} selo_size_px;

/* Reads `text` as a length on `raster`: a whole number of pixels, at least 1, or metres, which are turned into
 * pixels per axis at its centre and must be at least half a pixel. `argument` is the argument's name in messages.
 * Reports with CPLError(). */
selo_status selo_size_read(const char *argument, const char *text, GDALDatasetH raster, selo_size_px *size);

/* As above, made odd, and refused above the largest size of a filter. */
selo_status selo_filter_size_read(const char *argument, const char *text, GDALDatasetH raster, int *size_x,
                                  int *size_y);

#endif
