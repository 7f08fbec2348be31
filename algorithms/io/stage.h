/* An output that is complete or absent: written into a temporary folder beside its place, moved there at the end.
 *
 * Where the place knows no renaming (/vsistdout/, object stores, ...) the folder lies in memory and is copied. */
#ifndef SELO_IO_STAGE_H
#define SELO_IO_STAGE_H

#include <stdbool.h>

#include "claim.h"
#include "cpl_progress.h"
#include "cpl_string.h"
#include "selo/status.h"

typedef struct selo_stage {
    char *path;       /* the output as it was named: a file, or a folder of files */
    char *place;      /* where it goes: path, or what the link there leads to, which stays a link */
    selo_claim claim; /* the temporary folder */
    char *inside;     /* the output's name in it: where to write */
    bool copies;
    GDALProgressFunc progress; /* told how far selo_stage_commit() is where it copies; NULL: nobody. Its answer is
                                  not heard: half a copy */
    void *progress_data;       /* in an archive or on standard output could not be taken back */
} selo_stage;

/* Whether `path` is a folder, and whether there is anything; an empty folder is not. */
typedef enum selo_stage_place {
    SELO_STAGE_FREE,
    SELO_STAGE_EMPTY_FOLDER,
    SELO_STAGE_FILE,
    SELO_STAGE_FOLDER
} selo_stage_place;
selo_stage_place selo_stage_look(const char *path);

/* Reports what cannot be replaced: what is neither a file nor a folder, such as a pipe, and what is in an archive. */
selo_status selo_stage_check(const char *path);

/* The path that a link leads to in the end, whether anything is there or not; a copy of one that is no link. NULL if
 * memory is short; the caller frees it with selo_free(). */
char *selo_stage_follow(const char *path);

/* `existing` and the files beside `path` that belong to it by their names, such as map.tif.aux.xml or table.csvt; freed
 * with CSLDestroy(). */
char **selo_stage_with_beside(const char *path, CSLConstList existing);

/* Makes the temporary folder. Reports a folder that is missing or cannot be written. The caller ends the stage with
 * selo_stage_drop(), after success as well. */
selo_status selo_stage_open(const char *path, selo_stage *stage);

/* As selo_stage_open(), for a file: reports one that exists unless `overwrite`, and a folder in any case. `existing`
 * becomes what selo_stage_commit() takes: the file that is replaced (of the stage) or none, and NULL. */
selo_status selo_stage_open_file(const char *path, bool overwrite, char *existing[2], selo_stage *stage);

/* Copies existing files (stage->place and others beside it) or folders into the temporary folder, with
 * what belongs to them by name. */
selo_status selo_stage_fill(const selo_stage *stage, CSLConstList existing);

/* Throws away what was written so far. */
void selo_stage_clear(const selo_stage *stage);

/* Moves all that was written into place; `existing` (stage->place and others beside it; NULL: nothing was there) is
 * what it replaces, with what belongs to it by name. If that fails, what was there is there again. */
selo_status selo_stage_commit(const selo_stage *stage, CSLConstList existing);

/* Removes the temporary folder and frees what the stage holds. */
void selo_stage_drop(selo_stage *stage);

#endif
