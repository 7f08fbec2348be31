#include "onnx.h"

#include "cpl_error.h"
#include "cpl_string.h"

const char *selo_onnx_provider(const char *name)
{
    static const char *const known[][2] = {{"cpu", "CPUExecutionProvider"}, {"cuda", "CUDAExecutionProvider"},
                                           {"dnnl", "DnnlExecutionProvider"}, {"xnnpack", "XnnpackExecutionProvider"}};
    for (size_t i = 0; name && i < sizeof known / sizeof *known; i++) {
        if (EQUAL(name, known[i][0]))
            return known[i][1];
    }
    return name ? name : known[0][1];
}

#ifndef SELO_HAVE_ONNX

selo_status selo_onnx_open(const selo_onnx_options *options, selo_onnx **network)
{
    *network = NULL;
    CPLError(CE_Failure, CPLE_NotSupported,
             "%s: this build of selo has no ONNX Runtime; build it with libonnxruntime-dev "
             "installed, or use --model spectral or --query-vector",
             options->path);
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

#else

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <onnxruntime_c_api.h>

#include "cpl_conv.h"
#include "cpl_vsi.h"
#include "selo/memory.h"
#include "selo/vectors.h"

struct selo_onnx {
    void *library;
    const OrtApi *api;
    OrtEnv *env;
    OrtSession *session;
    OrtMemoryInfo *memory;
    char *path, *input, *output;
    ONNXTensorElementDataType type;
    int64_t shape[8];
    size_t rank;
    double spent_ms;
};

/* What the user can do about it, from the runtime's own words. */
static const char *advice(const char *message)
{
    static const char *const hints[][2] = {
        {"opset", "export it with an older opset (17 is safe)"},
        {"IR version", "save it with an older IR version, or use a newer ONNX Runtime"},
        {"External data", "put the file of weights beside it under the name that it was exported with"},
        {"external data", "put the file of weights beside it under the name that it was exported with"},
        {"rotobuf", "the file is no ONNX network, or damaged: export or download it again"},
        {"Invalid rank", "the sizes in model.json do not go with this network"},
        {"Got invalid dimensions", "the sizes in model.json do not go with this network"},
        {"xecution provider", "choose another --provider"},
        {"memory", "use a smaller --batch"},
    };
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        if (strstr(message, hints[i][0]))
            return hints[i][1];
    }
    return "see what the runtime says";
}

/* Reports a status of the runtime and frees it; true if it was an error. */
static bool failed(const selo_onnx *network, OrtStatus *status)
{
    if (!status)
        return false;
    char *message = CPLStrdup(network->api->GetErrorMessage(status));
    for (char *at = message; *at; at++) /* one line */
        *at = *at == '\n' || *at == '\r' ? ' ' : *at;
    CPLError(CE_Failure, CPLE_AppDefined, "%s: %s; ONNX Runtime: %.300s", network->path, advice(message), message);
    CPLFree(message);
    network->api->ReleaseStatus(status);
    return true;
}

static selo_status load_library(selo_onnx *network)
{
    static const char *const names[] = {"libonnxruntime.so.1", "libonnxruntime.so.1.23", "libonnxruntime.so",
                                        "libonnxruntime.dylib", NULL};
    const char *chosen = CPLGetConfigOption("SELO_ONNXRUNTIME", NULL);
    if (chosen)
        network->library = dlopen(chosen, RTLD_NOW | RTLD_LOCAL);
    for (int i = 0; !chosen && !network->library && names[i]; i++)
        network->library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    void *symbol = network->library ? dlsym(network->library, "OrtGetApiBase") : NULL;
    const OrtApiBase *(*base)(void);
    memcpy(&base, &symbol, sizeof base);
    for (uint32_t version = ORT_API_VERSION; symbol && version >= 14 && !network->api; version--)
        network->api = base()->GetApi(version);
    if (network->api)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined,
             "%s: ONNX Runtime cannot be loaded%s%s; install it (libonnxruntime), or name its library "
             "with --config SELO_ONNXRUNTIME=FILE",
             network->path, chosen ? " from " : "", chosen ? chosen : "");
    return SELO_E_INPUT;
}

static bool append_provider(selo_onnx *network, OrtSessionOptions *session_options, const char *provider)
{
    const char *full = selo_onnx_provider(provider);
    if (EQUAL(full, "CPUExecutionProvider"))
        return true;
    char **available = NULL;
    int n = 0;
    if (failed(network, network->api->GetAvailableProviders(&available, &n)))
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
    if (!found) {
        CPLError(CE_Failure, CPLE_AppDefined, "--provider: this ONNX Runtime has no %s; it has %s", full, list);
        return false;
    }
    if (EQUAL(full, "CUDAExecutionProvider")) {
        OrtCUDAProviderOptionsV2 *cuda = NULL;
        const bool bad =
            failed(network, network->api->CreateCUDAProviderOptions(&cuda)) ||
            failed(network, network->api->SessionOptionsAppendExecutionProvider_CUDA_V2(session_options, cuda));
        if (cuda)
            network->api->ReleaseCUDAProviderOptions(cuda);
        return !bad;
    }
    char short_name[64];
    CPLStrlcpy(short_name, full, sizeof short_name);
    char *end = strstr(short_name, "ExecutionProvider");
    if (end)
        *end = '\0';
    for (char *at = short_name; *at; at++)
        *at = (char)(*at >= 'a' && *at <= 'z' ? *at - 32 : *at);
    return !failed(network,
                   network->api->SessionOptionsAppendExecutionProvider(session_options, short_name, NULL, NULL, 0));
}

/* Closes standard error for a while; -1, or what unmute() needs. Debian's build of the runtime writes thousands of
 * lines "Schema error" there with its first session, for it links an ONNX library that has registered the same
 * operators before. Nothing else is said on that channel: real problems come back as a status. */
static int mute(void)
{
    fflush(stderr);
    const int kept = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);
    if (kept >= 0 && nowhere >= 0)
        dup2(nowhere, STDERR_FILENO);
    if (nowhere >= 0)
        close(nowhere);
    return kept;
}

static void unmute(int kept)
{
    if (kept < 0)
        return;
    dup2(kept, STDERR_FILENO);
    close(kept);
}

/* A file of the machine is opened by name, which lets it find weights beside it; others from memory. */
static OrtStatus *load_network(selo_onnx *network, const OrtSessionOptions *session_options, const GByte *bytes,
                               size_t size)
{
    const int kept = mute();
    OrtStatus *status =
        bytes ? network->api->CreateSessionFromArray(network->env, bytes, size, session_options, &network->session)
              : network->api->CreateSession(network->env, network->path, session_options, &network->session);
    unmute(kept);
    return status;
}

static bool create_session(selo_onnx *network, const OrtSessionOptions *session_options)
{
    if (!STARTS_WITH(network->path, "/vsi"))
        return !failed(network, load_network(network, session_options, NULL, 0));
    GByte *bytes = NULL;
    vsi_l_offset size = 0;
    if (!VSIIngestFile(NULL, network->path, &bytes, &size, -1))
        return false; /* GDAL has said which file */
    const bool bad = failed(network, load_network(network, session_options, bytes, (size_t)size));
    VSIFree(bytes);
    return !bad;
}

static bool start_session(selo_onnx *network, const selo_onnx_options *options)
{
    const OrtApi *api = network->api;
    OrtSessionOptions *session_options = NULL;
    const bool fine =
        !failed(network, api->CreateEnv(ORT_LOGGING_LEVEL_ERROR, "selo", &network->env)) &&
        !failed(network, api->CreateSessionOptions(&session_options)) &&
        !failed(network, api->SetIntraOpNumThreads(session_options, options->threads < 1 ? 1 : options->threads)) &&
        !failed(network, api->SetSessionGraphOptimizationLevel(session_options, ORT_ENABLE_ALL)) &&
        append_provider(network, session_options, options->provider) &&
        !failed(network, api->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &network->memory)) &&
        create_session(network, session_options);
    if (session_options)
        api->ReleaseSessionOptions(session_options);
    return fine;
}

/* The index of the input or output of that name (the first if NULL), and its name; -1 if there is none, reported. */
static int choose(selo_onnx *network, const char *wanted, bool input, char **name)
{
    const OrtApi *api = network->api;
    OrtAllocator *allocator;
    size_t n = 0;
    char list[400] = "";
    if (failed(network, api->GetAllocatorWithDefaultOptions(&allocator)) ||
        failed(network, input ? api->SessionGetInputCount(network->session, &n)
                              : api->SessionGetOutputCount(network->session, &n)))
        return -1;
    for (size_t i = 0; i < n; i++) {
        char *found = NULL;
        if (failed(network, input ? api->SessionGetInputName(network->session, i, allocator, &found)
                                  : api->SessionGetOutputName(network->session, i, allocator, &found)))
            return -1;
        const bool right = wanted ? strcmp(found, wanted) == 0 : i == 0 && (n == 1 || !input);
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "", found);
        if (right)
            *name = CPLStrdup(found);
        OrtStatus *ignored = api->AllocatorFree(allocator, found);
        if (ignored)
            api->ReleaseStatus(ignored);
        if (right)
            return (int)i;
    }
    CPLError(CE_Failure, CPLE_AppDefined, "%s: %s \"%s\" is not among its %ss: %s; name one in model.json",
             network->path, input ? "input" : "output", wanted ? wanted : "(none named)", input ? "input" : "output",
             list);
    return -1;
}

static bool look_at_input(selo_onnx *network, size_t index)
{
    const OrtApi *api = network->api;
    OrtTypeInfo *info = NULL;
    const OrtTensorTypeAndShapeInfo *tensor = NULL;
    bool fine = !failed(network, api->SessionGetInputTypeInfo(network->session, index, &info)) &&
                !failed(network, api->CastTypeInfoToTensorInfo(info, &tensor)) && tensor &&
                !failed(network, api->GetTensorElementType(tensor, &network->type)) &&
                !failed(network, api->GetDimensionsCount(tensor, &network->rank));
    if (fine && network->rank > 8) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s: its input has %d dimensions", network->path, (int)network->rank);
        fine = false;
    }
    fine = fine && !failed(network, api->GetDimensions(tensor, network->shape, network->rank));
    if (info)
        api->ReleaseTypeInfo(info);
    return fine;
}

selo_status selo_onnx_open(const selo_onnx_options *options, selo_onnx **network)
{
    selo_onnx *made = *network = selo_alloc_zeroed(1, sizeof *made);
    if (!made)
        return SELO_E_MEMORY;
    made->path = CPLStrdup(options->path);
    bool fine = load_library(made) == SELO_OK && start_session(made, options);
    const int index = fine ? choose(made, options->input, true, &made->input) : -1;
    fine = index >= 0 && choose(made, options->output, false, &made->output) >= 0 && look_at_input(made, (size_t)index);
    if (fine)
        return SELO_OK;
    selo_onnx_close(made);
    *network = NULL;
    return SELO_E_INPUT;
}

void selo_onnx_close(selo_onnx *network)
{
    if (!network)
        return;
    if (network->session)
        network->api->ReleaseSession(network->session);
    if (network->memory)
        network->api->ReleaseMemoryInfo(network->memory);
    if (network->env)
        network->api->ReleaseEnv(network->env);
    /* The library stays loaded: its threads do not survive being unloaded. */
    CPLFree(network->path);
    CPLFree(network->input);
    CPLFree(network->output);
    selo_free(network);
}

selo_onnx_type selo_onnx_input(const selo_onnx *network, int64_t shape[8], size_t *rank)
{
    *rank = network->rank;
    for (size_t i = 0; i < network->rank; i++)
        shape[i] = network->shape[i] > 0 ? network->shape[i] : -1;
    switch (network->type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32: return SELO_ONNX_INT32;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64: return SELO_ONNX_INT64;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING: return SELO_ONNX_STRING;
    default: return SELO_ONNX_FLOAT;
    }
}

static size_t count_of(const selo_onnx_tensor *tensor)
{
    size_t n = 1;
    for (size_t i = 0; i < tensor->rank; i++)
        n *= (size_t)tensor->shape[i];
    return n;
}

/* The tensor in the type that the network wants; *copy holds converted numbers and is freed with selo_free(). */
static OrtValue *make_value(selo_onnx *network, const selo_onnx_tensor *tensor, void **copy)
{
    const OrtApi *api = network->api;
    const size_t n = count_of(tensor);
    OrtValue *value = NULL;
    void *data = (void *)tensor->data;
    size_t bytes = n * (tensor->type == SELO_ONNX_FLOAT ? sizeof(float) : sizeof(int64_t));
    *copy = NULL;
    if (tensor->type == SELO_ONNX_STRING) {
        OrtAllocator *allocator;
        if (failed(network, api->GetAllocatorWithDefaultOptions(&allocator)) ||
            failed(network, api->CreateTensorAsOrtValue(allocator, tensor->shape, tensor->rank,
                                                        ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, &value)) ||
            failed(network, api->FillStringTensor(value, tensor->data, n))) {
            if (value)
                api->ReleaseValue(value);
            return NULL;
        }
        return value;
    }
    if (network->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 ||
        network->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16) {
        data = *copy = selo_alloc(n, 4);
        for (size_t i = 0; data && i < n; i++) {
            if (network->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32)
                ((int32_t *)data)[i] = (int32_t)((const int64_t *)tensor->data)[i];
            else
                ((uint16_t *)data)[i] = selo_half_from_float(((const float *)tensor->data)[i]);
        }
        bytes = n * (network->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 ? sizeof(int32_t) : sizeof(uint16_t));
    }
    if (!data || failed(network, api->CreateTensorWithDataAsOrtValue(network->memory, data, bytes, tensor->shape,
                                                                     tensor->rank, network->type, &value)))
        return NULL;
    return value;
}

static bool take_output(selo_onnx *network, OrtValue *value, size_t rows, size_t size, float *vectors)
{
    const OrtApi *api = network->api;
    OrtTensorTypeAndShapeInfo *info = NULL;
    ONNXTensorElementDataType type;
    int64_t shape[8] = {0};
    size_t rank = 0;
    void *data;
    bool fine = !failed(network, api->GetTensorTypeAndShape(value, &info)) &&
                !failed(network, api->GetTensorElementType(info, &type)) &&
                !failed(network, api->GetDimensionsCount(info, &rank)) && rank <= 8 &&
                !failed(network, api->GetDimensions(info, shape, rank)) &&
                !failed(network, api->GetTensorMutableData(value, &data));
    if (info)
        api->ReleaseTensorTypeAndShapeInfo(info);
    if (!fine)
        return false;
    int64_t total = 1;
    for (size_t i = 0; i < rank; i++)
        total *= shape[i];
    const int64_t last = rank > 0 ? shape[rank - 1] : 0;
    if (last != (int64_t)size || total != (int64_t)(rows * size)) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "%s: its output \"%s\" has vectors of %lld numbers (%lld for %lld inputs), model.json says "
                 "dimensions %lld; name the right output or correct it",
                 network->path, network->output, (long long)last, (long long)total, (long long)rows, (long long)size);
        return false;
    }
    if (type != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT && type != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s: its output \"%s\" is neither float nor float16", network->path,
                 network->output);
        return false;
    }
    for (size_t i = 0; i < rows * size; i++)
        vectors[i] = type == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT ? ((const float *)data)[i]
                                                                 : selo_half_to_float(((const uint16_t *)data)[i]);
    return true;
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

selo_status selo_onnx_run(selo_onnx *network, const selo_onnx_tensor *input, size_t rows, size_t size, float *vectors)
{
    const OrtApi *api = network->api;
    const char *inputs[] = {network->input}, *outputs[] = {network->output};
    void *copy;
    OrtValue *in = make_value(network, input, &copy), *out = NULL;
    bool fine = in != NULL;
    if (fine) {
        const double start = now_ms();
        fine = !failed(network,
                       api->Run(network->session, NULL, inputs, (const OrtValue *const *)&in, 1, outputs, 1, &out));
        network->spent_ms += now_ms() - start;
    }
    fine = fine && take_output(network, out, rows, size, vectors);
    if (in)
        api->ReleaseValue(in);
    if (out)
        api->ReleaseValue(out);
    selo_free(copy);
    return fine ? SELO_OK : SELO_E_INPUT;
}

double selo_onnx_spent_ms(const selo_onnx *network)
{
    return network ? network->spent_ms : 0;
}

#endif
