#include "heard.h"

#include "cpl_error.h"
#include "cpl_string.h"

static void CPL_STDCALL listen(CPLErr class, CPLErrorNum number, const char *message)
{
    selo_heard *heard = CPLGetErrorHandlerUserData();
    char *kept = class >= CE_Failure ? heard->failure : heard->warning;
    (void)number;
    if (class >= CE_Warning && !*kept)
        CPLStrlcpy(kept, message, sizeof heard->failure);
}

void selo_heard_start(selo_heard *heard)
{
    *heard = (selo_heard){.failure = ""};
    CPLPushErrorHandlerEx(listen, heard);
    CPLSetCurrentErrorHandlerCatchDebug(FALSE);
}

void selo_heard_end(void)
{
    CPLPopErrorHandler();
    CPLErrorReset();
}

const char *selo_heard_why(const selo_heard *heard, selo_status status)
{
    return *heard->failure ? heard->failure : selo_status_text(status);
}
