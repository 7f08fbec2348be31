#include "bundle_entries.h"

#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"

void selo_entries_fail(selo_entries *json, const char *path, const char *why)
{
    if (!json->failed)
        CPLError(CE_Failure, CPLE_AppDefined, "%s: \"%s\" %s (see docs/encoders.md)", json->file, path, why);
    json->failed = true;
}

yyjson_val *selo_entries_find(const selo_entries *json, const char *path)
{
    yyjson_val *at = json->root;
    while (at && *path) {
        const size_t n = strcspn(path, ".");
        at = yyjson_obj_getn(at, path, n);
        path += n + (path[n] == '.');
    }
    return yyjson_is_null(at) ? NULL : at;
}

char *selo_entries_text(selo_entries *json, const char *path, bool needed)
{
    yyjson_val *value = selo_entries_find(json, path);
    if (!value && needed)
        selo_entries_fail(json, path, "is missing");
    if (value && !yyjson_is_str(value))
        selo_entries_fail(json, path, "must be a string");
    return value && yyjson_is_str(value) ? CPLStrdup(yyjson_get_str(value)) : NULL;
}

double selo_entries_number(selo_entries *json, const char *path, double otherwise)
{
    yyjson_val *value = selo_entries_find(json, path);
    if (value && !yyjson_is_num(value))
        selo_entries_fail(json, path, "must be a number");
    return value ? yyjson_get_num(value) : otherwise;
}

int selo_entries_integer(selo_entries *json, const char *path, int low, int high, int otherwise)
{
    const double value = selo_entries_number(json, path, otherwise);
    if (!selo_entries_find(json, path) && otherwise >= 0)
        return otherwise;
    if (!(value >= low && value <= high) || value != floor(value)) {
        selo_entries_fail(json, path, CPLSPrintf("must be a whole number from %d to %d", low, high));
        return low;
    }
    return (int)value;
}

bool selo_entries_flag(selo_entries *json, const char *path, bool otherwise)
{
    yyjson_val *value = selo_entries_find(json, path);
    if (value && !yyjson_is_bool(value))
        selo_entries_fail(json, path, "must be true or false");
    return value ? yyjson_get_bool(value) : otherwise;
}

int selo_entries_choice(selo_entries *json, const char *path, const char *choices, int otherwise)
{
    char *text = selo_entries_text(json, path, otherwise < 0);
    char **list = CSLTokenizeString2(choices, "|", 0);
    int found = text ? CSLFindString((CSLConstList)list, text) : otherwise;
    if (text && found < 0)
        selo_entries_fail(json, path, CPLSPrintf("must be one of %s", choices));
    CSLDestroy(list);
    CPLFree(text);
    return found < 0 ? 0 : found;
}

void selo_entries_numbers(selo_entries *json, const char *path, int n, double otherwise, double *numbers)
{
    yyjson_val *list = selo_entries_find(json, path);
    if (list && (!yyjson_is_arr(list) || yyjson_arr_size(list) != (size_t)n))
        selo_entries_fail(json, path, CPLSPrintf("must be an array of %d numbers, one a channel", n));
    for (int i = 0; i < n; i++) {
        yyjson_val *value = yyjson_arr_get(list, (size_t)i);
        if (value && !yyjson_is_num(value))
            selo_entries_fail(json, path, "must be an array of numbers");
        numbers[i] = value ? yyjson_get_num(value) : otherwise;
    }
}

void selo_entries_warn_of_unknown(const selo_entries *json, const char *path, const char *known)
{
    yyjson_val *object = selo_entries_find(json, path), *key, *value;
    if (!object)
        return; /* yyjson's loop computes with its address */
    char **list = CSLTokenizeString2(known, "|", 0);
    size_t i, n;
    yyjson_obj_foreach(object, i, n, key, value)
    {
        if (CSLFindStringCaseSensitive((CSLConstList)list, yyjson_get_str(key)) < 0)
            CPLError(CE_Warning, CPLE_AppDefined,
                     "%s: \"%s%s%s\" is not known and not used; known are %s", json->file, path,
                     *path ? "." : "", yyjson_get_str(key), known);
    }
    CSLDestroy(list);
}
