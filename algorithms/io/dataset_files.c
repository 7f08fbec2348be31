#include "dataset_files.h"

#include <string.h>

#include "cpl_conv.h"
#include "fold.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "stage.h"
#include "string_format.h"

static char **listed_by(GDALDriverH driver, const char *path, unsigned flags)
{
    const char *const drivers[] = {GDALGetDescription(driver), NULL};
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    GDALDatasetH dataset = GDALOpenEx(path, flags, drivers, NULL, NULL);
    char **all = dataset ? GDALGetFileList(dataset) : NULL;
    (void)GDALClose(dataset);
    selo_fold_end();
    selo_fold_clear(&fold);
    return all;
}

char **selo_dataset_files(const char *path, GDALDriverH driver, unsigned flags)
{
    const selo_stage_place place = selo_stage_look(path);
    char **files = NULL;
    if (place != SELO_STAGE_FILE)
        return place == SELO_STAGE_FREE ? NULL : CSLAddString(NULL, path);
    char **all = listed_by(driver, path, flags);
    char *stem = selo_string_copy(CPLGetBasename(path));
    for (char **file = all; file && *file && stem; file++)
        if (strcmp(CPLGetBasename(*file), stem) == 0 && strcmp(CPLGetFilename(*file), CPLGetFilename(path)) != 0)
            files = CSLAddString(files, *file);
    CSLDestroy(all);
    selo_free(stem);
    return CSLAddString(files, path);
}

bool selo_dataset_reads(GDALDatasetH dataset, const char *path)
{
    char **files = selo_source_exists(path) ? GDALGetFileList(dataset) : NULL;
    bool found = false;
    for (char **file = files; file && *file && !found; file++)
        found = selo_source_same_file(*file, path);
    CSLDestroy(files);
    return found;
}
