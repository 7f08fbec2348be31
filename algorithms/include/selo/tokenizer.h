/* From a sentence to the integers that a text encoder takes.
 *
 * Two kinds: CLIP's byte-pair encoding (Radford et al. 2021, arXiv 2103.00020; Sennrich et al. 2016, doi
 * 10.18653/v1/P16-1162) with its published vocabulary file, and the word list that AMFMN uses (TGRS 2021, doi
 * 10.1109/TGRS.2021.3078451). docs/encoders.md says how text is cleaned.
 *
 * A tokenizer does not change after it was opened: several threads may use one. */
#ifndef SELO_TOKENIZER_H
#define SELO_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The longest text in bytes that a tokenizer takes; a query is a sentence, and work grows faster than its length. */
#define SELO_TEXT_BYTES_MAX 16384

typedef struct selo_tokenizer selo_tokenizer;

/* CLIP's byte-pair encoding from its published vocabulary file (one merge a line after a first line of comment). `path`
 * may end in .gz and be any /vsi path. SELO_E_INPUT, reported with CPLError, if the file cannot be read or is not such
 * a list. The caller frees it with selo_tokenizer_free(). */
SELO_API selo_status selo_tokenizer_open_clip(const char *path, selo_tokenizer **tokenizer);

/* Words by their numbers, from JSON: {"word2idx": {"word": 1, …}} as AMFMN stores it, or the inner object alone. A word
 * that is not there becomes "<unk>", which must be. Errors and ownership as above. */
SELO_API selo_status selo_tokenizer_open_words(const char *path, selo_tokenizer **tokenizer);

SELO_API void selo_tokenizer_free(selo_tokenizer *tokenizer);

/* The tokens of `text` (UTF-8, ends with NUL, not NULL; bytes that are no UTF-8 count as U+FFFD), without start and end
 * marks. *ids has *count entries (possibly 0); the caller frees it with selo_free().
 *   unknown  NULL, or receives the number of words that the vocabulary lacks (0 with byte-pair encoding)
 * SELO_E_ARGUMENT, not reported, if the text is longer than SELO_TEXT_BYTES_MAX. */
SELO_API selo_status selo_tokenizer_encode(const selo_tokenizer *tokenizer, const char *text, int32_t **ids,
                                           size_t *count, size_t *unknown);

/* The form that a text encoder is fed with: start mark, tokens, end mark (byte-pair encoding) or the tokens alone
 * (words), cut to `length` >= 2 entries with the end mark kept, filled with 0 behind.
 *   context    `length` entries, of the caller
 *   used       entries before the filling; may be NULL
 *   truncated  whether tokens were cut away; may be NULL */
SELO_API selo_status selo_tokenizer_context(const selo_tokenizer *tokenizer, const char *text, int64_t *context,
                                            size_t length, size_t *used, bool *truncated);

#ifdef __cplusplus
}
#endif
#endif
