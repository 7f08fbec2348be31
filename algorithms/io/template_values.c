#include "template_values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "ogr_srs_api.h"
#include "vector_file.h"

static selo_status fail(const selo_template_values *values, const char *parameter, const char *problem)
{
    CPLError(CE_Failure, CPLE_IllegalArg, "template '%s', parameter '%s': %s", values->template_name, parameter, problem);
    return SELO_E_ARGUMENT;
}

static char *attribute(xmlNodePtr node, const char *name)
{
    xmlChar *value = xmlGetNoNsProp(node, BAD_CAST name);
    char *copy = value ? CPLStrdup((const char *)value) : NULL;
    xmlFree(value);
    return copy;
}

static bool says_yes(xmlNodePtr node, const char *name)
{
    char *value = attribute(node, name);
    const bool yes = value && EQUAL(value, "yes");
    CPLFree(value);
    return yes;
}

static bool is_element(xmlNodePtr node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

/* XML 1.0 holds no control characters but tab and line ends, whatever the escaping. */
static bool fits_in_xml(const char *text)
{
    if (!CPLIsUTF8(text, -1))
        return false;
    for (const unsigned char *at = (const unsigned char *)text; *at; at++)
        if ((*at < 0x20 && *at != '\t' && *at != '\n' && *at != '\r') ||
            (at[0] == 0xEF && at[1] == 0xBF && (at[2] == 0xBE || at[2] == 0xBF)))
            return false;
    return true;
}

/* ---- checks per type ------------------------------------------------------------------------------------------------ */

static selo_status check_number(const selo_template_values *values, xmlNodePtr declared, const char *name, const char *text)
{
    char *end = NULL;
    const double number = CPLStrtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(number))
        return fail(values, name, CPLSPrintf("'%.60s' is no number", text));
    char *least = attribute(declared, "minimum"), *most = attribute(declared, "maximum");
    const bool fits = (!least || number >= CPLAtof(least)) && (!most || number <= CPLAtof(most));
    const selo_status status = fits ? SELO_OK : fail(values, name, CPLSPrintf("%s is not from %s to %s", text, least ? least : "any", most ? most : "any"));
    CPLFree(least);
    CPLFree(most);
    return status;
}

static selo_status check_choice(const selo_template_values *values, xmlNodePtr declared, const char *name, const char *text)
{
    char *choices = attribute(declared, "choices");
    char **list = CSLTokenizeString2(choices ? choices : "", "|", 0);
    const bool found = CSLFindString(list, text) >= 0;
    const selo_status status = found ? SELO_OK : fail(values, name, CPLSPrintf("'%.60s' is none of %s", text, choices ? choices : "(none)"));
    CSLDestroy(list);
    CPLFree(choices);
    return status;
}

/* Numbers by comma, or @FILE with one vector; the latter becomes the former. */
static selo_status check_vector(const selo_template_values *values, const char *name, char **text)
{
    if ((*text)[0] == '@') {
        selo_vectors vectors;
        const selo_status status = selo_vectors_read(*text + 1, &vectors);
        if (status)
            return status;
        char *list = CPLStrdup("");
        const bool one = vectors.count == 1;
        char **numbers = NULL;
        for (size_t k = 0; k < vectors.size && one; k++)
            numbers = CSLAddString(numbers, CPLSPrintf("%.9g", (double)vectors.values[k]));
        for (size_t length = 0, k = 0; k < vectors.size && one; k++) {
            const size_t more = strlen(numbers[k]) + 1;
            list = CPLRealloc(list, length + more + 1);
            length += (size_t)snprintf(list + length, more + 1, "%s%s", k ? "," : "", numbers[k]);
        }
        CSLDestroy(numbers);
        selo_vectors_clear(&vectors);
        if (!one) {
            CPLFree(list);
            return fail(values, name, "the file must hold one vector");
        }
        CPLFree(*text);
        *text = list;
        return SELO_OK;
    }
    char **numbers = CSLTokenizeString2(*text, ", \t\r\n", 0);
    bool good = CSLCount(numbers) > 0;
    for (int k = 0; numbers && numbers[k] && good; k++) {
        char *end = NULL;
        good = isfinite(CPLStrtod(numbers[k], &end)) && end != numbers[k] && *end == '\0';
    }
    CSLDestroy(numbers);
    return good ? SELO_OK : fail(values, name, "must be finite numbers, separated by commas, or @FILE");
}

static selo_status open_rasters(const selo_template_values *values, selo_template_value *value)
{
    const int n = CSLCount(value->values);
    value->rasters = CPLCalloc((size_t)n + 1, sizeof(GDALDatasetH));
    for (int k = 0; k < n; k++) {
        value->rasters[k] = GDALOpenEx(value->values[k], GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR, NULL, NULL, NULL);
        if (!value->rasters[k])
            return SELO_E_INPUT; /* GDAL has said which file and why */
        if (GDALGetRasterCount(value->rasters[k]) == 0)
            return fail(values, value->name, CPLSPrintf("'%s' has no raster band", value->values[k]));
    }
    return SELO_OK;
}

static selo_status check_value(const selo_template_values *values, xmlNodePtr declared, selo_template_value *value)
{
    char *type = attribute(declared, "type");
    selo_status status = SELO_OK;
    for (int k = 0; value->values && value->values[k] && !status; k++) {
        if (!fits_in_xml(value->values[k]))
            status = fail(values, value->name, "must be UTF-8 text without control characters");
        else if (type && EQUAL(type, "number"))
            status = check_number(values, declared, value->name, value->values[k]);
        else if (type && EQUAL(type, "choice"))
            status = check_choice(values, declared, value->name, value->values[k]);
        else if (type && EQUAL(type, "vector"))
            status = check_vector(values, value->name, &value->values[k]);
    }
    if (!status && type && EQUAL(type, "raster"))
        status = open_rasters(values, value);
    CPLFree(type);
    return status;
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

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
    value->name = attribute(declared, "name");
    if (!value->name) {
        CPLError(CE_Failure, CPLE_AppDefined, "template '%s': a Parameter has no name", values->template_name);
        return SELO_E_INPUT;
    }
    values->n++;
    value->values = given_values(parameters, value->name);
    if (CSLCount(value->values) > 1 && !says_yes(declared, "repeat"))
        return fail(values, value->name, "is given more than once");
    char *otherwise = attribute(declared, "default");
    selo_status status = SELO_OK;
    if (!value->values && otherwise) {
        char *text = NULL;
        status = selo_template_expand(values, otherwise, &text);
        if (!status)
            value->values = CSLAddString(NULL, text);
        CPLFree(text);
    }
    CPLFree(otherwise);
    if (!status && !value->values && says_yes(declared, "required"))
        return fail(values, value->name, CPLSPrintf("is missing: pass --param %s=VALUE", value->name));
    return status ? status : check_value(values, declared, value);
}

static selo_status refuse_unknown(const selo_template_values *values, CSLConstList parameters)
{
    for (; parameters && *parameters; parameters++) {
        char *key = NULL;
        const char *value = CPLParseNameValue(*parameters, &key);
        const bool known = value && key && selo_template_find_value(values, key);
        selo_status status = SELO_OK;
        if (!value)
            status = fail(values, *parameters, "must be given as KEY=VALUE");
        else if (!known)
            status = fail(values, key, "is not one of its parameters");
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

/* ---- frames and properties of rasters ------------------------------------------------------------------------------- */

static bool upright(GDALDatasetH raster, double gt[6])
{
    return GDALGetGeoTransform(raster, gt) == CE_None && gt[2] == 0 && gt[4] == 0 && gt[1] > 0 && gt[5] != 0;
}

/* Makes the frame hold another raster, in whole pixels. */
static void widen(selo_template_frame *frame, GDALDatasetH raster)
{
    double *gt = frame->geotransform, other[6];
    if (!upright(raster, other))
        return;
    const double x0 = (other[0] - gt[0]) / gt[1], y0 = (other[3] - gt[3]) / gt[5];
    const double x1 = x0 + GDALGetRasterXSize(raster) * other[1] / gt[1];
    const double y1 = y0 + GDALGetRasterYSize(raster) * other[5] / gt[5];
    const double left = fmin(0, floor(fmin(x0, x1) + 1e-6)), top = fmin(0, floor(fmin(y0, y1) + 1e-6));
    const double right = fmax(frame->width, ceil(fmax(x0, x1) - 1e-6)), bottom = fmax(frame->height, ceil(fmax(y0, y1) - 1e-6));
    if (right - left > 1e9 || bottom - top > 1e9)
        return;
    gt[0] += left * gt[1];
    gt[3] += top * gt[5];
    frame->width = (int)(right - left);
    frame->height = (int)(bottom - top);
}

selo_status selo_template_frame_of(const selo_template_values *values, const char *name, selo_template_frame *frame)
{
    const selo_template_value *value = selo_template_find_value(values, name);
    if (!value || !value->rasters || !value->rasters[0])
        return fail(values, name, "gives the frame, so it must be a raster");
    *frame = (selo_template_frame){.like = value->rasters[0], .width = GDALGetRasterXSize(value->rasters[0]),
                                   .height = GDALGetRasterYSize(value->rasters[0])};
    frame->placed = GDALGetGeoTransform(frame->like, frame->geotransform) == CE_None;
    double gt[6];
    OGRSpatialReferenceH crs = GDALGetSpatialRef(frame->like);
    for (int k = 1; value->rasters[k]; k++) {
        OGRSpatialReferenceH other = GDALGetSpatialRef(value->rasters[k]);
        if (!upright(frame->like, gt) || !upright(value->rasters[k], gt) || !crs != !other || (crs && !OSRIsSame(crs, other)))
            return fail(values, name, CPLSPrintf("'%s' and '%s' must be north-up and have one CRS", value->values[0], value->values[k]));
        widen(frame, value->rasters[k]);
    }
    return SELO_OK;
}

/* Where a raster lies in the frame, in its pixels; what cannot be compared fills the frame. */
static void place_in_frame(const selo_template_frame *frame, GDALDatasetH raster, double rect[4])
{
    double gt[6];
    const double *own = frame->geotransform;
    const bool comparable = frame->placed && own[2] == 0 && own[4] == 0 && own[1] != 0 && own[5] != 0 && upright(raster, gt);
    rect[0] = comparable ? (gt[0] - own[0]) / own[1] : 0;
    rect[1] = comparable ? (gt[3] - own[3]) / own[5] : 0;
    rect[2] = comparable ? GDALGetRasterXSize(raster) * gt[1] / own[1] : frame->width;
    rect[3] = comparable ? GDALGetRasterYSize(raster) * gt[5] / own[5] : frame->height;
}

/* A path as the VRT shall name it: below the VRT's folder relative to that, else absolute. What is no file stays as it is. */
static char *path_for_vrt(const char *output, const char *path, int *relative)
{
    VSIStatBufL stat;
    *relative = FALSE;
    if (VSIStatExL(path, &stat, VSI_STAT_EXISTS_FLAG) != 0)
        return CPLStrdup(path);
    char *folder = CPLGetCurrentDir();
    char *full = CPLStrdup(CPLIsFilenameRelative(path) && folder ? CPLFormFilename(folder, path, NULL) : path);
    char *full_output = CPLStrdup(CPLIsFilenameRelative(output) && folder ? CPLFormFilename(folder, output, NULL) : output);
    char *base = CPLStrdup(CPLGetPath(full_output));
    char *result = CPLStrdup(CPLExtractRelativePath(base, full, relative));
    CPLFree(base);
    CPLFree(full_output);
    CPLFree(full);
    CPLFree(folder);
    return result;
}

static int band_of_colour(GDALDatasetH raster, GDALColorInterp colour, int otherwise)
{
    const int n = GDALGetRasterCount(raster);
    for (int b = 1; b <= n; b++)
        if (GDALGetRasterColorInterpretation(GDALGetRasterBand(raster, b)) == colour)
            return b;
    return n >= 3 ? otherwise : 1;
}

static char *number_text(double number)
{
    return CPLStrdup(CPLSPrintf("%.17g", number));
}

static char *extreme_of(GDALDatasetH raster, int which)
{
    double range[2] = {0, 1};
    const bool known = GDALComputeRasterMinMax(GDALGetRasterBand(raster, 1), FALSE, range) == CE_None;
    return known ? number_text(range[which]) : NULL;
}

/* NULL: no such property, or no value of it. */
static char *property_of(const selo_template_values *values, const char *path, GDALDatasetH raster, const char *property)
{
    static const char *const rect_names[] = {"x", "y", "columns", "rows"};
    double rect[4];
    int relative, has_nodata = FALSE;
    GDALRasterBandH band = GDALGetRasterBand(raster, 1);
    place_in_frame(&values->frame, raster, rect);
    for (int k = 0; k < 4; k++)
        if (EQUAL(property, rect_names[k]))
            return number_text(rect[k]);
    if (EQUAL(property, "relative")) {
        CPLFree(path_for_vrt(values->output, path, &relative));
        return CPLStrdup(relative ? "1" : "0");
    }
    if (EQUAL(property, "width") || EQUAL(property, "height"))
        return CPLStrdup(CPLSPrintf("%d", EQUAL(property, "width") ? GDALGetRasterXSize(raster) : GDALGetRasterYSize(raster)));
    if (EQUAL(property, "red") || EQUAL(property, "green") || EQUAL(property, "blue")) {
        const int which = EQUAL(property, "red") ? 0 : EQUAL(property, "green") ? 1 : 2;
        const GDALColorInterp colours[] = {GCI_RedBand, GCI_GreenBand, GCI_BlueBand};
        return CPLStrdup(CPLSPrintf("%d", band_of_colour(raster, colours[which], which + 1)));
    }
    if (EQUAL(property, "top"))
        return CPLStrdup(GDALGetRasterDataType(band) == GDT_Byte ? "255" : "1");
    if (EQUAL(property, "min") || EQUAL(property, "max"))
        return extreme_of(raster, EQUAL(property, "max"));
    const double nodata = GDALGetRasterNoDataValue(band, &has_nodata);
    return EQUAL(property, "nodata") && has_nodata ? number_text(nodata) : NULL;
}

static bool is_property(const char *name)
{
    static const char *const names[] = {"x", "y", "columns", "rows", "relative", "width", "height", "red", "green", "blue",
                                        "top", "min", "max", "nodata", NULL};
    return CSLFindString((CSLConstList)names, name) >= 0;
}

/* A raster is placed in the frame by its coordinates, which must mean the same there. */
static selo_status check_crs(const selo_template_values *values, const char *name, const char *property, GDALDatasetH raster)
{
    static const char *const rect_names[] = {"x", "y", "columns", "rows", NULL};
    OGRSpatialReferenceH crs = values->frame.like ? GDALGetSpatialRef(values->frame.like) : NULL, own = GDALGetSpatialRef(raster);
    if (!crs || !own || CSLFindString((CSLConstList)rect_names, property) < 0 || OSRIsSame(crs, own))
        return SELO_OK;
    return fail(values, name, CPLSPrintf("'%s' has another CRS than '%s': reproject it (gdal raster reproject)",
                                         GDALGetDescription(raster), GDALGetDescription(values->frame.like)));
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
    if (!value || (property && (!is_property(property) || (value->values && !value->rasters)))) {
        CPLError(CE_Failure, CPLE_AppDefined, "template '%s' uses ${%s}, which it does not declare", values->template_name, name);
        status = SELO_E_INPUT;
    } else if (value->values && property) {
        status = check_crs(values, key, property, value->rasters[which]);
        if (!status)
            *text = property_of(values, value->values[which], value->rasters[which], property);
    } else if (value->values && value->rasters) {
        int relative;
        *text = path_for_vrt(values->output, value->values[which], &relative);
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
