#define _GNU_SOURCE /* O_DIRECTORY and more */
#include "claim.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cpl_multiproc.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "selo/memory.h"
#include "string_format.h"

typedef enum { LOCKED, LOST, CANNOT } outcome;

#ifdef __linux__
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The start of the names in `parent` that others of this running system may look at: with the number that the kernel
 * has got when it was started. NULL: none. */
static char *find_prefix(const char *parent)
{
    char id[14] = "";
    FILE *file = strncmp(parent, "/vsi", 4) == 0 ? NULL : fopen("/proc/sys/kernel/random/boot_id", "re");
    const bool known = file && fgets(id, sizeof id, file) && strlen(id) == sizeof id - 1;
    if (file)
        fclose(file);
    return known ? selo_string_format(".selo-%s-", id) : NULL;
}

/* Locks an existing folder. LOST: somebody else holds it, or has removed it. */
static outcome lock_folder(int at, const char *name, int *lock)
{
    struct stat entry;
    *lock = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*lock < 0)
        return errno == ENOENT ? LOST : CANNOT;
    const bool locked = flock(*lock, LOCK_EX | LOCK_NB) == 0;
    const bool lost = locked ? fstat(*lock, &entry) != 0 || entry.st_nlink == 0 : errno == EWOULDBLOCK;
    if (locked && !lost)
        return LOCKED;
    close(*lock);
    *lock = -1;
    return lost ? LOST : CANNOT;
}

static outcome lock_path(const char *path, int *lock)
{
    return lock_folder(AT_FDCWD, path, lock);
}

static void unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}

/* What was replaced, and what was to come in its place. */
static bool may_be_needed(const char *folder)
{
    int replaced = 0, all = 0;
    char **entries = VSIReadDir(folder);
    for (char **entry = entries; entry && *entry; entry++) {
        replaced += strcmp(*entry, SELO_CLAIM_REPLACED) == 0;
        all += strcmp(*entry, ".") != 0 && strcmp(*entry, "..") != 0;
    }
    CSLDestroy(entries);
    return replaced && all > replaced;
}

/* As made here: nobody else could have put anything into it. */
static bool is_own(int lock)
{
    struct stat entry;
    return fstat(lock, &entry) == 0 && entry.st_uid == geteuid() && (entry.st_mode & 077) == 0;
}

static void sweep_folder(int at, const char *parent, const char *name)
{
    int lock;
    if (lock_folder(at, name, &lock) != LOCKED)
        return;
    char *folder = is_own(lock) ? selo_string_format("%s/%s", parent, name) : NULL;
    if (folder && !may_be_needed(folder))
        (void)VSIRmdirRecursive(folder);
    selo_free(folder);
    unlock(lock);
}

/* A folder of ten thousand maps, each written by a claim of its own, need not be looked through ten thousand times:
 * whether this one is another than the last time. Threads may be wrong about that at the cost of time only. */
static bool is_new_here(DIR *folder)
{
    static _Atomic uint64_t last;
    struct stat entry;
    const uint64_t number = fstat(dirfd(folder), &entry) == 0 ? (uint64_t)entry.st_ino ^ (uint64_t)entry.st_dev << 40
                                                              : 0;
    return atomic_exchange(&last, number) != number;
}

/* Removes what dead processes of this system have left. */
static void sweep(const char *parent, const char *prefix)
{
    DIR *all = opendir(parent);
    const bool look = all && is_new_here(all);
    for (struct dirent *entry; look && (entry = readdir(all)) != NULL;)
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
            sweep_folder(dirfd(all), parent, entry->d_name);
    if (all)
        closedir(all);
}
#else
static char *find_prefix(const char *parent)
{
    (void)parent;
    return NULL;
}

static outcome lock_path(const char *path, int *lock)
{
    (void)path, (void)lock;
    return CANNOT;
}

static void unlock(int lock)
{
    (void)lock;
}

static void sweep(const char *parent, const char *prefix)
{
    (void)parent, (void)prefix;
}
#endif

/* A folder with a name that nobody else has: it is made only if it does not exist. */
static selo_status make_folder(const char *parent, const char *prefix, char **folder)
{
    struct timespec now;
    for (unsigned attempt = 0; attempt < 100; attempt++) {
        VSIStatBufL entry;
        (void)timespec_get(&now, TIME_UTC);
        *folder = selo_string_format("%s/%s%llx-%lx%x", parent, prefix, (unsigned long long)CPLGetPID(),
                                     (unsigned long)now.tv_nsec, attempt);
        if (!*folder)
            return SELO_E_MEMORY;
        errno = 0;
        if (VSIStatExL(*folder, &entry, VSI_STAT_EXISTS_FLAG) != 0 && VSIMkdir(*folder, 0700) == 0)
            return SELO_OK;
        const int reason = errno;
        selo_free(*folder);
        *folder = NULL;
        errno = reason;
        if (reason != EEXIST)
            return SELO_E_OUTPUT;
    }
    return SELO_E_OUTPUT;
}

/* A folder that is locked; none (and no failure) where folders cannot be. It may be lost to somebody who sweeps, in the
 * moment between its making and its locking: then another. */
static selo_status make_locked(const char *parent, const char *prefix, selo_claim *claim)
{
    outcome result = LOST;
    for (unsigned attempt = 0; attempt < 100 && result == LOST; attempt++) {
        const selo_status status = make_folder(parent, prefix, &claim->folder);
        if (status != SELO_OK)
            return status;
        result = lock_path(claim->folder, &claim->lock);
        if (result == LOCKED)
            return SELO_OK;
        (void)VSIRmdir(claim->folder);
        selo_free(claim->folder);
        claim->folder = NULL;
    }
    return SELO_OK;
}

selo_status selo_claim_make(const char *parent, selo_claim *claim)
{
    selo_status status = SELO_OK;
    *claim = (selo_claim){.lock = -1};
    char *prefix = find_prefix(parent);
    if (prefix) {
        sweep(parent, prefix);
        status = make_locked(parent, prefix, claim);
    }
    if (status == SELO_OK && !claim->folder) /* under a name that nobody looks at */
        status = make_folder(parent, ".selo-", &claim->folder);
    const int reason = errno;
    selo_free(prefix);
    errno = reason;
    return status;
}

void selo_claim_end(selo_claim *claim)
{
    if (!claim->folder)
        return;
    (void)VSIRmdirRecursive(claim->folder);
    unlock(claim->lock);
    selo_free(claim->folder);
    *claim = (selo_claim){.lock = -1};
}
