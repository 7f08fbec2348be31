#include "output.h"

#include <string.h>
#include <unistd.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"

static bool exists(const char *path)
{
    VSIStatBufL stat;
    return VSIStatExL(path, &stat, VSI_STAT_EXISTS_FLAG) == 0;
}

selo_status selo_output_begin(selo_output *output, const char *path, bool overwrite)
{
    char *folder = CPLStrdup(CPLGetDirname(path));
    const char *extension = CPLGetExtension(path);
    output->path = output->draft = NULL;
    if (!overwrite && exists(path)) {
        CPLError(CE_Failure, CPLE_AppDefined, "output '%s' exists: choose another, or pass --overwrite", path);
        CPLFree(folder);
        return SELO_E_OUTPUT;
    }
    if (*folder && !exists(folder)) {
        CPLError(CE_Failure, CPLE_AppDefined, "output '%s': there is no folder '%s'", path, folder);
        CPLFree(folder);
        return SELO_E_OUTPUT;
    }
    output->path = CPLStrdup(path);
    const char *name = CPLSPrintf(".%s.part-%ld%s%s", CPLGetBasename(path), (long)getpid(), *extension ? "." : "", extension);
    output->draft = CPLStrdup(*folder ? CPLSPrintf("%s/%s", folder, name) : name);
    CPLFree(folder);
    return SELO_OK;
}

static void forget(selo_output *output)
{
    CPLFree(output->path);
    CPLFree(output->draft);
    output->path = output->draft = NULL;
}

selo_status selo_output_keep(selo_output *output)
{
    selo_status status = SELO_OK;
    if (VSIRename(output->draft, output->path) != 0) {
        CPLError(CE_Failure, CPLE_FileIO, "output '%s' could not be put in its place: is its folder writable?", output->path);
        VSIUnlink(output->draft);
        status = SELO_E_OUTPUT;
    }
    forget(output);
    return status;
}

void selo_output_drop(selo_output *output)
{
    if (output->draft)
        VSIUnlink(output->draft);
    forget(output);
}
