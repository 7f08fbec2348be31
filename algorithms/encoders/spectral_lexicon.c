/* Queries as directions: which way each land-cover word points among the elements of a spectral vector. */
#include <string.h>

#include "selo/memory.h"
#include "selo/spectral.h"
#include "selo/tokenizer.h"
#include "selo/vectors.h"
#include "spectral_elements.h"
#include "unicode.h"

/* Words of one meaning, separated by blanks, and the weights of that meaning. */
typedef struct meaning {
    const char *words;
    float weights[SELO_SPECTRAL_SIZE];
} meaning;

static const meaning lexicon[] = {
    {"water", {[E_MNDWI] = 1, [E_NDVI] = -.6f, [E_BSI] = -.2f, [E_BLUENESS] = .4f, [E_REDNESS] = -.4f,
               [E_EDGES] = -.4f}},
    {"sea ocean marine offshore",
     {[E_MNDWI] = 1, [E_NDVI] = -.6f, [E_BSI] = -.2f, [E_BLUENESS] = .4f, [E_REDNESS] = -.5f, [E_EDGES] = -.5f,
      [E_TEXTURE] = -.3f, [E_NDVI_SPREAD] = -.2f, [E_MNDWI_SPREAD] = -.3f}},
    {"lake pond pool reservoir lagoon bay",
     {[E_MNDWI] = 1, [E_NDVI] = -.4f, [E_BSI] = -.2f, [E_BLUENESS] = .3f, [E_REDNESS] = -.3f, [E_BRIGHTNESS] = -.4f}},
    {"river stream creek canal estuary",
     {[E_MNDWI] = .8f, [E_MNDWI_SPREAD] = .6f, [E_NDVI_SPREAD] = .3f, [E_BSI] = -.2f, [E_BRIGHTNESS] = -.3f}},
    {"coast coastline shore shoreline seaside waterfront harbour harbor port dock",
     {[E_MNDWI_SPREAD] = 1, [E_MNDWI] = .5f, [E_TEXTURE] = .3f}},
    {"beach", {[E_MNDWI_SPREAD] = 1, [E_BRIGHTNESS] = .8f, [E_MNDWI] = .3f, [E_NDVI] = -.3f, [E_TEXTURE] = .3f}},
    {"forest tree wood woodland jungle mangrove grove",
     {[E_NDVI] = 1, [E_NBR] = .8f, [E_NDBI] = -.5f, [E_BSI] = -.4f, [E_GREENNESS] = .3f, [E_BRIGHTNESS] = -1,
      [E_MNDWI] = -.5f}},
    {"vegetation plant shrub bush park garden",
     {[E_NDVI] = 1, [E_NBR] = .5f, [E_NDBI] = -.3f, [E_BSI] = -.4f, [E_GREENNESS] = .6f, [E_MNDWI] = -.3f}},
    {"grass grassland meadow lawn pasture playground field farmland cropland crop agriculture farm",
     {[E_NDVI] = .8f, [E_NBR] = .3f, [E_GREENNESS] = .6f, [E_BRIGHTNESS] = .3f, [E_EDGES] = -.4f,
      [E_TEXTURE] = -.3f, [E_MNDWI] = -.3f}},
    {"built-up built urban city town village residential house housing home building roof settlement downtown suburb",
     {[E_NDBI] = .8f, [E_NDVI] = -.5f, [E_MNDWI] = -.6f, [E_NBR] = -.4f, [E_BSI] = .4f, [E_TEXTURE] = .4f,
      [E_EDGES] = .6f,
      [E_SATURATION] = -.5f, [E_GREENNESS] = -.3f, [E_REDNESS] = .3f}},
    {"industrial factory warehouse commercial tank",
     {[E_NDBI] = .6f, [E_NDVI] = -.5f, [E_MNDWI] = -.4f, [E_TEXTURE] = .6f, [E_EDGES] = .6f, [E_BRIGHTNESS] = .6f,
      [E_SATURATION] = -.5f}},
    {"road street highway motorway railway rail pavement asphalt concrete parking airport runway airfield bridge",
     {[E_NDBI] = .3f, [E_NDVI] = -.5f, [E_MNDWI] = -.3f, [E_SATURATION] = -.8f, [E_NBR] = -.3f, [E_EDGES] = .3f}},
    {"bare soil barren earth ground quarry desert fallow",
     {[E_BSI] = 1, [E_NDVI] = -.4f, [E_MNDWI] = -.5f, [E_NDBI] = .4f, [E_REDNESS] = .5f, [E_BRIGHTNESS] = .4f,
      [E_EDGES] = -.3f}},
    {"sand sandy dune", {[E_BRIGHTNESS] = 1, [E_BSI] = .6f, [E_NDVI] = -.4f, [E_REDNESS] = .3f, [E_BLUENESS] = -.3f}},
    {"snow ice glacier", {[E_BRIGHTNESS] = 1, [E_MNDWI] = .8f, [E_SATURATION] = -.5f}},
    {"cloud cloudy", {[E_BRIGHTNESS] = 1, [E_SATURATION] = -.6f}},
    {"burnt burned burn charred fire", {[E_NBR] = -1, [E_NDVI] = -.4f, [E_BRIGHTNESS] = -.6f}},
    {"wetland swamp marsh", {[E_MNDWI] = .6f, [E_NDVI] = .6f, [E_BSI] = -.4f, [E_BRIGHTNESS] = -.4f}},
    {"green", {[E_GREENNESS] = .5f, [E_NDVI] = .5f, [E_MNDWI] = -.4f}},
    {"blue cyan turquoise", {[E_BLUENESS] = 1, [E_REDNESS] = -.4f}},
    {"red", {[E_REDNESS] = 1, [E_BLUENESS] = -.5f}},
    {"brown tawny yellow orange", {[E_BLUENESS] = -1, [E_REDNESS] = .5f}},
    {"white bright light", {[E_BRIGHTNESS] = 1, [E_SATURATION] = -.4f}},
    {"black dark shadow", {[E_BRIGHTNESS] = -1}},
    {"gray grey", {[E_SATURATION] = -1}},
    {"smooth calm flat homogeneous uniform", {[E_TEXTURE] = -1, [E_EDGES] = -1}},
    {"rough textured mixed heterogeneous", {[E_TEXTURE] = 1, [E_EDGES] = 1}},
};

/* Words that say nothing here, and are not reported. */
static const char silent_words[] =
    " a an the of in on at by to with and or from for into through over under between among around along"
    " across next near"
    " beside behind inside outside is are was be being it its there this that these those some several many few lot"
    " one two three four five six seven eight nine ten large small big dense sparse wide open land area zone"
    " region place"
    " surrounded covered lined located photo image picture satellite aerial view part side body space ";

enum { WORD_BYTES = 64 };

static bool holds_word(const char *list, const char *word, size_t size)
{
    for (const char *at = list; (at = strstr(at, word)) != NULL; at++) {
        if ((at == list || at[-1] == ' ') && (at[size] == ' ' || at[size] == '\0'))
            return true;
    }
    return false;
}

static const meaning *find_meaning(const char *word)
{
    for (size_t i = 0; i < sizeof lexicon / sizeof *lexicon; i++) {
        if (holds_word(lexicon[i].words, word, strlen(word)))
            return &lexicon[i];
    }
    return NULL;
}

/* Replaces the ending, if the word has it. */
static bool change_ending(const char *word, const char *ending, const char *instead, char changed[WORD_BYTES])
{
    const size_t size = strlen(word), cut = strlen(ending);
    if (size < cut + 2 || strcmp(word + size - cut, ending) != 0)
        return false;
    memcpy(changed, word, size - cut);
    strcpy(changed + size - cut, instead);
    return true;
}

/* The word, or its singular. */
static const meaning *find_any_form(const char *word)
{
    static const char *const endings[][2] = {{"ies", "y"}, {"ches", "ch"}, {"shes", "sh"}, {"s", ""}, {"ed", ""}};
    const meaning *found = find_meaning(word);
    char changed[WORD_BYTES];
    for (size_t i = 0; !found && i < sizeof endings / sizeof *endings; i++) {
        if (change_ending(word, endings[i][0], endings[i][1], changed))
            found = find_meaning(changed);
    }
    return found;
}

typedef struct reading {
    float *sum;
    bool any;
    char *ignored; /* list so far, or NULL if nobody asks */
    size_t used;
} reading;

static void ignore(reading *r, const char *word)
{
    if (!r->ignored)
        return;
    const size_t size = strlen(word);
    if (r->used > 0) {
        memcpy(r->ignored + r->used, ", ", 2);
        r->used += 2;
    }
    memcpy(r->ignored + r->used, word, size + 1);
    r->used += size;
}

static void read_word(reading *r, char *word)
{
    const meaning *found = find_any_form(word);
    char *hyphen = found ? NULL : strchr(word, '-');
    if (found) {
        for (size_t i = 0; i < SELO_SPECTRAL_SIZE; i++)
            r->sum[i] += found->weights[i];
        r->any = true;
    } else if (hyphen) {
        *hyphen = '\0';
        if (*word)
            read_word(r, word);
        if (hyphen[1])
            read_word(r, hyphen + 1);
    } else if (!holds_word(silent_words, word, strlen(word))) {
        ignore(r, word);
    }
}

static bool in_word(uint32_t cp)
{
    return selo_cp_is_letter(cp) || selo_cp_is_number(cp) || cp == '-';
}

static void read_text(reading *r, const selo_codes *text)
{
    char word[WORD_BYTES];
    size_t size = 0;
    for (size_t i = 0; i <= text->count; i++) {
        if (i < text->count && in_word(text->at[i])) {
            if (size + 5 < WORD_BYTES) /* a longer one is no word of ours: its start is reported */
                size += selo_utf8_put(text->at[i], (unsigned char *)word + size);
            continue;
        }
        word[size] = '\0';
        if (size > 0)
            read_word(r, word);
        size = 0;
    }
}

selo_status selo_spectral_query(const char *utf8, float vector[SELO_SPECTRAL_SIZE], char **ignored)
{
    selo_codes text;
    reading r = {.sum = vector};
    memset(vector, 0, SELO_SPECTRAL_SIZE * sizeof *vector);
    if (ignored)
        *ignored = NULL;
    if (strlen(utf8) > SELO_TEXT_BYTES_MAX)
        return SELO_E_ARGUMENT;
    const selo_status status = selo_codes_clean(utf8, &text);
    if (status != SELO_OK)
        return status;
    if (ignored) { /* each word grows by ", " and what cleaning may have added */
        r.ignored = *ignored = selo_alloc(text.count * 6 + 1, 1);
        if (r.ignored)
            *r.ignored = '\0';
    }
    if (!ignored || r.ignored)
        read_text(&r, &text);
    selo_free(text.at);
    if (ignored && !r.ignored)
        return SELO_E_MEMORY;
    return r.any && selo_normalise(vector, SELO_SPECTRAL_SIZE) ? SELO_OK : SELO_E_INPUT;
}
