/* Which files a dataset on disk consists of (private to this room). */
#ifndef SELO_IO_DATASET_FILES_H
#define SELO_IO_DATASET_FILES_H

#include <stdbool.h>

#include "cpl_string.h"
#include "gdal.h"

/* The file or folder `path` and the files of its name beside it that GDAL counts in when it is opened with `driver`;
 * NULL if there is nothing. flags: GDAL_OF_RASTER or GDAL_OF_VECTOR. Freed with CSLDestroy(). */
char **selo_dataset_files(const char *path, GDALDriverH driver, unsigned flags);

/* Whether a file that is there is one of those that the dataset is read from, such as a source of a VRT. */
bool selo_dataset_reads(GDALDatasetH dataset, const char *path);

#endif
