/* Tokenizers: a small vocabulary by hand, random bytes, and the published rows where they are. */
#include "selo_test.h"

#include <stdio.h>
#include <string.h>

#include <cpl_string.h>
#include <cpl_error.h>
#include <cpl_vsi.h>
#include <yyjson.h>

#include "selo/tokenizer.h"

static void put_file(const char *path, const char *text)
{
    VSILFILE *file = VSIFOpenL(path, "wb");
    assert_non_null(file);
    assert_int_equal(VSIFWriteL(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(VSIFCloseL(file), 0);
}

static selo_tokenizer *open_text(selo_status (*open)(const char *, selo_tokenizer **), const char *text)
{
    selo_tokenizer *tokenizer;
    put_file("/vsimem/vocabulary", text);
    assert_int_equal(open("/vsimem/vocabulary", &tokenizer), SELO_OK);
    return tokenizer;
}

static void check(const selo_tokenizer *tokenizer, const char *text, const int32_t *expected, size_t n)
{
    int32_t *ids;
    size_t count;
    assert_int_equal(selo_tokenizer_encode(tokenizer, text, &ids, &count, NULL), SELO_OK);
    assert_int_equal(count, n);
    if (n > 0)
        assert_memory_equal(ids, expected, n * sizeof *ids);
    selo_free(ids);
}

#define CHECK(tokenizer, text, ...) \
    do { \
        const int32_t expected[] = {__VA_ARGS__}; \
        check(tokenizer, text, expected, sizeof expected / sizeof *expected); \
    } while (0)

/* Merges: 512 "se", 513 "sea</w>", 514 "ab"; 'a' is byte 97, printable from '!' = 0, so 64. */
static const char small_vocabulary[] = "#version\ns e\nse a</w>\na b\n";

static void test_small_vocabulary(void **state)
{
    (void)state;
    selo_tokenizer *clip = open_text(selo_tokenizer_open_clip, small_vocabulary);
    CHECK(clip, "Sea", 513);
    CHECK(clip, "  SEA\t sea ", 513, 513);
    CHECK(clip, "seas", 512, 64, 82 + 256);
    CHECK(clip, "ab.", 64, 65 + 256, 13 + 256);
    CHECK(clip, "abc", 514, 66 + 256);
    CHECK(clip, "sea's", 513, 6, 82 + 256);
    CHECK(clip, "1a2", 16 + 256, 64 + 256, 17 + 256);
    CHECK(clip, "<|startoftext|>sea<|endoftext|>", 515, 513, 516);
    check(clip, " \n ", NULL, 0);
    selo_tokenizer_free(clip);
}

static void same_tokens(const selo_tokenizer *tokenizer, const char *a, const char *b)
{
    int32_t *ids;
    size_t count;
    assert_int_equal(selo_tokenizer_encode(tokenizer, b, &ids, &count, NULL), SELO_OK);
    check(tokenizer, a, ids, count);
    selo_free(ids);
}

static void test_cleaning(void **state)
{
    (void)state;
    selo_tokenizer *clip = open_text(selo_tokenizer_open_clip, small_vocabulary);
    same_tokens(clip, "sea &amp; harbour", "sea & harbour");
    same_tokens(clip, "&lt;port&gt; &#65;&#x42;", "<port> ab");
    same_tokens(clip, "\xE2\x80\x9Cport\xE2\x80\x9D isn\xE2\x80\x99t", "\"port\" isn't");
    same_tokens(clip, "\xC3\x83\xC2\xA9", "\xC3\xA9");        /* UTF-8 taken for Latin-1 */
    same_tokens(clip, "cafe\xCC\x81", "caf\xC3\xA9");         /* a mark of its own */
    same_tokens(clip, "\xEF\xBC\xB3\xEF\xBD\x85\xEF\xBD\x81", "sea"); /* full width */
    same_tokens(clip, "\xEF\xAC\x81" "eld", "field");
    same_tokens(clip, "\xCE\x91\xCE\xA3", "\xCE\xB1\xCF\x82"); /* sigma at the end */
    same_tokens(clip, "s\x01" "ea", "sea");
    selo_tokenizer_free(clip);
}

static void test_context(void **state)
{
    (void)state;
    selo_tokenizer *clip = open_text(selo_tokenizer_open_clip, small_vocabulary);
    int64_t context[5];
    size_t used;
    bool truncated;
    assert_int_equal(selo_tokenizer_context(clip, "sea", context, 5, &used, &truncated), SELO_OK);
    const int64_t padded[] = {515, 513, 516, 0, 0};
    assert_memory_equal(context, padded, sizeof padded);
    assert_int_equal(used, 3);
    assert_false(truncated);
    assert_int_equal(selo_tokenizer_context(clip, "sea sea sea sea", context, 5, &used, &truncated), SELO_OK);
    const int64_t cut[] = {515, 513, 513, 513, 516};
    assert_memory_equal(context, cut, sizeof cut);
    assert_true(truncated);
    assert_int_equal(selo_tokenizer_context(clip, "sea", context, 1, NULL, NULL), SELO_E_ARGUMENT);
    selo_tokenizer_free(clip);
}

/* Line ends and byte order marks as editors on Windows write them, and blank lines at the end. */
static void test_files_of_windows(void **state)
{
    (void)state;
    static const char *const same[] = {"#version\r\ns e\r\nse a</w>\r\na b\r\n", "#version\ns e\nse a</w>\na b\n\n\n",
                                       "#version\r\ns e\r\nse a</w>\r\na b\r\n\r\n"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        selo_tokenizer *clip = open_text(selo_tokenizer_open_clip, same[i]);
        CHECK(clip, "<|startoftext|>sea abc<|endoftext|>", 515, 513, 514, 66 + 256, 516);
        selo_tokenizer_free(clip);
    }
    selo_tokenizer *words = open_text(selo_tokenizer_open_words, "\xEF\xBB\xBF{\r\n\"sea\": 1, \"<unk>\": 2}\r\n");
    CHECK(words, "sea ice", 1, 2);
    selo_tokenizer_free(words);
}

static void test_bad_vocabularies(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "#version\n",
                                      "#version\ns\n",
                                      "#version\ns e a\n",
                                      "#version\nse a\n",
                                      "#version\ns e\n\na b\n",
                                      "\x1f\x8b\x08garbage"};
    selo_tokenizer *tokenizer;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put_file("/vsimem/bad.txt", bad[i]);
        assert_int_equal(selo_tokenizer_open_clip("/vsimem/bad.txt", &tokenizer), SELO_E_INPUT);
        assert_int_equal(selo_tokenizer_open_words("/vsimem/bad.txt", &tokenizer), SELO_E_INPUT);
        assert_null(tokenizer);
    }
    put_file("/vsimem/bad.txt", "{\"word2idx\": {\"sea\": 1}}");
    assert_int_equal(selo_tokenizer_open_words("/vsimem/bad.txt", &tokenizer), SELO_E_INPUT);
    assert_non_null(strstr(CPLGetLastErrorMsg(), "<unk>"));
    assert_int_equal(selo_tokenizer_open_clip("/vsimem/none.txt.gz", &tokenizer), SELO_E_INPUT);
    assert_non_null(strstr(CPLGetLastErrorMsg(), "/vsimem/none.txt.gz"));
    CPLPopErrorHandler();
}

static void test_words(void **state)
{
    (void)state;
    selo_tokenizer *words =
        open_text(selo_tokenizer_open_words,
                  "{\"word2idx\": {\"two\": 1, \"planes\": 2, \"do\": 3, \"n't\": 4, \"3.5\": 5, \"half-built\": 6,"
                  " \"<unk>\": 7, \"it\": 8, \"'s\": 9}, \"idx\": 10}");
    int32_t *ids;
    size_t count, unknown;
    CHECK(words, "Two planes.", 1, 2);
    CHECK(words, "two (half-built) planes, don't: 3.5!", 1, 6, 2, 3, 4, 5);
    CHECK(words, "It's a plane", 8, 9, 7, 7);
    assert_int_equal(selo_tokenizer_encode(words, "two ships", &ids, &count, &unknown), SELO_OK);
    assert_int_equal(unknown, 1);
    selo_free(ids);
    check(words, " .. ", (const int32_t[]){7}, 1);
    check(words, " . ", NULL, 0);
    selo_tokenizer_free(words);
}

/* Any bytes, also cut-off and overlong sequences: no crash, tokens within the vocabulary, the same twice. */
static void test_random_bytes(void **state)
{
    (void)state;
    selo_tokenizer *clip = open_text(selo_tokenizer_open_clip, small_vocabulary);
    uint64_t seed = 1;
    char text[200];
    for (int round = 0; round < 3000; round++) {
        size_t n = 0;
        for (; n < (size_t)round % sizeof text; n++) {
            text[n] = (char)test_random_int(&seed, 1, 255);
        }
        text[n] = '\0';
        int32_t *ids;
        size_t count;
        assert_int_equal(selo_tokenizer_encode(clip, text, &ids, &count, NULL), SELO_OK);
        for (size_t i = 0; i < count; i++)
            assert_int_in_range(ids[i], 0, 516);
        check(clip, text, ids, count);
        selo_free(ids);
    }
    selo_tokenizer_free(clip);
}

static void test_too_long(void **state)
{
    (void)state;
    selo_tokenizer *clip = open_text(selo_tokenizer_open_clip, small_vocabulary);
    char *text = malloc(SELO_TEXT_BYTES_MAX + 2);
    int32_t *ids;
    size_t count;
    memset(text, 'x', SELO_TEXT_BYTES_MAX + 1);
    text[SELO_TEXT_BYTES_MAX + 1] = '\0';
    assert_int_equal(selo_tokenizer_encode(clip, text, &ids, &count, NULL), SELO_E_ARGUMENT);
    text[SELO_TEXT_BYTES_MAX] = '\0';
    assert_int_equal(selo_tokenizer_encode(clip, text, &ids, &count, NULL), SELO_OK);
    assert_int_equal(count, SELO_TEXT_BYTES_MAX);
    selo_free(ids);
    free(text);
    selo_tokenizer_free(clip);
}

static void check_row(const selo_tokenizer *clip, yyjson_val *row)
{
    const char *text = yyjson_get_str(yyjson_obj_get(row, "text"));
    yyjson_val *ids = yyjson_obj_get(row, "ids"), *full = yyjson_obj_get(row, "context77"), *value;
    int32_t expected[512];
    int64_t context[77];
    size_t i, n, used;
    yyjson_arr_foreach(ids, i, n, value) expected[i] = (int32_t)yyjson_get_int(value);
    check(clip, text, expected, yyjson_arr_size(ids));
    assert_int_equal(selo_tokenizer_context(clip, text, context, 77, &used, NULL), SELO_OK);
    assert_int_equal(used, yyjson_arr_size(full));
    yyjson_arr_foreach(full, i, n, value) assert_int_equal(context[i], yyjson_get_int(value));
}

static void test_published_rows(void **state)
{
    (void)state;
    const char *folder = CPLSPrintf("%s/../shared/clip", getenv("SELO_SOURCE") ? getenv("SELO_SOURCE") : ".");
    char path[2048];
    selo_tokenizer *clip;
    size_t i, n;
    yyjson_val *row;
    snprintf(path, sizeof path, "%s/tokens.json", folder);
    yyjson_doc *doc = yyjson_read_file(path, YYJSON_READ_NOFLAG, NULL, NULL);
    if (!doc) {
        print_message("skipped: no %s\n", path);
        skip();
    }
    snprintf(path, sizeof path, "%s/bpe_simple_vocab_16e6.txt.gz", folder);
    assert_int_equal(selo_tokenizer_open_clip(path, &clip), SELO_OK);
    assert_int_equal(yyjson_arr_size(yyjson_doc_get_root(doc)), 76);
    yyjson_arr_foreach(yyjson_doc_get_root(doc), i, n, row) check_row(clip, row);
    selo_tokenizer_free(clip);
    yyjson_doc_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_vocabulary),
        cmocka_unit_test(test_cleaning),
        cmocka_unit_test(test_context),
        cmocka_unit_test(test_files_of_windows),
        cmocka_unit_test(test_bad_vocabularies),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_published_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
