/* XML of Pascal VOC, with a description per object as in DIOR-RSVG (doi 10.1109/TGRS.2023.3250471): each object is a
 * sample of one region, named "STEM#INDEX" by its file and its place in the file, whatever order a folder is listed
 * in. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "selo/text.h"
#include "testset.h"

static xmlNode *child(const xmlNode *node, const char *name)
{
    for (xmlNode *at = node ? node->children : NULL; at; at = at->next)
        if (at->type == XML_ELEMENT_NODE && strcmp((const char *)at->name, name) == 0)
            return at;
    return NULL;
}

/* Text of a child element, trimmed by its readers; NULL if there is none. Freed with xmlFree(). */
static char *text_of(const xmlNode *node, const char *name)
{
    xmlNode *found = child(node, name);
    return found ? (char *)xmlNodeGetContent(found) : NULL;
}

static double number_of(const xmlNode *node, const char *name)
{
    char *text = text_of(node, name);
    char *end = text;
    double value = text ? CPLStrtod(text, &end) : NAN;
    if (end == text)
        value = NAN;
    xmlFree(text);
    return value;
}

/* "bndbox" (xmin, ymin, xmax, ymax). NULL: none. */
static OGRGeometryH read_box(const xmlNode *object)
{
    const xmlNode *box = child(object, "bndbox");
    const double x0 = number_of(box, "xmin"), y0 = number_of(box, "ymin"), x1 = number_of(box, "xmax"),
                 y1 = number_of(box, "ymax");
    if (!isfinite(x0 + y0 + x1 + y1))
        return NULL;
    return selo_testset_polygon((double[]){x0, y0, x1, y0, x1, y1, x0, y1}, 4);
}

static bool is_blank(const char *text)
{
    return !text || text[strspn(text, " \t\r\n")] == '\0';
}

static selo_status add_object(const char *path, const xmlNode *object, int index, selo_testset_sample sample,
                              selo_testset *testset)
{
    char *description = text_of(object, "description"), *name = text_of(object, "name");
    OGRGeometryH region = read_box(object);
    char *id = CPLStrdup(CPLSPrintf("%s#%d", CPLGetBasename(path), index));
    selo_status status = SELO_E_INPUT;
    sample.sample_id = id;
    sample.caption = is_blank(description) ? name : description;
    sample.grp = name;
    if (!sample.caption || !region) {
        CPLError(CE_Failure, CPLE_AppDefined, "annotation '%s', object %d has no %s", path, index,
                 region ? "\"description\" or \"name\"" : "complete \"bndbox\"");
        OGR_G_DestroyGeometry(region);
    } else if ((status = selo_testset_add_sample(testset, &sample)) == SELO_OK) {
        status = selo_testset_add_region(testset, region, name);
    } else {
        OGR_G_DestroyGeometry(region);
    }
    CPLFree(id);
    xmlFree(description);
    xmlFree(name);
    return status;
}

static int pixels(double value)
{
    return value >= 1 && value <= INT_MAX ? (int)value : 0;
}

static selo_status read_document(const char *path, const xmlNode *root, selo_testset *testset)
{
    char *file = text_of(root, "filename");
    char *fallback = CPLStrdup(CPLSPrintf("%s.jpg", CPLGetBasename(path)));
    const xmlNode *size = child(root, "size");
    const selo_testset_sample sample = {.image = file && *file ? file : fallback,
                                        .width = pixels(number_of(size, "width")),
                                        .height = pixels(number_of(size, "height"))};
    selo_status status = SELO_OK;
    int index = 0;
    for (const xmlNode *at = root->children; at && status == SELO_OK; at = at->next)
        if (at->type == XML_ELEMENT_NODE && strcmp((const char *)at->name, "object") == 0)
            status = add_object(path, at, index++, sample, testset);
    xmlFree(file);
    CPLFree(fallback);
    return status;
}

static selo_status read_file(const char *path, selo_testset *testset)
{
    char *bytes = NULL;
    size_t length = 0;
    selo_status status = selo_file_read(path, SIZE_MAX, &bytes, &length);
    if (status != SELO_OK)
        return status;
    xmlDoc *document = length <= INT_MAX ? xmlReadMemory(bytes, (int)length, path, NULL,
                                                         XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)
                                         : NULL;
    xmlNode *root = document ? xmlDocGetRootElement(document) : NULL;
    if (root && strcmp((const char *)root->name, "annotation") == 0) {
        status = read_document(path, root, testset);
    } else {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "annotation '%s' is no VOC file: XML with an <annotation> element is expected", path);
        status = SELO_E_INPUT;
    }
    xmlFreeDoc(document);
    CPLFree(bytes);
    return status;
}

selo_status selo_testset_read_voc(const char *path, selo_testset *testset)
{
    static const char *const extensions[] = {"xml", NULL};
    VSIStatBufL stat;
    if (VSIStatL(path, &stat) != 0 || !VSI_ISDIR(stat.st_mode))
        return read_file(path, testset);
    char **files = selo_testset_files(path, extensions);
    selo_status status = SELO_OK;
    for (int i = 0; files && files[i] && status == SELO_OK; i++) {
        char *file = CPLStrdup(CPLSPrintf("%s/%s", path, files[i]));
        status = read_file(file, testset);
        CPLFree(file);
    }
    CSLDestroy(files);
    return status;
}
