/* Whether an output of layers can be made as it is asked for: before anything is written. */
#include <string.h>

#include "cpl_conv.h"
#include "layers_private.h"
#include "selo/memory.h"
#include "string_format.h"

bool selo_layers_choose(const selo_layers_options *options, const char *name)
{
    return !options->layers || CSLFindString(options->layers, name) >= 0;
}

/* "selo_a, selo_b, selo_run" */
static char *list_names(const selo_layer_schema *const *schemas, size_t n)
{
    char *list = selo_string_copy("");
    for (size_t i = 0; i < n && list; i++) {
        char *longer = selo_string_format("%s%s, ", list, schemas[i]->name);
        selo_free(list);
        list = longer;
    }
    char *all = list ? selo_string_format("%s%s", list, selo_run_schema.name) : NULL;
    selo_free(list);
    return all;
}

static bool is_known(const char *name, const selo_layer_schema *const *schemas, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (EQUAL(name, schemas[i]->name))
            return true;
    return EQUAL(name, selo_run_schema.name);
}

static selo_status check_names(const selo_layers_options *options, const selo_layer_schema *const *schemas, size_t n)
{
    for (CSLConstList name = options->layers; name && *name; name++)
        if (!is_known(*name, schemas, n)) {
            char *names = list_names(schemas, n);
            CPLError(CE_Failure, CPLE_IllegalArg, "%s is not a layer of this output: choose from %s", *name,
                     names ? names : "its layers");
            selo_free(names);
            return SELO_E_ARGUMENT;
        }
    return SELO_OK;
}

static selo_status check_count(const selo_layers_options *options, const selo_format *format,
                               const selo_layer_schema *const *schemas, size_t n)
{
    int wanted = selo_layers_choose(options, selo_run_schema.name);
    for (size_t i = 0; i < n; i++)
        wanted += selo_layers_choose(options, schemas[i]->name);
    if (!format->one_layer || wanted == 1)
        return SELO_OK;
    char *names = list_names(schemas, n);
    CPLError(CE_Failure, CPLE_NotSupported, "%s: one file of %s holds one layer, not %d: choose one of %s, or %s",
             options->path, format->name, wanted, names ? names : "them",
             format->one_file ? "name a folder (no extension)" : "a format of several layers, such as GPKG");
    selo_free(names);
    return SELO_E_ARGUMENT;
}

/* A folder may be replaced if nothing else can be lost: it is one dataset of this format, or holds only our layers. */
static selo_status check_folder(const selo_layers_options *options, const selo_format *format)
{
    if (!format->folder && GDALIdentifyDriver(options->path, NULL) == format->driver)
        return SELO_OK;
    if (!format->folder) {
        CPLError(CE_Failure, CPLE_IllegalArg, "%s is a folder: name a file in it", options->path);
        return SELO_E_ARGUMENT;
    }
    selo_status status = SELO_OK;
    char **entries = VSIReadDir(options->path);
    for (char **entry = entries; entry && *entry && status == SELO_OK; entry++)
        if ((*entry)[0] != '.' && !STARTS_WITH(*entry, "selo_")) {
            CPLError(CE_Failure, CPLE_IllegalArg,
                     "%s: the folder holds other files (%s): name a folder of its own for the layers", options->path,
                     *entry);
            status = SELO_E_ARGUMENT;
        }
    CSLDestroy(entries);
    return status;
}

static selo_status check_place(const selo_layers_options *options, const selo_format *format)
{
    const selo_stage_place place = selo_stage_look(options->path);
    if (selo_stage_check(options->path) != SELO_OK)
        return SELO_E_OUTPUT;
    if (place == SELO_STAGE_FREE || (place == SELO_STAGE_EMPTY_FOLDER && format->folder))
        return SELO_OK;
    if (place == SELO_STAGE_FILE && format->folder) {
        CPLError(CE_Failure, CPLE_IllegalArg, "%s is a file, and the layers of %s need a folder: name another output",
                 options->path, format->name);
        return SELO_E_ARGUMENT;
    }
    if (place != SELO_STAGE_FILE && check_folder(options, format) != SELO_OK)
        return SELO_E_ARGUMENT;
    if (options->overwrite || options->append)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined, "%s exists: replace it with --overwrite%s, or choose another", options->path,
             options->can_append ? ", add rows to it with --append" : "");
    return SELO_E_OUTPUT;
}

static selo_status check_types(const selo_layers_options *options, const selo_format *format,
                               const selo_layer_schema *const *schemas, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < schemas[i]->n_fields && selo_layers_choose(options, schemas[i]->name); k++)
            if (schemas[i]->fields[k].type == SELO_FIELD_BYTES && !selo_format_has_type(format, "Binary")) {
                CPLError(CE_Failure, CPLE_NotSupported,
                         "%s: %s cannot hold the bytes of %s: choose another format, such as GPKG", options->path,
                         format->name, schemas[i]->fields[k].name);
                return SELO_E_ARGUMENT;
            }
    return SELO_OK;
}

selo_status selo_layers_check_all(const selo_layers_options *options, const selo_layer_schema *const *schemas,
                             size_t n_schemas, selo_format *format)
{
    selo_status status = selo_format_choose(options->path, options->format, format);
    if (status == SELO_OK && options->overwrite && options->append) {
        CPLError(CE_Failure, CPLE_IllegalArg, "--overwrite and --append exclude each other");
        status = SELO_E_ARGUMENT;
    }
    if (status == SELO_OK)
        status = check_names(options, schemas, n_schemas);
    if (status == SELO_OK && options->path)
        status = check_types(options, format, schemas, n_schemas);
    if (status == SELO_OK && options->path)
        status = check_count(options, format, schemas, n_schemas);
    if (status == SELO_OK && options->path && !format->to_stdout)
        status = check_place(options, format);
    return status;
}

selo_status selo_layers_check(const selo_layers_options *options, const selo_layer_schema *const *schemas,
                              size_t n_schemas)
{
    selo_format format;
    selo_status status = selo_layers_check_all(options, schemas, n_schemas, &format);
    if (status == SELO_OK && options->path) {
        selo_stage stage;
        status = selo_stage_open(options->path, &stage);
        if (status == SELO_OK)
            selo_stage_drop(&stage);
    }
    return status;
}
