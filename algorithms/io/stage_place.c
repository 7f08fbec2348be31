/* Places that an output cannot have. */
#include <string.h>

#include "cpl_error.h"
#include "cpl_vsi.h"
#include "stage.h"

/* Devices, pipes and what is open in some process, which may be a plain file behind a link in such a folder. */
static bool is_special(const char *path)
{
    static const char *const folders[] = {"/dev/std", "/dev/fd/", "/proc/"};
    VSIStatBufL entry;
    if (strncmp(path, "/vsi", 4) == 0 || VSIStatExL(path, &entry, VSI_STAT_EXISTS_FLAG | VSI_STAT_NATURE_FLAG) != 0)
        return false;
    for (size_t k = 0; k < sizeof folders / sizeof *folders; k++)
        if (strncmp(path, folders[k], strlen(folders[k])) == 0)
            return true;
    return !VSI_ISREG(entry.st_mode) && !VSI_ISDIR(entry.st_mode);
}

selo_status selo_stage_check(const char *path)
{
    if (strncmp(path, "/vsizip/", 8) == 0 && selo_stage_look(path) == SELO_STAGE_FILE) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "%s exists, and nothing in an archive can be replaced: choose another name", path);
        return SELO_E_OUTPUT;
    }
    if (!is_special(path))
        return SELO_OK;
    CPLError(CE_Failure, CPLE_OpenFailed,
             "%s is a device or a pipe, not a file: name a file, or /vsistdout/ for standard output", path);
    return SELO_E_OUTPUT;
}
