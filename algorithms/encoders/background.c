#include "background.h"

#include "cpl_error.h"
#include "cpl_string.h"

/* GDAL's error handlers belong to a thread, so the problem is kept and told later, in the thread of the caller. */
static void CPL_STDCALL keep_problem(CPLErr class, CPLErrorNum number, const char *message)
{
    selo_background *background = CPLGetErrorHandlerUserData();
    (void)number;
    if (class == CE_Failure && !background->problem[0])
        CPLStrlcpy(background->problem, message, sizeof background->problem);
}

static void *run(void *data)
{
    selo_background *background = data;
    CPLPushErrorHandlerEx(keep_problem, background);
    background->status = background->work(background->data);
    CPLPopErrorHandler();
    return NULL;
}

void selo_background_start(selo_background *background, selo_status (*work)(void *data), void *data)
{
    *background = (selo_background){.work = work, .data = data};
    background->running = pthread_create(&background->thread, NULL, run, background) == 0;
    if (!background->running)
        run(background);
}

selo_status selo_background_finish(selo_background *background)
{
    if (background->running)
        pthread_join(background->thread, NULL);
    background->running = false;
    if (background->problem[0])
        CPLError(CE_Failure, CPLE_AppDefined, "%s", background->problem);
    background->problem[0] = '\0';
    const selo_status status = background->status;
    background->status = SELO_OK;
    return status;
}
