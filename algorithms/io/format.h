/* Which driver writes an output, and what one output of it can hold. */
#ifndef SELO_IO_FORMAT_H
#define SELO_IO_FORMAT_H

#include <stdbool.h>

#include "gdal.h"
#include "selo/status.h"

typedef struct selo_format {
    GDALDriverH driver;
    const char *name; /* belongs to the driver */
    bool one_layer;   /* this output holds one layer: the format, or a single file of a format that makes folders */
    bool one_file;    /* ... the latter: a folder would hold more */
    bool folder;      /* this output is a folder with a file per layer */
    bool to_stdout;   /* this output is /vsistdout/ */
} selo_format;

/* By name, else by the extension of path, else GPKG; path NULL: memory. Reports with CPLError(). */
selo_status selo_format_choose(const char *path, const char *name, selo_format *format);

/* Whether the format can hold fields of this type or subtype, as its driver lists them ("DateTime", "Boolean"). */
bool selo_format_has_type(const selo_format *format, const char *type);
bool selo_format_has_subtype(const selo_format *format, const char *subtype);

#endif
