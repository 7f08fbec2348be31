#include "encoder.h"

#include <stdint.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "selo/memory.h"
#include "selo/tokenizer.h"
#include "selo/utf8.h"
#include "selo/vectors.h"

static selo_status spectral_push(selo_encoder *encoder, const selo_pixels *window, float *vector)
{
    const selo_status status = selo_spectral_encode(window, encoder->white > 0 ? encoder->white : 255, vector);
    return status == SELO_E_INPUT ? SELO_OK : status; /* a window without a valid pixel is all 0 */
}

static selo_status spectral_flush(selo_encoder *encoder)
{
    (void)encoder;
    return SELO_OK;
}

static void spectral_discard(selo_encoder *encoder)
{
    (void)encoder;
}

static selo_status spectral_text(selo_encoder *encoder, const char *text, float *vector)
{
    char *ignored;
    const selo_status status = selo_spectral_query(text, vector, &ignored);
    (void)encoder;
    if (status == SELO_E_INPUT)
        CPLError(CE_Failure, CPLE_AppDefined,
                 "query '%.*s': the encoder spectral knows none of its words; it understands land cover and colours, "
                 "such as sea, forest, built-up, bare soil, dark, green",
                 SELO_UTF8_SHORT(text, 200));
    else if (status == SELO_OK && *ignored)
        CPLError(CE_Warning, CPLE_AppDefined, "query '%.*s': the encoder spectral does not know: %.*s",
                 SELO_UTF8_SHORT(text, 200), SELO_UTF8_SHORT(ignored, 400));
    selo_free(ignored);
    return status;
}

static selo_status open_spectral(selo_encoder *encoder)
{
    static const char version[] = "selo spectral 1";
    selo_hash hash;
    selo_hash_start(&hash);
    selo_hash_add_text(&hash, version);
    selo_hash_add(&hash, &encoder->white, sizeof encoder->white);
    selo_hash_finish(&hash, encoder->sha);
    encoder->provider = "built-in";
    encoder->size = SELO_SPECTRAL_SIZE;
    encoder->batch = 1;
    for (int role = 0; role < SELO_BAND_ROLES; role++)
        encoder->uses[role] = true;
    encoder->push = spectral_push;
    encoder->flush = spectral_flush;
    encoder->discard = spectral_discard;
    encoder->text = spectral_text;
    return SELO_OK;
}

selo_status selo_encoder_open(const selo_encoder_options *options, selo_encoder **encoder)
{
    selo_encoder *made = *encoder = selo_alloc_zeroed(1, sizeof *made);
    if (!made)
        return SELO_E_MEMORY;
    made->name = CPLStrdup(options->model);
    made->white = options->white;
    made->white_given = options->white > 0;
    const selo_status status = EQUAL(options->model, "spectral") ? open_spectral(made)
                                                                 : selo_encoder_open_bundle(options, made);
    if (status != SELO_OK) {
        selo_encoder_free(made);
        *encoder = NULL;
    }
    return status;
}

void selo_encoder_free(selo_encoder *encoder)
{
    if (!encoder)
        return;
    if (encoder->release)
        encoder->release(encoder->data);
    CPLFree(encoder->name);
    selo_free(encoder);
}

const char *selo_encoder_name(const selo_encoder *encoder)
{
    return encoder->name;
}

const char *selo_encoder_sha(const selo_encoder *encoder)
{
    return encoder->sha;
}

const char *selo_encoder_provider(const selo_encoder *encoder)
{
    return encoder->provider;
}

size_t selo_encoder_size(const selo_encoder *encoder)
{
    return encoder->size;
}

size_t selo_encoder_batch(const selo_encoder *encoder)
{
    return encoder->batch;
}

bool selo_encoder_uses(const selo_encoder *encoder, selo_band_role role)
{
    return encoder->uses[role];
}

void selo_encoder_set_white(selo_encoder *encoder, double white)
{
    if (!encoder->white_given)
        encoder->white = white;
}

bool selo_encoder_has_network(const selo_encoder *encoder)
{
    return encoder->network_ms != NULL;
}

double selo_encoder_network_ms(const selo_encoder *encoder)
{
    return encoder->network_ms ? encoder->network_ms(encoder->data) : 0;
}

double selo_encoder_waited_ms(const selo_encoder *encoder)
{
    return encoder->network_ms ? encoder->waited_ms(encoder->data) : 0;
}

selo_status selo_encoder_push(selo_encoder *encoder, const selo_pixels *window, float *vector)
{
    return encoder->push(encoder, window, vector);
}

selo_status selo_encoder_flush(selo_encoder *encoder)
{
    return encoder->flush(encoder);
}

void selo_encoder_discard(selo_encoder *encoder)
{
    encoder->discard(encoder);
}

selo_status selo_encoder_text(selo_encoder *encoder, const char *text, float *vector)
{
    if (text[strspn(text, " \t\r\n")] == '\0') {
        CPLError(CE_Failure, CPLE_AppDefined, "--query: the text is empty");
        return SELO_E_ARGUMENT;
    }
    if (strlen(text) > SELO_TEXT_BYTES_MAX) {
        CPLError(CE_Failure, CPLE_AppDefined, "--query: the text '%.*s...' is longer than %d bytes",
                 SELO_UTF8_SHORT(text, 40), SELO_TEXT_BYTES_MAX);
        return SELO_E_ARGUMENT;
    }
    return encoder->text(encoder, text, vector);
}

/* xorshift64*: Vigna 2016, doi 10.1145/2845077; seeded through splitmix64, so that 0 will do. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545F4914F6CDD1DULL;
}

static uint64_t first_state(unsigned long long seed)
{
    uint64_t z = (uint64_t)seed + 0x9E3779B97F4A7C15ULL;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
    return (z ^ z >> 31) | 1;
}

/* Fisher and Yates, in place. */
static void shuffle(char **words, int n, uint64_t *state)
{
    for (int i = n - 1; i > 0; i--) {
        const int k = (int)(next_random(state) % (uint64_t)(i + 1));
        char *word = words[i];
        words[i] = words[k];
        words[k] = word;
    }
}

/* The words with a blank between them, in a buffer as long as the text they come from. */
static void join(char *const *words, char *text)
{
    *text = '\0';
    for (; *words; words++) {
        if (*text)
            strcat(text, " ");
        strcat(text, *words);
    }
}

static selo_status add_shuffles(selo_encoder *encoder, char **words, char *text, int shuffles, uint64_t state,
                                float *one, float *sum)
{
    const int n = CSLCount((CSLConstList)words);
    selo_status status = SELO_OK;
    for (int round = 0; round < shuffles && status == SELO_OK; round++) {
        shuffle(words, n, &state);
        join(words, text);
        CPLPushErrorHandler(CPLQuietErrorHandler); /* what is not understood has been said once */
        status = selo_encoder_text(encoder, text, one);
        CPLPopErrorHandler();
        for (size_t i = 0; i < encoder->size && status == SELO_OK; i++)
            sum[i] += one[i];
    }
    if (status != SELO_OK)
        CPLError(CE_Failure, CPLE_AppDefined, "query '%.*s': %s", SELO_UTF8_SHORT(text, 200), selo_status_text(status));
    return status;
}

selo_status selo_encoder_text_shuffled(selo_encoder *encoder, const char *text, int shuffles, unsigned long long seed,
                                       float *vector)
{
    selo_status status = selo_encoder_text(encoder, text, vector);
    if (status != SELO_OK || shuffles < 1)
        return status;
    char **words = CSLTokenizeString2(text, " \t\r\n", 0);
    char *order = CPLStrdup(text);
    float *one = selo_alloc(encoder->size, sizeof *one);
    status = one ? add_shuffles(encoder, words, order, shuffles, first_state(seed), one, vector) : SELO_E_MEMORY;
    if (status == SELO_OK)
        selo_normalise(vector, encoder->size);
    selo_free(one);
    CPLFree(order);
    CSLDestroy(words);
    return status;
}
