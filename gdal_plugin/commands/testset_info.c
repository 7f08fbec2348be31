/* `gdal selo testset info`. */
#include "testset.h"

#include <math.h>

#include "selo/text.h"
#include "summary.h"

static const selo_arg arguments[] = {TESTSET_ARGUMENT, SELO_TEXT_OR_JSON_ARGUMENT, {.kind = SELO_ARG_OUTPUT_STRING}};

static const char *const word_bins[] = {"0-4", "5-9", "10-14", "15-19", "20-24", "25-29", "30-34", "35+"};
static const char *const region_bins[] = {"0", "1", "2", "3", "4", "5", "6", "7+"};

static void add_histogram(yyjson_mut_doc *document, yyjson_mut_val *root, const char *name, const char *const *bins,
                          const size_t *counts)
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
    return testset_hand_out_json(values, document);
}

static void add_bars(selo_text *text, const char *title, const char *const *bins, const size_t *counts, size_t total)
{
    selo_text_add(text, "%s\n", title);
    for (size_t i = 0; i < 8; i++)
        if (counts[i] > 0)
            selo_text_add(text, "  %6s %6lu  %.*s\n", bins[i], (unsigned long)counts[i],
                          (int)((40 * counts[i] + total - 1) / total), "########################################");
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

static selo_status run(selo_values *values, GDALProgressFunc progress, void *data)
{
    selo_testset *testset = NULL;
    selo_testset_info info;
    selo_status status = testset_open(values, &testset);
    (void)progress, (void)data;
    if (status == SELO_OK)
        status = selo_testset_describe(testset, &info);
    if (status == SELO_OK)
        status = selo_wants_json(values) ? info_json(values, testset, &info) : info_text(values, testset, &info);
    selo_testset_free(testset);
    return status;
}

const selo_command selo_command_testset_info = {
    .path = "testset info",
    .summary = "Count what a test set holds",
    .details = "Samples, images, regions per sample, words per caption and distinct words, as the published Table I "
               "states them, with histograms. A word is what stands between white space, without punctuation at its "
               "ends, compared as written.\n\n"
               "Example:\n  gdal selo testset info airslt.gpkg",
    .group = "Benchmark",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .run = run,
};
