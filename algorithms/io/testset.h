/* The readers of annotation formats; each fills an empty test set. `path` is for messages, too. */
#ifndef SELO_IO_TESTSET_H
#define SELO_IO_TESTSET_H

#include <yyjson.h>

#include "selo/testset.h"

selo_status selo_testset_read_airslt(const char *path, yyjson_val *list, selo_testset *testset);
selo_status selo_testset_read_coco(const char *path, yyjson_val *root, selo_testset *testset);
selo_status selo_testset_read_voc(const char *path, selo_testset *testset);
selo_status selo_testset_read_folder(const char *path, const char *query_field, selo_testset *testset);

/* Sorted names of the files in a folder with one of the extensions (without dot), or NULL; free with CSLDestroy(). */
char **selo_testset_files(const char *folder, const char *const *extensions);

#endif
