#include "quiet.h"

#include "cpl_error.h"
#include "cpl_string.h"

static void CPL_STDCALL keep_first(CPLErr severity, CPLErrorNum number, const char *message)
{
    (void)number;
    selo_quiet *quiet = CPLGetErrorHandlerUserData();
    if (severity >= CE_Failure && !quiet->message[0])
        CPLStrlcpy(quiet->message, message, sizeof quiet->message);
}

void selo_quiet_begin(selo_quiet *quiet)
{
    quiet->message[0] = '\0';
    CPLPushErrorHandlerEx(keep_first, quiet);
}

void selo_quiet_end(selo_quiet *quiet)
{
    (void)quiet;
    CPLPopErrorHandler();
    CPLErrorReset();
}
