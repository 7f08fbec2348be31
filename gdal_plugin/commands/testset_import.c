/* `gdal selo testset import`. */
#include "testset.h"

#include "cpl_string.h"
#include "selo/text.h"
#include "summary.h"

static const selo_arg arguments[] = {
    {.name = "annotation", .kind = SELO_ARG_FILE, .help = "Annotation file or folder", .short_name = 'i',
     .aliases = "input", .metavar = "ANNOTATION", .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED},
    {.name = "output", .short_name = 'o', .kind = SELO_ARG_VECTOR, .help = "GeoPackage to write",
     .flags = SELO_ARG_POSITIONAL | SELO_ARG_REQUIRED | SELO_ARG_OUTPUT},
    {.name = "input-format", .kind = SELO_ARG_STRING, .help = "Format of the annotation", .aliases = "if",
     .choices = "auto|airslt|voc|coco|folder", .default_value = "auto"},
    {.name = "images", .kind = SELO_ARG_FILE, .help = "Folder of the images, to take their sizes from",
     .metavar = "FOLDER"},
    {.name = "query-field", .kind = SELO_ARG_STRING,
     .help = "Property that holds the query, with --input-format folder", .default_value = "query"},
    {.kind = SELO_ARG_OVERWRITE},
    {.kind = SELO_ARG_OUTPUT_STRING},
    {.kind = SELO_ARG_QUIET},
};

static selo_testset_format format_of(const char *name)
{
    static const char *const names[] = {"auto", "airslt", "voc", "coco", "folder"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (EQUAL(name, names[i]))
            return (selo_testset_format)i;
    return SELO_TESTSET_AUTO;
}

static selo_status run(selo_values *values, GDALProgressFunc progress, void *data)
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
    .details = "Reads annotations (the published AIR-SLT list, Pascal VOC XML with a description per object, COCO "
               "JSON, or a folder of images with a GeoJSON file beside each) and writes a GeoPackage: layer "
               "selo_manifest with a row per sample, layer selo_truth with a polygon per region in pixel coordinates "
               "of its image.\n\n"
               "Example:\n  gdal selo testset import anno.json airslt.gpkg",
    .group = "Benchmark",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .run = run,
};
