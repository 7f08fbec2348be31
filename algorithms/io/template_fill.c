/* Fills a template's VRTDataset in with values. */
#include <libxml/tree.h>
#include <stdio.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_string.h"
#include "ogr_srs_api.h"
#include "template_private.h"

static selo_status fill_text(const selo_template_values *values, xmlNodePtr node)
{
    char *text = NULL;
    if (!node->content || !strstr((const char *)node->content, "${"))
        return SELO_OK;
    const selo_status status = selo_template_expand(values, (const char *)node->content, &text);
    if (!status) {
        /* A node of its own, whose text is escaped when it is written; xmlNodeSetContent() would look for entities. */
        xmlNodePtr filled = xmlNewText(BAD_CAST text);
        filled->_private = filled;
        xmlReplaceNode(node, filled);
        xmlFreeNode(node);
    }
    CPLFree(text);
    return status;
}

void selo_template_keep_blanks(xmlNodePtr node)
{
    for (xmlNodePtr child = node->children; child; child = child->next)
        selo_template_keep_blanks(child);
    if (!node->_private || !node->content || !node->content[0] || !strchr(" \t\r\n", node->content[0]))
        return;
    const int blank = node->content[0];
    xmlChar *rest = xmlEncodeSpecialChars(NULL, node->content + 1);
    xmlNodeSetContent(node, rest);
    xmlFree(rest);
    xmlAddPrevSibling(node, xmlNewCharRef(node->doc, BAD_CAST CPLSPrintf("&#%d;", blank)));
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

/* All axes, that of heights too: GDAL takes one CRS with another order, or number, for another CRS. */
static void set_axes(xmlNodePtr node, OGRSpatialReferenceH crs)
{
    int n = 0;
    const int *axes = OSRGetDataAxisToSRSAxisMapping(crs, &n);
    char list[64] = "";
    for (int k = 0, length = 0; k < n && length < (int)sizeof list; k++)
        length += snprintf(list + length, sizeof list - (size_t)length, "%s%d", k ? "," : "", axes[k]);
    if (n >= 2)
        xmlSetProp(node, BAD_CAST "dataAxisToSRSAxisMapping", BAD_CAST list);
}

static xmlNodePtr crs_node(const char *name, OGRSpatialReferenceH crs)
{
    char *wkt = NULL;
    if (!crs || OSRExportToWktEx(crs, &wkt, NULL) != OGRERR_NONE) {
        CPLFree(wkt);
        return NULL;
    }
    xmlNodePtr node = xmlNewNode(NULL, BAD_CAST name);
    xmlAddChild(node, xmlNewText(BAD_CAST wkt));
    set_axes(node, crs);
    const double epoch = OSRGetCoordinateEpoch(crs);
    if (epoch > 0)
        xmlSetProp(node, BAD_CAST "coordinateEpoch", BAD_CAST CPLSPrintf("%.15g", epoch));
    CPLFree(wkt);
    return node;
}

/* Ground control points, of a raster that is placed by them alone. */
static xmlNodePtr control_points(GDALDatasetH raster)
{
    const int n = GDALGetGCPCount(raster);
    const GDAL_GCP *points = GDALGetGCPs(raster);
    xmlNodePtr list = xmlNewNode(NULL, BAD_CAST "GCPList"), crs = crs_node("x", GDALGetGCPSpatialRef(raster));
    if (crs) {
        xmlChar *wkt = xmlNodeGetContent(crs), *axes = xmlGetNoNsProp(crs, BAD_CAST "dataAxisToSRSAxisMapping");
        xmlSetProp(list, BAD_CAST "Projection", wkt);
        if (axes)
            xmlSetProp(list, BAD_CAST "dataAxisToSRSAxisMapping", axes);
        xmlFree(wkt);
        xmlFree(axes);
        xmlFreeNode(crs);
    }
    for (int k = 0; k < n; k++) {
        const double numbers[] = {points[k].dfGCPPixel, points[k].dfGCPLine, points[k].dfGCPX, points[k].dfGCPY,
                                  points[k].dfGCPZ};
        static const char *const names[] = {"Pixel", "Line", "X", "Y", "Z"};
        xmlNodePtr node = xmlNewChild(list, NULL, BAD_CAST "GCP", NULL);
        xmlSetProp(node, BAD_CAST "Id", BAD_CAST points[k].pszId);
        for (int i = 0; i < 5; i++)
            xmlSetProp(node, BAD_CAST names[i], BAD_CAST CPLSPrintf("%.17g", numbers[i]));
    }
    return list;
}

/* The camera's model, of a raster that the frame has the pixels of. */
static xmlNodePtr camera_model(const selo_template_frame *frame)
{
    CSLConstList items = frame->width == GDALGetRasterXSize(frame->like) &&
                                 frame->height == GDALGetRasterYSize(frame->like)
                             ? GDALGetMetadata(frame->like, "RPC")
                             : NULL;
    xmlNodePtr list = items ? xmlNewNode(NULL, BAD_CAST "Metadata") : NULL;
    if (list)
        xmlSetProp(list, BAD_CAST "domain", BAD_CAST "RPC");
    for (; items && *items; items++) {
        char *key = NULL;
        const char *value = CPLParseNameValue(*items, &key);
        xmlNodePtr node = key ? xmlNewChild(list, NULL, BAD_CAST "MDI", NULL) : NULL;
        if (node) {
            xmlSetProp(node, BAD_CAST "key", BAD_CAST key);
            xmlAddChild(node, xmlNewText(BAD_CAST value));
        }
        CPLFree(key);
    }
    return list;
}

static void add_placement(xmlNodePtr dataset, const selo_template_frame *frame)
{
    xmlNodePtr crs = crs_node("SRS", GDALGetSpatialRef(frame->like)), camera = camera_model(frame);
    const double *gt = frame->geotransform;
    if (camera)
        add_first(dataset, camera);
    if (frame->placed) {
        xmlNodePtr node = xmlNewNode(NULL, BAD_CAST "GeoTransform");
        xmlAddChild(node, xmlNewText(BAD_CAST CPLSPrintf("%.17g, %.17g, %.17g, %.17g, %.17g, %.17g", gt[0], gt[1],
                                                         gt[2], gt[3], gt[4], gt[5])));
        add_first(dataset, node);
    } else if (GDALGetGCPCount(frame->like) > 0)
        add_first(dataset, control_points(frame->like));
    if (crs)
        add_first(dataset, crs);
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
            status = selo_template_fill(values, at);
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

selo_status selo_template_fill(selo_template_values *values, xmlNodePtr node)
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
