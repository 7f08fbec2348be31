/* A raster that is written by whole rows, from the top, and is complete or absent.
 *
 * Formats that cannot be written piece by piece (COG, PNG, JPEG, ...), or not be placed then (NITF), are made from a
 * temporary GeoTIFF at the end. What GDAL says underneath comes as one line that names the output. */
#ifndef SELO_RASTER_OUTPUT_H
#define SELO_RASTER_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "gdal.h"
#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where a raster goes. */
typedef struct selo_raster_target {
    const char *path;              /* NULL or "": a dataset in memory */
    const char *format;            /* driver name; NULL: by extension, GTiff where there is none */
    CSLConstList creation_options; /* NULL: none */
    bool overwrite;                /* replace an existing output */
    bool type_is_chosen;           /* with --output-data-type, which a message may then name as a way out */
} selo_raster_target;

/* What it is. */
typedef struct selo_raster_shape {
    int width, height, bands;  /* at least 1 */
    GDALDataType type;
    bool has_nodata;
    double nodata;
    GDALDatasetH like;         /* where CRS, geotransform and ground control points come from; NULL: none */
    GDALRasterBandH values_of; /* band whose scale, offset and unit the values have; NULL: none */
    CSLConstList metadata;     /* "KEY=value", in the metadata domain SELO; NULL: none */
    CSLConstList descriptions; /* of the bands, as far as given; NULL: none */
} selo_raster_shape;

typedef struct selo_raster_output selo_raster_output;

/* Starts an output. What would go wrong late is said early: it exists without overwrite, its folder is missing, the
 * format is unknown or cannot hold the type. Reports with CPLError(). The caller ends it
 * with selo_raster_output_close() or selo_raster_output_abandon(). */
SELO_API selo_status selo_raster_output_open(const selo_raster_target *target, const selo_raster_shape *shape,
                                             selo_raster_output **output);

/* Rows that suit the file's blocks: at least 1; about `bytes` bytes of them where that allows. */
SELO_API int selo_raster_output_strip(const selo_raster_output *output, size_t bytes);

/* The next n_rows rows, from the top, of all bands: band after band, each n_rows x width of the shape's type. */
SELO_API selo_status selo_raster_output_write(selo_raster_output *output, int n_rows, const void *rows);

/* The same for many rows of one band, handed on in strips of about `bytes` bytes. */
SELO_API selo_status selo_raster_output_write_strips(selo_raster_output *output, size_t bytes, int n_rows,
                                                     const void *rows);

/* Tells a progress function, which may be NULL, that `done` (0 to 1) of the work up to the last row is done: less of
 * the whole where a copy follows. `output` may be NULL before it is open, which tells as little as a copy would.
 * SELO_E_CANCELLED, and reported, if the function says so. */
SELO_API selo_status selo_raster_output_tell(const selo_raster_output *output, double done, GDALProgressFunc progress,
                                             void *progress_data);

/* Puts the output in its place after its last row and ends `output`, also on failure. *dataset, which may be NULL,
 * receives it opened for reading (one in memory always: it is lost otherwise); the caller closes it with GDALClose().
 * The progress function, which may be NULL, goes on where selo_raster_output_tell() ended while the format is made
 * from a temporary file, and can cancel that; and while it is copied to a place that knows no renaming, such as an
 * archive, which it cannot. */
SELO_API selo_status selo_raster_output_close(selo_raster_output *output, GDALProgressFunc progress,
                                              void *progress_data, GDALDatasetH *dataset);

/* Drops what was written and ends `output`; a file that existed stays as it was. NULL is allowed. */
SELO_API void selo_raster_output_abandon(selo_raster_output *output);

#ifdef __cplusplus
}
#endif
#endif
