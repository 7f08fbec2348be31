/* Bundles as descriptions alone: their networks are not opened. test_model_info.py has the rest. */
#include "selo_test.h"

#include <stdio.h>
#include <string.h>

#include <cpl_error.h>
#include <cpl_vsi.h>

#include "selo/encoder.h"

static void put(const char *name, const char *text)
{
    VSIFCloseL(VSIFileFromMemBuffer(name, (GByte *)text, strlen(text), FALSE));
}

static selo_status open_bundle(const char *description, selo_encoder **encoder)
{
    const selo_encoder_options options = {.model = "/vsimem/bundle", .threads = 1};
    put("/vsimem/bundle/model.json", description);
    put("/vsimem/bundle/image.onnx", "\x0a\x08location\x12\x7fshorter than it says");
    CPLErrorReset();
    CPLPushErrorHandler(CPLQuietErrorHandler);
    const selo_status status = selo_encoder_open(&options, encoder);
    CPLPopErrorHandler();
    VSIRmdirRecursive("/vsimem/bundle");
    return status;
}

/* The sanitizers found that looking for unknown entries of "text" walked an object that is not there. */
static void test_without_text(void **state)
{
    (void)state;
    selo_encoder *encoder;
    assert_int_equal(open_bundle("{\"selo_model\": 1, \"name\": \"n\", \"dimensions\": 4, \"image\": {\"file\": "
                                 "\"image.onnx\", \"size\": 8, \"resize\": \"cubic\"}}",
                                 &encoder),
                     SELO_OK);
    assert_int_equal(selo_encoder_size(encoder), 4);
    selo_encoder_free(encoder);
}

/* As an editor on Windows saves it. */
static void test_byte_order_mark(void **state)
{
    (void)state;
    selo_encoder *encoder;
    assert_int_equal(open_bundle("\xEF\xBB\xBF{\"selo_model\": 1, \"name\": \"n\", \"dimensions\": 4,\r\n\"image\": "
                                 "{\"file\": \"image.onnx\", \"size\": 8, \"resize\": \"cubic\"}}\r\n",
                                 &encoder),
                     SELO_OK);
    selo_encoder_free(encoder);
}

/* What climbs out of the bundle is refused; two dots within a name do not climb. */
static void test_names_with_dots(void **state)
{
    (void)state;
    static const char *const outside[] = {"..", "../image.onnx", "a/../../image.onnx", "a/..", "/image.onnx"};
    static const char *const inside[] = {"image..v2.onnx", "..image.onnx", "image.onnx.."};
    char description[256];
    selo_encoder *encoder;
    for (size_t i = 0; i < sizeof outside / sizeof *outside + sizeof inside / sizeof *inside; i++) {
        const size_t n = sizeof outside / sizeof *outside;
        snprintf(description, sizeof description,
                 "{\"selo_model\": 1, \"name\": \"n\", \"dimensions\": 4, \"image\": {\"file\": \"%s\", \"size\": 8, "
                 "\"resize\": \"cubic\"}}",
                 i < n ? outside[i] : inside[i - n]);
        assert_int_equal(open_bundle(description, &encoder), SELO_E_INPUT);
        assert_true((strstr(CPLGetLastErrorMsg(), "must lie inside") != NULL) == (i < n));
    }
}

static void test_other_shapes(void **state)
{
    (void)state;
    static const char *const bad[][2] =
        {{"", "JSON"},
         {"[]", "selo_model"},
         {"3", "selo_model"},
         {"{\"selo_model\": 1, \"name\": \"n\", \"dimensions\": 4, \"image\": [], \"text\": 7}", "image.file"}};
    selo_encoder *encoder;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(open_bundle(bad[i][0], &encoder), SELO_E_INPUT);
        assert_null(encoder);
        assert_non_null(strstr(CPLGetLastErrorMsg(), bad[i][1]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_without_text), cmocka_unit_test(test_byte_order_mark),
                                       cmocka_unit_test(test_names_with_dots), cmocka_unit_test(test_other_shapes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
