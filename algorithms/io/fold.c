#include "fold.h"

#include <stdio.h>
#include <string.h>

#include "cpl_conv.h"

enum { MOST_WARNINGS = 8 };

static void CPL_STDCALL keep(CPLErr class, CPLErrorNum number, const char *message)
{
    selo_fold *fold = CPLGetErrorHandlerUserData();
    (void)number;
    if (class == CE_Failure && !fold->failure[0])
        (void)snprintf(fold->failure, sizeof fold->failure, "%s", message);
    if (class == CE_Warning && CSLCount(fold->warnings) < MOST_WARNINGS && CSLFindString(fold->warnings, message) < 0)
        fold->warnings = CSLAddString(fold->warnings, message);
}

void selo_fold_begin(selo_fold *fold)
{
    fold->failure[0] = '\0';
    fold->class_before = CPLGetLastErrorType();
    fold->number_before = CPLGetLastErrorNo();
    fold->message_before = CPLStrdup(CPLGetLastErrorMsg());
    CPLPushErrorHandlerEx(keep, fold);
}

void selo_fold_end(void)
{
    selo_fold *fold = CPLGetErrorHandlerUserData();
    CPLPopErrorHandler();
    CPLErrorSetState(fold->class_before, fold->number_before, fold->message_before);
    CPLFree(fold->message_before);
    fold->message_before = NULL;
}

/* In place: without `hidden` and the slash after it, on one line. */
static void tidy(char *text, const char *hidden)
{
    const size_t length = hidden ? strlen(hidden) : 0;
    for (char *at = length ? strstr(text, hidden) : NULL; at; at = strstr(at, hidden)) {
        const char *rest = at + length + (at[length] == '/' || at[length] == '\\');
        memmove(at, rest, strlen(rest) + 1);
    }
    for (char *at = text; *at; at++)
        if (*at == '\n' || *at == '\r')
            *at = ' ';
    for (size_t end = strlen(text); end && strchr(" .", text[end - 1]); end--)
        text[end - 1] = '\0';
}

const char *selo_fold_reason(selo_fold *fold, const char *hidden, const char *otherwise)
{
    tidy(fold->failure, hidden);
    return fold->failure[0] ? fold->failure : otherwise;
}

void selo_fold_warn(selo_fold *fold, const char *hidden, const char *subject)
{
    for (char **warning = fold->warnings; warning && *warning; warning++) {
        tidy(*warning, hidden);
        CPLError(CE_Warning, CPLE_AppDefined, "%s: %s", subject, *warning);
    }
    selo_fold_clear(fold);
}

void selo_fold_clear(selo_fold *fold)
{
    fold->failure[0] = '\0';
    CSLDestroy(fold->warnings);
    fold->warnings = NULL;
}

selo_status selo_fold_end_rows(selo_fold *fold, const char *what, const char *name, int row, int n_rows, bool failed)
{
    selo_fold_end();
    if (failed)
        CPLError(CE_Failure, CPLE_FileIO, "%s '%s': rows %d to %d cannot be read: %s", what, name, row,
                 row + n_rows - 1, selo_fold_reason(fold, NULL, "the file may be truncated or damaged"));
    selo_fold_warn(fold, NULL, name);
    selo_fold_clear(fold);
    return failed ? SELO_E_INPUT : SELO_OK;
}
