#include "last_failure.h"

#include "cpl_conv.h"

static void CPL_STDCALL note(CPLErr type, CPLErrorNum number, const char *message)
{
    selo_last_failure *failure = CPLGetErrorHandlerUserData();
    if (type == CE_Failure) {
        CPLFree(failure->message);
        failure->message = CPLStrdup(message);
        failure->number = number;
    }
    CPLCallPreviousHandler(type, number, message);
}

void selo_last_failure_begin(selo_last_failure *failure)
{
    *failure = (selo_last_failure){0};
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
