/* VRT files from templates: what `gdal selo template` does (docs/maps.md describes templates).
 *
 * A template is an XML file: SeloTemplate with a Description, a Parameter for each value that it takes, and the
 * VRTDataset to write. In the latter's text and attributes ${NAME} stands for a value; an element with the attribute
 * if="NAME" is left out where NAME has no value, one with each="NAME" is repeated for every value of NAME, and a
 * VRTDataset with frame="NAME" takes size, CRS and geotransform from that raster, or from several together. */
#ifndef SELO_TEMPLATE_H
#define SELO_TEMPLATE_H

#include <stdbool.h>

#include "cpl_string.h"
#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Writes the VRT file `output` from the template `name`: one that comes with the library ("overlay"), or a file.
 *   parameters  "KEY=VALUE" each, a key that may repeat several times; values are any UTF-8 text
 *               without control characters
 * The result is checked against GDAL's own schema where that is installed. Nothing is fetched over a network and no
 * entity is followed; a template with a document type declaration, code or unknown parameters is refused. Reports with
 * CPLError(). The output is complete or absent. */
SELO_API selo_status selo_template_write(const char *name, CSLConstList parameters, const char *output, bool overwrite);

/* What a template is for and which parameters it takes, as text for people; the caller frees *text with CPLFree(). */
SELO_API selo_status selo_template_describe(const char *name, char **text);

#ifdef __cplusplus
}
#endif
#endif
