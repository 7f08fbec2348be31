#include "selo/template.h"

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_vsi.h"
#include "ogr_srs_api.h"
#include "selo/text.h"
#include "template_values.h"

/* Files in the library; made from vrt_templates/ when it is built. */
const char *selo_template_find(const char *name);
const char *selo_template_name(size_t i);

enum { LARGEST = 4 << 20, DEEPEST = 100 };

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

static bool is_element(xmlNodePtr node, const char *name)
{
    return node && node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static xmlNodePtr child(xmlNodePtr node, const char *name)
{
    for (node = node->children; node && !is_element(node, name);)
        node = node->next;
    return node;
}

/* ---- reading a template --------------------------------------------------------------------------------------------- */

/* The template's text: of the library, or of a file; freed with CPLFree(). */
static char *load(const char *name)
{
    const char *own = selo_template_find(name);
    if (own)
        return CPLStrdup(own);
    GByte *bytes = NULL;
    vsi_l_offset size = 0;
    VSIStatBufL stat;
    if (VSIStatL(name, &stat) != 0 || VSI_ISDIR(stat.st_mode)) {
        char *names = selo_template_names();
        CPLError(CE_Failure, CPLE_OpenFailed, "there is no template '%s': choose one of %s, or a file", name, names);
        CPLFree(names);
        return NULL;
    }
    if (!VSIIngestFile(NULL, name, &bytes, &size, LARGEST)) {
        CPLError(CE_Failure, CPLE_OpenFailed, "template '%s' cannot be read, or is larger than %d bytes", name, (int)LARGEST);
        return NULL;
    }
    char *text = CPLStrdup((const char *)bytes);
    VSIFree(bytes);
    return text;
}

static selo_status refuse(const char *name, const char *problem)
{
    CPLError(CE_Failure, CPLE_AppDefined, "template '%s' is refused: %s", name, problem);
    return SELO_E_INPUT;
}

/* A source that the template names by itself, which is on a network or is a VRT within a text, where nobody looks. */
static bool reaches_out(xmlNodePtr node)
{
    static const char *const signs[] = {"<", "://", "/vsicurl", "/vsis3", "/vsigs", "/vsiaz", "/vsiadls", "/vsioss",
                                        "/vsiswift", "/vsihdfs", "/vsiwebhdfs"};
    if (!is_element(node, "SourceFilename") && !is_element(node, "SourceDataset"))
        return false;
    xmlChar *text = xmlNodeGetContent(node);
    bool found = false;
    for (size_t k = 0; k < sizeof signs / sizeof *signs && text; k++)
        found = found || strstr((const char *)text, signs[k]);
    xmlFree(text);
    return found;
}

/* What a VRT could run or reach by itself has no place in a template. */
static selo_status check_node(const char *name, xmlNodePtr node, int depth)
{
    if (depth > DEEPEST)
        return refuse(name, "its elements are nested too deeply");
    for (; node; node = node->next) {
        if (node->type == XML_COMMENT_NODE || node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
            continue;
        if (node->type != XML_ELEMENT_NODE)
            return refuse(name, "it holds entities or processing instructions");
        if (is_element(node, "PixelFunctionCode") || is_element(node, "PixelFunctionLanguage"))
            return refuse(name, "it holds code (PixelFunctionCode or PixelFunctionLanguage)");
        if (reaches_out(node))
            return refuse(name, "it names a source on a network, or a VRT within a text: make it a parameter");
        if (node->ns || node->nsDef)
            return refuse(name, "it holds elements of another XML namespace, such as inclusions");
        const selo_status status = check_node(name, node->children, depth + 1);
        if (status)
            return status;
    }
    return SELO_OK;
}

static selo_status check_template(const char *name, xmlDocPtr document)
{
    xmlNodePtr root = xmlDocGetRootElement(document);
    if (document->intSubset || document->extSubset)
        return refuse(name, "it has a document type declaration (DOCTYPE)");
    if (!is_element(root, "SeloTemplate") || !child(root, "VRTDataset"))
        return refuse(name, "it is no SeloTemplate with a VRTDataset in it");
    return check_node(name, root, 0);
}

static selo_status parse(const char *name, xmlDocPtr *document)
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
        status = refuse(name, CPLSPrintf("it is no well-formed XML (line %d: %.*s)", problem ? problem->line : 0,
                                         (int)strcspn(what, "\n"), what));
    }
    xmlFreeParserCtxt(parser);
    CPLFree(text);
    if (!status)
        status = check_template(name, *document);
    return status;
}

/* ---- filling it in -------------------------------------------------------------------------------------------------- */

static selo_status fill_node(selo_template_values *values, xmlNodePtr node);

static selo_status fill_text(const selo_template_values *values, xmlNodePtr node)
{
    char *text = NULL;
    if (!node->content || !strstr((const char *)node->content, "${"))
        return SELO_OK;
    const selo_status status = selo_template_expand(values, (const char *)node->content, &text);
    if (!status) {
        /* A node of its own, whose text is escaped when it is written; xmlNodeSetContent() would look for entities. GDAL
         * drops blanks at the start of a text, so the first of them is written as a character reference. */
        const bool blank = strchr(" \t\r\n", text[0]) != NULL && text[0] != '\0';
        xmlNodePtr filled = xmlNewText(BAD_CAST(blank ? text + 1 : text));
        xmlReplaceNode(node, filled);
        if (blank)
            xmlAddPrevSibling(filled, xmlNewCharRef(filled->doc, BAD_CAST CPLSPrintf("&#%d;", text[0])));
        xmlFreeNode(node);
    }
    CPLFree(text);
    return status;
}

static selo_status fill_attributes(const selo_template_values *values, xmlNodePtr node)
{
    for (xmlAttrPtr at = node->properties, next; at; at = next) {
        next = at->next;
        xmlChar *pattern = xmlNodeListGetString(node->doc, at->children, 1);
        char *text = NULL;
        selo_status status = SELO_OK;
        if (pattern && strstr((const char *)pattern, "${")) {
            status = selo_template_expand(values, (const char *)pattern, &text);
            if (!status)
                xmlSetProp(node, at->name, BAD_CAST text);
        }
        CPLFree(text);
        xmlFree(pattern);
        if (status)
            return status;
    }
    return SELO_OK;
}

/* Takes an instruction to this program out of the element; freed with xmlFree(). */
static char *take_attribute(xmlNodePtr node, const char *name)
{
    xmlChar *value = xmlGetNoNsProp(node, BAD_CAST name);
    if (value)
        xmlUnsetProp(node, BAD_CAST name);
    return (char *)value;
}

static void add_first(xmlNodePtr parent, xmlNodePtr node)
{
    if (parent->children)
        xmlAddPrevSibling(parent->children, node);
    else
        xmlAddChild(parent, node);
}

static void add_placement(xmlNodePtr dataset, const selo_template_frame *frame)
{
    char *wkt = NULL;
    OGRSpatialReferenceH crs = GDALGetSpatialRef(frame->like);
    const double *gt = frame->geotransform;
    if (frame->placed) {
        xmlNodePtr node = xmlNewNode(NULL, BAD_CAST "GeoTransform");
        xmlAddChild(node, xmlNewText(BAD_CAST CPLSPrintf("%.17g, %.17g, %.17g, %.17g, %.17g, %.17g", gt[0], gt[1], gt[2], gt[3],
                                                         gt[4], gt[5])));
        add_first(dataset, node);
    }
    if (crs && OSRExportToWktEx(crs, &wkt, NULL) == OGRERR_NONE) {
        xmlNodePtr node = xmlNewNode(NULL, BAD_CAST "SRS");
        xmlAddChild(node, xmlNewText(BAD_CAST wkt));
        int n = 0;
        const int *axes = OSRGetDataAxisToSRSAxisMapping(crs, &n);
        if (n >= 2)
            xmlSetProp(node, BAD_CAST "dataAxisToSRSAxisMapping", BAD_CAST CPLSPrintf("%d,%d", axes[0], axes[1]));
        add_first(dataset, node);
    }
    CPLFree(wkt);
}

/* Size, CRS and geotransform of a VRTDataset; its children are then placed in it. */
static selo_status set_frame(selo_template_values *values, xmlNodePtr dataset, const char *name)
{
    const selo_status status = selo_template_frame_of(values, name, &values->frame);
    if (status)
        return status;
    xmlSetProp(dataset, BAD_CAST "rasterXSize", BAD_CAST CPLSPrintf("%d", values->frame.width));
    xmlSetProp(dataset, BAD_CAST "rasterYSize", BAD_CAST CPLSPrintf("%d", values->frame.height));
    add_placement(dataset, &values->frame);
    return SELO_OK;
}

static selo_status fill_element(selo_template_values *values, xmlNodePtr node)
{
    const selo_template_frame outer = values->frame;
    char *frame = take_attribute(node, "frame"), *wanted = take_attribute(node, "if");
    char *value = NULL;
    selo_status status = wanted ? selo_template_value_of(values, wanted, &value) : SELO_OK;
    if (!status && wanted && (!value || !*value)) {
        xmlUnlinkNode(node);
        xmlFreeNode(node);
    } else {
        if (!status && frame)
            status = set_frame(values, node, frame);
        if (!status)
            status = fill_attributes(values, node);
        for (xmlNodePtr at = node->children, next; at && !status; at = next) {
            next = at->next;
            status = fill_node(values, at);
        }
    }
    values->frame = outer;
    CPLFree(value);
    xmlFree(wanted);
    xmlFree(frame);
    return status;
}

/* One copy of the element per value of the parameter. */
static selo_status repeat_element(selo_template_values *values, xmlNodePtr node, const char *name)
{
    const selo_template_value *value = selo_template_find_value(values, name);
    const int n = value ? CSLCount(value->values) : 0;
    selo_status status = SELO_OK;
    values->repeated = name;
    for (int k = 0; k < n && !status; k++) {
        xmlNodePtr copy = xmlCopyNode(node, 1);
        xmlAddPrevSibling(node, copy);
        values->current = (size_t)k;
        status = copy ? fill_element(values, copy) : SELO_E_MEMORY;
    }
    values->repeated = NULL;
    xmlUnlinkNode(node);
    xmlFreeNode(node);
    return status;
}

static selo_status fill_node(selo_template_values *values, xmlNodePtr node)
{
    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
        return fill_text(values, node);
    if (node->type != XML_ELEMENT_NODE)
        return SELO_OK;
    char *each = take_attribute(node, "each");
    const selo_status status = each ? repeat_element(values, node, each) : fill_element(values, node);
    xmlFree(each);
    return status;
}

/* ---- checking and writing ------------------------------------------------------------------------------------------- */

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
    return failed ? refuse(name, CPLSPrintf("what it makes is no VRT by GDAL's schema: %s", problem)) : SELO_OK;
}

static selo_status write_vrt(const selo_template_values *values, xmlDocPtr document, bool overwrite)
{
    xmlNodePtr dataset = child(xmlDocGetRootElement(document), "VRTDataset");
    xmlDocPtr vrt = xmlNewDoc(BAD_CAST "1.0");
    xmlUnlinkNode(dataset);
    xmlDocSetRootElement(vrt, dataset);
    selo_status status = check_schema(values->template_name, vrt);
    xmlChar *bytes = NULL;
    int size = 0;
    if (!status) {
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
    selo_status status = parse(name, &document);
    if (!status)
        status = selo_template_values_read(xmlDocGetRootElement(document), parameters, &values);
    if (!status)
        status = fill_node(&values, child(xmlDocGetRootElement(document), "VRTDataset"));
    if (!status)
        status = write_vrt(&values, document, overwrite);
    selo_template_values_clear(&values);
    xmlFreeDoc(document);
    return status;
}

static void describe_parameter(xmlNodePtr node, selo_text *text)
{
    static const char *const notes[] = {"type", "choices", "default", "minimum", "maximum", "required", "repeat"};
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
    const selo_status status = parse(name, &document);
    if (!status) {
        selo_text description = {0};
        xmlNodePtr root = xmlDocGetRootElement(document), about = child(root, "Description");
        xmlChar *summary = about ? xmlNodeGetContent(about) : NULL;
        selo_text_add(&description, "%s: %s\n", name, summary ? (const char *)summary : "");
        for (xmlNodePtr node = root->children; node; node = node->next)
            if (is_element(node, "Parameter"))
                describe_parameter(node, &description);
        *text = CPLStrdup(description.data ? description.data : "");
        selo_text_clear(&description);
        xmlFree(summary);
    }
    xmlFreeDoc(document);
    return status;
}
