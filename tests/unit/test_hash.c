#include "selo_test.h"

#include <string.h>

#include "hash_block.h"
#include "selo/hash.h"

static void check(const char *text, size_t repeat, const char *expected)
{
    selo_hash hash;
    char hex[SELO_HASH_HEX_SIZE];
    selo_hash_start(&hash);
    for (size_t i = 0; i < repeat; i++)
        selo_hash_add(&hash, text, strlen(text));
    selo_hash_finish(&hash, hex);
    assert_string_equal(hex, expected);
}

/* The examples of FIPS 180-4, and the lengths around a block's end. */
static void test_published(void **state)
{
    (void)state;
    check("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    check("a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    check("a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    check("a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
    check("a", 63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34");
    check("a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

static void test_texts_are_told_apart(void **state)
{
    (void)state;
    static const char *const pairs[2][2] = {{"a", "bc"}, {"ab", "c"}};
    char hex[2][SELO_HASH_HEX_SIZE];
    for (int i = 0; i < 2; i++) {
        selo_hash hash;
        selo_hash_start(&hash);
        selo_hash_add_text(&hash, pairs[i][0]);
        selo_hash_add_text(&hash, pairs[i][1]);
        selo_hash_finish(&hash, hex[i]);
    }
    assert_string_not_equal(hex[0], hex[1]);
}

/* The processor's instructions, where it has them, against the arithmetic written out. */
static void test_both_ways_agree(void **state)
{
    (void)state;
    uint8_t block[64];
    uint32_t plain[8] = {1, 2, 3, 4, 5, 6, 7, 8}, fast[8] = {1, 2, 3, 4, 5, 6, 7, 8}, random = 9;
    if (!selo_hash_block_is_fast())
        skip();
    for (int round = 0; round < 1000; round++) {
        for (int i = 0; i < 64; i++) {
            random = random * 1664525u + 1013904223u;
            block[i] = (uint8_t)(random >> 24);
        }
        selo_hash_block_plain(plain, block);
        selo_hash_block_fast(fast, block);
        assert_memory_equal(plain, fast, sizeof plain);
    }
}

/* A message in pieces of any size is the message. */
static void test_pieces(void **state)
{
    (void)state;
    uint8_t message[1000];
    char whole[SELO_HASH_HEX_SIZE], pieces[SELO_HASH_HEX_SIZE];
    selo_hash hash;
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (uint8_t)(i * 7);
    selo_hash_start(&hash);
    selo_hash_add(&hash, message, sizeof message);
    selo_hash_finish(&hash, whole);
    for (size_t size = 1; size < 200; size++) {
        selo_hash_start(&hash);
        for (size_t at = 0; at < sizeof message; at += size)
            selo_hash_add(&hash, message + at, sizeof message - at < size ? sizeof message - at : size);
        selo_hash_finish(&hash, pieces);
        assert_string_equal(pieces, whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_published), cmocka_unit_test(test_texts_are_told_apart),
                                       cmocka_unit_test(test_both_ways_agree), cmocka_unit_test(test_pieces)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
