/* What the kinds of tokenizer share. Private to encoders/. */
#ifndef SELO_ENCODERS_TOKENIZER_H
#define SELO_ENCODERS_TOKENIZER_H

#include "selo/tokenizer.h"

/* A growing list of tokens. */
typedef struct selo_tokens {
    int32_t *ids;
    size_t count;
    size_t room;
    size_t unknown; /* words that the vocabulary lacks */
} selo_tokens;

selo_status selo_tokens_add(selo_tokens *tokens, int32_t id);

struct selo_tokenizer {
    int32_t start, end; /* marks; -1: none */
    void *data;
    selo_status (*encode)(const void *data, const char *text, selo_tokens *tokens);
    void (*release)(void *data);
};

selo_status selo_tokenizer_wrap(selo_tokenizer kind, selo_tokenizer **tokenizer);

#endif
