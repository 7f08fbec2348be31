#include "run_param.h"

#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "cpl_conv.h"

char *selo_run_param(const char *params_json, const char *name)
{
    yyjson_doc *document = params_json ? yyjson_read(params_json, strlen(params_json), 0) : NULL;
    yyjson_val *value = document ? yyjson_obj_get(yyjson_doc_get_root(document), name) : NULL;
    char *written = value ? yyjson_val_write(value, 0, NULL) : NULL;
    char *found = CPLStrdup("");
    if (value) {
        CPLFree(found);
        found = CPLStrdup(yyjson_is_str(value) ? yyjson_get_str(value) : written ? written : "");
    }
    free(written);
    yyjson_doc_free(document);
    return found;
}
