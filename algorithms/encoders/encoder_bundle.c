/* The encoder of a model bundle: windows are brought to the network's size as soon as they come and run in batches. */
#include <math.h>
#include <string.h>

#include "bundle.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "encoder.h"
#include "onnx.h"
#include "selo/memory.h"
#include "selo/resize.h"
#include "selo/vectors.h"

enum { BATCH_DEFAULT = 32, TEXT_CONTEXT_MAX = 8192 };

typedef struct bundle_encoder {
    selo_bundle *bundle;
    selo_encoder_options options; /* its strings belong to the encoder's caller until the networks are open */
    char *provider;
    selo_onnx *images, *texts;
    selo_tokenizer *tokenizer;
    size_t batch;
    float *tensor;   /* batch windows as the network takes them */
    float **vectors; /* where the batch's results go */
    size_t held;
    uint8_t *bytes;   /* one channel of a window */
    size_t bytes_room;
    uint8_t *resized; /* one channel at the network's size */
} bundle_encoder;

static double network_ms(const void *data)
{
    const bundle_encoder *b = data;
    return selo_onnx_spent_ms(b->images) + selo_onnx_spent_ms(b->texts);
}

static void release(void *data)
{
    bundle_encoder *b = data;
    CPLDebug("SELO", "sessions: %.3f ms", network_ms(b));
    selo_onnx_close(b->images);
    selo_onnx_close(b->texts);
    selo_tokenizer_free(b->tokenizer);
    selo_bundle_free(b->bundle);
    CPLFree(b->provider);
    selo_free(b->tensor);
    selo_free(b->vectors);
    selo_free(b->bytes);
    selo_free(b->resized);
    selo_free(b);
}

static size_t channel_pixels(const bundle_encoder *b)
{
    return (size_t)b->bundle->side * (size_t)b->bundle->side;
}

/* Says what of the network does not go with model.json before any window is run. */
static selo_status check_input(const bundle_encoder *b)
{
    const selo_bundle *bundle = b->bundle;
    const int64_t channels = bundle->n_channels, side = bundle->side;
    const int64_t wanted[4] = {-1, bundle->channels_last ? side : channels, side,
                               bundle->channels_last ? channels : side};
    int64_t shape[8];
    size_t rank;
    if (selo_onnx_input(b->images, shape, &rank) != SELO_ONNX_FLOAT || rank != 4) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "%s: an image encoder takes floats of four dimensions, this network's input has %d",
                 bundle->image_file, (int)rank);
        return SELO_E_INPUT;
    }
    for (size_t i = 1; i < 4; i++) {
        if (shape[i] >= 0 && shape[i] != wanted[i]) {
            CPLError(CE_Failure, CPLE_AppDefined,
                     "%s: its input is %lld x %lld x %lld, model.json says %lld x %lld x %lld (size, channels, "
                     "layout)",
                     bundle->image_file, (long long)shape[1], (long long)shape[2], (long long)shape[3],
                     (long long)wanted[1], (long long)wanted[2], (long long)wanted[3]);
            return SELO_E_INPUT;
        }
    }
    return SELO_OK;
}

static selo_status open_images(bundle_encoder *b)
{
    const selo_bundle *bundle = b->bundle;
    const selo_onnx_options options = {bundle->image_file, bundle->image_input, bundle->image_output, b->provider,
                                       b->options.threads};
    const size_t pixels = channel_pixels(b);
    int64_t shape[8];
    size_t rank;
    selo_status status = selo_onnx_open(&options, &b->images);
    if (status == SELO_OK)
        status = check_input(b);
    if (status != SELO_OK)
        return status;
    (void)selo_onnx_input(b->images, shape, &rank);
    b->batch = shape[0] > 0 ? (size_t)shape[0] : b->options.batch > 0 ? (size_t)b->options.batch : BATCH_DEFAULT;
    b->tensor = selo_alloc_zeroed(b->batch * (size_t)bundle->n_channels, pixels * sizeof *b->tensor);
    b->vectors = selo_alloc(b->batch, sizeof *b->vectors);
    b->resized = selo_alloc(pixels, 1);
    if (b->tensor && b->vectors && b->resized)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory for a batch of %d windows: use a smaller --batch",
             (int)b->batch);
    return SELO_E_MEMORY;
}

/* One channel as bytes, its range brought to 0..255; what is not valid takes the channel's mean. */
static selo_status to_bytes(bundle_encoder *b, const selo_encoder *encoder, const selo_pixels *window, int channel)
{
    const selo_bundle *bundle = b->bundle;
    const size_t n = (size_t)window->width * (size_t)window->height;
    const double low = isnan(bundle->low) ? 0 : bundle->low;
    const double high = isnan(bundle->high) ? (encoder->white > 0 ? encoder->white : 255) : bundle->high;
    const double scale = 255 / (high - low);
    const uint8_t filling = (uint8_t)fmin(255, fmax(0, rint(bundle->mean[channel] * 255)));
    if (n > b->bytes_room) {
        selo_free(b->bytes);
        b->bytes = selo_alloc(n, 1);
        b->bytes_room = b->bytes ? n : 0;
    }
    if (!b->bytes)
        return SELO_E_MEMORY;
    for (int y = 0; y < window->height; y++) {
        const float *row = window->planes[bundle->channels[channel]] + (size_t)y * window->stride;
        const uint8_t *valid = window->valid ? window->valid + (size_t)y * window->stride : NULL;
        uint8_t *out = b->bytes + (size_t)y * (size_t)window->width;
        for (int x = 0; x < window->width; x++) {
            const double value = rint(((double)row[x] - low) * scale);
            out[x] = valid && !valid[x] ? filling : (uint8_t)(value > 0 ? value < 255 ? value : 255 : 0);
        }
    }
    return SELO_OK;
}

static selo_status prepare_channel(bundle_encoder *b, const selo_encoder *encoder, const selo_pixels *window,
                                   int channel)
{
    const selo_bundle *bundle = b->bundle;
    const size_t pixels = channel_pixels(b), channels = (size_t)bundle->n_channels, stride = (size_t)window->width;
    if (!window->planes[bundle->channels[channel]]) {
        CPLError(CE_Failure, CPLE_AppDefined, "the model needs a band for %s; say which with --bands",
                 selo_band_role_name(bundle->channels[channel]));
        return SELO_E_INPUT;
    }
    selo_status status = to_bytes(b, encoder, window, channel);
    if (status == SELO_OK && bundle->resize == SELO_BUNDLE_CUBIC)
        status =
            selo_resize_cubic(b->bytes, stride, window->width, window->height, b->resized, bundle->side, bundle->side);
    else if (status == SELO_OK)
        status = selo_resize_clip(b->bytes, stride, window->width, window->height, b->resized, bundle->side);
    float *into = b->tensor + b->held * channels * pixels + (size_t)channel * (bundle->channels_last ? 1 : pixels);
    const size_t step = bundle->channels_last ? channels : 1;
    const float mean = (float)bundle->mean[channel], deviation = (float)bundle->deviation[channel];
    for (size_t i = 0; i < pixels && status == SELO_OK; i++)
        into[i * step] = ((float)b->resized[i] / 255.f - mean) / deviation;
    return status;
}

/* Unit length where the bundle says so. A vector that is not finite is the network's fault, and said. */
static selo_status finish_vector(const selo_bundle *bundle, const char *file, float *vector)
{
    float length = selo_dot(vector, vector, bundle->dimensions);
    if (!isfinite(length)) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s: the network gave a vector that is not finite", file);
        return SELO_E_INPUT;
    }
    if (bundle->normalise)
        (void)selo_normalise(vector, bundle->dimensions);
    return SELO_OK;
}

static selo_status run_batch(bundle_encoder *b)
{
    const selo_bundle *bundle = b->bundle;
    const int64_t channels = bundle->n_channels, side = bundle->side;
    int64_t fixed[8];
    size_t rank;
    (void)selo_onnx_input(b->images, fixed, &rank);
    const size_t rows = fixed[0] > 0 ? b->batch : b->held; /* a fixed batch is run full, the rest is ignored */
    const int64_t shape[4] = {(int64_t)rows, bundle->channels_last ? side : channels, side,
                              bundle->channels_last ? channels : side};
    float *vectors = selo_alloc(rows * bundle->dimensions, sizeof *vectors);
    selo_status status = vectors ? SELO_OK : SELO_E_MEMORY;
    if (status == SELO_OK)
        status = selo_onnx_run(b->images, &(selo_onnx_tensor){SELO_ONNX_FLOAT, b->tensor, shape, 4}, rows,
                               bundle->dimensions, vectors);
    for (size_t i = 0; i < b->held && status == SELO_OK; i++) {
        memcpy(b->vectors[i], vectors + i * bundle->dimensions, bundle->dimensions * sizeof *vectors);
        status = finish_vector(bundle, bundle->image_file, b->vectors[i]);
    }
    b->held = 0;
    selo_free(vectors);
    return status;
}

static selo_status push(selo_encoder *encoder, const selo_pixels *window, float *vector)
{
    bundle_encoder *b = encoder->data;
    selo_status status = b->images && b->resized ? SELO_OK : open_images(b);
    for (int channel = 0; channel < b->bundle->n_channels && status == SELO_OK; channel++)
        status = prepare_channel(b, encoder, window, channel);
    if (status != SELO_OK)
        return status;
    b->vectors[b->held++] = vector;
    return b->held == b->batch ? run_batch(b) : SELO_OK;
}

static selo_status flush(selo_encoder *encoder)
{
    bundle_encoder *b = encoder->data;
    return b->held > 0 ? run_batch(b) : SELO_OK;
}

static selo_status open_texts(bundle_encoder *b)
{
    const selo_bundle *bundle = b->bundle;
    const selo_onnx_options options = {bundle->text_file, bundle->text_input, bundle->text_output, b->provider,
                                       b->options.threads};
    if (!bundle->text_file) {
        CPLError(CE_Failure, CPLE_AppDefined, "model '%s' has no text encoder: give --query-vector", bundle->name);
        return SELO_E_INPUT;
    }
    selo_status status = selo_bundle_tokenizer(bundle, &b->tokenizer);
    if (status == SELO_OK)
        status = selo_onnx_open(&options, &b->texts);
    return status;
}

/* A text encoder that tokenizes by itself. */
static selo_status run_string(bundle_encoder *b, const char *text, float *vector)
{
    int64_t fixed[8];
    size_t rank;
    const int64_t shape[2] = {1, 1};
    (void)selo_onnx_input(b->texts, fixed, &rank);
    return selo_onnx_run(b->texts, &(selo_onnx_tensor){SELO_ONNX_STRING, &text, shape, rank < 1 || rank > 2 ? 1 : rank},
                         1, b->bundle->dimensions, vector);
}

static selo_status run_tokens(bundle_encoder *b, const char *text, float *vector)
{
    const selo_bundle *bundle = b->bundle;
    int32_t *ids = NULL;
    size_t count = 0, unknown = 0, used;
    bool truncated;
    selo_status status = selo_tokenizer_encode(b->tokenizer, text, &ids, &count, &unknown);
    selo_free(ids);
    if (status != SELO_OK)
        return status;
    if (count == 0) {
        CPLError(CE_Failure, CPLE_AppDefined, "query '%.200s' holds no word", text);
        return SELO_E_ARGUMENT;
    }
    if (unknown > 0)
        CPLError(CE_Warning, CPLE_AppDefined, "query '%.200s': %d of its %d words are not in the model's vocabulary",
                 text, (int)unknown, (int)count);
    const size_t length = bundle->context > 0 ? (size_t)bundle->context : count < 2 ? 2 : count;
    int64_t *context = selo_alloc(length, sizeof *context);
    if (!context)
        return SELO_E_MEMORY;
    status = selo_tokenizer_context(b->tokenizer, text, context, length, &used, &truncated);
    if (status == SELO_OK && truncated)
        CPLError(CE_Warning, CPLE_AppDefined, "query '%.60s...' is too long for the model: %d tokens, cut to %d", text,
                 (int)count, (int)length);
    const int64_t shape[2] = {1, (int64_t)(bundle->context > 0 ? length : count)};
    if (status == SELO_OK)
        status = selo_onnx_run(b->texts, &(selo_onnx_tensor){SELO_ONNX_INT64, context, shape, 2}, 1, bundle->dimensions,
                               vector);
    selo_free(context);
    return status;
}

static selo_status text(selo_encoder *encoder, const char *query, float *vector)
{
    bundle_encoder *b = encoder->data;
    selo_status status = b->texts ? SELO_OK : open_texts(b);
    if (status == SELO_OK)
        status = b->tokenizer ? run_tokens(b, query, vector) : run_string(b, query, vector);
    if (status != SELO_OK)
        return status;
    status = finish_vector(b->bundle, b->bundle->text_file, vector);
    if (status == SELO_OK)
        (void)selo_normalise(vector, b->bundle->dimensions);
    return status;
}

/* All that decides a vector: the bundle and the value of white. */
static void set_sha(selo_encoder *encoder, const selo_bundle *bundle)
{
    selo_hash hash;
    selo_hash_start(&hash);
    selo_hash_add_text(&hash, bundle->sha);
    selo_hash_add(&hash, &encoder->white, sizeof encoder->white);
    selo_hash_finish(&hash, encoder->sha);
}

selo_status selo_encoder_open_bundle(const selo_encoder_options *options, selo_encoder *encoder)
{
    bundle_encoder *b = selo_alloc_zeroed(1, sizeof *b);
    if (!b)
        return SELO_E_MEMORY;
    encoder->data = b;
    encoder->release = release;
    encoder->network_ms = network_ms;
    b->options = *options;
    b->provider = options->provider ? CPLStrdup(options->provider) : NULL;
    const selo_status status = selo_bundle_read(options->model, &b->bundle);
    if (status != SELO_OK)
        return status;
    set_sha(encoder, b->bundle);
    encoder->provider = selo_onnx_provider(b->provider);
    encoder->size = b->bundle->dimensions;
    for (int i = 0; i < b->bundle->n_channels; i++)
        encoder->uses[b->bundle->channels[i]] = true;
    encoder->push = push;
    encoder->flush = flush;
    encoder->text = text;
    return SELO_OK;
}
