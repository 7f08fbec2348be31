/* `gdal selo testset import | export | info | validate`. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "command.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/testset.h"
#include "selo/text.h"
#include "summary.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define TESTSET                                                                                                       \
    {.name = "testset",                                                                                               \
     .kind = SELO_ARG_VECTOR,                                                                                         \
     .help = "Test set: a GeoPackage made by `gdal selo testset import`",                                             \
     .aliases = "input",                                                                                              \
     .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED}

#define TEXT_OR_JSON                                                                                                  \
    {.name = "output-format",                                                                                         \
     .short_name = 'f',                                                                                               \
     .kind = SELO_ARG_STRING,                                                                                         \
     .help = "Output format (default: text on the command line, json through the API)",                               \
     .aliases = "of|format",                                                                                          \
     .choices = "text|json"}

/* The test set that the argument names or holds. */
static selo_status read_testset(const selo_values *values, selo_testset **testset)
{
    GDALDatasetH held = selo_values_dataset(values, "testset");
    const char *name = selo_values_dataset_name(values, "testset");
    GDALDatasetH dataset = held;
    if (!dataset) {
        CPLPushErrorHandler(CPLQuietErrorHandler);
        dataset = GDALOpenEx(name, GDAL_OF_VECTOR, NULL, NULL, NULL);
        CPLPopErrorHandler();
    }
    if (!dataset) {
        CPLError(CE_Failure, CPLE_OpenFailed, "test set '%s' cannot be opened: is it a GeoPackage of `gdal selo testset import`?", name);
        return SELO_E_INPUT;
    }
    const selo_status status = selo_testset_read(dataset, testset);
    if (!held)
        GDALClose(dataset);
    return status;
}

static bool wants_json(const selo_values *values)
{
    const char *format = selo_values_string(values, "output-format");
    return format ? EQUAL(format, "json") : !selo_values_from_command_line(values);
}

static selo_status hand_out_json(selo_values *values, yyjson_mut_doc *document)
{
    char *json = yyjson_mut_write(document, YYJSON_WRITE_PRETTY_TWO_SPACES, NULL);
    selo_text text = {0};
    if (json)
        selo_text_add_bytes(&text, json, strlen(json));
    text.failed |= !json;
    free(json);
    yyjson_mut_doc_free(document);
    return selo_hand_out(values, &text);
}

/* import */

static const selo_arg import_arguments[] = {
    {.name = "annotation", .kind = SELO_ARG_FILE, .help = "Annotation file or folder", .aliases = "input", .metavar = "ANNOTATION",
     .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED},
    {.name = "output", .short_name = 'o', .kind = SELO_ARG_VECTOR, .help = "GeoPackage to write",
     .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED | SELO_ARG_OUTPUT},
    {.name = "input-format", .kind = SELO_ARG_STRING, .help = "Format of the annotation", .aliases = "if",
     .choices = "auto|airslt|voc|coco|folder", .default_value = "auto"},
    {.name = "images", .kind = SELO_ARG_FILE, .help = "Folder of the images, to take their sizes from", .metavar = "FOLDER"},
    {.name = "query-field", .kind = SELO_ARG_STRING, .help = "Property that holds the query, with --input-format folder",
     .default_value = "query"},
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_OUTPUT_STRING},
    {.kind = SELO_ARG_QUIET},
};

static selo_testset_format format_of(const char *name)
{
    static const char *const names[] = {"auto", "airslt", "voc", "coco", "folder"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (EQUAL(name, names[i]))
            return (selo_testset_format)i;
    return SELO_TESTSET_AUTO;
}

static selo_status run_import(selo_values *values, GDALProgressFunc progress, void *data)
{
    const selo_testset_import_options options = {.format = format_of(selo_values_string(values, "input-format")),
                                                 .images = selo_values_string(values, "images"),
                                                 .query_field = selo_values_string(values, "query-field")};
    const char *output = selo_values_dataset_name(values, "output");
    selo_testset *testset = NULL;
    selo_testset_info info;
    selo_text text = {0};
    selo_status status = selo_testset_import(selo_values_string(values, "annotation"), &options, &testset);
    if (status == SELO_OK)
        status = selo_testset_write(testset, output, selo_values_flag(values, "overwrite"));
    if (status == SELO_OK)
        status = selo_testset_describe(testset, &info);
    if (status == SELO_OK && !selo_values_quiet(values)) {
        selo_text_add(&text, "%s: %lu samples on %lu images, %lu regions\n", output, (unsigned long)info.n_samples,
                      (unsigned long)info.n_images, (unsigned long)info.n_regions);
        status = selo_hand_out(values, &text);
    }
    if (status == SELO_OK)
        progress(1, "", data);
    selo_testset_free(testset);
    return status;
}

const selo_command selo_command_testset_import = {
    .path = "testset import",
    .summary = "Make a test set of annotations",
    .details = "Reads annotations (the published AIR-SLT list, Pascal VOC XML with a description per object, COCO JSON, or a folder of "
               "images with a GeoJSON file beside each) and writes a GeoPackage: layer selo_manifest with a row per sample, layer "
               "selo_truth with a polygon per region in pixel coordinates of its image.\n\n"
               "Example: gdal selo testset import anno.json airslt.gpkg",
    .group = "Benchmark",
    .args = import_arguments,
    .n_args = COUNT(import_arguments),
    .run = run_import,
};

/* export */

static const selo_arg export_arguments[] = {
    TESTSET,
    {.name = "output", .short_name = 'o', .kind = SELO_ARG_FILE, .help = "JSON file to write", .metavar = "OUTPUT",
     .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED},
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_QUIET},
};

static selo_status run_export(selo_values *values, GDALProgressFunc progress, void *data)
{
    selo_testset *testset = NULL;
    selo_status status = read_testset(values, &testset);
    if (status == SELO_OK)
        status = selo_testset_export(testset, selo_values_string(values, "output"), selo_values_flag(values, "overwrite"));
    if (status == SELO_OK)
        progress(1, "", data);
    selo_testset_free(testset);
    return status;
}

const selo_command selo_command_testset_export = {
    .path = "testset export",
    .summary = "Write a test set as the published AIR-SLT list",
    .details = "Writes the JSON list of caption, jpg_name and points that the published evaluation reads. What `import` read from such a "
               "list comes back with the same content.\n\nExample: gdal selo testset export airslt.gpkg anno.json",
    .group = "Benchmark",
    .args = export_arguments,
    .n_args = COUNT(export_arguments),
    .run = run_export,
};

/* info */

static const selo_arg info_arguments[] = {TESTSET, TEXT_OR_JSON, {.kind = SELO_ARG_OUTPUT_STRING}};

static const char *const word_bins[] = {"0-4", "5-9", "10-14", "15-19", "20-24", "25-29", "30-34", "35+"};
static const char *const region_bins[] = {"0", "1", "2", "3", "4", "5", "6", "7+"};

static void add_histogram(yyjson_mut_doc *document, yyjson_mut_val *root, const char *name, const char *const *bins, const size_t *counts)
{
    yyjson_mut_val *object = yyjson_mut_obj_add_obj(document, root, name);
    for (size_t i = 0; i < 8; i++)
        yyjson_mut_obj_add_uint(document, object, bins[i], counts[i]);
}

static selo_status info_json(selo_values *values, const selo_testset *testset, const selo_testset_info *info)
{
    yyjson_mut_doc *document = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(document);
    yyjson_mut_doc_set_root(document, root);
    yyjson_mut_obj_add_str(document, root, "testset", testset->name);
    yyjson_mut_obj_add_uint(document, root, "samples", info->n_samples);
    yyjson_mut_obj_add_uint(document, root, "images", info->n_images);
    yyjson_mut_obj_add_uint(document, root, "regions", info->n_regions);
    yyjson_mut_obj_add_uint(document, root, "words", info->n_words);
    yyjson_mut_obj_add_real(document, root, "regions_mean", info->regions_mean);
    yyjson_mut_obj_add_real(document, root, "caption_mean", info->caption_mean);
    if (isnan(info->attention_mean))
        yyjson_mut_obj_add_null(document, root, "attention_mean");
    else
        yyjson_mut_obj_add_real(document, root, "attention_mean", info->attention_mean);
    add_histogram(document, root, "samples_by_regions", region_bins, info->by_regions);
    add_histogram(document, root, "captions_by_words", word_bins, info->by_words);
    return hand_out_json(values, document);
}

static void add_bars(selo_text *text, const char *title, const char *const *bins, const size_t *counts, size_t total)
{
    selo_text_add(text, "%s\n", title);
    for (size_t i = 0; i < 8; i++)
        if (counts[i] > 0)
            selo_text_add(text, "  %6s %6lu  %.*s\n", bins[i], (unsigned long)counts[i], (int)((40 * counts[i] + total - 1) / total),
                          "########################################");
}

static selo_status info_text(selo_values *values, const selo_testset *testset, const selo_testset_info *info)
{
    selo_text text = {0};
    selo_text_add(&text, "Test set: %s\n", testset->name);
    selo_text_add(&text, "Samples:              %lu\n", (unsigned long)info->n_samples);
    selo_text_add(&text, "Images:               %lu\n", (unsigned long)info->n_images);
    selo_text_add(&text, "Regions:              %lu\n", (unsigned long)info->n_regions);
    selo_text_add(&text, "Regions per sample:   %.2f\n", info->regions_mean);
    selo_text_add(&text, "Words per caption:    %.2f\n", info->caption_mean);
    selo_text_add(&text, "Distinct words:       %lu\n", (unsigned long)info->n_words);
    if (!isnan(info->attention_mean))
        selo_text_add(&text, "Mean attention ratio: %.3f\n", info->attention_mean);
    add_bars(&text, "Samples by number of regions", region_bins, info->by_regions, info->n_samples);
    add_bars(&text, "Captions by number of words", word_bins, info->by_words, info->n_samples);
    return selo_hand_out(values, &text);
}

static selo_status run_info(selo_values *values, GDALProgressFunc progress, void *data)
{
    selo_testset *testset = NULL;
    selo_testset_info info;
    selo_status status = read_testset(values, &testset);
    (void)progress, (void)data;
    if (status == SELO_OK)
        status = selo_testset_describe(testset, &info);
    if (status == SELO_OK)
        status = wants_json(values) ? info_json(values, testset, &info) : info_text(values, testset, &info);
    selo_testset_free(testset);
    return status;
}

const selo_command selo_command_testset_info = {
    .path = "testset info",
    .summary = "Count what a test set holds",
    .details = "Samples, images, regions per sample, words per caption and distinct words, as the published Table I states them, with "
               "histograms. A word is what stands between white space, without punctuation at its ends, compared as written.\n\n"
               "Example: gdal selo testset info airslt.gpkg",
    .group = "Benchmark",
    .args = info_arguments,
    .n_args = COUNT(info_arguments),
    .run = run_info,
};

/* validate */

static const selo_arg validate_arguments[] = {
    TESTSET, TEXT_OR_JSON, {.kind = SELO_ARG_OUTPUT_STRING}, {.kind = SELO_ARG_RETURN_CODE}};

static selo_status defects_json(selo_values *values, const selo_testset *testset, const selo_testset_defect *defects, size_t n)
{
    yyjson_mut_doc *document = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(document);
    yyjson_mut_doc_set_root(document, root);
    yyjson_mut_obj_add_str(document, root, "testset", testset->name);
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(document, root, "defects");
    for (size_t i = 0; i < n; i++) {
        yyjson_mut_val *item = yyjson_mut_arr_add_obj(document, list);
        yyjson_mut_obj_add_str(document, item, "sample_id", testset->samples[defects[i].sample].sample_id);
        yyjson_mut_obj_add_str(document, item, "image", testset->samples[defects[i].sample].image);
        if (defects[i].region >= 0)
            yyjson_mut_obj_add_int(document, item, "region_id", defects[i].region);
        else
            yyjson_mut_obj_add_null(document, item, "region_id");
        yyjson_mut_obj_add_str(document, item, "kind", defects[i].kind);
        yyjson_mut_obj_add_str(document, item, "detail", defects[i].detail);
    }
    return hand_out_json(values, document);
}

static selo_status defects_text(selo_values *values, const selo_testset *testset, const selo_testset_defect *defects, size_t n)
{
    selo_text text = {0};
    for (size_t i = 0; i < n; i++) {
        const selo_testset_sample *sample = &testset->samples[defects[i].sample];
        selo_text_add(&text, "sample %s (%s)", sample->sample_id, sample->image);
        if (defects[i].region >= 0)
            selo_text_add(&text, ", region %ld", defects[i].region);
        selo_text_add(&text, ": %s: %s\n", defects[i].kind, defects[i].detail);
    }
    selo_text_add(&text, "%s: %lu defects\n", testset->name, (unsigned long)n);
    return selo_hand_out(values, &text);
}

static selo_status run_validate(selo_values *values, GDALProgressFunc progress, void *data)
{
    selo_testset *testset = NULL;
    selo_testset_defect *defects = NULL;
    size_t n = 0;
    selo_status status = read_testset(values, &testset);
    (void)progress, (void)data;
    if (status == SELO_OK)
        status = selo_testset_validate(testset, &defects, &n);
    if (status == SELO_OK)
        status = wants_json(values) ? defects_json(values, testset, defects, n) : defects_text(values, testset, defects, n);
    if (status == SELO_OK && n > 0)
        selo_values_set_return_code(values, 1);
    selo_testset_defects_free(defects, n);
    selo_testset_free(testset);
    return status;
}

const selo_command selo_command_testset_validate = {
    .path = "testset validate",
    .summary = "Name every defect of a test set",
    .details = "Repeated vertices, self-intersections, zero area, vertices outside the image (where its size is known), samples without "
               "a region or a query, repeated names. Ends with exit status 1 if there is a defect.\n\n"
               "Example: gdal selo testset validate airslt.gpkg",
    .group = "Benchmark",
    .args = validate_arguments,
    .n_args = COUNT(validate_arguments),
    .run = run_validate,
};
