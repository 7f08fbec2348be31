/* Text as code points, with the few properties that tokenizers ask for. Private to encoders/. */
#ifndef SELO_ENCODERS_UNICODE_H
#define SELO_ENCODERS_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "selo/status.h"

/* Code points of the caller, freed with selo_free(at). */
typedef struct selo_codes {
    uint32_t *at;
    size_t count;
} selo_codes;

/* `copies` times as much room as the text needs, for steps that lengthen it in place. */
selo_status selo_codes_decode(const char *utf8, size_t copies, selo_codes *text);

/* Writes 1 to 4 bytes and returns how many. */
size_t selo_utf8_put(uint32_t cp, unsigned char bytes[4]);

bool selo_cp_is_letter(uint32_t cp);
bool selo_cp_is_number(uint32_t cp);
bool selo_cp_is_space(uint32_t cp);

/* Python's str.lower(): one code point may become two (U+0130). text must have room for twice its count. */
selo_status selo_codes_lower(selo_codes *text);

/* Base letters followed by a mark become the composed letter where Unicode has one. */
void selo_codes_compose(selo_codes *text);

/* HTML character references, named (HTML 4) and numeric, once. */
void selo_codes_unescape(selo_codes *text);

/* The cleaning that CLIP's tokenizer starts with: repaired (docs/encoders.md lists what), unescaped, white space
 * made single blanks, lower case. */
selo_status selo_codes_clean(const char *utf8, selo_codes *text);

#endif
