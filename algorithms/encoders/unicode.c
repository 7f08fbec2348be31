#include "unicode.h"

#include <string.h>

#include "selo/memory.h"
#include "unicode_tables.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define REPLACEMENT 0xFFFDu

/* One code point from `bytes` (at least one byte before the NUL); a byte that starts no valid sequence is U+FFFD. */
static size_t utf8_get(const unsigned char *bytes, uint32_t *cp)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t n = bytes[0] < 0x80   ? 1
                     : bytes[0] < 0xC2 ? 0
                     : bytes[0] < 0xE0 ? 2
                     : bytes[0] < 0xF0 ? 3
                     : bytes[0] < 0xF5 ? 4
                                       : 0;
    uint32_t value = n == 1 ? bytes[0] : bytes[0] & (0x7Fu >> n);
    *cp = REPLACEMENT;
    for (size_t i = 1; i < n; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 1;
        value = value << 6 | (bytes[i] & 0x3F);
    }
    if (n == 0 || value < least[n] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
        return 1;
    *cp = value;
    return n;
}

selo_status selo_codes_decode(const char *utf8, size_t copies, selo_codes *text)
{
    const unsigned char *bytes = (const unsigned char *)utf8;
    text->count = 0;
    text->at = selo_alloc(strlen(utf8) * copies, sizeof *text->at);
    if (!text->at)
        return SELO_E_MEMORY;
    while (*bytes)
        bytes += utf8_get(bytes, &text->at[text->count++]);
    return SELO_OK;
}

size_t selo_utf8_put(uint32_t cp, unsigned char bytes[4])
{
    static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    const size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, cp >>= 6)
        bytes[i] = (unsigned char)(0x80 | (cp & 0x3F));
    bytes[0] = (unsigned char)(lead[n] | cp);
    return n;
}

static bool in_ranges(const unicode_range *ranges, size_t count, uint32_t cp)
{
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (cp > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && cp >= ranges[low].first;
}

bool selo_cp_is_letter(uint32_t cp)
{
    return in_ranges(unicode_letters, COUNT(unicode_letters), cp);
}

bool selo_cp_is_number(uint32_t cp)
{
    return in_ranges(unicode_numbers, COUNT(unicode_numbers), cp);
}

bool selo_cp_is_space(uint32_t cp)
{
    return (cp >= 9 && cp <= 13) || (cp >= 0x1C && cp <= 0x20) || cp == 0x85 || cp == 0xA0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 || cp == 0x202F || cp == 0x205F ||
           cp == 0x3000;
}

static uint32_t lower(uint32_t cp)
{
    for (size_t i = 0; i < COUNT(unicode_lower_runs) && unicode_lower_runs[i].first <= cp; i++) {
        const unicode_lower_run *run = &unicode_lower_runs[i];
        if (cp <= run->last && (cp - run->first) % run->step == 0)
            return (uint32_t)((int32_t)cp + run->shift);
    }
    return cp;
}

/* A capital sigma at the end of a word has a form of its own. */
static bool is_final_sigma(const selo_codes *text, size_t i)
{
    return text->at[i] == 0x3A3 && i > 0 && selo_cp_is_letter(text->at[i - 1]) &&
           (i + 1 == text->count || !selo_cp_is_letter(text->at[i + 1]));
}

selo_status selo_codes_lower(selo_codes *text)
{
    uint32_t *out = selo_alloc(text->count * 2, sizeof *out);
    size_t n = 0;
    if (!out)
        return SELO_E_MEMORY;
    for (size_t i = 0; i < text->count; i++) {
        if (text->at[i] == 0x130) {
            out[n++] = 'i';
            out[n++] = 0x307;
        } else {
            out[n++] = is_final_sigma(text, i) ? 0x3C2 : lower(text->at[i]);
        }
    }
    selo_free(text->at);
    text->at = out;
    text->count = n;
    return SELO_OK;
}

/* 0 where there is none. */
static uint32_t composed(uint32_t base, uint32_t mark)
{
    size_t low = 0, high = COUNT(unicode_compositions);
    while (low < high) {
        const size_t middle = (low + high) / 2;
        const unicode_pair *pair = &unicode_compositions[middle];
        if (pair->base < base || (pair->base == base && pair->mark < mark))
            low = middle + 1;
        else
            high = middle;
    }
    if (low < COUNT(unicode_compositions) && unicode_compositions[low].base == base &&
        unicode_compositions[low].mark == mark)
        return unicode_compositions[low].composed;
    return 0;
}

void selo_codes_compose(selo_codes *text)
{
    size_t n = 0;
    for (size_t i = 0; i < text->count; i++) {
        const uint32_t both = n > 0 ? composed(text->at[n - 1], text->at[i]) : 0;
        if (both)
            text->at[n - 1] = both;
        else
            text->at[n++] = text->at[i];
    }
    text->count = n;
}

/* The entity that starts at `at` (behind the ampersand), the longest if several; its length or 0. */
static size_t named_entity(const uint32_t *at, size_t left, uint32_t *cp)
{
    size_t best = 0;
    for (size_t i = 0; i < COUNT(unicode_entities); i++) {
        const unicode_entity *entity = &unicode_entities[i];
        size_t n = 0;
        while (entity->name[n] && n < left && at[n] == (unsigned char)entity->name[n])
            n++;
        const bool closed = n < left && at[n] == ';';
        if (entity->name[n] || (!closed && !entity->bare) || n + closed <= best)
            continue;
        best = n + closed;
        *cp = entity->cp;
    }
    return best;
}

static int digit(uint32_t cp, int base)
{
    const int value = cp >= '0' && cp <= '9'   ? (int)(cp - '0')
                      : cp >= 'a' && cp <= 'f' ? (int)(cp - 'a') + 10
                      : cp >= 'A' && cp <= 'F' ? (int)(cp - 'A') + 10
                                               : 99;
    return value < base ? value : -1;
}

/* As above for "#65;" and "#x41;". */
static size_t numeric_entity(const uint32_t *at, size_t left, uint32_t *cp)
{
    const int base = left > 1 && (at[1] == 'x' || at[1] == 'X') ? 16 : 10;
    const size_t start = base == 16 ? 2 : 1;
    uint32_t value = 0;
    size_t n = start;
    if (left == 0 || at[0] != '#')
        return 0;
    for (; n < left && digit(at[n], base) >= 0; n++)
        value = value > 0x10FFFF ? value : value * (uint32_t)base + (uint32_t)digit(at[n], base);
    if (n == start)
        return 0;
    *cp = value == 0 || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000) ? REPLACEMENT : value;
    return n + (n < left && at[n] == ';');
}

void selo_codes_unescape(selo_codes *text)
{
    size_t n = 0;
    for (size_t i = 0; i < text->count;) {
        uint32_t cp = text->at[i++];
        if (cp == '&') {
            const size_t left = text->count - i;
            size_t used = numeric_entity(text->at + i, left, &cp);
            if (used == 0)
                used = named_entity(text->at + i, left, &cp);
            i += used;
        }
        text->at[n++] = cp;
    }
    text->count = n;
}
