/* Growing text: escapes, and files that are complete or absent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cpl_error.h"
#include "cpl_vsi.h"
#include "selo/memory.h"
#include "selo/text.h"

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
    for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
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
        cmocka_unit_test(a_file_is_not_replaced_unasked),
        cmocka_unit_test(short_memory_is_kept_in_mind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
