/* selo_tokenizer_encode with small vocabularies of both kinds, and the spectral lexicon: the input is a text. */
#include <stdlib.h>
#include <string.h>

#include <cpl_error.h>
#include <cpl_vsi.h>

#include "selo/memory.h"
#include "selo/spectral.h"
#include "selo/tokenizer.h"

typedef selo_status opener(const char *path, selo_tokenizer **tokenizer);

static selo_tokenizer *open_text(opener *open, const char *vocabulary)
{
    selo_tokenizer *tokenizer;
    VSIFCloseL(VSIFileFromMemBuffer("/vsimem/vocabulary", (GByte *)vocabulary, strlen(vocabulary), FALSE));
    return open("/vsimem/vocabulary", &tokenizer) == SELO_OK ? tokenizer : NULL;
}

static void encode(const selo_tokenizer *tokenizer, const char *text)
{
    int32_t *ids;
    size_t count, unknown;
    if (selo_tokenizer_encode(tokenizer, text, &ids, &count, &unknown) == SELO_OK)
        selo_free(ids);
}

static void try_all(const char *text)
{
    static selo_tokenizer *clip, *words;
    float vector[SELO_SPECTRAL_SIZE];
    char *ignored;
    clip = clip ? clip : open_text(selo_tokenizer_open_clip, "#version\ns e\nse a</w>\na b\nt h\nth e</w>\n");
    words = words ? words : open_text(selo_tokenizer_open_words, "{\"sea\": 1, \"<unk>\": 2}");
    encode(clip, text);
    encode(words, text);
    (void)selo_spectral_query(text, vector, &ignored);
    selo_free(ignored);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    CPLPushErrorHandler(CPLQuietErrorHandler);
    try_all(text);
    CPLPopErrorHandler();
    free(text);
    return 0;
}
