/* What a template would fetch from a network by itself. Sources stand in many places of a VRT: datasets of arguments,
 * height models, geolocation arrays, open options; so all texts and attributes are looked at. */
#include <string.h>

#include "cpl_port.h"
#include "cpl_string.h"
#include "template_private.h"

bool selo_template_is_on_network(const char *text)
{
    static const char *const signs[] = {"://",      "/vsicurl",   "/vsis3",     "/vsigs",   "/vsiaz",     "/vsiadls",
                                        "/vsioss", "/vsiswift", "/vsihdfs", "/vsiwebhdfs"};
    static const char *const starts[] = {"PG:", "GEOR:", "georaster:", "EEDAI:", "PLMOSAIC:", "DAAS:"};
    for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
        if (strstr(text, signs[k]))
            return true;
    for (size_t k = 0; k < sizeof starts / sizeof *starts; k++)
        if (STARTS_WITH_CI(text + strspn(text, " \t\r\n@"), starts[k]))
            return true;
    return false;
}

bool selo_template_is_given_network(CSLConstList parameters)
{
    for (; parameters && *parameters; parameters++) {
        const char *value = strchr(*parameters, '=');
        if (value && selo_template_is_on_network(value + 1))
            return true;
    }
    return false;
}

/* Texts for people: descriptions, and metadata of domains in which GDAL looks for no source. */
static bool is_prose(xmlNodePtr node)
{
    if (selo_template_is_element(node, "Description"))
        return true;
    if (!selo_template_is_element(node, "Metadata"))
        return false;
    xmlChar *domain = xmlGetNoNsProp(node, BAD_CAST "domain");
    const bool prose = !domain || !*domain || strcmp((const char *)domain, "SELO") == 0;
    xmlFree(domain);
    return prose;
}

/* A source, or whatever may be one, that is a VRT itself, where nobody looks. */
static bool holds_xml(xmlNodePtr parent, const char *text)
{
    const bool source = selo_template_is_element(parent, "SourceFilename") ||
                        selo_template_is_element(parent, "SourceDataset");
    return source ? strchr(text, '<') != NULL : text[strspn(text, " \t\r\n")] == '<';
}

static bool names_network_by_attribute(xmlNodePtr node)
{
    for (xmlAttrPtr at = node->properties; at; at = at->next) {
        xmlChar *text = xmlNodeListGetString(node->doc, at->children, 1);
        const bool found = text && selo_template_is_on_network((const char *)text);
        xmlFree(text);
        if (found)
            return true;
    }
    return false;
}

/* The place of a user's raster, whose CRS may name its authority by an URL. */
static bool is_place(xmlNodePtr node)
{
    return selo_template_is_element(node, "SRS") || selo_template_is_element(node, "GCPList");
}

static bool names(xmlNodePtr node, bool filled)
{
    if (is_prose(node) || (filled && is_place(node)))
        return false;
    if (names_network_by_attribute(node))
        return true;
    for (xmlNodePtr child = node->children; child; child = child->next) {
        const char *text = child->type == XML_ELEMENT_NODE ? NULL : (const char *)child->content;
        if (text && (selo_template_is_on_network(text) || (!filled && holds_xml(node, text))))
            return true;
        if (child->type == XML_ELEMENT_NODE && names(child, filled))
            return true;
    }
    return false;
}

bool selo_template_names_source(xmlNodePtr dataset)
{
    return names(dataset, false);
}

bool selo_template_names_network(xmlNodePtr dataset)
{
    return names(dataset, true);
}
