/* A model bundle as its model.json describes it (docs/model.schema.json). Private to encoders/. */
#ifndef SELO_ENCODERS_BUNDLE_H
#define SELO_ENCODERS_BUNDLE_H

#include "selo/bundle.h"
#include "selo/hash.h"
#include "selo/tokenizer.h"

typedef enum selo_bundle_resize { SELO_BUNDLE_CUBIC, SELO_BUNDLE_CLIP } selo_bundle_resize;
typedef enum selo_bundle_tokens { SELO_BUNDLE_NO_TOKENS, SELO_BUNDLE_CLIP_BPE, SELO_BUNDLE_WORDS } selo_bundle_tokens;

enum { SELO_BUNDLE_CHANNELS = SELO_BAND_ROLES };

/* Strings belong to the bundle; paths are complete. */
typedef struct selo_bundle {
    char *folder; /* through /vsizip/ where it is a .zip */
    char *name, *licence;
    double resolution_m, logit_scale; /* NaN: not said */
    size_t dimensions;
    bool normalise;
    char *image_file, *image_input, *image_output; /* names NULL: the first */
    int side;
    selo_bundle_resize resize;
    int n_channels;
    selo_band_role channels[SELO_BUNDLE_CHANNELS];
    double mean[SELO_BUNDLE_CHANNELS], deviation[SELO_BUNDLE_CHANNELS]; /* of values 0..1 */
    double low, high;                                                   /* NaN: by the image's data type */
    bool channels_last;
    char *text_file, *text_input, *text_output, *vocabulary; /* text_file NULL: no text encoder */
    selo_bundle_tokens tokens;
    int context; /* 0: as long as the text */
    char sha[SELO_HASH_HEX_SIZE];
} selo_bundle;

/* Reads and checks model.json and that its files are there. Reports with CPLError(); free with selo_bundle_free(). */
selo_status selo_bundle_read(const char *path, selo_bundle **bundle);
void selo_bundle_free(selo_bundle *bundle);

/* Whether a file's name climbs out of the folder that it is relative to. */
bool selo_bundle_leads_outside(const char *name);

/* Fills in the bundle's SHA-256: of model.json's bytes, the files that it names, and the weights that those keep in
 * files of their own. */
selo_status selo_bundle_hash(selo_bundle *bundle, const char *description, size_t size);

/* NULL and SELO_OK where the bundle needs none. */
selo_status selo_bundle_tokenizer(const selo_bundle *bundle, selo_tokenizer **tokenizer);

#endif
