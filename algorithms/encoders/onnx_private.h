/* What the files around ONNX Runtime share; a build without its header has without_onnx.c instead of them. Private to
 * encoders/. */
#ifndef SELO_ENCODERS_ONNX_PRIVATE_H
#define SELO_ENCODERS_ONNX_PRIVATE_H

#include <onnxruntime_c_api.h>

#include "onnx.h"

struct selo_onnx {
    const OrtApi *api; /* of the library, which stays loaded: its threads do not survive being unloaded */
    OrtEnv *env;
    OrtSession *session;
    OrtMemoryInfo *memory;
    char *path, *input, *output;
    ONNXTensorElementDataType type;
    int64_t shape[8];
    size_t rank;
    double spent_ms;
};

/* Finds and loads the library. Reports failure. */
selo_status selo_onnx_load_library(selo_onnx *network);

/* Adds what shall run the network to the options; NULL: cpu. Reports failure. */
bool selo_onnx_append_provider(selo_onnx *network, OrtSessionOptions *session_options, const char *provider);

/* Whether a status of the runtime is an error. It is then reported as what the user can do about it; freed in
 * any case. */
bool selo_onnx_failed(const selo_onnx *network, OrtStatus *status);

/* A text of a network as one line that can be shown; freed with CPLFree(). */
char *selo_onnx_printable(const char *text);

#endif
