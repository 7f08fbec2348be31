/* The two layers of a test set in a GeoPackage: selo_manifest and selo_truth. */
#include <stdlib.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "ogr_srs_api.h"
#include "fold.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "stage.h"
#include "testset.h"

#define SCHEMA_VERSION "1"

typedef struct column {
    const char *name;
    OGRFieldType type;
    const char *comment;
} column;

static const column manifest_columns[] = {
    {"sample_id", OFTString, "Stable name of the sample"},
    {"image", OFTString, "File name of the image, as annotated"},
    {"query", OFTString, "Text that is looked for: the caption without white space at its ends"},
    {"caption", OFTString, "Caption as annotated"},
    {"grp", OFTString, "Group that statistics may be split by"},
    {"width", OFTInteger, "Width of the image in pixels"},
    {"height", OFTInteger, "Height of the image in pixels"},
    {"n_region", OFTInteger, "Regions of the sample"},
};

static const column truth_columns[] = {
    {"sample_id", OFTString, "Sample that the region belongs to"},
    {"region_id", OFTInteger, "Index of the region in its sample, from 0"},
    {"image", OFTString, "File name of the image, as annotated"},
    {"query", OFTString, "Text that is looked for"},
    {"cls", OFTString, "Class of the object"},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static OGRLayerH add_layer(GDALDatasetH dataset, const char *name, OGRwkbGeometryType type, const column *columns,
                           size_t n)
{
    OGRLayerH layer = GDALDatasetCreateLayer(dataset, name, NULL, type, NULL);
    for (size_t i = 0; layer && i < n; i++) {
        OGRFieldDefnH field = OGR_Fld_Create(columns[i].name, columns[i].type);
        OGR_Fld_SetComment(field, columns[i].comment);
        if (OGR_L_CreateField(layer, field, TRUE) != OGRERR_NONE)
            layer = NULL;
        OGR_Fld_Destroy(field);
    }
    if (layer)
        GDALSetMetadataItem(layer, "SELO_SCHEMA", SCHEMA_VERSION, NULL);
    return layer;
}

static void set_text(OGRFeatureH feature, const char *field, const char *text)
{
    if (text)
        OGR_F_SetFieldString(feature, OGR_F_GetFieldIndex(feature, field), text);
}

static void set_count(OGRFeatureH feature, const char *field, int value)
{
    OGR_F_SetFieldInteger(feature, OGR_F_GetFieldIndex(feature, field), value);
}

static bool write_sample(OGRLayerH layer, const selo_testset_sample *sample)
{
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
    set_text(feature, "sample_id", sample->sample_id);
    set_text(feature, "image", sample->image);
    set_text(feature, "query", sample->query);
    set_text(feature, "caption", sample->caption);
    set_text(feature, "grp", sample->grp);
    if (sample->width > 0 && sample->height > 0) {
        set_count(feature, "width", sample->width);
        set_count(feature, "height", sample->height);
    }
    set_count(feature, "n_region", (int)sample->n_regions);
    const bool good = OGR_L_CreateFeature(layer, feature) == OGRERR_NONE;
    OGR_F_Destroy(feature);
    return good;
}

static bool write_regions(OGRLayerH layer, const selo_testset_sample *sample)
{
    bool good = true;
    for (size_t k = 0; k < sample->n_regions && good; k++) {
        OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        set_text(feature, "sample_id", sample->sample_id);
        set_count(feature, "region_id", (int)k);
        set_text(feature, "image", sample->image);
        set_text(feature, "query", sample->query);
        set_text(feature, "cls", sample->regions[k].cls);
        OGR_F_SetGeometry(feature, sample->regions[k].polygon);
        good = OGR_L_CreateFeature(layer, feature) == OGRERR_NONE;
        OGR_F_Destroy(feature);
    }
    return good;
}

static bool write_layers(const selo_testset *testset, GDALDatasetH dataset)
{
    OGRLayerH manifest = add_layer(dataset, SELO_TESTSET_MANIFEST, wkbNone, manifest_columns, COUNT(manifest_columns));
    OGRLayerH truth = add_layer(dataset, SELO_TESTSET_TRUTH, wkbUnknown, truth_columns, COUNT(truth_columns));
    bool good = manifest && truth && GDALDatasetStartTransaction(dataset, FALSE) == OGRERR_NONE;
    for (size_t i = 0; i < testset->n_samples && good; i++)
        good = write_sample(manifest, &testset->samples[i]) && write_regions(truth, &testset->samples[i]);
    return good && GDALDatasetCommitTransaction(dataset) == OGRERR_NONE;
}

static selo_status write_to(const selo_testset *testset, GDALDriverH driver, const selo_stage *stage)
{
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    GDALDatasetH dataset = GDALCreate(driver, stage->inside, 0, 0, 0, GDT_Unknown, NULL);
    bool good = dataset && write_layers(testset, dataset);
    if (dataset && GDALClose(dataset) != CE_None)
        good = false;
    selo_fold_end();
    if (!good)
        CPLError(CE_Failure, CPLE_FileIO, "%s: could not be written: %s", stage->path,
                 selo_fold_reason(&fold, stage->claim.folder, "is there space left?"));
    selo_fold_clear(&fold);
    return good ? SELO_OK : SELO_E_OUTPUT;
}

selo_status selo_testset_write(const selo_testset *testset, const char *path, bool overwrite)
{
    selo_stage stage;
    GDALDriverH driver = GDALGetDriverByName("GPKG");
    char *existing[2];
    if (!driver) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s: this GDAL has no GeoPackage driver, which test sets need", path);
        return SELO_E_OUTPUT;
    }
    selo_status status = selo_stage_open_file(path, overwrite, existing, &stage);
    if (status == SELO_OK)
        status = write_to(testset, driver, &stage);
    if (status == SELO_OK)
        status = selo_stage_commit(&stage, (CSLConstList)existing);
    selo_stage_drop(&stage);
    return status;
}

static const char *text_of(OGRFeatureH feature, const char *field)
{
    const int index = OGR_F_GetFieldIndex(feature, field);
    return index >= 0 && OGR_F_IsFieldSetAndNotNull(feature, index) ? OGR_F_GetFieldAsString(feature, index) : NULL;
}

static int count_of(OGRFeatureH feature, const char *field)
{
    const int index = OGR_F_GetFieldIndex(feature, field);
    return index >= 0 && OGR_F_IsFieldSetAndNotNull(feature, index) ? OGR_F_GetFieldAsInteger(feature, index) : 0;
}

static selo_status read_manifest_row(OGRFeatureH feature, selo_testset *testset)
{
    const char *fields[] = {"sample_id", "image", "caption", "grp", "query"};
    char *texts[COUNT(fields)];
    for (size_t i = 0; i < COUNT(fields); i++) {
        const char *text = text_of(feature, fields[i]);
        texts[i] = text ? CPLStrdup(text) : NULL;
    }
    selo_testset_sample sample = {.sample_id = texts[0], .image = texts[1], .caption = texts[2] ? texts[2] : texts[4],
                                  .grp = texts[3],
                                  .width = count_of(feature, "width"), .height = count_of(feature, "height")};
    selo_status status = SELO_E_INPUT;
    if (sample.sample_id && sample.image && sample.caption)
        status = selo_testset_add_sample(testset, &sample);
    else
        CPLError(CE_Failure, CPLE_AppDefined,
                 "test set '%s', layer '" SELO_TESTSET_MANIFEST "', feature %ld has no sample_id, image or caption",
                 testset->name, (long)OGR_F_GetFID(feature));
    for (size_t i = 0; i < COUNT(fields); i++)
        CPLFree(texts[i]);
    return status;
}

/* Regions are looked up by their sample, in the order of their features; an index over sample_id keeps that linear. */
typedef struct entry {
    const char *sample_id;
    size_t index;
} entry;

static int by_id(const void *a, const void *b)
{
    return strcmp(((const entry *)a)->sample_id, ((const entry *)b)->sample_id);
}

static selo_status add_region_to(selo_testset *testset, size_t index, OGRFeatureH feature)
{
    selo_testset one = {.samples = &testset->samples[index], .n_samples = 1};
    OGRGeometryH geometry = OGR_F_GetGeometryRef(feature);
    return selo_testset_add_region(&one, OGR_G_Clone(geometry), text_of(feature, "cls"));
}

static selo_status read_truth(OGRLayerH layer, selo_testset *testset)
{
    entry *entries = selo_alloc(testset->n_samples, sizeof *entries);
    selo_status status = entries ? SELO_OK : SELO_E_MEMORY;
    OGRFeatureH feature;
    for (size_t i = 0; entries && i < testset->n_samples; i++)
        entries[i] = (entry){testset->samples[i].sample_id, i};
    if (entries)
        qsort(entries, testset->n_samples, sizeof *entries, by_id);
    selo_source_rows rows = {.layer = layer, .what = "test set", .name = testset->name};
    OGR_L_ResetReading(layer);
    while (status == SELO_OK && (feature = selo_source_next(&rows)) != NULL) {
        const char *id = text_of(feature, "sample_id");
        const entry wanted = {id ? id : "", 0};
        const entry *found = bsearch(&wanted, entries, testset->n_samples, sizeof *entries, by_id);
        if (!found || !OGR_F_GetGeometryRef(feature)) {
            CPLError(CE_Failure, CPLE_AppDefined, "test set '%s', layer '" SELO_TESTSET_TRUTH "', feature %ld: %s",
                     testset->name, (long)OGR_F_GetFID(feature),
                     found ? "it has no geometry" : "its sample_id is not in " SELO_TESTSET_MANIFEST);
            status = SELO_E_INPUT;
        } else {
            status = add_region_to(testset, found->index, feature);
        }
        OGR_F_Destroy(feature);
    }
    selo_free(entries);
    return status == SELO_OK ? selo_source_end(&rows) : status;
}

static selo_status read_layers(GDALDatasetH dataset, selo_testset *testset)
{
    OGRLayerH manifest = GDALDatasetGetLayerByName(dataset, SELO_TESTSET_MANIFEST);
    OGRLayerH truth = GDALDatasetGetLayerByName(dataset, SELO_TESTSET_TRUTH);
    selo_status status = SELO_OK;
    OGRFeatureH feature;
    if (!manifest || !truth) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "'%s' is no test set: it has no layer '%s'; make one with `gdal selo testset import`", testset->name,
                 manifest ? SELO_TESTSET_TRUTH : SELO_TESTSET_MANIFEST);
        return SELO_E_INPUT;
    }
    selo_source_rows rows = {.layer = manifest, .what = "test set", .name = testset->name};
    OGR_L_ResetReading(manifest);
    while (status == SELO_OK && (feature = selo_source_next(&rows)) != NULL) {
        status = read_manifest_row(feature, testset);
        OGR_F_Destroy(feature);
    }
    if (status == SELO_OK)
        status = selo_source_end(&rows);
    if (status == SELO_OK && testset->n_samples == 0) {
        CPLError(CE_Failure, CPLE_AppDefined, "test set '%s' holds no sample", testset->name);
        status = SELO_E_INPUT;
    }
    return status == SELO_OK ? read_truth(truth, testset) : status;
}

selo_status selo_testset_read(GDALDatasetH dataset, selo_testset **testset)
{
    selo_testset *made = selo_alloc_zeroed(1, sizeof *made);
    selo_status status = SELO_E_MEMORY;
    if (made) {
        made->name = CPLStrdup(GDALGetDescription(dataset));
        status = read_layers(dataset, made);
    }
    if (status != SELO_OK) {
        selo_testset_free(made);
        made = NULL;
    }
    *testset = made;
    return status;
}
