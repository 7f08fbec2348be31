/* The encoder of a model bundle; its networks are loaded with the first window and the first text. */
#include "bundle.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "encoder.h"
#include "onnx.h"
#include "selo/memory.h"
#include "towers.h"

typedef struct bundle_encoder {
    selo_bundle *bundle;
    char *provider;
    selo_tower_options options;
    selo_image_tower *images; /* NULL: not loaded yet */
    selo_text_tower *texts;
} bundle_encoder;

static double network_ms(const void *data)
{
    const bundle_encoder *b = data;
    return selo_image_tower_spent_ms(b->images) + selo_text_tower_spent_ms(b->texts);
}

static double waited_ms(const void *data)
{
    const bundle_encoder *b = data;
    return selo_image_tower_waited_ms(b->images);
}

static void release(void *data)
{
    bundle_encoder *b = data;
    CPLDebug("SELO", "sessions: %.3f ms", network_ms(b));
    selo_image_tower_close(b->images);
    selo_text_tower_close(b->texts);
    selo_bundle_free(b->bundle);
    CPLFree(b->provider);
    selo_free(b);
}

static selo_status push(selo_encoder *encoder, const selo_pixels *window, float *vector)
{
    bundle_encoder *b = encoder->data;
    const selo_status status = b->images ? SELO_OK : selo_image_tower_open(&b->options, &b->images);
    const double white = encoder->white > 0 ? encoder->white : 255;
    return status == SELO_OK ? selo_image_tower_push(b->images, window, white, vector) : status;
}

static selo_status flush(selo_encoder *encoder)
{
    bundle_encoder *b = encoder->data;
    return b->images ? selo_image_tower_flush(b->images) : SELO_OK;
}

static void discard(selo_encoder *encoder)
{
    bundle_encoder *b = encoder->data;
    if (b->images)
        selo_image_tower_discard(b->images);
}

static selo_status text(selo_encoder *encoder, const char *query, float *vector)
{
    bundle_encoder *b = encoder->data;
    const selo_status status = b->texts ? SELO_OK : selo_text_tower_open(&b->options, &b->texts);
    return status == SELO_OK ? selo_text_tower_run(b->texts, query, vector) : status;
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
    encoder->waited_ms = waited_ms;
    const selo_status status = selo_bundle_read(options->model, &b->bundle);
    if (status != SELO_OK)
        return status;
    b->provider = options->provider ? CPLStrdup(options->provider) : NULL;
    b->options = (selo_tower_options){b->bundle, b->provider, options->threads, options->batch};
    set_sha(encoder, b->bundle);
    encoder->provider = selo_onnx_provider(b->provider);
    encoder->size = b->bundle->dimensions;
    encoder->batch = selo_tower_batch(&b->options);
    for (int i = 0; i < b->bundle->n_channels; i++)
        encoder->uses[b->bundle->channels[i]] = true;
    encoder->push = push;
    encoder->flush = flush;
    encoder->discard = discard;
    encoder->text = text;
    return SELO_OK;
}
