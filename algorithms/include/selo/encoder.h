/* An encoder: windows and texts become vectors whose dot product says how well they go together.
 *
 * Kinds: the built-in `spectral` (selo/spectral.h) and model bundles (selo/bundle.h). Opening does what can go wrong
 * early; the networks of a bundle are loaded at the first window or text. Problems are reported with CPLError(). */
#ifndef SELO_ENCODER_H
#define SELO_ENCODER_H

#include <stdbool.h>
#include <stddef.h>

#include "cpl_string.h"
#include "selo/spectral.h"
#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_encoder selo_encoder;

typedef struct selo_encoder_options {
    const char *model;    /* "spectral", or a bundle: a folder, or a .zip */
    const char *provider; /* of a bundle's networks: "cpu", "cuda", …; NULL: cpu */
    int threads;          /* of a bundle's networks; at least 1 */
    int batch;            /* windows a run of a bundle's network takes; 0: chosen, 32 unless they are large */
    double white;         /* value of a white pixel; 0: what the bundle says, or the type of the image tells */
} selo_encoder_options;

/* SELO_E_INPUT, reported, for what is no model or cannot be used. The caller frees it with
 * selo_encoder_free(). */
SELO_API selo_status selo_encoder_open(const selo_encoder_options *options, selo_encoder **encoder);
SELO_API void selo_encoder_free(selo_encoder *encoder); /* NULL is allowed */

/* As it was opened: selo_encoder_options.model. This text and those below belong to the encoder. */
SELO_API const char *selo_encoder_name(const selo_encoder *encoder);
/* SHA-256 of all that decides a vector, but for the image; 64 digits. */
SELO_API const char *selo_encoder_sha(const selo_encoder *encoder);
/* What it runs on: "built-in", "CPUExecutionProvider". */
SELO_API const char *selo_encoder_provider(const selo_encoder *encoder);
/* Elements of a vector. */
SELO_API size_t selo_encoder_size(const selo_encoder *encoder);
/* Whether it can use bands of this role. */
SELO_API bool selo_encoder_uses(const selo_encoder *encoder, selo_band_role role);
/* Tells the value of white of the image whose windows follow; not used where options.white was given. */
SELO_API void selo_encoder_set_white(selo_encoder *encoder, double white);

/* Whether it runs networks. Milliseconds spent in them so far, for texts and for windows whose vectors are there; and
 * those of them that pushing and flushing had to wait for, since networks run beside the caller. 0 without any. */
SELO_API bool selo_encoder_has_network(const selo_encoder *encoder);
SELO_API double selo_encoder_network_ms(const selo_encoder *encoder);
SELO_API double selo_encoder_waited_ms(const selo_encoder *encoder);

/* Windows that are encoded together: the last bits of a vector may depend on which ones those are. */
SELO_API size_t selo_encoder_batch(const selo_encoder *encoder);

/* Encodes a window. The pixels are read before this returns; the vector (of the caller, valid until then) is written by
 * the next selo_encoder_flush() at the latest, maybe in another thread. A push or flush that fails, and
 * selo_encoder_discard(), forget the windows whose vectors are not there: they are not written any more. */
SELO_API selo_status selo_encoder_push(selo_encoder *encoder, const selo_pixels *window, float *vector);
SELO_API selo_status selo_encoder_flush(selo_encoder *encoder);
SELO_API void selo_encoder_discard(selo_encoder *encoder);

/* The vector of a text, of unit length. Says with a warning what of the text was not understood or cut off. */
SELO_API selo_status selo_encoder_text(selo_encoder *encoder, const char *text, float *vector);

/* The mean of the vectors of a text and of `shuffles` random orders of its words, again of unit length: what the
 * published v2 generator does to a query. The same seed gives the same orders everywhere. */
SELO_API selo_status selo_encoder_text_shuffled(selo_encoder *encoder, const char *text, int shuffles,
                                                unsigned long long seed, float *vector);

#ifdef __cplusplus
}
#endif
#endif
