/* What the kinds of encoder share. Private to encoders/. */
#ifndef SELO_ENCODERS_ENCODER_H
#define SELO_ENCODERS_ENCODER_H

#include "selo/encoder.h"
#include "selo/hash.h"

struct selo_encoder {
    char *name;
    char sha[SELO_HASH_HEX_SIZE];
    const char *provider;
    size_t size;
    bool uses[SELO_BAND_ROLES];
    size_t batch;
    double white;
    bool white_given; /* by the user: no image changes it */
    void *data;
    selo_status (*push)(selo_encoder *encoder, const selo_pixels *window, float *vector);
    selo_status (*flush)(selo_encoder *encoder);
    void (*discard)(selo_encoder *encoder);
    selo_status (*text)(selo_encoder *encoder, const char *text, float *vector);
    double (*network_ms)(const void *data); /* NULL: it runs no network */
    double (*waited_ms)(const void *data);
    void (*release)(void *data); /* NULL: nothing to release */
};

selo_status selo_encoder_open_bundle(const selo_encoder_options *options, selo_encoder *encoder);

#endif
