/* Values that a template is filled in with (private to this room).
 *
 * A Parameter of a template says by attributes what it takes:
 *   name      type      raster, text, number, integer, choice, vector, band
 *   default   a value, in which ${NAME} stands for values and properties of parameters above it
 *   required, repeat    "yes"
 *   minimum, maximum    of a number or an integer; above="NAME": greater than that parameter
 *   choices   "a|b|c"
 *   of        a raster parameter above: the one whose band this is, or whose bands a vector has a number each for */
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
    char *band_of;         /* of type band: the raster parameter; else NULL */
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

/* ---- template_values.c ------------------------------------------------------------------------------------------- */

/* Reads parameters as the template's Parameter elements declare them. Reports with CPLError(). */
selo_status selo_template_values_read(xmlNodePtr root, CSLConstList parameters, selo_template_values *values);
void selo_template_values_clear(selo_template_values *values);

/* The value of "name" or, of a raster, of "name.property"; *text is NULL where there is none, else freed with
 * CPLFree(). Reports a name that the template does not declare. */
selo_status selo_template_value_of(const selo_template_values *values, const char *name, char **text);

/* `pattern` with every ${NAME} replaced, once; freed with CPLFree(). */
selo_status selo_template_expand(const selo_template_values *values, const char *pattern, char **text);

const selo_template_value *selo_template_find_value(const selo_template_values *values, const char *name);

/* Reports what is wrong with a parameter; returns SELO_E_ARGUMENT. */
selo_status selo_template_fail(const selo_template_values *values, const char *parameter, const char *problem);

/* An attribute of an element, freed with CPLFree(); NULL: it has none. */
char *selo_template_attribute(xmlNodePtr node, const char *name);

/* ---- template_checks.c ------------------------------------------------------------------------------------------- */

/* Checks the values of a parameter against its declaration, writes them as GDAL reads them, opens rasters. Reports. */
selo_status selo_template_check(const selo_template_values *values, xmlNodePtr declared, selo_template_value *value);

/* ---- template_raster.c ------------------------------------------------------------------------------------------- */

/* The frame that a raster parameter gives. Reports. */
selo_status selo_template_frame_of(const selo_template_values *values, const char *name, selo_template_frame *frame);

/* Whether there is such a property of rasters. */
bool selo_template_is_property(const char *property);

/* A property of value number `which` of a raster parameter; *text as above. Reports. */
selo_status selo_template_property_of(const selo_template_values *values, const selo_template_value *value,
                                      size_t which, const char *property, char **text);

/* ---- template_paths.c -------------------------------------------------------------------------------------------- */

/* A raster's name as the VRT file `output` shall hold it, freed with CPLFree(): below the VRT's folder
 * relative to that, else absolute, also within the name of a subdataset or of a file in an archive. What
 * names no file stays as it is. */
char *selo_template_path(const char *output, const char *name, bool *relative);

/* Whether that file is the one that is to be written, by whatever name. */
bool selo_template_path_is_output(const char *output, const char *name);

#endif
