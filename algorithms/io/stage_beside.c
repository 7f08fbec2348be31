/* Files beside an output that its name makes part of it, and that GDAL does not list, or not always. */
#include <string.h>

#include "cpl_conv.h"
#include "selo/memory.h"
#include "stage.h"
#include "string_format.h"

/* What GDAL keeps of any dataset, and SQLite of a database: a journal that an interrupted program has left would be
 * played back into the new file, and destroy it. */
static const char *const behind_name[] = {".aux.xml", ".ovr", ".msk", "-journal", "-wal", "-shm"};

/* What belongs to a file by its stem: types of columns; what says encoding and CRS, and indices. Indices and CRS of the
 * old one would be taken for those of the new one. */
static const char *const of_csv[] = {"csvt", NULL};
static const char *const of_shapefile[] = {"shx", "dbf", "prj", "qpj", "cpg", "qix", "sbn", "sbx", "idm", "ind", NULL};

static char **add_if_there(char **files, char *path)
{
    if (path && selo_stage_look(path) == SELO_STAGE_FILE && CSLFindStringCaseSensitive(files, path) < 0)
        files = CSLAddString(files, path);
    selo_free(path);
    return files;
}

char **selo_stage_with_beside(const char *path, CSLConstList existing)
{
    const char *extension = CPLGetExtension(path);
    const char *const *stems = EQUAL(extension, "csv") ? of_csv : EQUAL(extension, "shp") ? of_shapefile : NULL;
    const size_t length = strlen(path) - strlen(extension);
    char **files = CSLDuplicate(existing);
    for (size_t k = 0; k < sizeof behind_name / sizeof *behind_name; k++)
        files = add_if_there(files, selo_string_format("%s%s", path, behind_name[k]));
    for (; existing && *existing && stems && *stems; stems++) /* without the file they are somebody else's */
        files = add_if_there(files, selo_string_format("%.*s%s", (int)length, path, *stems));
    return files;
}
