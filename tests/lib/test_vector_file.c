/* Query vectors from files: every kind, and what is refused. */
#include "selo_test.h"

#include <stdio.h>
#include <string.h>

#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "selo/vector_file.h"

static selo_status read_bytes(const void *bytes, size_t size, selo_vectors *vectors)
{
    VSIFCloseL(VSIFileFromMemBuffer("/vsimem/q", (GByte *)bytes, size, FALSE));
    const selo_status status = selo_vectors_read("/vsimem/q", vectors);
    VSIUnlink("/vsimem/q");
    return status;
}

static void check_text(const char *text, size_t count, size_t size, const char *last_name)
{
    selo_vectors v;
    assert_int_equal(read_bytes(text, strlen(text), &v), SELO_OK);
    assert_int_equal(v.count, count);
    assert_int_equal(v.size, size);
    for (size_t i = 0; i < count * size; i++)
        assert_true(v.values[i] == (float)i + 0.5f);
    assert_string_equal(v.names[count - 1], last_name);
    selo_vectors_clear(&v);
}

static void test_json(void **state)
{
    (void)state;
    check_text("[0.5, 1.5, 2.5]", 1, 3, "");
    check_text(" [[0.5, 1.5], [2.5, 3.5]]", 2, 2, "");
    check_text("{\"vector\": [0.5, 1.5], \"query\": \"a sea\"}", 1, 2, "a sea");
    check_text("{\"sea\": [0.5, 1.5], \"wood\": [2.5, 3.5]}", 2, 2, "wood");
    check_text("[{\"query\": \"sea\", \"vector\": [5e-1]}, {\"query\": \"wood\", \"vector\": [1.5]}]", 2, 1, "wood");
}

static void test_csv(void **state)
{
    (void)state;
    check_text("0.5,1.5,2.5\n", 1, 3, "");
    check_text("0.5\n1.5\n2.5\n", 1, 3, "");
    check_text("query;a;b\nsea;0.5;1.5\r\n\"a wood\";2.5;3.5", 2, 2, "a wood");
    check_text("0.5 1.5\n2.5 3.5\n", 2, 2, "");
}

static size_t make_npy(unsigned char *file, const char *type, const char *shape, const void *data, size_t bytes)
{
    char header[128];
    const int n =
        snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", type, shape);
    memcpy(file, "\x93NUMPY\x01\x00", 8);
    file[8] = (unsigned char)n;
    file[9] = 0;
    memcpy(file + 10, header, (size_t)n);
    memcpy(file + 10 + n, data, bytes);
    return 10 + (size_t)n + bytes;
}

static void check_npy(const char *type, const char *shape, const void *data, size_t bytes, size_t count, size_t size)
{
    unsigned char file[512];
    selo_vectors v;
    assert_int_equal(read_bytes(file, make_npy(file, type, shape, data, bytes), &v), SELO_OK);
    assert_int_equal(v.count, count);
    assert_int_equal(v.size, size);
    for (size_t i = 0; i < count * size; i++)
        assert_true(v.values[i] == (float)i + 1);
    selo_vectors_clear(&v);
}

static void test_npy(void **state)
{
    (void)state;
    const float f4[] = {1, 2, 3, 4};
    const double f8[] = {1, 2, 3, 4};
    const uint16_t f2[] = {0x3C00, 0x4000, 0x4200, 0x4400};
    const int8_t i1[] = {1, 2, 3, 4};
    check_npy("<f4", "(4,)", f4, sizeof f4, 1, 4);
    check_npy("<f4", "(2, 2)", f4, sizeof f4, 2, 2);
    check_npy("<f8", "(1, 4)", f8, sizeof f8, 1, 4);
    check_npy("<f2", "(4, 1)", f2, sizeof f2, 4, 1);
    check_npy("|i1", "(4,)", i1, sizeof i1, 1, 4);
}

static void check_refused(const void *bytes, size_t size, const char *why)
{
    selo_vectors v;
    CPLErrorReset();
    assert_int_equal(read_bytes(bytes, size, &v), SELO_E_INPUT);
    assert_non_null(strstr(CPLGetLastErrorMsg(), "/vsimem/q: "));
    if (!strstr(CPLGetLastErrorMsg(), why))
        fail_msg("'%s' says nothing of '%s'", CPLGetLastErrorMsg(), why);
    assert_null(v.values);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"", "no vector"},
        {"[]", "no vector"},
        {"[1, 2", "JSON"},
        {"[[1, 2], [3]]", "1 numbers, the first has 2"},
        {"[1e999]", "JSON"},
        {"[1e300]", "not finite"},
        {"[[]]", "empty"},
        {"{\"a\": 3}", "no array"},
        {"[1, \"x\"]", "no number"},
        {"a,b\n", "no vector"},
        {"1,2\n3\n", "the first has 2"},
        {"1,x,2\n", "'x' is no number"},
        {"nan,1\n", "not finite"},
    };
    const float f4[] = {1, 2};
    unsigned char file[512];
    CPLPushErrorHandler(CPLQuietErrorHandler);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_refused(texts[i][0], strlen(texts[i][0]), texts[i][1]);
    check_refused(file, make_npy(file, "<f4", "(3,)", f4, sizeof f4), "shorter");
    check_refused(file, make_npy(file, ">f4", "(2,)", f4, sizeof f4), "little-endian");
    check_refused(file, make_npy(file, "<f4", "(1, 1, 2)", f4, sizeof f4), "dimensions");
    check_refused(file, make_npy(file, "<f4", "()", f4, sizeof f4), "dimensions");
    check_refused(file, make_npy(file, "<f4", "(2, 0)", f4, sizeof f4), "empty");
    check_refused("\x93NUMPY\x01", 7, "cut off");
    selo_vectors v;
    assert_int_equal(selo_vectors_read("/vsimem/none.json", &v), SELO_E_INPUT);
    CPLPopErrorHandler();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_json), cmocka_unit_test(test_csv),
                                       cmocka_unit_test(test_npy), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
