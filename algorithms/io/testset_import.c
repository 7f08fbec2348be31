/* Which reader an annotation needs, and the sizes of its images where a folder of them is given. */
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "selo/memory.h"
#include "selo/text.h"
#include "testset.h"

typedef selo_status testset_reader(const char *path, yyjson_val *root, selo_testset *testset);

static bool is_folder(const char *path)
{
    VSIStatBufL stat;
    return VSIStatL(path, &stat) == 0 && VSI_ISDIR(stat.st_mode);
}

static bool holds(const char *folder, const char *extension)
{
    const char *const extensions[] = {extension, NULL};
    char **files = selo_testset_files(folder, extensions);
    const bool any = files != NULL;
    CSLDestroy(files);
    return any;
}

/* The first character that is no white space and no byte order mark tells the JSON formats apart. */
static selo_testset_format guess(const char *path, const char *bytes)
{
    if (is_folder(path))
        return holds(path, "xml") ? SELO_TESTSET_VOC : SELO_TESTSET_FOLDER;
    bytes += strspn(bytes, " \t\r\n\xEF\xBB\xBF");
    switch (*bytes) {
    case '<':
        return SELO_TESTSET_VOC;
    case '{':
        return SELO_TESTSET_COCO;
    default:
        return SELO_TESTSET_AIRSLT;
    }
}

static selo_status read_sizes(const char *folder, selo_testset *testset)
{
    for (size_t i = 0; i < testset->n_samples; i++) {
        selo_testset_sample *sample = &testset->samples[i];
        if (i > 0 && strcmp(sample->image, sample[-1].image) == 0) {
            sample->width = sample[-1].width;
            sample->height = sample[-1].height;
            continue;
        }
        char *path = CPLStrdup(CPLSPrintf("%s/%s", folder, sample->image));
        CPLPushErrorHandler(CPLQuietErrorHandler);
        GDALDatasetH image = GDALOpenEx(path, GDAL_OF_RASTER, NULL, NULL, NULL);
        CPLPopErrorHandler();
        if (!image) {
            CPLError(CE_Failure, CPLE_OpenFailed, "image '%s' of sample %s cannot be opened", path, sample->sample_id);
            CPLFree(path);
            return SELO_E_INPUT;
        }
        sample->width = GDALGetRasterXSize(image);
        sample->height = GDALGetRasterYSize(image);
        GDALClose(image);
        CPLFree(path);
    }
    return SELO_OK;
}

/* Whether a text ends for JSON where it ends for C: "a\u0000b" would be "a". */
static bool has_whole_texts(const yyjson_doc *document)
{
    for (size_t i = 0; i < document->val_read; i++) {
        yyjson_val *value = &document->root[i];
        if (yyjson_is_str(value) && strlen(yyjson_get_str(value)) != yyjson_get_len(value))
            return false;
    }
    return true;
}

static selo_status read_json(const char *path, char *bytes, size_t length, testset_reader *read, selo_testset *testset)
{
    yyjson_read_err error;
    yyjson_doc *document = yyjson_read_opts(bytes, length, YYJSON_READ_ALLOW_BOM, NULL, &error);
    if (!document) {
        CPLError(CE_Failure, CPLE_AppDefined, "annotation '%s' is not JSON: %s at byte %lu", path, error.msg,
                 (unsigned long)error.pos);
        return SELO_E_INPUT;
    }
    selo_status status = SELO_E_INPUT;
    if (has_whole_texts(document))
        status = read(path, yyjson_doc_get_root(document), testset);
    else
        CPLError(CE_Failure, CPLE_AppDefined, "annotation '%s' has a text with a zero character (\\u0000) in it", path);
    yyjson_doc_free(document);
    return status;
}

static selo_status read_any(const char *path, const selo_testset_import_options *options, selo_testset *testset)
{
    char *bytes = NULL;
    size_t length = 0;
    selo_status status = SELO_OK;
    selo_testset_format format = options->format;
    if (!is_folder(path))
        status = selo_file_read(path, SIZE_MAX, &bytes, &length);
    if (status == SELO_OK && format == SELO_TESTSET_AUTO)
        format = guess(path, bytes ? bytes : "");
    if (status == SELO_OK && !bytes && (format == SELO_TESTSET_AIRSLT || format == SELO_TESTSET_COCO)) {
        CPLError(CE_Failure, CPLE_AppDefined, "annotation '%s' is a folder: this format is one JSON file", path);
        status = SELO_E_INPUT;
    }
    if (status == SELO_OK && format == SELO_TESTSET_AIRSLT)
        status = read_json(path, bytes, length, selo_testset_read_airslt, testset);
    else if (status == SELO_OK && format == SELO_TESTSET_COCO)
        status = read_json(path, bytes, length, selo_testset_read_coco, testset);
    else if (status == SELO_OK && format == SELO_TESTSET_VOC)
        status = selo_testset_read_voc(path, testset);
    else if (status == SELO_OK)
        status = selo_testset_read_folder(path, options->query_field ? options->query_field : "query", testset);
    CPLFree(bytes);
    return status;
}

selo_status selo_testset_import(const char *path, const selo_testset_import_options *options, selo_testset **testset)
{
    selo_testset *made = selo_alloc_zeroed(1, sizeof *made);
    if (!made) {
        CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory for the test set");
        return SELO_E_MEMORY;
    }
    made->name = CPLStrdup(path);
    selo_status status = read_any(path, options, made);
    if (status == SELO_OK && made->n_samples == 0) {
        CPLError(CE_Failure, CPLE_AppDefined, "annotation '%s' holds no sample", path);
        status = SELO_E_INPUT;
    }
    if (status == SELO_OK && options->images)
        status = read_sizes(options->images, made);
    if (status != SELO_OK) {
        selo_testset_free(made);
        made = NULL;
    }
    *testset = made;
    return status;
}
