#define _GNU_SOURCE /* fallocate() */
#include "reserve.h"

#include <stdbool.h>
#include <string.h>

#ifdef __linux__
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cpl_error.h"

selo_status selo_reserve(const char *path, uint64_t bytes, const char *output, const char *otherwise)
{
    const int file = strncmp(path, "/vsi", 4) == 0 || bytes > INT64_MAX ? -1 : open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return SELO_OK;
    const bool full = fallocate(file, FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes) != 0 &&
                      (errno == ENOSPC || errno == EDQUOT || errno == EFBIG);
    close(file);
    if (!full)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_FileIO,
             "output '%s': the disk is full: no room for %llu MiB; free some, or %s", output,
             (unsigned long long)((bytes + (1U << 20) - 1) >> 20), otherwise);
    return SELO_E_OUTPUT;
}
#else
selo_status selo_reserve(const char *path, uint64_t bytes, const char *output, const char *otherwise)
{
    (void)path, (void)bytes, (void)output, (void)otherwise;
    return SELO_OK;
}
#endif
