/* Execution providers: what runs a network. */
#include <stdio.h>
#include <string.h>

#include "cpl_error.h"
#include "cpl_string.h"
#include "onnx_private.h"

/* Whether this library was built with the provider; if not, that is reported with those that it has. */
static bool is_available(selo_onnx *network, const char *full)
{
    char **available = NULL;
    int n = 0;
    if (selo_onnx_failed(network, network->api->GetAvailableProviders(&available, &n)))
        return false;
    bool found = false;
    char list[512] = "";
    for (int i = 0; i < n; i++) {
        found = found || EQUAL(available[i], full);
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "", available[i]);
    }
    OrtStatus *ignored = network->api->ReleaseAvailableProviders(available, n);
    if (ignored)
        network->api->ReleaseStatus(ignored);
    if (!found)
        CPLError(CE_Failure, CPLE_AppDefined, "--provider: this ONNX Runtime has no %.100s; it has %s", full, list);
    return found;
}

static bool append_cuda(selo_onnx *network, OrtSessionOptions *session_options)
{
    const OrtApi *api = network->api;
    OrtCUDAProviderOptionsV2 *cuda = NULL;
    const bool fine =
        !selo_onnx_failed(network, api->CreateCUDAProviderOptions(&cuda)) &&
        !selo_onnx_failed(network, api->SessionOptionsAppendExecutionProvider_CUDA_V2(session_options, cuda));
    if (cuda)
        api->ReleaseCUDAProviderOptions(cuda);
    return fine;
}

static bool append_dnnl(selo_onnx *network, OrtSessionOptions *session_options)
{
    const OrtApi *api = network->api;
    OrtDnnlProviderOptions *dnnl = NULL;
    const bool fine = !selo_onnx_failed(network, api->CreateDnnlProviderOptions(&dnnl)) &&
                      !selo_onnx_failed(
                          network, api->SessionOptionsAppendExecutionProvider_Dnnl(session_options, dnnl));
    if (dnnl)
        api->ReleaseDnnlProviderOptions(dnnl);
    return fine;
}

/* The other providers are known by their names without "ExecutionProvider", in capitals where they are short. */
static bool append_by_name(selo_onnx *network, OrtSessionOptions *session_options, const char *full)
{
    char name[64];
    CPLStrlcpy(name, full, sizeof name);
    char *end = strstr(name, "ExecutionProvider");
    if (end)
        *end = '\0';
    if (EQUAL(name, "Xnnpack"))
        strcpy(name, "XNNPACK");
    return !selo_onnx_failed(network,
                             network->api->SessionOptionsAppendExecutionProvider(session_options, name, NULL, NULL, 0));
}

bool selo_onnx_append_provider(selo_onnx *network, OrtSessionOptions *session_options, const char *provider)
{
    const char *full = selo_onnx_provider(provider);
    if (EQUAL(full, "CPUExecutionProvider"))
        return true;
    if (!is_available(network, full))
        return false;
    if (EQUAL(full, "CUDAExecutionProvider"))
        return append_cuda(network, session_options);
    if (EQUAL(full, "DnnlExecutionProvider"))
        return append_dnnl(network, session_options);
    return append_by_name(network, session_options, full);
}
