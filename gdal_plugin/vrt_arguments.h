/* Arguments of what this plugin adds to VRT files: read, and refused, in one way. */
#ifndef SELO_VRT_ARGUMENTS_H
#define SELO_VRT_ARGUMENTS_H

#include <stdbool.h>

#include "cpl_string.h"

/* What GDAL hands over. */
typedef struct vrt_arguments {
    const char *owner;    /* "step SeloNormalise", for messages */
    const char *declared; /* the XML that it was registered with */
    CSLConstList given;   /* NAME=VALUE; NULL: none */
} vrt_arguments;

/* Reports what is wrong with an argument; false. */
bool selo_vrt_refuse(const vrt_arguments *arguments, const char *name, const char *problem);

/* Whether all that are given are declared, which GDAL does not see to; reports the first that is not. */
bool selo_vrt_all_known(const vrt_arguments *arguments);

/* NaN for what is no number, which no range holds. */
double selo_vrt_number(const vrt_arguments *arguments, const char *name, double otherwise);

bool selo_vrt_flag(const vrt_arguments *arguments, const char *name, bool otherwise);

/* Position of the word that is given among `words`, which ends with NULL; -1: none of them. */
int selo_vrt_choice(const vrt_arguments *arguments, const char *name, const char *const *words, int otherwise);

/* Arguments min [0] and max [1]: finite, and in this order; reports. */
bool selo_vrt_range(const vrt_arguments *arguments, double *low, double *high);

#endif
