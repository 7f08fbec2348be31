#include "cpl_string.h"
#include "onnx.h"

const char *selo_onnx_provider(const char *name)
{
    static const char *const known[][2] = {{"cpu", "CPUExecutionProvider"}, {"cuda", "CUDAExecutionProvider"},
                                           {"dnnl", "DnnlExecutionProvider"}, {"xnnpack", "XnnpackExecutionProvider"}};
    for (size_t i = 0; name && i < sizeof known / sizeof *known; i++) {
        if (EQUAL(name, known[i][0]) || EQUAL(name, known[i][1]))
            return known[i][1];
    }
    return name ? name : known[0][1];
}
