/* ONNX Runtime through its C API, loaded when the first network is opened. Private to encoders/.
 *
 * A build without its header, and a machine without its library, answer selo_onnx_open() with one clear line. */
#ifndef SELO_ENCODERS_ONNX_H
#define SELO_ENCODERS_ONNX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "selo/status.h"

typedef struct selo_onnx selo_onnx;

/* What an input takes: floats of 32 or 16 bits, whole numbers of 64 or 32, texts, or what no encoder has. */
typedef enum selo_onnx_type { SELO_ONNX_FLOAT, SELO_ONNX_INTEGER, SELO_ONNX_STRING, SELO_ONNX_OTHER } selo_onnx_type;

/* A tensor that goes in, of the type that the input takes. */
typedef struct selo_onnx_tensor {
    selo_onnx_type type;
    const void *data; /* the caller's: float, int64_t (made smaller where the network wants that), or const char * */
    const int64_t *shape;
    size_t rank;
} selo_onnx_tensor;

typedef struct selo_onnx_options {
    const char *path;          /* of the .onnx, any /vsi path */
    const char *input;         /* name; NULL: the first, which must then be the only one */
    const char *output;        /* name; NULL: the first */
    const char *provider;      /* "cpu", "cuda", …; NULL: cpu */
    int threads;
} selo_onnx_options;

/* NULL; in a build without ONNX Runtime, what to say where a network is asked for, without a full stop. Static. */
const char *selo_onnx_absence(void);

/* Opens a network. Failures are reported with CPLError(), in terms of what can be done about them. */
selo_status selo_onnx_open(const selo_onnx_options *options, selo_onnx **network);
void selo_onnx_close(selo_onnx *network);

/* Type of the input, and its fixed sizes: shape[i] is -1 where any will do; up to 8 of them. */
selo_onnx_type selo_onnx_input(const selo_onnx *network, int64_t shape[8], size_t *rank);

/* Runs it; `rows` vectors of `size` floats are written. Another number of either is reported and SELO_E_INPUT. */
selo_status selo_onnx_run(selo_onnx *network, const selo_onnx_tensor *input, size_t rows, size_t size, float *vectors);

/* Full name of a provider: "CPUExecutionProvider"; static. */
const char *selo_onnx_provider(const char *name);

/* Milliseconds spent in the runtime's sessions so far. */
double selo_onnx_spent_ms(const selo_onnx *network);

#endif
