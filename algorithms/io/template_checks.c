/* What a parameter of a template takes, type by type. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "dataset_files.h"
#include "selo/source.h"
#include "template_values.h"
#include "vector_file.h"

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

/* As GDAL tells numbers from texts when it opens the VRT. */
static bool is_number(const char *text)
{
    return CPLGetValueType(text) != CPL_VALUE_STRING && isfinite(CPLAtof(text));
}

static selo_status check_limits(const selo_template_values *values, xmlNodePtr declared, const char *name,
                                const char *text)
{
    char *least = selo_template_attribute(declared, "minimum"), *most = selo_template_attribute(declared, "maximum");
    const double number = CPLAtof(text);
    const bool fits = (!least || number >= CPLAtof(least)) && (!most || number <= CPLAtof(most));
    const selo_status status = fits ? SELO_OK
                                    : selo_template_fail(values, name,
                                                         CPLSPrintf("%s is not from %s to %s", text,
                                                                    least ? least : "any", most ? most : "any"));
    CPLFree(least);
    CPLFree(most);
    return status;
}

/* Greater than another parameter's number. */
static selo_status check_order(const selo_template_values *values, xmlNodePtr declared, const char *name,
                               const char *text)
{
    char *above = selo_template_attribute(declared, "above");
    const selo_template_value *lower = above ? selo_template_find_value(values, above) : NULL;
    const char *least = lower && lower->values ? lower->values[0] : NULL;
    const selo_status status = !least || CPLAtof(text) > CPLAtof(least)
                                   ? SELO_OK
                                   : selo_template_fail(values, name,
                                                        CPLSPrintf("%s must be greater than '%s', which is %s", text,
                                                                   above, least));
    CPLFree(above);
    return status;
}

static selo_status check_number(const selo_template_values *values, xmlNodePtr declared, const char *name,
                                const char *text, bool whole)
{
    if (!is_number(text) || (whole && CPLAtof(text) != floor(CPLAtof(text))))
        return selo_template_fail(values, name, CPLSPrintf("'%.60s' is no %snumber", text, whole ? "whole " : ""));
    const selo_status status = check_limits(values, declared, name, text);
    return status ? status : check_order(values, declared, name, text);
}

/* The choice as it is declared, whatever its case. */
static selo_status check_choice(const selo_template_values *values, xmlNodePtr declared, const char *name, char **text)
{
    char *choices = selo_template_attribute(declared, "choices");
    char **list = CSLTokenizeString2(choices ? choices : "", "|", 0);
    const int found = CSLFindString(list, *text);
    const selo_status status = found >= 0 ? SELO_OK
                                          : selo_template_fail(values, name,
                                                               CPLSPrintf("'%.60s' is none of %s", *text,
                                                                          choices ? choices : "(none)"));
    if (!status) {
        CPLFree(*text);
        *text = CPLStrdup(list[found]);
    }
    CSLDestroy(list);
    CPLFree(choices);
    return status;
}

/* The raster that a declaration names with of="...", NULL: none. */
static GDALDatasetH raster_of(const selo_template_values *values, xmlNodePtr declared)
{
    char *of = selo_template_attribute(declared, "of");
    const selo_template_value *raster = of ? selo_template_find_value(values, of) : NULL;
    CPLFree(of);
    return raster && raster->rasters ? raster->rasters[0] : NULL;
}

static char **numbers_of_file(const selo_template_values *values, const char *name, const char *path)
{
    selo_vectors vectors;
    char **numbers = NULL;
    if (selo_template_path_is_output(values->output, path)) {
        (void)selo_template_fail(values, name, CPLSPrintf("'%s' is the output itself", path));
        return NULL;
    }
    if (selo_vectors_read(path, &vectors))
        return NULL;
    if (vectors.count == 1) {
        numbers = CPLCalloc(vectors.size + 1, sizeof *numbers);
        for (size_t k = 0; k < vectors.size; k++)
            numbers[k] = CPLStrdup(CPLSPrintf("%.9g", (double)vectors.values[k]));
    } else
        (void)selo_template_fail(values, name, CPLSPrintf("'%s' must hold one vector", path));
    selo_vectors_clear(&vectors);
    return numbers;
}

static char *joined(CSLConstList numbers)
{
    size_t length = 1;
    for (CSLConstList number = numbers; *number; number++)
        length += strlen(*number) + 1;
    char *list = CPLCalloc(length, 1), *end = list;
    for (CSLConstList number = numbers; *number; number++) {
        if (end > list)
            *end++ = ',';
        memcpy(end, *number, strlen(*number));
        end += strlen(*number);
    }
    return list;
}

static selo_status check_numbers(const selo_template_values *values, xmlNodePtr declared, const char *name,
                                 CSLConstList numbers)
{
    const int n = CSLCount(numbers);
    GDALDatasetH raster = raster_of(values, declared);
    bool zero = true;
    for (int k = 0; k < n; k++) {
        if (!is_number(numbers[k]))
            return selo_template_fail(values, name,
                                      CPLSPrintf("'%.60s' is no number; it takes numbers, separated by commas, or "
                                                 "@FILE",
                                                 numbers[k]));
        zero = zero && CPLAtof(numbers[k]) == 0;
    }
    if (n == 0)
        return selo_template_fail(values, name, "is empty; it takes numbers, separated by commas, or @FILE");
    if (raster && n != GDALGetRasterCount(raster))
        return selo_template_fail(values, name,
                                  CPLSPrintf("has %d number%s, but '%s' has %d band%s", n, n == 1 ? "" : "s",
                                             GDALGetDescription(raster), GDALGetRasterCount(raster),
                                             GDALGetRasterCount(raster) == 1 ? "" : "s"));
    return zero ? selo_template_fail(values, name, "is all zeros, which is similar to nothing") : SELO_OK;
}

/* Numbers, or @FILE with one vector, become numbers with commas between them. */
static selo_status check_vector(const selo_template_values *values, xmlNodePtr declared, const char *name, char **text)
{
    const bool in_file = (*text)[0] == '@';
    char **numbers = in_file ? numbers_of_file(values, name, *text + 1) : CSLTokenizeString2(*text, ", \t\r\n", 0);
    const selo_status status = in_file && !numbers ? SELO_E_INPUT : check_numbers(values, declared, name, numbers);
    if (!status) {
        CPLFree(*text);
        *text = joined((CSLConstList)numbers);
    }
    CSLDestroy(numbers);
    return status;
}

static selo_status check_band(const selo_template_values *values, xmlNodePtr declared, selo_template_value *value)
{
    const char *text = value->values[0];
    value->band_of = selo_template_attribute(declared, "of");
    const selo_template_value *raster = value->band_of ? selo_template_find_value(values, value->band_of) : NULL;
    const bool whole = CPLGetValueType(text) == CPL_VALUE_INTEGER;
    if (!raster || !raster->rasters)
        return selo_template_fail(values, value->name, "must be declared below the raster that it is a band of");
    for (int k = 0; raster->rasters[k]; k++) {
        const int n = GDALGetRasterCount(raster->rasters[k]);
        if (!whole || CPLAtof(text) < 1 || CPLAtof(text) > n)
            return selo_template_fail(values, value->name,
                                      CPLSPrintf("'%.60s' is no band of '%s', which has %d", text, raster->values[k],
                                                 n));
    }
    char *band = CPLStrdup(CPLSPrintf("%d", atoi(text)));
    CPLFree(value->values[0]);
    value->values[0] = band;
    return SELO_OK;
}

static selo_status open_rasters(const selo_template_values *values, selo_template_value *value)
{
    const int n = CSLCount(value->values);
    value->rasters = CPLCalloc((size_t)n + 1, sizeof(GDALDatasetH));
    for (int k = 0; k < n; k++) {
        if (selo_template_path_is_output(values->output, value->values[k]))
            return selo_template_fail(values, value->name, CPLSPrintf("'%s' is the output itself", value->values[k]));
        value->rasters[k] =
            selo_source_open(&(selo_source){.what = value->name, .name = value->values[k], .flags = GDAL_OF_RASTER});
        if (!value->rasters[k])
            return SELO_E_INPUT;
        if (selo_dataset_reads(value->rasters[k], values->output))
            return selo_template_fail(values, value->name,
                                      CPLSPrintf("'%s' is read from the output", value->values[k]));
        if (GDALGetRasterCount(value->rasters[k]) == 0)
            return selo_template_fail(values, value->name, CPLSPrintf("'%s' has no raster band", value->values[k]));
    }
    return SELO_OK;
}

selo_status selo_template_check(const selo_template_values *values, xmlNodePtr declared, selo_template_value *value)
{
    char *type = selo_template_attribute(declared, "type");
    const char *kind = type ? type : "text";
    selo_status status = SELO_OK;
    for (int k = 0; value->values && value->values[k] && !status; k++) {
        if (!fits_in_xml(value->values[k]))
            status = selo_template_fail(values, value->name, "must be UTF-8 text without control characters");
        else if (EQUAL(kind, "number") || EQUAL(kind, "integer"))
            status = check_number(values, declared, value->name, value->values[k], EQUAL(kind, "integer"));
        else if (EQUAL(kind, "choice"))
            status = check_choice(values, declared, value->name, &value->values[k]);
        else if (EQUAL(kind, "vector"))
            status = check_vector(values, declared, value->name, &value->values[k]);
    }
    if (!status && value->values && EQUAL(kind, "band"))
        status = check_band(values, declared, value);
    if (!status && EQUAL(kind, "raster"))
        status = open_rasters(values, value);
    CPLFree(type);
    return status;
}
