/* A build without ONNX Runtime's header: it says so. */
#include "cpl_error.h"
#include "onnx.h"

const char *selo_onnx_absence(void)
{
    return "this build of selo has no ONNX Runtime, which runs the networks of bundles; build it with "
           "libonnxruntime-dev installed, or use --model spectral or --query-vector";
}

selo_status selo_onnx_open(const selo_onnx_options *options, selo_onnx **network)
{
    *network = NULL;
    CPLError(CE_Failure, CPLE_NotSupported, "%s: %s", options->path, selo_onnx_absence());
    return SELO_E_INPUT;
}

void selo_onnx_close(selo_onnx *network)
{
    (void)network;
}

selo_onnx_type selo_onnx_input(const selo_onnx *network, int64_t shape[8], size_t *rank)
{
    (void)network;
    (void)shape;
    *rank = 0;
    return SELO_ONNX_FLOAT;
}

selo_status selo_onnx_run(selo_onnx *network, const selo_onnx_tensor *input, size_t rows, size_t size, float *vectors)
{
    (void)network;
    (void)input;
    (void)rows;
    (void)size;
    (void)vectors;
    return SELO_E_INPUT;
}

double selo_onnx_spent_ms(const selo_onnx *network)
{
    (void)network;
    return 0;
}
