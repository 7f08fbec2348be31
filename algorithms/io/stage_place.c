/* Where an output goes: what a link leads to, and what it cannot be. */
#define _POSIX_C_SOURCE 200809L /* readlink() */
#include <errno.h>
#include <limits.h>
#include <string.h>

#ifdef __unix__
#include <unistd.h>
#endif

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_vsi.h"
#include "selo/memory.h"
#include "stage.h"
#include "string_format.h"

/* Devices, pipes and what is open in some process, which may be a plain file behind a link in such a folder. */
static bool is_of_system(const char *path)
{
    static const char *const folders[] = {"/dev/std", "/dev/fd/", "/proc/"};
    for (size_t k = 0; k < sizeof folders / sizeof *folders; k++)
        if (strncmp(path, folders[k], strlen(folders[k])) == 0)
            return true;
    return false;
}

#ifdef __unix__
/* What a link says, relative to the working folder; NULL: it is none. */
static char *target_of(const char *path)
{
    char target[PATH_MAX];
    const ssize_t n = readlink(path, target, sizeof target - 1);
    if (n <= 0)
        return NULL;
    target[n] = '\0';
    return target[0] == '/' ? selo_string_copy(target) : selo_string_format("%s/%s", CPLGetDirname(path), target);
}
#else
static char *target_of(const char *path)
{
    (void)path;
    return NULL;
}
#endif

char *selo_stage_follow(const char *path)
{
    enum { MOST_LINKS = 40 }; /* as Linux */
    char *at = selo_string_copy(path);
    for (int links = 0; at && links < MOST_LINKS && strncmp(at, "/vsi", 4) != 0 && !is_of_system(at); links++) {
        char *next = target_of(at);
        if (!next)
            break;
        selo_free(at);
        at = next;
    }
    return at;
}

static bool is_special(const char *path)
{
    VSIStatBufL entry;
    if (strncmp(path, "/vsi", 4) == 0 || VSIStatExL(path, &entry, VSI_STAT_EXISTS_FLAG | VSI_STAT_NATURE_FLAG) != 0)
        return false;
    char *place = selo_stage_follow(path);
    const bool of_system = is_of_system(path) || (place && is_of_system(place));
    selo_free(place);
    return of_system || (!VSI_ISREG(entry.st_mode) && !VSI_ISDIR(entry.st_mode));
}

static bool leads_nowhere(const char *path)
{
    VSIStatBufL entry;
    errno = 0;
    return strncmp(path, "/vsi", 4) != 0 && VSIStatExL(path, &entry, VSI_STAT_EXISTS_FLAG) != 0 && errno == ELOOP;
}

selo_status selo_stage_check(const char *path)
{
    if (strncmp(path, "/vsizip/", 8) == 0 && selo_stage_look(path) == SELO_STAGE_FILE)
        CPLError(CE_Failure, CPLE_AppDefined,
                 "%s exists, and nothing in an archive can be replaced: choose another name", path);
    else if (leads_nowhere(path))
        CPLError(CE_Failure, CPLE_OpenFailed, "%s is a link that leads back to itself: remove it, or name a file",
                 path);
    else if (is_special(path))
        CPLError(CE_Failure, CPLE_OpenFailed,
                 "%s is a device or a pipe, not a file: name a file, or /vsistdout/ for standard output", path);
    else
        return SELO_OK;
    return SELO_E_OUTPUT;
}
