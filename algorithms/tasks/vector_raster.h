/* An embedding raster, a band per element of its pixels' vectors (private to this room). */
#ifndef SELO_TASKS_VECTOR_RASTER_H
#define SELO_TASKS_VECTOR_RASTER_H

#include <stddef.h>

#include "gdal.h"
#include "selo/status.h"

typedef struct selo_vector_raster selo_vector_raster;

/* Rows of a strip that the caller keeps `pixel_bytes` a pixel of: whole blocks where memory allows. At least 1. */
int selo_vector_raster_rows(GDALDatasetH dataset, size_t pixel_bytes);

/* For strips of at most strip_rows rows. Borrows the dataset; *raster is ended with selo_vector_raster_close(). Reports
 * with CPLError(). */
selo_status selo_vector_raster_open(GDALDatasetH dataset, int strip_rows, selo_vector_raster **raster);
void selo_vector_raster_close(selo_vector_raster *raster); /* NULL is allowed */

/* Cosines of the pixels' vectors in n_rows rows from `row` on with n_queries vectors of unit length: n_queries x n_rows
 * x width into `cosines`. NaN where an element is missing (NoData, not finite, masked out) or the vector has no length.
 * Bands are added in their order, so that a pixel's cosine depends on nothing else. */
selo_status selo_vector_raster_compare(selo_vector_raster *raster, const float *queries, size_t n_queries, int row,
                                       int n_rows, double *cosines);

#endif
