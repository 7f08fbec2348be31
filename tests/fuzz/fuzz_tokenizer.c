/* selo_tokenizer_open_clip, selo_tokenizer_open_words: the input is a vocabulary, a NUL, and a text,
 * or a text alone for a fixed vocabulary. */
#include <stdlib.h>
#include <string.h>

#include <cpl_error.h>
#include <cpl_vsi.h>

#include "selo/memory.h"
#include "selo/tokenizer.h"

typedef selo_status opener(const char *path, selo_tokenizer **tokenizer);

static void encode(const selo_tokenizer *tokenizer, const char *text)
{
    int32_t *ids;
    size_t count;
    if (selo_tokenizer_encode(tokenizer, text, &ids, &count, NULL) == SELO_OK)
        selo_free(ids);
}

static selo_tokenizer *open_bytes(opener *open, const void *bytes, size_t size)
{
    selo_tokenizer *tokenizer;
    VSIFCloseL(VSIFileFromMemBuffer("/vsimem/vocabulary", (GByte *)bytes, size, FALSE));
    return open("/vsimem/vocabulary", &tokenizer) == SELO_OK ? tokenizer : NULL;
}

static void try_kind(opener *open, const unsigned char *vocabulary, size_t size, const char *text)
{
    selo_tokenizer *tokenizer = open_bytes(open, vocabulary, size);
    if (tokenizer)
        encode(tokenizer, text);
    selo_tokenizer_free(tokenizer);
}

static void try_fixed(const char *text)
{
    static const char merges[] = "#version\ns e\nse a</w>\na b\n", numbers[] = "{\"sea\": 1, \"<unk>\": 2}";
    static selo_tokenizer *clip, *words;
    clip = clip ? clip : open_bytes(selo_tokenizer_open_clip, merges, sizeof merges - 1);
    words = words ? words : open_bytes(selo_tokenizer_open_words, numbers, sizeof numbers - 1);
    encode(clip, text);
    encode(words, text);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    const unsigned char *split = memchr(data, 0, size);
    const size_t first = split ? (size_t)(split - data) : 0, rest = split ? size - first - 1 : size;
    char *text = malloc(rest + 1);
    if (!text)
        return 0;
    memcpy(text, data + size - rest, rest);
    text[rest] = '\0';
    CPLPushErrorHandler(CPLQuietErrorHandler);
    try_fixed(text);
    if (first > 0) {
        try_kind(selo_tokenizer_open_clip, data, first, text);
        try_kind(selo_tokenizer_open_words, data, first, text);
    }
    CPLPopErrorHandler();
    free(text);
    return 0;
}
