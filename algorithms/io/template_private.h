/* The parts of a template's way to a VRT file: read (template_parse.c), filled in (template_fill.c), checked and
 * written (template.c). Private to this room. */
#ifndef SELO_IO_TEMPLATE_PRIVATE_H
#define SELO_IO_TEMPLATE_PRIVATE_H

#include <libxml/tree.h>
#include <stdbool.h>

#include "cpl_string.h"
#include "selo/status.h"
#include "template_values.h"

/* The template of that name, checked; freed with xmlFreeDoc(). Reports with CPLError(). */
selo_status selo_template_parse(const char *name, xmlDocPtr *document);

/* Names of the templates that come with the library, "fusion, heatmap, ...". The caller frees them with CPLFree(). */
char *selo_template_names(void);

/* Fills in a node and what is below it. Reports with CPLError(). */
selo_status selo_template_fill(selo_template_values *values, xmlNodePtr node);

/* Makes the first blank of a filled-in text a character reference: GDAL drops others at its start. After the schema's
 * check, which takes such a reference for an entity. */
void selo_template_keep_blanks(xmlNodePtr node);

/* Reports that the template is refused and why; returns SELO_E_INPUT. */
selo_status selo_template_refuse(const char *name, const char *problem);

/* ---- template_network.c ------------------------------------------------------------------------------------------ */

/* Whether a text is the name of something on a network; whether one of "KEY=VALUE" is, which the user may want. */
bool selo_template_is_on_network(const char *text);
bool selo_template_is_given_network(CSLConstList parameters);

/* Whether something in the VRTDataset is on a network, or is a VRT within a text; only the former, of one that is
 * filled in. */
bool selo_template_names_source(xmlNodePtr dataset);
bool selo_template_names_network(xmlNodePtr dataset);

bool selo_template_is_element(xmlNodePtr node, const char *name);
xmlNodePtr selo_template_child(xmlNodePtr node, const char *name); /* NULL: there is none */

#endif
