/* Reads a template and refuses what has no place in one. */
#include <libxml/parser.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "selo/template.h"
#include "selo/text.h"
#include "template_private.h"

/* Of the library; made from vrt_templates/ when it is built. */
const char *selo_template_find(const char *name);

enum { LARGEST = 4 << 20, DEEPEST = 100 };

bool selo_template_is_element(xmlNodePtr node, const char *name)
{
    return node && node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

xmlNodePtr selo_template_child(xmlNodePtr node, const char *name)
{
    for (node = node->children; node && !selo_template_is_element(node, name);)
        node = node->next;
    return node;
}

selo_status selo_template_refuse(const char *name, const char *problem)
{
    CPLError(CE_Failure, CPLE_AppDefined, "template '%s' is refused: %s", name, problem);
    return SELO_E_INPUT;
}

/* The template's text: of the library, or of a file; freed with CPLFree(). */
static char *load(const char *name)
{
    const char *own = selo_template_find(name);
    if (own)
        return CPLStrdup(own);
    char *bytes;
    size_t size;
    VSIStatBufL stat;
    if (VSIStatL(name, &stat) != 0 || VSI_ISDIR(stat.st_mode)) {
        char *names = selo_template_names();
        CPLError(CE_Failure, CPLE_OpenFailed, "there is no template '%s': choose one of %s, or a file", name, names);
        CPLFree(names);
        return NULL;
    }
    if (selo_file_read(name, LARGEST, &bytes, &size) != SELO_OK)
        return NULL;
    if (!memchr(bytes, '\0', size))
        return bytes;
    (void)selo_template_refuse(name, "it holds a zero byte: is it a text file in UTF-8?");
    VSIFree(bytes);
    return NULL;
}

/* What a VRT could run or reach by itself has no place in a template. */
static selo_status check_node(const char *name, xmlNodePtr node, int depth)
{
    if (depth > DEEPEST)
        return selo_template_refuse(name, "its elements are nested too deeply");
    for (; node; node = node->next) {
        if (node->type == XML_COMMENT_NODE || node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
            continue;
        if (node->type != XML_ELEMENT_NODE)
            return selo_template_refuse(name, "it holds entities or processing instructions");
        if (selo_template_is_element(node, "PixelFunctionCode") ||
            selo_template_is_element(node, "PixelFunctionLanguage"))
            return selo_template_refuse(name, "it holds code (PixelFunctionCode or PixelFunctionLanguage)");
        if (node->ns || node->nsDef)
            return selo_template_refuse(name, "it holds elements of another XML namespace, such as inclusions");
        const selo_status status = check_node(name, node->children, depth + 1);
        if (status)
            return status;
    }
    return SELO_OK;
}

/* Parameters have names of their own, and types that there are. */
static selo_status check_parameters(const char *name, xmlNodePtr root)
{
    static const char *const types[] = {"raster", "text", "number", "integer", "choice", "vector", "band", NULL};
    char **names = NULL;
    selo_status status = SELO_OK;
    for (xmlNodePtr node = root->children; node && !status; node = node->next) {
        if (!selo_template_is_element(node, "Parameter"))
            continue;
        char *own = selo_template_attribute(node, "name"), *type = selo_template_attribute(node, "type");
        if (!own || !*own)
            status = selo_template_refuse(name, "it has a Parameter without a name");
        else if (CSLFindString(names, own) >= 0)
            status = selo_template_refuse(name, CPLSPrintf("it declares the parameter '%.60s' more than once", own));
        else if (type && CSLFindString((CSLConstList)types, type) < 0)
            status = selo_template_refuse(name, CPLSPrintf("there is no type '%.60s', which parameter '%.60s' has",
                                                           type, own));
        else
            names = CSLAddString(names, own);
        CPLFree(own);
        CPLFree(type);
    }
    CSLDestroy(names);
    return status;
}

static selo_status check_template(const char *name, xmlDocPtr document)
{
    xmlNodePtr root = xmlDocGetRootElement(document);
    if (document->intSubset || document->extSubset)
        return selo_template_refuse(name, "it has a document type declaration (DOCTYPE)");
    if (!selo_template_is_element(root, "SeloTemplate") || !selo_template_child(root, "VRTDataset"))
        return selo_template_refuse(name, "it is no SeloTemplate with a VRTDataset in it");
    selo_status status = check_node(name, document->children, 0);
    if (!status && selo_template_names_source(selo_template_child(root, "VRTDataset")))
        status = selo_template_refuse(name,
                                      "it names a source on a network, or a VRT within a text: make it a parameter");
    return status ? status : check_parameters(name, root);
}

selo_status selo_template_parse(const char *name, xmlDocPtr *document)
{
    char *text = load(name);
    if (!text)
        return SELO_E_INPUT;
    xmlParserCtxtPtr parser = xmlNewParserCtxt();
    *document = parser ? xmlCtxtReadMemory(parser, text, (int)strlen(text), NULL, "UTF-8",
                                           XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)
                       : NULL;
    selo_status status = SELO_OK;
    if (!*document) {
        const xmlError *problem = parser ? xmlCtxtGetLastError(parser) : NULL;
        const char *what = problem && problem->message ? problem->message : "unknown";
        status = selo_template_refuse(name, CPLSPrintf("it is no well-formed XML (line %d: %.*s)",
                                                       problem ? problem->line : 0, (int)strcspn(what, "\n"), what));
    }
    xmlFreeParserCtxt(parser);
    CPLFree(text);
    if (!status)
        status = check_template(name, *document);
    return status;
}
