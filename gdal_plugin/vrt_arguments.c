#include "vrt_arguments.h"

#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"

bool selo_vrt_refuse(const vrt_arguments *arguments, const char *name, const char *problem)
{
    CPLError(CE_Failure, CPLE_AppDefined, "VRT %s: argument '%s' %s", arguments->owner, name, problem);
    return false;
}

static bool is_declared(const char *declared, const char *name)
{
    const char *quote = strchr(name, '\'');
    return !quote && (strstr(declared, CPLSPrintf("name='%s'", name)) ||
                      strstr(declared, CPLSPrintf("type='builtin' value='%s'", name)));
}

bool selo_vrt_all_known(const vrt_arguments *arguments)
{
    for (CSLConstList item = arguments->given; item && *item; item++) {
        char *name = NULL;
        CPLParseNameValue(*item, &name);
        const bool known = !name || is_declared(arguments->declared, name);
        if (!known)
            selo_vrt_refuse(arguments, name, "is not known");
        CPLFree(name);
        if (!known)
            return false;
    }
    return true;
}

double selo_vrt_number(const vrt_arguments *arguments, const char *name, double otherwise)
{
    char *end = NULL;
    const char *text = CSLFetchNameValue(arguments->given, name);
    if (!text)
        return otherwise;
    const double value = CPLStrtod(text, &end);
    while (*end == ' ')
        end++;
    return end != text && *end == '\0' ? value : (double)NAN;
}

bool selo_vrt_flag(const vrt_arguments *arguments, const char *name, bool otherwise)
{
    return CPLTestBool(CSLFetchNameValueDef(arguments->given, name, otherwise ? "true" : "false"));
}

int selo_vrt_choice(const vrt_arguments *arguments, const char *name, const char *const *words, int otherwise)
{
    const char *text = CSLFetchNameValue(arguments->given, name);
    if (!text)
        return otherwise;
    for (int k = 0; words[k]; k++)
        if (EQUAL(text, words[k]))
            return k;
    return -1;
}

bool selo_vrt_range(const vrt_arguments *arguments, double *low, double *high)
{
    *low = selo_vrt_number(arguments, "min", 0);
    *high = selo_vrt_number(arguments, "max", 1);
    if (!isfinite(*low))
        return selo_vrt_refuse(arguments, "min", "must be a finite number");
    if (!isfinite(*high) || !(*low < *high))
        return selo_vrt_refuse(arguments, "max", "must be a finite number greater than 'min'");
    return true;
}
