/* selo_tokenizer_open_clip, selo_tokenizer_open_words: the input is a vocabulary; if it opens, a
 * text is encoded with it. */
#include <cpl_error.h>
#include <cpl_vsi.h>

#include "selo/memory.h"
#include "selo/tokenizer.h"

typedef selo_status opener(const char *path, selo_tokenizer **tokenizer);

static void try_kind(opener *open)
{
    selo_tokenizer *tokenizer;
    int64_t context[7];
    if (open("/vsimem/vocabulary", &tokenizer) != SELO_OK)
        return;
    (void)selo_tokenizer_context(tokenizer, "the sea's (deep), 1,000 m.", context, 7, NULL, NULL);
    selo_tokenizer_free(tokenizer);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    CPLPushErrorHandler(CPLQuietErrorHandler);
    VSIFCloseL(VSIFileFromMemBuffer("/vsimem/vocabulary", (GByte *)data, size, FALSE));
    try_kind(selo_tokenizer_open_words);
    try_kind(selo_tokenizer_open_clip);
    VSIUnlink("/vsimem/vocabulary");
    CPLPopErrorHandler();
    return 0;
}
