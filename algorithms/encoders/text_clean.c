/* What CLIP's tokenizer does to a text before it looks for tokens: ftfy's repairs (those that a query can need), HTML
 * references, white space, lower case. */
#include <string.h>

#include "selo/memory.h"
#include "unicode.h"

/* The byte that Windows-1252 or Latin-1 has for a code point, or -1. */
static int western_byte(uint32_t cp)
{
    static const uint16_t high[32] = {0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021,
                                      0x2C6,  0x2030, 0x160,  0x2039, 0x152,  0x8D,   0x17D,  0x8F,
                                      0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                      0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178};
    if (cp < 0x100)
        return (int)cp;
    for (int i = 0; i < 32; i++) {
        if (high[i] == cp)
            return 0x80 + i;
    }
    return -1;
}

/* UTF-8 that somebody took for a western 8-bit encoding is put right, if the whole text can be read so. */
static selo_status undo_mojibake(selo_codes *text)
{
    bool high = false;
    char *bytes = selo_alloc(text->count + 1, 1);
    if (!bytes)
        return SELO_E_MEMORY;
    for (size_t i = 0; i < text->count; i++) {
        const int byte = western_byte(text->at[i]);
        if (byte <= 0) {
            selo_free(bytes);
            return SELO_OK;
        }
        high = high || byte >= 0x80;
        bytes[i] = (char)byte;
    }
    bytes[text->count] = '\0';
    selo_codes repaired = {0};
    const selo_status status = high ? selo_codes_decode(bytes, 3, &repaired) : SELO_OK;
    selo_free(bytes);
    bool sound = repaired.at != NULL;
    for (size_t i = 0; sound && i < repaired.count; i++)
        sound = repaired.at[i] != 0xFFFD;
    selo_free(sound ? text->at : repaired.at);
    if (sound)
        *text = repaired;
    return status;
}

typedef struct ligature {
    uint32_t cp;
    const char *letters;
} ligature;

static const char *ligature_letters(uint32_t cp)
{
    static const ligature list[] = {{0x132, "IJ"},   {0x133, "ij"},  {0x1C7, "LJ"},  {0x1C8, "Lj"},  {0x1C9, "lj"},
                                    {0x1CA, "NJ"},   {0x1CB, "Nj"},  {0x1CC, "nj"},  {0x1F1, "DZ"},  {0x1F2, "Dz"},
                                    {0x1F3, "dz"},   {0xFB00, "ff"}, {0xFB01, "fi"}, {0xFB02, "fl"}, {0xFB03, "ffi"},
                                    {0xFB04, "ffl"}, {0xFB05, "st"}, {0xFB06, "st"}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (list[i].cp == cp)
            return list[i].letters;
    }
    return NULL;
}

static bool is_control(uint32_t cp)
{
    return (cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\f' && cp != '\r') || cp == 0x7F ||
           (cp >= 0x206A && cp <= 0x206F) || cp == 0xFEFF || (cp >= 0xFFF9 && cp <= 0xFFFC);
}

/* Plain forms of what typesetting made fancy. */
static uint32_t plain(uint32_t cp)
{
    if (cp == 0x2BC || (cp >= 0x2018 && cp <= 0x201B))
        return '\'';
    if (cp >= 0x201C && cp <= 0x201F)
        return '"';
    if (cp >= 0xFF01 && cp <= 0xFF5E)
        return cp - 0xFEE0;
    return cp;
}

/* Ligatures lengthen the text. */
static selo_status simplify(selo_codes *text)
{
    uint32_t *out = selo_alloc(text->count * 3, sizeof *out);
    size_t n = 0;
    if (!out)
        return SELO_E_MEMORY;
    for (size_t i = 0; i < text->count; i++) {
        const char *letters = ligature_letters(text->at[i]);
        for (; letters && *letters; letters++)
            out[n++] = (unsigned char)*letters;
        if (!letters && !is_control(text->at[i]))
            out[n++] = plain(text->at[i]);
    }
    selo_free(text->at);
    text->at = out;
    text->count = n;
    return SELO_OK;
}

static void single_blanks(selo_codes *text)
{
    size_t n = 0;
    for (size_t i = 0; i < text->count; i++) {
        const bool space = selo_cp_is_space(text->at[i]);
        if (!space || (n > 0 && text->at[n - 1] != ' '))
            text->at[n++] = space ? ' ' : text->at[i];
    }
    text->count = n > 0 && text->at[n - 1] == ' ' ? n - 1 : n;
}

selo_status selo_codes_clean(const char *utf8, selo_codes *text)
{
    selo_status status = selo_codes_decode(utf8, 1, text);
    if (status == SELO_OK && !strchr(utf8, '<'))
        selo_codes_unescape(text);
    if (status == SELO_OK)
        status = undo_mojibake(text);
    if (status == SELO_OK)
        status = simplify(text);
    if (status == SELO_OK) {
        selo_codes_compose(text);
        selo_codes_unescape(text);
        selo_codes_unescape(text);
        single_blanks(text);
        status = selo_codes_lower(text);
    }
    if (status != SELO_OK) {
        selo_free(text->at);
        *text = (selo_codes){0};
    }
    return status;
}
