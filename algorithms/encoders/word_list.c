/* AMFMN's vocabulary: words by number. Text is split as the Penn Treebank does it (the rules that captions need). */
#include <cpl_error.h>
#include <cpl_vsi.h>
#include <string.h>

#include "model_file.h"
#include "selo/memory.h"
#include "tokenizer.h"
#include "unicode.h"

typedef struct word_list {
    yyjson_doc *doc;
    yyjson_val *numbers;
    int32_t unknown;
} word_list;

static bool is_any(uint32_t cp, const char *signs)
{
    return cp < 128 && cp != 0 && strchr(signs, (int)cp);
}

static bool digit_follows(const selo_codes *text, size_t i)
{
    return i + 1 < text->count && selo_cp_is_number(text->at[i + 1]);
}

static bool ends_word(const selo_codes *text, size_t i)
{
    return i >= text->count || selo_cp_is_space(text->at[i]);
}

/* Signs that are words of their own: brackets and the like always, comma and colon unless a digit follows, a single
 * full stop at the end of a word. */
static bool stands_alone(const selo_codes *text, size_t i)
{
    const uint32_t cp = text->at[i];
    if (is_any(cp, ";@#$%&?!()[]{}<>*\""))
        return true;
    if (is_any(cp, ",:"))
        return !digit_follows(text, i);
    return cp == '.' && ends_word(text, i + 1) && (i == 0 || text->at[i - 1] != '.');
}

/* "n't", "'s", "'ll" … at the end of a word begin a word. */
static bool starts_ending(const selo_codes *text, size_t i)
{
    static const char *const endings[] = {"n't", "'s", "'m", "'d", "'ll", "'re", "'ve"};
    for (size_t k = 0; k < sizeof endings / sizeof *endings; k++) {
        size_t n = 0;
        while (endings[k][n] && i + n < text->count && text->at[i + n] == (unsigned char)endings[k][n])
            n++;
        if (!endings[k][n] && (ends_word(text, i + n) || stands_alone(text, i + n)))
            return true;
    }
    return false;
}

static size_t word_end(const selo_codes *text, size_t i)
{
    if (stands_alone(text, i))
        return i + 1;
    for (i++; !ends_word(text, i) && !stands_alone(text, i) && !starts_ending(text, i);)
        i++;
    return i;
}

static selo_status add_word(const word_list *list, const char *word, size_t size, selo_tokens *tokens)
{
    if (size == 1 && strchr(",.:;?()[]&!*@#$%", word[0]))
        return SELO_OK;
    yyjson_val *number = yyjson_obj_getn(list->numbers, word, size);
    tokens->unknown += number == NULL;
    return selo_tokens_add(tokens, number ? (int32_t)yyjson_get_int(number) : list->unknown);
}

static selo_status encode_words(const word_list *list, const selo_codes *text, char *word, selo_tokens *tokens)
{
    selo_status status = SELO_OK;
    for (size_t i = 0; i < text->count && status == SELO_OK;) {
        if (selo_cp_is_space(text->at[i])) {
            i++;
            continue;
        }
        const size_t end = word_end(text, i);
        size_t size = 0;
        for (; i < end; i++)
            size += selo_utf8_put(text->at[i], (unsigned char *)word + size);
        status = add_word(list, word, size, tokens);
    }
    return status;
}

static selo_status encode(const void *data, const char *utf8, selo_tokens *tokens)
{
    selo_codes text;
    selo_status status = selo_codes_decode(utf8, 1, &text);
    if (status == SELO_OK)
        status = selo_codes_lower(&text);
    char *word = status == SELO_OK ? selo_alloc(text.count, 4) : NULL;
    if (status == SELO_OK)
        status = word ? encode_words(data, &text, word, tokens) : SELO_E_MEMORY;
    selo_free(word);
    selo_free(text.at);
    return status;
}

static void release(void *data)
{
    word_list *list = data;
    yyjson_doc_free(list->doc);
    selo_free(list);
}

static bool all_numbers(yyjson_val *object)
{
    size_t i, n;
    yyjson_val *key, *value;
    yyjson_obj_foreach(object, i, n, key, value)
    {
        if (!yyjson_is_int(value) || yyjson_get_sint(value) < 0 || yyjson_get_sint(value) > INT32_MAX)
            return false;
    }
    return yyjson_is_obj(object);
}

/* Takes over `doc`. */
static selo_status open_document(const char *path, yyjson_doc *doc, selo_tokenizer **tokenizer)
{
    yyjson_val *root = yyjson_doc_get_root(doc), *numbers = yyjson_obj_get(root, "word2idx");
    numbers = numbers ? numbers : root;
    yyjson_val *unknown = yyjson_obj_get(numbers, "<unk>");
    if (!all_numbers(numbers) || !unknown) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s: no object of words and their numbers with \"<unk>\" among them",
                 path);
        yyjson_doc_free(doc);
        return SELO_E_INPUT;
    }
    word_list *list = selo_alloc(1, sizeof *list);
    if (!list) {
        yyjson_doc_free(doc);
        return SELO_E_MEMORY;
    }
    *list = (word_list){doc, numbers, (int32_t)yyjson_get_int(unknown)};
    return selo_tokenizer_wrap((selo_tokenizer){-1, -1, list, encode, release}, tokenizer);
}

selo_status selo_tokenizer_open_words(const char *path, selo_tokenizer **tokenizer)
{
    char *bytes;
    size_t size;
    *tokenizer = NULL;
    const selo_status status = selo_model_file_read(path, &bytes, &size);
    if (status != SELO_OK)
        return status;
    yyjson_doc *doc = selo_model_json_parse(path, bytes, size);
    VSIFree(bytes);
    return doc ? open_document(path, doc, tokenizer) : SELO_E_INPUT;
}
