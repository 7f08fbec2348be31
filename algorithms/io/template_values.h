/* Values that a template is filled in with (private to this room). */
#ifndef SELO_IO_TEMPLATE_VALUES_H
#define SELO_IO_TEMPLATE_VALUES_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>

#include "gdal.h"
#include "selo/status.h"

typedef struct {
    char *name;
    char **values;         /* CSL; NULL: none was given and there is no default */
    GDALDatasetH *rasters; /* of type raster: one per value, open for reading; else NULL */
} selo_template_value;

/* Where a VRTDataset's pixels lie: those of a raster, or of several together on the first one's grid. */
typedef struct {
    int width, height;
    bool placed;
    double geotransform[6];
    GDALDatasetH like; /* gives the CRS; belongs to the values */
} selo_template_frame;

typedef struct {
    const char *template_name, *output;
    size_t n;
    selo_template_value *values;
    selo_template_frame frame; /* of the VRTDataset that is being filled in; width 0: none */
    const char *repeated;      /* parameter whose value number `current` counts; NULL: none */
    size_t current;
} selo_template_values;

/* Reads parameters as the template's Parameter elements declare them. Reports with CPLError(). */
selo_status selo_template_values_read(xmlNodePtr root, CSLConstList parameters, selo_template_values *values);
void selo_template_values_clear(selo_template_values *values);

/* The value of "name" or, of a raster, of "name.property"; *text is NULL where there is none, else freed with CPLFree().
 * Reports a name that the template does not declare. */
selo_status selo_template_value_of(const selo_template_values *values, const char *name, char **text);

/* `pattern` with every ${NAME} replaced, once; freed with CPLFree(). */
selo_status selo_template_expand(const selo_template_values *values, const char *pattern, char **text);

const selo_template_value *selo_template_find_value(const selo_template_values *values, const char *name);
selo_status selo_template_frame_of(const selo_template_values *values, const char *name, selo_template_frame *frame);

#endif
