/* CLIP's byte-pair encoding. Its 49408 tokens: 256 bytes, the same at the end of a word, one a merge in the order of
 * the vocabulary file, start and end mark. */
#include <cpl_error.h>
#include <cpl_vsi.h>
#include <string.h>

#include "model_file.h"
#include "selo/memory.h"
#include "tokenizer.h"
#include "unicode.h"

enum { BYTES = 256, MERGES_MAX = 49152 - BYTES - 2, SLOTS = 1 << 17, NAME_MAX_BYTES = 6 };

typedef struct name {
    const char *text;
    uint32_t size;
    int32_t id; /* -1: free slot */
} name;

typedef struct merge {
    int32_t left; /* -1: free slot */
    int32_t right;
    int32_t rank;
    int32_t id;
} merge;

typedef struct clip_bpe {
    int32_t byte_id[BYTES];
    int32_t start, end;
    merge merges[SLOTS];
} clip_bpe;

/* While the vocabulary is read: tokens by name. A later token takes the name of an earlier one, as in the published
 * code. */
typedef struct reading {
    name slots[SLOTS];
    char base[2 * BYTES][NAME_MAX_BYTES + 1];
} reading;

static uint32_t hash_bytes(const char *text, size_t size)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash ^ hash >> 15;
}

static uint32_t hash_pair(int32_t left, int32_t right)
{
    const uint64_t mixed = ((uint64_t)(uint32_t)left << 32 | (uint32_t)right) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(mixed >> 40);
}

static name *find_name(reading *r, const char *text, size_t size)
{
    uint32_t i = hash_bytes(text, size) % SLOTS;
    while (r->slots[i].id >= 0 && (r->slots[i].size != size || memcmp(r->slots[i].text, text, size) != 0))
        i = (i + 1) % SLOTS;
    return &r->slots[i];
}

static const merge *find_merge(const clip_bpe *bpe, int32_t left, int32_t right)
{
    uint32_t i = hash_pair(left, right) % SLOTS;
    while (bpe->merges[i].left >= 0 && (bpe->merges[i].left != left || bpe->merges[i].right != right))
        i = (i + 1) % SLOTS;
    return &bpe->merges[i];
}

/* Printable bytes come first and stand for themselves; the others follow and are written as U+0100 and on. */
static void name_bytes(clip_bpe *bpe, reading *r)
{
    int32_t printable = 0, other = 188;
    for (uint32_t byte = 0; byte < BYTES; byte++) {
        const bool shown = (byte > 32 && byte < 127) || (byte > 160 && byte < 256 && byte != 173);
        const int32_t id = shown ? printable++ : other++;
        bpe->byte_id[byte] = id;
        char *plain = r->base[id], *last = r->base[id + BYTES];
        const size_t size = selo_utf8_put(shown ? byte : 256 + (uint32_t)(id - 188), (unsigned char *)plain);
        memcpy(last, plain, size);
        memcpy(last + size, "</w>", 4);
        *find_name(r, plain, size) = (name){plain, (uint32_t)size, id};
        *find_name(r, last, size + 4) = (name){last, (uint32_t)size + 4, id + BYTES};
    }
}

/* One line "left right", made "leftright" in place; false if it is none. */
static bool split_line(char *line, size_t *left, size_t *size)
{
    char *blank = strchr(line, ' ');
    if (!blank || blank == line || strchr(blank + 1, ' ') || blank[1] == '\0')
        return false;
    *left = (size_t)(blank - line);
    *size = strlen(line) - 1;
    memmove(blank, blank + 1, *size - *left + 1);
    return true;
}

typedef struct merge_line {
    const char *text;
    size_t left, size;
} merge_line;

/* The lines of the file behind its first; *count of them. */
static selo_status read_lines(const char *path, char *bytes, merge_line *lines, size_t *count)
{
    char *rest = strchr(bytes, '\n');
    *count = 0;
    while (rest && *count < MERGES_MAX) {
        char *line = rest + 1;
        rest = strchr(line, '\n');
        if (rest)
            *rest = '\0';
        const size_t length = strlen(line);
        if (length > 0 && line[length - 1] == '\r') /* saved on Windows */
            line[length - 1] = '\0';
        if (*line == '\0' && (!rest || rest[1 + strspn(rest + 1, "\r\n")] == '\0'))
            break;
        merge_line *into = &lines[*count];
        into->text = line;
        if (!split_line(line, &into->left, &into->size)) {
            CPLError(CE_Failure, CPLE_AppDefined,
                     "%s: line %d is no pair of tokens; give CLIP's bpe_simple_vocab_16e6.txt.gz", path,
                     (int)*count + 2);
            return SELO_E_INPUT;
        }
        ++*count;
    }
    if (*count > 0)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined, "%s: no merges in it; give CLIP's bpe_simple_vocab_16e6.txt.gz", path);
    return SELO_E_INPUT;
}

static selo_status add_merges(const char *path, clip_bpe *bpe, reading *r, const merge_line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        *find_name(r, lines[i].text, lines[i].size) =
            (name){lines[i].text, (uint32_t)lines[i].size, (int32_t)i + 2 * BYTES};
    for (size_t i = 0; i < count; i++) {
        const merge_line *line = &lines[i];
        const int32_t left = find_name(r, line->text, line->left)->id;
        const int32_t right = find_name(r, line->text + line->left, line->size - line->left)->id;
        if (left < 0 || right < 0) {
            CPLError(CE_Failure, CPLE_AppDefined, "%s: line %d merges a token that is not there", path, (int)i + 2);
            return SELO_E_INPUT;
        }
        merge *slot = (merge *)find_merge(bpe, left, right);
        *slot = (merge){left, right, (int32_t)i, find_name(r, line->text, line->size)->id};
    }
    bpe->start = (int32_t)count + 2 * BYTES;
    bpe->end = bpe->start + 1;
    return SELO_OK;
}

static selo_status read_vocabulary(const char *path, clip_bpe *bpe, reading *r, merge_line *lines)
{
    char *bytes;
    size_t size, count;
    for (size_t i = 0; i < SLOTS; i++) {
        r->slots[i].id = -1;
        bpe->merges[i].left = -1;
    }
    name_bytes(bpe, r);
    selo_status status = selo_model_file_read(path, &bytes, &size);
    if (status != SELO_OK)
        return status;
    status = read_lines(path, bytes, lines, &count);
    if (status == SELO_OK)
        status = add_merges(path, bpe, r, lines, count);
    VSIFree(bytes);
    return status;
}

/* Merges the pair of lowest rank, everywhere in the word, until none is left. */
static size_t merge_word(const clip_bpe *bpe, int32_t *ids, size_t count)
{
    for (;;) {
        const merge *best = NULL;
        for (size_t i = 0; i + 1 < count; i++) {
            const merge *pair = find_merge(bpe, ids[i], ids[i + 1]);
            if (pair->left >= 0 && (!best || pair->rank < best->rank))
                best = pair;
        }
        if (!best)
            return count;
        size_t n = 0;
        for (size_t i = 0; i < count; n++) {
            const bool here = i + 1 < count && ids[i] == best->left && ids[i + 1] == best->right;
            ids[n] = here ? best->id : ids[i];
            i += here ? 2 : 1;
        }
        count = n;
    }
}

static selo_status add_word(const clip_bpe *bpe, const uint32_t *at, size_t count, int32_t *ids, selo_tokens *tokens)
{
    selo_status status = SELO_OK;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned char bytes[4];
        const size_t size = selo_utf8_put(at[i], bytes);
        for (size_t b = 0; b < size; b++)
            ids[n++] = bpe->byte_id[bytes[b]];
    }
    ids[n - 1] += BYTES;
    n = merge_word(bpe, ids, n);
    for (size_t i = 0; i < n && status == SELO_OK; i++)
        status = selo_tokens_add(tokens, ids[i]);
    return status;
}

static size_t starts_with(const uint32_t *at, size_t left, const char *what)
{
    size_t n = 0;
    while (what[n] && n < left && at[n] == (unsigned char)what[n])
        n++;
    return what[n] ? 0 : n;
}

static bool is_other(uint32_t cp)
{
    return !selo_cp_is_space(cp) && !selo_cp_is_letter(cp) && !selo_cp_is_number(cp);
}

/* Code points of the word that starts here: an English ending, letters, one digit, or other signs. */
static size_t word_length(const uint32_t *at, size_t left)
{
    static const char *const endings[] = {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t n = starts_with(at, left, endings[i]);
        if (n > 0)
            return n;
    }
    if (selo_cp_is_number(at[0]))
        return 1;
    size_t n = 0;
    if (selo_cp_is_letter(at[0])) {
        while (n < left && selo_cp_is_letter(at[n]))
            n++;
        return n;
    }
    while (n < left && is_other(at[n]))
        n++;
    return n;
}

static selo_status encode_text(const clip_bpe *bpe, const selo_codes *text, int32_t *ids, selo_tokens *tokens)
{
    selo_status status = SELO_OK;
    for (size_t i = 0; i < text->count && status == SELO_OK;) {
        const uint32_t *at = text->at + i;
        const size_t left = text->count - i;
        const size_t start = starts_with(at, left, "<|startoftext|>"), end = starts_with(at, left, "<|endoftext|>");
        size_t used = start + end;
        if (used > 0) {
            status = selo_tokens_add(tokens, start ? bpe->start : bpe->end);
        } else if (selo_cp_is_space(at[0])) {
            used = 1;
        } else {
            used = word_length(at, left);
            status = add_word(bpe, at, used, ids, tokens);
        }
        i += used;
    }
    return status;
}

static selo_status encode(const void *data, const char *utf8, selo_tokens *tokens)
{
    selo_codes text;
    selo_status status = selo_codes_clean(utf8, &text);
    if (status != SELO_OK)
        return status;
    int32_t *ids = selo_alloc(text.count * 4, sizeof *ids);
    status = ids ? encode_text(data, &text, ids, tokens) : SELO_E_MEMORY;
    selo_free(ids);
    selo_free(text.at);
    return status;
}

selo_status selo_tokenizer_open_clip(const char *path, selo_tokenizer **tokenizer)
{
    *tokenizer = NULL;
    clip_bpe *bpe = selo_alloc(1, sizeof *bpe);
    reading *r = selo_alloc(1, sizeof *r);
    merge_line *lines = selo_alloc(MERGES_MAX, sizeof *lines);
    const selo_status status = bpe && r && lines ? read_vocabulary(path, bpe, r, lines) : SELO_E_MEMORY;
    selo_free(lines);
    selo_free(r);
    if (status != SELO_OK) {
        selo_free(bpe);
        return status;
    }
    return selo_tokenizer_wrap((selo_tokenizer){bpe->start, bpe->end, bpe, encode, selo_free}, tokenizer);
}
