/* What a stored result was made from (private to this room). */
#ifndef SELO_TASKS_INPUT_HASH_H
#define SELO_TASKS_INPUT_HASH_H

#include "gdal.h"
#include "selo/hash.h"

/* Adds what an image holds: the bytes of its files (of files that are not on this machine, or of more than 4 GiB in
 * all, size and time of change), or checksums of its bands where it has no files. Statistics and overviews beside it do
 * not count. */
void selo_hash_add_image(selo_hash *hash, GDALDatasetH image);

#endif
