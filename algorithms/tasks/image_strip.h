/* Rows of some bands of an image, held while a task goes down it. Private to tasks/. */
#ifndef SELO_TASKS_IMAGE_STRIP_H
#define SELO_TASKS_IMAGE_STRIP_H

#include <stdbool.h>

#include "gdal.h"
#include "selo/bands.h"
#include "selo/windows.h"

typedef struct selo_image_strip selo_image_strip;

/* Prepares reading columns col_start ... col_end - 1 of the bands that `used` marks among the roles.
 *   tallest  rows that a piece spans at most */
selo_status selo_image_strip_open(GDALDatasetH image, const selo_bands *bands, const bool used[SELO_BAND_ROLES],
                                  int col_start, int col_end, int tallest, selo_image_strip **strip);

/* Makes a window's pixels available, until the next call. Rows above keep_from may be dropped; windows must be asked
 * for by ascending row_end, with keep_from never above a later window's row_start. */
selo_status selo_image_strip_get(selo_image_strip *strip, selo_window window, int keep_from, selo_pixels *pixels);

void selo_image_strip_free(selo_image_strip *strip);

#endif
