/* Query vectors from files: every kind, and what is refused. */
#include "selo_test.h"

#include <stdio.h>
#include <stdlib.h>
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
    check_text("\xEF\xBB\xBF[0.5, 1.5]\r\n", 1, 2, "");
    check_text("{\"sea\": [0.5], \"sea\": [1.5]}", 2, 1, "sea");
    check_text("[{\"query\": \"sea\", \"vector\": [5e-1]}, {\"query\": \"wood\", \"vector\": [1.5]}]", 2, 1, "wood");
}

static void test_csv(void **state)
{
    (void)state;
    check_text("0.5,1.5,2.5\n", 1, 3, "");
    check_text("0.5\n1.5\n2.5\n", 1, 3, "");
    check_text("query;a;b\nsea;0.5;1.5\r\n\"a wood\";2.5;3.5", 2, 2, "a wood");
    check_text("0.5 1.5\n2.5 3.5\n", 2, 2, "");
    check_text("\xEF\xBB\xBF" "0.5;1.5\r\n\r\n2.5;3.5\r\n", 2, 2, ""); /* Excel: a byte order mark */
    check_text("0.5,1.5,\n2.5,3.5,\n", 2, 2, "");
    check_text("\"sea, or; lake\",0.5,1.5\n", 1, 2, "sea, or; lake");
    check_text("sea, or lake;0.5;1.5\n", 1, 2, "sea, or lake");
    check_text("sea\t0.5\t1.5\nwood\t2.5\t3.5", 2, 2, "wood");
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

/* As numpy writes it in format versions 2 and 3: four bytes of length. */
static size_t lengthen_head(unsigned char *file, size_t size, unsigned char version)
{
    memmove(file + 12, file + 10, size - 10);
    file[6] = version;
    file[10] = file[11] = 0;
    return size + 2;
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
    for (unsigned char version = 2; version <= 3; version++) {
        const size_t made = make_npy(file, type, shape, data, bytes);
        assert_int_equal(read_bytes(file, lengthen_head(file, made, version), &v), SELO_OK);
        assert_true(v.count == count && v.size == size && v.values[count * size - 1] == (float)(count * size));
        selo_vectors_clear(&v);
    }
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
    if (read_bytes(bytes, size, &v) != SELO_E_INPUT)
        fail_msg("'%.*s' is not refused for '%s'", (int)size, (const char *)bytes, why);
    assert_non_null(strstr(CPLGetLastErrorMsg(), "/vsimem/q: "));
    if (!strstr(CPLGetLastErrorMsg(), why))
        fail_msg("'%s' says nothing of '%s'", CPLGetLastErrorMsg(), why);
    assert_null(v.values);
}

static void test_refused_texts(void **state)
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
        {"1,inf\n", "not finite"},
        {"1,,3\n", "vector 1 lacks a number"},
        {"1,2,3\n4,,6\n", "vector 2 lacks a number"},
        {",1,2\n,3,4\n", "lacks a number"},
        {"0,5;1,5\n", "take a point"},
        {"sea\n1,2\n\"wood\n", "empty"},
        {"[1, NaN]", "JSON"},
        {"[1, 2] [3]", "JSON"},
        {"[true, 1]", "no array"},
        {"[1, true]", "no number"},
        {"[1, [2]]", "no number"},
        {"[[[1]]]", "no number"},
        {"{\"vector\": {\"a\": 1}}", "no array"},
        {"{}", "no vector"},
        {"1,2\xE9\n", "UTF-8"},
        {"\xFF\xFE", "UTF-8"},
    };
    static const char zero[] = "1,2\0,3\n";
    selo_vectors v;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    for (size_t i = 0; i < COUNT(texts); i++)
        check_refused(texts[i][0], strlen(texts[i][0]), texts[i][1]);
    check_refused(zero, sizeof zero - 1, "UTF-8");
    assert_int_equal(selo_vectors_read("/vsimem/none.json", &v), SELO_E_INPUT);
    CPLPopErrorHandler();
}

static void test_refused_numpy_files(void **state)
{
    (void)state;
    const float f4[] = {1, 2};
    unsigned char file[512];
    CPLPushErrorHandler(CPLQuietErrorHandler);
    check_refused(file, make_npy(file, "<f4", "(3,)", f4, sizeof f4), "shorter");
    check_refused(file, make_npy(file, ">f4", "(2,)", f4, sizeof f4), "little-endian");
    check_refused(file, make_npy(file, "<f4", "(1, 1, 2)", f4, sizeof f4), "dimensions");
    check_refused(file, make_npy(file, "<f4", "()", f4, sizeof f4), "dimensions");
    check_refused(file, make_npy(file, "<f4", "(2, 0)", f4, sizeof f4), "empty");
    check_refused(file, make_npy(file, "<f4", "(1,)", f4, sizeof f4), "longer");
    check_refused(file, make_npy(file, "<f4", "(4611686018427387905, 4)", f4, sizeof f4), "sizes that memory holds");
    check_refused(file, make_npy(file, "<f4", "(1152921504606846977, 16)", f4, sizeof f4), "shorter");
    check_refused(file, make_npy(file, "<f4", "(-2,)", f4, sizeof f4), "dimensions");
    check_refused(file, make_npy(file, "<f4", "(0, 5)", f4, 0), "no vector");
    check_refused(file, make_npy(file, "|O", "(2,)", f4, sizeof f4), "little-endian");
    check_refused(file, make_npy(file, "<i8", "(1,)", f4, sizeof f4), "little-endian");
    check_refused(file, make_npy(file, "<f4x", "(2,)", f4, sizeof f4), "little-endian");
    size_t size = make_npy(file, "<f4", "(2,)", f4, sizeof f4);
    memcpy(strstr((char *)file + 10, "False"), "True ", 5);
    check_refused(file, size, "Fortran");
    file[6] = 9;
    check_refused(file, size, "version");
    for (size_t cut = 6; cut < 40; cut++) {
        size = make_npy(file, "<f4", "(2,)", f4, sizeof f4);
        check_refused(file, cut, "cut off");
    }
    size = lengthen_head(file, size, 2);
    file[11] = 1;
    check_refused(file, size, "cut off");
    CPLPopErrorHandler();
}

/* A line of its own a vector, and all in one line: neither takes time with the square of their number. */
static void test_many(void **state)
{
    (void)state;
    enum { MANY = 400000 };
    selo_vectors v;
    char *text = malloc(4 * MANY + 1);
    assert_non_null(text);
    for (size_t i = 0; i < MANY; i++)
        memcpy(text + 4 * i, "1,2\n", 4);
    assert_int_equal(read_bytes(text, 4 * MANY, &v), SELO_OK);
    assert_true(v.count == MANY && v.size == 2 && v.names[MANY - 1] && !v.names[MANY]);
    selo_vectors_clear(&v);
    for (size_t i = 0; i < MANY; i++)
        memcpy(text + 4 * i, "1.5,", 4);
    assert_int_equal(read_bytes(text, 4 * MANY, &v), SELO_OK);
    assert_true(v.count == 1 && v.size == MANY);
    selo_vectors_clear(&v);
    memset(text, '[', 4 * MANY);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    check_refused(text, 4 * MANY, "JSON");
    CPLPopErrorHandler();
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_json), cmocka_unit_test(test_csv),
                                       cmocka_unit_test(test_npy), cmocka_unit_test(test_refused_texts),
                                       cmocka_unit_test(test_refused_numpy_files),
                                       cmocka_unit_test(test_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
