/* The published annotation list: [{"caption": text, "jpg_name": file, "points": [[[x, y], ...], ...]}, ...].
 * Format: AIR-SLT, doi 10.1109/TGRS.2022.3207171. */
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/memory.h"
#include "selo/text.h"
#include "testset.h"

static selo_status refuse(const char *path, size_t sample, const char *what)
{
    CPLError(CE_Failure, CPLE_AppDefined, "annotation '%s', sample %lu: %s", path, (unsigned long)sample, what);
    return SELO_E_INPUT;
}

/* Vertices of a JSON list of pairs; *xy is freed with selo_free(). */
static selo_status read_vertices(yyjson_val *list, double **xy, size_t *n)
{
    yyjson_val *pair;
    size_t index, max;
    *n = yyjson_arr_size(list);
    *xy = NULL;
    if (*n == 0)
        return SELO_E_INPUT;
    *xy = selo_alloc(*n, 2 * sizeof(double));
    if (!*xy)
        return SELO_E_MEMORY;
    yyjson_arr_foreach(list, index, max, pair) {
        yyjson_val *x = yyjson_arr_get(pair, 0), *y = yyjson_arr_get(pair, 1);
        if (!yyjson_is_num(x) || !yyjson_is_num(y) || yyjson_arr_size(pair) != 2)
            return SELO_E_INPUT;
        (*xy)[2 * index] = yyjson_get_num(x);
        (*xy)[2 * index + 1] = yyjson_get_num(y);
    }
    return SELO_OK;
}

static selo_status read_sample(const char *path, size_t index, yyjson_val *item, selo_testset *testset)
{
    const char *caption = yyjson_get_str(yyjson_obj_get(item, "caption"));
    const char *image = yyjson_get_str(yyjson_obj_get(item, "jpg_name"));
    yyjson_val *regions = yyjson_obj_get(item, "points"), *region;
    size_t i, max;
    if (!caption || !image || !yyjson_is_arr(regions))
        return refuse(path, index, "needs \"caption\" and \"jpg_name\" as text and \"points\" as a list");
    char *id = CPLStrdup(CPLSPrintf("%lu", (unsigned long)index));
    const selo_testset_sample sample = {.sample_id = id, .image = CPLStrdup(image), .caption = CPLStrdup(caption)};
    selo_status status = selo_testset_add_sample(testset, &sample);
    CPLFree(sample.image);
    CPLFree(sample.caption);
    CPLFree(id);
    yyjson_arr_foreach(regions, i, max, region) {
        double *xy = NULL;
        size_t n = 0;
        if (status == SELO_OK && (status = read_vertices(region, &xy, &n)) != SELO_OK)
            status = refuse(path, index,
                            CPLSPrintf("region %lu is not a list of at least one [x, y]", (unsigned long)i));
        if (status == SELO_OK)
            status = selo_testset_add_region(testset, selo_testset_polygon(xy, n), NULL);
        selo_free(xy);
    }
    return status;
}

selo_status selo_testset_read_airslt(const char *path, yyjson_val *list, selo_testset *testset)
{
    selo_status status = SELO_OK;
    yyjson_val *item;
    size_t index, max;
    if (!yyjson_is_arr(list)) {
        CPLError(CE_Failure, CPLE_AppDefined, "annotation '%s' is no AIR-SLT file: a list of samples is expected",
                 path);
        return SELO_E_INPUT;
    }
    yyjson_arr_foreach(list, index, max, item)
    {
        if (status == SELO_OK)
            status = read_sample(path, index, item, testset);
    }
    return status;
}

/* The vertices of a simple polygon without the one that OGR adds at the end. NULL if it has several rings or parts. */
static yyjson_mut_val *write_vertices(yyjson_mut_doc *document, OGRGeometryH polygon)
{
    if (OGR_GT_Flatten(OGR_G_GetGeometryType(polygon)) == wkbMultiPolygon && OGR_G_GetGeometryCount(polygon) == 1)
        polygon = OGR_G_GetGeometryRef(polygon, 0);
    if (OGR_GT_Flatten(OGR_G_GetGeometryType(polygon)) != wkbPolygon || OGR_G_GetGeometryCount(polygon) != 1)
        return NULL;
    OGRGeometryH ring = OGR_G_GetGeometryRef(polygon, 0);
    yyjson_mut_val *list = yyjson_mut_arr(document);
    for (int i = 0; i < OGR_G_GetPointCount(ring) - 1; i++) {
        const double xy[2] = {OGR_G_GetX(ring, i), OGR_G_GetY(ring, i)};
        yyjson_mut_arr_append(list, yyjson_mut_arr_with_double(document, xy, 2));
    }
    return list;
}

static selo_status build(const selo_testset *testset, yyjson_mut_doc *document)
{
    yyjson_mut_val *list = yyjson_mut_arr(document);
    yyjson_mut_doc_set_root(document, list);
    for (size_t i = 0; i < testset->n_samples; i++) {
        const selo_testset_sample *sample = &testset->samples[i];
        yyjson_mut_val *item = yyjson_mut_arr_add_obj(document, list);
        yyjson_mut_obj_add_str(document, item, "caption", sample->caption);
        yyjson_mut_obj_add_str(document, item, "jpg_name", sample->image);
        yyjson_mut_val *regions = yyjson_mut_obj_add_arr(document, item, "points");
        for (size_t k = 0; k < sample->n_regions; k++) {
            yyjson_mut_val *vertices = write_vertices(document, sample->regions[k].polygon);
            if (!vertices) {
                CPLError(CE_Failure, CPLE_AppDefined,
                         "sample %s, region %lu has several rings or parts, which the AIR-SLT format cannot hold",
                         sample->sample_id, (unsigned long)k);
                return SELO_E_INPUT;
            }
            yyjson_mut_arr_append(regions, vertices);
        }
    }
    return SELO_OK;
}

selo_status selo_testset_export(const selo_testset *testset, const char *path, bool overwrite)
{
    yyjson_mut_doc *document = yyjson_mut_doc_new(NULL);
    selo_status status = build(testset, document);
    size_t length = 0;
    char *json = status == SELO_OK
                     ? yyjson_mut_write(document, YYJSON_WRITE_PRETTY | YYJSON_WRITE_NEWLINE_AT_END, &length)
                     : NULL;
    selo_text text = {0};
    if (status == SELO_OK) {
        selo_text_add_bytes(&text, json ? json : "", length);
        text.failed |= !json;
        status = selo_text_write(&text, path, overwrite);
    }
    selo_text_clear(&text);
    free(json);
    yyjson_mut_doc_free(document);
    return status;
}
