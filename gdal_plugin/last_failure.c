#include "last_failure.h"

#include <stdio.h>

#include "cpl_conv.h"
#include "terminal_progress.h"

static void CPL_STDCALL note(CPLErr type, CPLErrorNum number, const char *message)
{
    selo_last_failure *failure = CPLGetErrorHandlerUserData();
    if (type == CE_Failure) {
        CPLFree(failure->message);
        failure->message = CPLStrdup(message);
        failure->number = number;
    }
    if (type != CE_Debug && failure->ticks && *failure->ticks > failure->ticks_told &&
        *failure->ticks <= SELO_TERMINAL_TICKS) {
        failure->ticks_told = *failure->ticks;
        fputc('\n', stderr);
    }
    CPLCallPreviousHandler(type, number, message);
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
