#include "last_failure.h"

#include <stdio.h>
#include <string.h>

#include "cpl_conv.h"
#include "selo/utf8.h"
#include "terminal_progress.h"

enum { MOST_BYTES = 2000 };

/* A message on one line of bearable length: texts of any kind stand in it as they came. The caller frees it. */
static char *line_of(const char *message)
{
    const size_t fitting = selo_utf8_fitting(message, MOST_BYTES);
    char *line = CPLMalloc(fitting + sizeof "...");
    memcpy(line, message, fitting);
    strcpy(line + fitting, message[fitting] ? "..." : "");
    for (char *at = line; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 127)
            *at = ' ';
    return line;
}

static void CPL_STDCALL note(CPLErr type, CPLErrorNum number, const char *message)
{
    selo_last_failure *failure = CPLGetErrorHandlerUserData();
    char *line = line_of(message);
    if (type == CE_Failure) {
        CPLFree(failure->message);
        failure->message = CPLStrdup(line);
        failure->number = number;
    }
    if (type != CE_Debug && failure->ticks && *failure->ticks > failure->ticks_told &&
        *failure->ticks <= SELO_TERMINAL_TICKS) {
        failure->ticks_told = *failure->ticks;
        fputc('\n', stderr);
    }
    CPLCallPreviousHandler(type, number, line);
    CPLFree(line);
}

void selo_last_failure_begin(selo_last_failure *failure, const int *ticks)
{
    *failure = (selo_last_failure){.ticks = ticks};
    CPLPushErrorHandlerEx(note, failure);
    CPLSetCurrentErrorHandlerCatchDebug(FALSE);
}

bool selo_last_failure_end(selo_last_failure *failure, bool failed)
{
    const bool any = failure->message != NULL;
    CPLPopErrorHandler();
    if (any && failed && CPLGetLastErrorType() != CE_Failure)
        CPLErrorSetState(CE_Failure, failure->number, failure->message);
    CPLFree(failure->message);
    failure->message = NULL;
    return any;
}
