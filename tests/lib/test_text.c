/* Growing text: escapes, and files that are complete or absent. */
#include <string.h>

#include "cpl_error.h"
#include "cpl_vsi.h"
#include "selo/text.h"
#include "selo_test.h"

static void base64_of_every_remainder(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"foobar", "Zm9vYmFy"},
                                          {"\xff\xfe\xfd", "//79"}};
    for (size_t i = 0; i < COUNT(rows); ++i) {
        selo_text text = {0};
        selo_text_add_base64(&text, (const unsigned char *)rows[i][0], strlen(rows[i][0]));
        assert_string_equal(text.data ? text.data : "", rows[i][1]);
        selo_text_clear(&text);
    }
}

static void markup_and_separators_are_escaped(void **state)
{
    (void)state;
    selo_text text = {0};
    selo_text_add_html(&text, "<a href='x'>\"R&D\"</a>");
    selo_text_add_html(&text, NULL);
    assert_string_equal(text.data, "&lt;a href=&#39;x&#39;&gt;&quot;R&amp;D&quot;&lt;/a&gt;");
    selo_text_clear(&text);
    selo_text_add_csv(&text, "plain");
    selo_text_add(&text, ",");
    selo_text_add_csv(&text, "say \"yes\",\nplease");
    selo_text_add(&text, ",%.2f,%d", 0.5, 7);
    assert_string_equal(text.data, "plain,\"say \"\"yes\"\",\nplease\",0.50,7");
    selo_text_clear(&text);
    selo_text_add_line(&text, "one\r\ntwo\tthree\x7f\xc3\xa9");
    selo_text_add_line(&text, NULL);
    assert_string_equal(text.data, "one  two three \xc3\xa9");
    selo_text_clear(&text);
}

static void strings_of_json_are_escaped(void **state)
{
    (void)state;
    selo_text text = {0};
    selo_text_add_json(&text, "say \"yes\" \\ or\nno\x1f \xc3\xa9");
    selo_text_add_json(&text, NULL);
    selo_text_add_json(&text, "");
    assert_string_equal(text.data, "\"say \\\"yes\\\" \\\\ or\\u000ano\\u001f \xc3\xa9\"null\"\"");
    selo_text_clear(&text);
}

/* One byte more at a time, so that each size is the room that there is at some time. */
static void text_grows_byte_by_byte(void **state)
{
    (void)state;
    selo_text text = {0};
    for (size_t n = 1; n <= 5000; n++) {
        selo_text_add_bytes(&text, "x", 1);
        assert_true(text.size == n && text.capacity > n && text.data[n] == '\0');
    }
    assert_false(text.failed);
    selo_text_clear(&text);
}

static void bytes_are_text_or_not(void **state)
{
    (void)state;
    char plain[] = "\xc3\xa9", marked[] = "\xEF\xBB\xBFtext", latin[] = "caf\xe9", zero[] = "a\0b", empty[] = "";
    assert_ptr_equal(selo_text_of_bytes(plain, 2), plain);
    assert_ptr_equal(selo_text_of_bytes(marked, 7), marked + 3);
    assert_ptr_equal(selo_text_of_bytes(empty, 0), empty);
    assert_null(selo_text_of_bytes(latin, 4));
    assert_null(selo_text_of_bytes(zero, 3));
}

static void files_are_read_whole_or_refused(void **state)
{
    (void)state;
    const char *path = "/vsimem/read.txt";
    selo_text text = {0};
    selo_text_add(&text, "12345");
    assert_int_equal(selo_text_write(&text, path, true), SELO_OK);
    selo_text_clear(&text);
    char *bytes;
    size_t size;
    assert_int_equal(selo_file_read(path, 5, &bytes, &size), SELO_OK);
    assert_int_equal(size, 5);
    assert_string_equal(bytes, "12345"); /* a zero byte follows */
    VSIFree(bytes);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    static const char *const rows[][2] = {
        {"/vsimem/read.txt", "larger"}, {"/vsimem/", "folder"}, {"/vsimem/none", "read"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(selo_file_read(rows[i][0], 4, &bytes, &size), SELO_E_INPUT);
        assert_null(bytes);
        assert_non_null(strstr(CPLGetLastErrorMsg(), rows[i][0]));
        assert_non_null(strstr(CPLGetLastErrorMsg(), rows[i][1]));
    }
    CPLPopErrorHandler();
    VSIUnlink(path);
}

static void a_file_is_not_replaced_unasked(void **state)
{
    (void)state;
    const char *path = "/vsimem/text.html";
    selo_text text = {0};
    selo_text_add(&text, "one");
    assert_int_equal(selo_text_write(&text, path, false), SELO_OK);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    assert_int_equal(selo_text_write(&text, path, false), SELO_E_OUTPUT);
    assert_non_null(strstr(CPLGetLastErrorMsg(), "/vsimem/text.html"));
    assert_int_equal(selo_text_write(&text, "/no/such/folder/text.html", false), SELO_E_OUTPUT);
    CPLPopErrorHandler();
    selo_text_add(&text, " two");
    assert_int_equal(selo_text_write(&text, path, true), SELO_OK);
    vsi_l_offset size = 0;
    const GByte *bytes = VSIGetMemFileBuffer(path, &size, FALSE);
    assert_true(size == 7 && memcmp(bytes, "one two", 7) == 0);
    VSIUnlink(path);
    selo_text_clear(&text);
}

static void *no_memory(void *block, size_t bytes)
{
    (void)block;
    (void)bytes;
    return NULL;
}

static void short_memory_is_kept_in_mind(void **state)
{
    (void)state;
    selo_text text = {0};
    selo_set_allocator(NULL, no_memory, NULL);
    selo_text_add(&text, "lost");
    selo_set_allocator(NULL, NULL, NULL);
    selo_text_add(&text, "more");
    assert_true(text.failed && text.size == 0);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    assert_int_equal(selo_text_write(&text, "/vsimem/lost.html", false), SELO_E_MEMORY);
    CPLPopErrorHandler();
    selo_text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_of_every_remainder),
        cmocka_unit_test(markup_and_separators_are_escaped),
        cmocka_unit_test(strings_of_json_are_escaped),
        cmocka_unit_test(text_grows_byte_by_byte),
        cmocka_unit_test(bytes_are_text_or_not),
        cmocka_unit_test(files_are_read_whole_or_refused),
        cmocka_unit_test(a_file_is_not_replaced_unasked),
        cmocka_unit_test(short_memory_is_kept_in_mind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
