/* The layer selo_win: windows of an image, as they are planned, compared or encoded (private to this room). */
#ifndef SELO_TASKS_WINDOW_LAYER_H
#define SELO_TASKS_WINDOW_LAYER_H

#include "gdal.h"
#include "selo/layers.h"
#include "selo/windows.h"

extern const selo_layer_schema selo_window_layer;

typedef struct selo_window_row {
    const selo_window *window;
    int stage;
    double similarity; /* NaN: none */
    int selected;      /* -1: not said */
} selo_window_row;

/* Where windows of an image lie. */
typedef struct selo_window_place {
    int width, height;
    double gt[6];
    OGRSpatialReferenceH crs; /* owned; NULL: pixel coordinates, x = column, y = row */
} selo_window_place;

/* SELO_E_INPUT, and one line, if the image lies nowhere: its geotransform is not finite, or its corners are not. */
selo_status selo_window_place_check(GDALDatasetH image);

/* Looks at the image, which must lie somewhere, and makes its CRS that of the layers' rows. The caller ends *place with
 * selo_window_place_clear(). */
selo_status selo_window_place_make(GDALDatasetH image, selo_layers *layers, selo_window_place *place);
void selo_window_place_clear(selo_window_place *place);

/* Adds window number k to layer 0 of `layers`, which must be selo_window_layer.
 *   extra  NULL, or the value of a field that selo_layers_extend() has added */
selo_status selo_window_row_write(const selo_window_place *place, selo_layers *layers, size_t k,
                                  const selo_window_row *row, const selo_value *extra);

/* Layers that a format can hold: NULL (all), or selo_win alone. */
CSLConstList selo_window_layer_choice(const selo_layers_options *output);

#endif
