/* Datasets that a user names: opened, and read, with one line on what is wrong where GDAL has several or names no
 * file. */
#ifndef SELO_SOURCE_H
#define SELO_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpl_string.h"
#include "gdal.h"
#include "ogr_api.h"
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

/* NULL if it cannot be opened, which has been reported. Warnings are passed on, each in one line. The caller closes it
 * with GDALClose(). */
SELO_API GDALDatasetH selo_source_open(const selo_source *source);

/* Whether a file or folder is there, on any path of GDAL. */
SELO_API bool selo_source_exists(const char *path);

/* Whether a file of this name can be read and written piece by piece, as work files are: on a disk or in memory, not in
 * an archive, an object store or on standard output. */
SELO_API bool selo_source_is_random_access(const char *path);

/* Whether there is no room left where `path` lies; drivers tell a full disk in many words, or in none. False where that
 * cannot be known. */
SELO_API bool selo_source_is_full(const char *path);

/* Whether two names are of one file, also through a link. Devices and standard streams may be both read and written. */
SELO_API bool selo_source_same_file(const char *one, const char *other);

/* A rectangle of a dataset that is to be read: columns x ... x + width - 1 of rows y ... y + n_rows - 1. */
typedef struct selo_source_part {
    const char *what;     /* for messages, as in selo_source */
    GDALDatasetH dataset; /* messages name it by its description */
    int x, y, width, n_rows;
} selo_source_part;

/* Some bands, each into a plane of its own, row-major; the next plane starts `stride` values behind. SELO_E_INPUT, and
 * one line that says so, if they cannot be read. */
SELO_API selo_status selo_source_read_bands(const selo_source_part *part, const int *bands, int n_bands, size_t stride,
                                            float *values);

/* The mask of a band, row-major: 0 where it has no value. Errors as above. */
SELO_API selo_status selo_source_read_mask(const selo_source_part *part, int band, uint8_t *mask);

/* The rows of a layer. A driver that cannot read on says so, and then has no more of them, as at the end. */
typedef struct selo_source_rows {
    OGRLayerH layer;
    const char *what, *name; /* for messages, as in selo_source */
    const char *where;       /* the layer's attribute filter, for messages; NULL: none */
    char failure[400];       /* what the driver said; starts empty */
} selo_source_rows;

/* The next row, which the caller destroys; NULL at the end, or where something keeps the layer from being read on. */
SELO_API OGRFeatureH selo_source_next(selo_source_rows *rows);

/* After the last row: SELO_E_INPUT, and one line, if not all of the layer could be read. */
SELO_API selo_status selo_source_end(const selo_source_rows *rows);

#ifdef __cplusplus
}
#endif
#endif
