#define _GNU_SOURCE /* fallocate() */
#include "reserve.h"

#include <stdbool.h>
#include <string.h>

#ifdef __linux__
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cpl_error.h"

selo_status selo_reserve(const char *path, uint64_t bytes, const char *output)
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
             "output '%s': no room for its %llu MiB on that disk; free some, or choose another place or a compression "
             "(--co COMPRESS=DEFLATE)",
             output, (unsigned long long)(bytes >> 20));
    return SELO_E_OUTPUT;
}
#else
selo_status selo_reserve(const char *path, uint64_t bytes, const char *output)
{
    (void)path, (void)bytes, (void)output;
    return SELO_OK;
}
#endif
