#include "template_private.h"

#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"

selo_status selo_template_fail(const selo_template_values *values, const char *parameter, const char *problem)
{
    CPLError(CE_Failure, CPLE_IllegalArg, "template '%s', parameter '%s': %s", values->template_name, parameter,
             problem);
    return SELO_E_ARGUMENT;
}

char *selo_template_attribute(xmlNodePtr node, const char *name)
{
    xmlChar *value = xmlGetNoNsProp(node, BAD_CAST name);
    char *copy = value ? CPLStrdup((const char *)value) : NULL;
    xmlFree(value);
    return copy;
}

static bool says_yes(xmlNodePtr node, const char *name)
{
    char *value = selo_template_attribute(node, name);
    const bool yes = value && EQUAL(value, "yes");
    CPLFree(value);
    return yes;
}

static bool is_element(xmlNodePtr node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static char **given_values(CSLConstList parameters, const char *name)
{
    char **found = NULL;
    const size_t length = strlen(name);
    for (; parameters && *parameters; parameters++)
        if (EQUALN(*parameters, name, length) && (*parameters)[length] == '=')
            found = CSLAddString(found, *parameters + length + 1);
    return found;
}

static selo_status read_value(selo_template_values *values, xmlNodePtr declared, CSLConstList parameters)
{
    selo_template_value *value = &values->values[values->n];
    value->name = selo_template_attribute(declared, "name");
    if (!value->name) {
        CPLError(CE_Failure, CPLE_AppDefined, "template '%s': a Parameter has no name", values->template_name);
        return SELO_E_INPUT;
    }
    values->n++;
    value->values = given_values(parameters, value->name);
    if (CSLCount(value->values) > 1 && !says_yes(declared, "repeat"))
        return selo_template_fail(values, value->name, "is given more than once");
    char *otherwise = selo_template_attribute(declared, "default");
    selo_status status = SELO_OK;
    if (!value->values && otherwise) {
        char *text = NULL;
        status = selo_template_expand(values, otherwise, &text);
        if (!status && selo_template_is_on_network(text) && !selo_template_is_given_network(parameters))
            status = selo_template_refuse(values->template_name,
                                          CPLSPrintf("the default of its parameter '%.60s' is on a network",
                                                     value->name));
        if (!status)
            value->values = CSLAddString(NULL, text);
        CPLFree(text);
    }
    CPLFree(otherwise);
    if (!status && !value->values && says_yes(declared, "required"))
        return selo_template_fail(values, value->name, CPLSPrintf("is missing: pass --param %s=VALUE", value->name));
    return status ? status : selo_template_check(values, declared, value);
}

static selo_status refuse_unknown(const selo_template_values *values, CSLConstList parameters)
{
    for (; parameters && *parameters; parameters++) {
        char *key = NULL;
        const char *value = CPLParseNameValue(*parameters, &key);
        const bool known = value && key && selo_template_find_value(values, key);
        selo_status status = SELO_OK;
        if (!value)
            status = selo_template_fail(values, *parameters, "must be given as KEY=VALUE");
        else if (!known)
            status = selo_template_fail(values, key, "is not one of its parameters");
        CPLFree(key);
        if (status)
            return status;
    }
    return SELO_OK;
}

selo_status selo_template_values_read(xmlNodePtr root, CSLConstList parameters, selo_template_values *values)
{
    size_t n = 0;
    for (xmlNodePtr node = root->children; node; node = node->next)
        n += is_element(node, "Parameter");
    values->values = CPLCalloc(n + 1, sizeof *values->values);
    selo_status status = SELO_OK;
    for (xmlNodePtr node = root->children; node && !status; node = node->next)
        if (is_element(node, "Parameter"))
            status = read_value(values, node, parameters);
    return status ? status : refuse_unknown(values, parameters);
}

void selo_template_values_clear(selo_template_values *values)
{
    for (size_t k = 0; k < values->n; k++) {
        selo_template_value *value = &values->values[k];
        for (int r = 0; value->rasters && value->rasters[r]; r++)
            GDALClose(value->rasters[r]);
        CPLFree(value->rasters);
        CSLDestroy(value->values);
        CPLFree(value->band_of);
        CPLFree(value->name);
    }
    CPLFree(values->values);
    values->values = NULL;
    values->n = 0;
}

const selo_template_value *selo_template_find_value(const selo_template_values *values, const char *name)
{
    for (size_t k = 0; k < values->n; k++)
        if (EQUAL(values->values[k].name, name))
            return &values->values[k];
    return NULL;
}

selo_status selo_template_value_of(const selo_template_values *values, const char *name, char **text)
{
    char *key = CPLStrdup(name), *dot = strchr(key, '.');
    const char *property = dot ? dot + 1 : NULL;
    if (dot)
        *dot = '\0';
    const selo_template_value *value = selo_template_find_value(values, key);
    const size_t which = values->repeated && EQUAL(values->repeated, key) ? values->current : 0;
    selo_status status = SELO_OK;
    *text = NULL;
    if (!value || (property && (!selo_template_is_property(property) || (value->values && !value->rasters)))) {
        CPLError(CE_Failure, CPLE_AppDefined, "template '%s' uses ${%s}, which it does not declare",
                 values->template_name, name);
        status = SELO_E_INPUT;
    } else if (value->values && property) {
        status = selo_template_property_of(values, value, which, property, text);
    } else if (value->values && value->rasters) {
        bool relative;
        *text = selo_template_path(values->output, value->values[which], &relative);
    } else if (value->values) {
        *text = CPLStrdup(value->values[which]);
    }
    CPLFree(key);
    return status;
}

static void append(char **text, size_t *length, const char *more, size_t n)
{
    *text = CPLRealloc(*text, *length + n + 1);
    memcpy(*text + *length, more, n);
    *length += n;
    (*text)[*length] = '\0';
}

selo_status selo_template_expand(const selo_template_values *values, const char *pattern, char **text)
{
    size_t length = 0;
    *text = CPLStrdup("");
    for (const char *at = pattern; *at;) {
        const char *start = strstr(at, "${"), *end = start ? strchr(start, '}') : NULL;
        if (!end) {
            append(text, &length, at, strlen(at));
            break;
        }
        append(text, &length, at, (size_t)(start - at));
        char *name = CPLStrdup(start + 2), *value = NULL;
        name[end - start - 2] = '\0';
        const selo_status status = selo_template_value_of(values, name, &value);
        CPLFree(name);
        if (status) {
            CPLFree(*text);
            *text = NULL;
            return status;
        }
        if (value)
            append(text, &length, value, strlen(value));
        CPLFree(value);
        at = end + 1;
    }
    return SELO_OK;
}
