#include "tokenizer.h"

#include <string.h>

#include "selo/memory.h"

selo_status selo_tokens_add(selo_tokens *tokens, int32_t id)
{
    if (tokens->count == tokens->room) {
        const size_t room = tokens->room ? tokens->room * 2 : 32;
        int32_t *ids = selo_realloc(tokens->ids, room, sizeof *ids);
        if (!ids)
            return SELO_E_MEMORY;
        tokens->ids = ids;
        tokens->room = room;
    }
    tokens->ids[tokens->count++] = id;
    return SELO_OK;
}

selo_status selo_tokenizer_wrap(selo_tokenizer kind, selo_tokenizer **tokenizer)
{
    *tokenizer = selo_alloc(1, sizeof **tokenizer);
    if (!*tokenizer) {
        kind.release(kind.data);
        return SELO_E_MEMORY;
    }
    **tokenizer = kind;
    return SELO_OK;
}

void selo_tokenizer_free(selo_tokenizer *tokenizer)
{
    if (tokenizer)
        tokenizer->release(tokenizer->data);
    selo_free(tokenizer);
}

selo_status selo_tokenizer_encode(const selo_tokenizer *tokenizer, const char *text, int32_t **ids, size_t *count,
                                  size_t *unknown)
{
    selo_tokens tokens = {0};
    *ids = NULL;
    *count = 0;
    if (strlen(text) > SELO_TEXT_BYTES_MAX)
        return SELO_E_ARGUMENT;
    const selo_status status = tokenizer->encode(tokenizer->data, text, &tokens);
    if (status != SELO_OK) {
        selo_free(tokens.ids);
        return status;
    }
    *ids = tokens.ids;
    *count = tokens.count;
    if (unknown)
        *unknown = tokens.unknown;
    return SELO_OK;
}

selo_status selo_tokenizer_context(const selo_tokenizer *tokenizer, const char *text, int64_t *context, size_t length,
                                   size_t *used, bool *truncated)
{
    int32_t *ids;
    size_t count, n = 0;
    if (length < 2)
        return SELO_E_ARGUMENT;
    const selo_status status = selo_tokenizer_encode(tokenizer, text, &ids, &count, NULL);
    if (status != SELO_OK)
        return status;
    const size_t marks = (tokenizer->start >= 0) + (size_t)(tokenizer->end >= 0);
    const size_t kept = count + marks > length ? length - marks : count;
    if (tokenizer->start >= 0)
        context[n++] = tokenizer->start;
    for (size_t i = 0; i < kept; i++)
        context[n++] = ids[i];
    if (tokenizer->end >= 0)
        context[n++] = tokenizer->end;
    if (used)
        *used = n;
    while (n < length)
        context[n++] = 0;
    if (truncated)
        *truncated = kept < count;
    selo_free(ids);
    return SELO_OK;
}
