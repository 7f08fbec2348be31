#include "selo/template.h"

#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "selo/source.h"
#include "selo/text.h"
#include "template_private.h"

/* In the library; made from vrt_templates/ when it is built. */
const char *selo_template_name(size_t i);

char *selo_template_names(void)
{
    char **names = NULL;
    for (size_t i = 0; selo_template_name(i); i++)
        names = CSLAddString(names, selo_template_name(i));
    char *list = CPLStrdup("");
    for (int k = 0; names && names[k]; k++) {
        char *longer = CPLStrdup(CPLSPrintf("%s%s%s", list, k ? ", " : "", names[k]));
        CPLFree(list);
        list = longer;
    }
    CSLDestroy(names);
    return list;
}

static void keep_first(void *data, const xmlError *error)
{
    char *problem = data;
    if (!*problem && error->message)
        snprintf(problem, 256, "%.*s", (int)strcspn(error->message, "\n"), error->message);
}

/* GDAL's own schema of VRT files, where it is installed. */
static selo_status check_schema(const char *name, xmlDocPtr vrt)
{
    const char *path = CPLFindFile("gdal", "gdalvrt.xsd");
    char problem[256] = "";
    if (!path)
        return SELO_OK;
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(path);
    if (parser)
        xmlSchemaSetParserStructuredErrors(parser, keep_first, problem);
    xmlSchemaPtr schema = parser ? xmlSchemaParse(parser) : NULL;
    xmlSchemaValidCtxtPtr check = schema ? xmlSchemaNewValidCtxt(schema) : NULL;
    if (check)
        xmlSchemaSetValidStructuredErrors(check, keep_first, problem);
    const int failed = check ? xmlSchemaValidateDoc(check, vrt) : 0;
    xmlSchemaFreeValidCtxt(check);
    xmlSchemaFree(schema);
    xmlSchemaFreeParserCtxt(parser);
    return failed ? selo_template_refuse(name, CPLSPrintf("what it makes is no VRT by GDAL's schema: %s", problem))
                  : SELO_OK;
}

static selo_status write_vrt(const selo_template_values *values, xmlDocPtr document, bool overwrite)
{
    xmlNodePtr dataset = selo_template_child(xmlDocGetRootElement(document), "VRTDataset");
    xmlDocPtr vrt = xmlNewDoc(BAD_CAST "1.0");
    xmlUnlinkNode(dataset);
    xmlDocSetRootElement(vrt, dataset);
    selo_status status = check_schema(values->template_name, vrt);
    xmlChar *bytes = NULL;
    int size = 0;
    if (!status) {
        selo_template_keep_blanks(dataset);
        xmlDocDumpMemoryEnc(vrt, &bytes, &size, "UTF-8");
        status = bytes ? SELO_OK : SELO_E_MEMORY;
    }
    if (!status) {
        selo_text text = {0};
        selo_text_add_bytes(&text, (const char *)bytes, (size_t)size);
        status = selo_text_write(&text, values->output, overwrite);
        selo_text_clear(&text);
    }
    xmlFree(bytes);
    xmlFreeDoc(vrt);
    return status;
}

selo_status selo_template_write(const char *name, CSLConstList parameters, const char *output, bool overwrite)
{
    xmlDocPtr document = NULL;
    selo_template_values values = {.template_name = name, .output = output};
    selo_status status = selo_template_parse(name, &document);
    if (!status && selo_source_same_file(name, output)) {
        CPLError(CE_Failure, CPLE_IllegalArg, "output '%s' is the template itself: choose another output", output);
        status = SELO_E_ARGUMENT;
    }
    if (!status)
        status = selo_template_values_read(xmlDocGetRootElement(document), parameters, &values);
    if (!status)
        status = selo_template_fill(&values, selo_template_child(xmlDocGetRootElement(document), "VRTDataset"));
    /* What parts of it, none of them such a name, amount to. */
    if (!status && !selo_template_is_given_network(parameters) &&
        selo_template_names_network(selo_template_child(xmlDocGetRootElement(document), "VRTDataset")))
        status = selo_template_refuse(name, "what it makes names a source on a network: make it a parameter");
    if (!status)
        status = write_vrt(&values, document, overwrite);
    selo_template_values_clear(&values);
    xmlFreeDoc(document);
    return status;
}

static void describe_parameter(xmlNodePtr node, selo_text *text)
{
    static const char *const notes[] = {"type",    "of",    "choices",  "default", "minimum",
                                        "maximum", "above", "required", "repeat"};
    xmlChar *name = xmlGetNoNsProp(node, BAD_CAST "name"), *help = xmlNodeGetContent(node);
    selo_text_add(text, "  %s", name ? (const char *)name : "?");
    for (size_t k = 0; k < sizeof notes / sizeof *notes; k++) {
        xmlChar *value = xmlGetNoNsProp(node, BAD_CAST notes[k]);
        if (value)
            selo_text_add(text, "%s%s%s%s", k ? ", " : " (", k ? notes[k] : "", k ? " " : "", (const char *)value);
        xmlFree(value);
    }
    selo_text_add(text, "): %s\n", help ? (const char *)help : "");
    xmlFree(name);
    xmlFree(help);
}

selo_status selo_template_describe(const char *name, char **text)
{
    xmlDocPtr document = NULL;
    const selo_status status = selo_template_parse(name, &document);
    if (!status) {
        selo_text description = {0};
        xmlNodePtr root = xmlDocGetRootElement(document), about = selo_template_child(root, "Description");
        xmlChar *summary = about ? xmlNodeGetContent(about) : NULL;
        selo_text_add(&description, "%s: %s\n", name, summary ? (const char *)summary : "");
        for (xmlNodePtr node = root->children; node; node = node->next)
            if (selo_template_is_element(node, "Parameter"))
                describe_parameter(node, &description);
        *text = CPLStrdup(description.data ? description.data : "");
        selo_text_clear(&description);
        xmlFree(summary);
    }
    xmlFreeDoc(document);
    return status;
}
