/* Model bundles: a folder or .zip with model.json (docs/model.schema.json) and the networks that it names. */
#ifndef SELO_BUNDLE_H
#define SELO_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>

#include "selo/encoder.h"
#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What model info says, as JSON: the parts of the bundle, and a test of its networks (vector sizes agree; similarity of
 * two windows and of two texts; time of a window). "spectral" is described too. *json is a text, which the caller
 * frees with free(). Parts that do not work are reported with CPLError() and make another status than SELO_OK;
 * *json is then NULL. */
SELO_API selo_status selo_model_describe(const selo_encoder_options *options, char **json);

#ifdef __cplusplus
}
#endif
#endif
