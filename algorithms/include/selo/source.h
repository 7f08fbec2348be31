/* Datasets that a user names: opened, and read, with one line on what is wrong where GDAL has several or names no file. */
#ifndef SELO_SOURCE_H
#define SELO_SOURCE_H

#include "cpl_string.h"
#include "gdal.h"
#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_source {
    const char *what;          /* what it is to the user, for messages: "map", "image" */
    const char *name;          /* any dataset name of GDAL */
    unsigned flags;            /* GDAL_OF_RASTER, GDAL_OF_VECTOR or both */
    CSLConstList formats;      /* drivers to try; NULL: all */
    CSLConstList open_options; /* NULL: none */
} selo_source;

/* NULL if it cannot be opened, which has been reported. Warnings are passed on, each in one line. The caller closes it. */
SELO_API GDALDatasetH selo_source_open(const selo_source *source);

#ifdef __cplusplus
}
#endif
#endif
