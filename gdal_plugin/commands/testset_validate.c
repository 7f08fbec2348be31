/* `gdal selo testset validate`. */
#include "testset.h"

#include "selo/text.h"
#include "summary.h"

static const selo_arg arguments[] = {
    TESTSET_ARGUMENT, SELO_TEXT_OR_JSON_ARGUMENT, {.kind = SELO_ARG_OUTPUT_STRING}, {.kind = SELO_ARG_RETURN_CODE}};

static selo_status defects_json(selo_values *values, const selo_testset *testset, const selo_testset_defect *defects,
                                size_t n)
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
    return testset_hand_out_json(values, document);
}

static selo_status defects_text(selo_values *values, const selo_testset *testset, const selo_testset_defect *defects,
                                size_t n)
{
    selo_text text = {0};
    for (size_t i = 0; i < n; i++) {
        const selo_testset_sample *sample = &testset->samples[defects[i].sample];
        selo_text_add(&text, "sample %s (%s)", sample->sample_id, sample->image);
        if (defects[i].region >= 0)
            selo_text_add(&text, ", region %ld", defects[i].region);
        selo_text_add(&text, ": %s: %s\n", defects[i].kind, defects[i].detail);
    }
    selo_text_add(&text, "%s: %lu defect%s\n", testset->name, (unsigned long)n, n == 1 ? "" : "s");
    return selo_hand_out(values, &text);
}

static selo_status run(selo_values *values, GDALProgressFunc progress, void *data)
{
    selo_testset *testset = NULL;
    selo_testset_defect *defects = NULL;
    size_t n = 0;
    selo_status status = testset_open(values, &testset);
    (void)progress, (void)data;
    if (status == SELO_OK)
        status = selo_testset_validate(testset, &defects, &n);
    if (status == SELO_OK)
        status = selo_wants_json(values) ? defects_json(values, testset, defects, n)
                                         : defects_text(values, testset, defects, n);
    if (status == SELO_OK && n > 0)
        selo_values_set_return_code(values, 1);
    selo_testset_defects_free(defects, n);
    selo_testset_free(testset);
    return status;
}

const selo_command selo_command_testset_validate = {
    .path = "testset validate",
    .summary = "Name every defect of a test set",
    .details = "Repeated vertices, self-intersections, zero area, vertices outside the image (where its size is "
               "known), samples without a region or a query, repeated names. Ends with exit status 1 if there is a "
               "defect.\n\n"
               "Example:\n  gdal selo testset validate airslt.gpkg",
    .group = "Benchmark",
    .args = arguments,
    .n_args = sizeof arguments / sizeof *arguments,
    .run = run,
};
