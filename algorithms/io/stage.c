#include "stage.h"

#include <errno.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_vsi.h"
#include "fold.h"
#include "selo/memory.h"
#include "string_format.h"
#include "swap.h"

static bool knows_renaming(const char *path)
{
    return strncmp(path, "/vsi", 4) != 0 || strncmp(path, "/vsimem/", 8) == 0;
}

static bool is_folder(const char *path)
{
    VSIStatBufL entry;
    return VSIStatExL(path, &entry, VSI_STAT_EXISTS_FLAG | VSI_STAT_NATURE_FLAG) == 0 && VSI_ISDIR(entry.st_mode);
}

/* What VSIReadDir() lists without "." and "..". */
static char **entries_of(const char *folder)
{
    char **all = VSIReadDir(folder), **entries = NULL;
    for (char **entry = all; entry && *entry; entry++)
        if (strcmp(*entry, ".") != 0 && strcmp(*entry, "..") != 0)
            entries = CSLAddString(entries, *entry);
    CSLDestroy(all);
    return entries;
}

selo_stage_place selo_stage_look(const char *path)
{
    VSIStatBufL entry;
    if (VSIStatExL(path, &entry, VSI_STAT_EXISTS_FLAG | VSI_STAT_NATURE_FLAG) != 0)
        return SELO_STAGE_FREE;
    if (!VSI_ISDIR(entry.st_mode))
        return SELO_STAGE_FILE;
    char **entries = entries_of(path);
    const selo_stage_place place = entries ? SELO_STAGE_FOLDER : SELO_STAGE_EMPTY_FOLDER;
    CSLDestroy(entries);
    return place;
}

/* Without the slashes at the end, which a folder may be named with. */
static char *without_slashes(const char *path)
{
    char *copy = selo_string_copy(path);
    const bool folder = strcmp(path, "/vsistdout/") != 0;
    for (size_t end = copy && folder ? strlen(copy) : 0; end > 1 && copy[end - 1] == '/'; end--)
        copy[end - 1] = '\0';
    return copy;
}

static selo_status open_beside(selo_stage *stage)
{
    char *parent = selo_string_copy(CPLGetDirname(stage->place));
    selo_status status = parent ? SELO_OK : SELO_E_MEMORY;
    if (status == SELO_OK && !stage->copies && strncmp(parent, "/vsimem", 7) != 0 && !is_folder(parent)) {
        CPLError(CE_Failure, CPLE_OpenFailed, "%s: its folder %s does not exist: make it first", stage->path, parent);
        status = SELO_E_OUTPUT;
    }
    if (status == SELO_OK) {
        /* The output's name is no part of the folder's, for some drivers look for the end of an archive's name (.xlsx)
         * in a path from its start. */
        status = selo_claim_make(stage->copies ? "/vsimem" : parent, &stage->claim);
        if (status == SELO_E_OUTPUT)
            CPLError(CE_Failure, CPLE_FileIO, "%s: cannot write in folder %s: %s", stage->path, parent,
                     errno ? strerror(errno) : "no temporary folder can be made there");
    }
    selo_free(parent);
    return status;
}

selo_status selo_stage_open(const char *path, selo_stage *stage)
{
    memset(stage, 0, sizeof *stage);
    stage->path = without_slashes(path);
    stage->place = stage->path ? selo_stage_follow(stage->path) : NULL;
    selo_status status = stage->place ? SELO_OK : SELO_E_MEMORY;
    const char *name = stage->place ? CPLGetFilename(stage->place) : "";
    stage->copies = status == SELO_OK && !knows_renaming(stage->place);
    if (status == SELO_OK)
        status = open_beside(stage);
    if (status == SELO_OK) {
        stage->inside = selo_string_format("%s/%s", stage->claim.folder, *name ? name : "output");
        status = stage->inside ? SELO_OK : SELO_E_MEMORY;
    }
    if (status != SELO_OK)
        selo_stage_drop(stage);
    return status;
}

selo_status selo_stage_open_file(const char *path, bool overwrite, char *existing[2], selo_stage *stage)
{
    const selo_stage_place place = selo_stage_look(path);
    memset(stage, 0, sizeof *stage);
    existing[0] = existing[1] = NULL;
    if (selo_stage_check(path) != SELO_OK)
        return SELO_E_OUTPUT;
    if (place == SELO_STAGE_FREE || (place == SELO_STAGE_FILE && overwrite)) {
        const selo_status status = selo_stage_open(path, stage);
        existing[0] = place == SELO_STAGE_FILE ? stage->place : NULL;
        return status;
    }
    CPLError(CE_Failure, CPLE_AppDefined,
             place == SELO_STAGE_FILE ? "%s: exists already; pass --overwrite to replace it"
                                      : "%s is a folder: name a file in it",
             path);
    return SELO_E_OUTPUT;
}

/* How far copying is, in bytes. */
typedef struct copying {
    const selo_stage *stage;
    double all, before, now; /* of all files, of those copied, of this one */
} copying;

static double bytes_of(const char *path)
{
    VSIStatBufL entry;
    if (!is_folder(path))
        return VSIStatL(path, &entry) == 0 ? (double)entry.st_size : 0;
    double bytes = 0;
    char **entries = entries_of(path);
    for (char **name = entries; name && *name; name++) {
        char *inside = selo_string_format("%s/%s", path, *name);
        bytes += inside ? bytes_of(inside) : 0;
        selo_free(inside);
    }
    CSLDestroy(entries);
    return bytes;
}

static int CPL_STDCALL tell(double done, const char *message, void *user)
{
    const copying *c = user;
    if (c->stage->progress && c->all > 0)
        (void)c->stage->progress((c->before + done * c->now) / c->all, message, c->stage->progress_data);
    return TRUE;
}

static int copy_file(const char *from, const char *to, copying *c)
{
    c->now = bytes_of(from);
    const int failed = VSICopyFile(from, to, NULL, (vsi_l_offset)-1, NULL, tell, c);
    c->before += c->now;
    return failed;
}

static int copy_tree(const char *from, const char *to, void *user)
{
    if (!is_folder(from))
        return copy_file(from, to, user);
    int failed = VSIMkdir(to, 0777);
    char **entries = entries_of(from);
    for (char **entry = entries; entry && *entry && !failed; entry++) {
        char *source = selo_string_format("%s/%s", from, *entry), *target = selo_string_format("%s/%s", to, *entry);
        failed = !source || !target || copy_tree(source, target, user);
        selo_free(source);
        selo_free(target);
    }
    CSLDestroy(entries);
    return failed;
}

static int move_file(const char *from, const char *to, void *user)
{
    (void)user;
    return VSIRename(from, to);
}

typedef int move_function(const char *from, const char *to, void *user);

/* Moves or copies each named entry of folder `from` into folder `to`; returns how many went well. */
static int transfer(move_function *move, void *user, CSLConstList names, const char *from, const char *to)
{
    int done = 0;
    for (; names && names[done]; done++) {
        char *source = selo_string_format("%s/%s", from, names[done]),
             *target = selo_string_format("%s/%s", to, names[done]);
        const bool failed = !source || !target || move(source, target, user) != 0;
        selo_free(source);
        selo_free(target);
        if (failed)
            break;
    }
    return done;
}

static char **names_of(CSLConstList paths)
{
    char **names = NULL;
    for (; paths && *paths; paths++)
        names = CSLAddString(names, CPLGetFilename(*paths));
    return names;
}

/* Names of what is replaced, or added to. */
static char **names_of_old(const selo_stage *stage, CSLConstList existing)
{
    char **all = selo_stage_with_beside(stage->place, existing), **names = names_of(all);
    CSLDestroy(all);
    return names;
}

static char *parent_of(const selo_stage *stage)
{
    return selo_string_copy(CPLGetDirname(stage->place));
}

selo_status selo_stage_fill(const selo_stage *stage, CSLConstList existing)
{
    char *parent = parent_of(stage);
    char **names = names_of_old(stage, existing);
    copying unheard = {.stage = stage};
    const bool done = parent && transfer(copy_tree, &unheard, names, parent, stage->claim.folder) == CSLCount(names);
    CSLDestroy(names);
    selo_free(parent);
    if (!done)
        CPLError(CE_Failure, CPLE_FileIO, "%s: could not be copied to a temporary folder beside it, for adding rows",
                 stage->path);
    return done ? SELO_OK : SELO_E_OUTPUT;
}

/* The last `undo` of those moved come back. */
static void move_back(CSLConstList names, int count, const char *from, const char *to)
{
    char **moved = NULL;
    for (int i = 0; i < count; i++)
        moved = CSLAddString(moved, names[i]);
    (void)transfer(move_file, NULL, moved, from, to);
    CSLDestroy(moved);
}

/* More than one file, or a folder, cannot be replaced in one step: the old ones go into the temporary folder first. */
static bool exchange(const char *folder, const char *parent, CSLConstList fresh, CSLConstList old)
{
    char *aside = selo_string_format("%s/" SELO_CLAIM_REPLACED, folder);
    bool done = aside && (CSLCount(old) == 0 || VSIMkdir(aside, 0700) == 0);
    if (done) {
        const int n_old = transfer(move_file, NULL, old, parent, aside);
        const int n_fresh = n_old == CSLCount(old) ? transfer(move_file, NULL, fresh, folder, parent) : 0;
        done = n_fresh == CSLCount(fresh);
        if (!done) {
            move_back(fresh, n_fresh, parent, folder);
            move_back(old, n_old, aside, parent);
        }
    }
    selo_free(aside);
    return done;
}

/* One file in one step. Rather exchanged with the old one than renamed over it: then some file systems write all of its
 * data to the disk, and the caller waits. */
static bool replace_file(const char *fresh, const char *path, bool is_there)
{
    return (is_there && selo_swap(fresh, path)) || VSIRename(fresh, path) == 0;
}

/* Where nothing can be renamed: the output, and what lies beside it where there is such a place. */
static bool copy_out(const selo_stage *stage, const char *parent, CSLConstList fresh)
{
    copying c = {.stage = stage, .all = bytes_of(stage->claim.folder)};
    if (strncmp(stage->path, "/vsistdout", 10) == 0)
        return copy_tree(stage->inside, stage->path, &c) == 0;
    return transfer(copy_tree, &c, fresh, stage->claim.folder, parent) == CSLCount(fresh);
}

/* Drivers write files beside the one that was named; unless that is replaced, such a name belongs to something else. */
static bool is_taken(const selo_stage *stage, const char *parent, CSLConstList fresh, CSLConstList old)
{
    const char *name = CPLGetFilename(stage->place);
    if (CSLFindStringCaseSensitive(old, name) >= 0)
        return false;
    for (; *fresh; fresh++) {
        char *target = selo_string_format("%s/%s", parent, *fresh);
        const bool taken = target && CSLFindStringCaseSensitive(old, *fresh) < 0 &&
                           selo_stage_look(target) > SELO_STAGE_EMPTY_FOLDER;
        if (taken && strcmp(*fresh, name) == 0)
            CPLError(CE_Failure, CPLE_FileIO, "%s was made by somebody else in the meantime: choose another name",
                     stage->path);
        else if (taken)
            CPLError(CE_Failure, CPLE_FileIO,
                     "%s: %s is there and would be replaced, but is no part of it: choose another name", stage->path,
                     target);
        selo_free(target);
        if (taken)
            return true;
    }
    return false;
}

static bool put(const selo_stage *stage, const char *parent, CSLConstList fresh, CSLConstList old, bool was_there)
{
    if (stage->copies)
        return copy_out(stage, parent, fresh);
    if (CSLCount(fresh) == 1 && CSLCount(old) == was_there && !is_folder(stage->place))
        return replace_file(stage->inside, stage->place, was_there);
    return exchange(stage->claim.folder, parent, fresh, old);
}

selo_status selo_stage_commit(const selo_stage *stage, CSLConstList existing)
{
    char *parent = parent_of(stage);
    char **fresh = entries_of(stage->claim.folder),
         **old = stage->copies ? NULL : names_of_old(stage, existing);
    const bool was_there = existing && *existing;
    const bool taken = parent && fresh && !stage->copies && is_taken(stage, parent, fresh, old);
    selo_fold fold = {0}; /* GDAL has a line of its own on a copy that fails */
    selo_fold_begin(&fold);
    errno = 0;
    const bool done = parent && fresh && !taken && put(stage, parent, fresh, old, was_there);
    const int reason = errno;
    selo_fold_end();
    if (!done && !taken)
        CPLError(CE_Failure, CPLE_FileIO, "%s: what was written could not be put in its place: %s", stage->path,
                 reason ? strerror(reason) : selo_fold_reason(&fold, stage->claim.folder, "no reason given"));
    selo_fold_clear(&fold);
    CSLDestroy(fresh);
    CSLDestroy(old);
    selo_free(parent);
    return done ? SELO_OK : SELO_E_OUTPUT;
}

void selo_stage_clear(const selo_stage *stage)
{
    char **entries = entries_of(stage->claim.folder);
    for (char **entry = entries; entry && *entry; entry++) {
        char *path = selo_string_format("%s/%s", stage->claim.folder, *entry);
        (void)(path && (is_folder(path) ? VSIRmdirRecursive(path) : VSIUnlink(path)));
        selo_free(path);
    }
    CSLDestroy(entries);
}

void selo_stage_drop(selo_stage *stage)
{
    selo_claim_end(&stage->claim);
    selo_free(stage->path);
    selo_free(stage->place);
    selo_free(stage->inside);
    memset(stage, 0, sizeof *stage);
}
