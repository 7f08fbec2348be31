/* A network as a session of ONNX Runtime: opened, and its input and output looked at. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "onnx_private.h"
#include "selo/clock.h"
#include "selo/memory.h"

static pthread_mutex_t mute_lock = PTHREAD_MUTEX_INITIALIZER;
static int muting = 0, kept_stderr = -1; /* sessions that are being opened; where standard error belongs */

/* Closes standard error for a while. Debian's build of the runtime writes thousands of lines "Schema error" there with
 * its first session, for it links an ONNX library that has registered the same operators before. Nothing else is said
 * on that channel: real problems come back as a status. Threads that open sessions at the same time close it once: a
 * second one would take /dev/null for what to go back to. */
static void mute(void)
{
    pthread_mutex_lock(&mute_lock);
    if (muting++ == 0) {
        fflush(stderr);
        const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        kept_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        if (kept_stderr >= 0 && nowhere >= 0)
            dup2(nowhere, STDERR_FILENO);
        if (nowhere >= 0)
            close(nowhere);
    }
    pthread_mutex_unlock(&mute_lock);
}

static void unmute(void)
{
    pthread_mutex_lock(&mute_lock);
    if (--muting == 0 && kept_stderr >= 0) {
        dup2(kept_stderr, STDERR_FILENO);
        close(kept_stderr);
    }
    pthread_mutex_unlock(&mute_lock);
}

/* A file of the machine is opened by name, which lets it find weights beside it; others from memory. */
static OrtStatus *load_network(selo_onnx *network, const OrtSessionOptions *session_options, const GByte *bytes,
                               size_t size)
{
    mute();
    OrtStatus *status =
        bytes ? network->api->CreateSessionFromArray(network->env, bytes, size, session_options, &network->session)
              : network->api->CreateSession(network->env, network->path, session_options, &network->session);
    unmute();
    return status;
}

static bool create_session(selo_onnx *network, const OrtSessionOptions *session_options)
{
    if (!STARTS_WITH(network->path, "/vsi"))
        return !selo_onnx_failed(network, load_network(network, session_options, NULL, 0));
    GByte *bytes = NULL;
    vsi_l_offset size = 0;
    if (!VSIIngestFile(NULL, network->path, &bytes, &size, -1))
        return false; /* GDAL has said which file */
    const bool bad = selo_onnx_failed(network, load_network(network, session_options, bytes, (size_t)size));
    VSIFree(bytes);
    return !bad;
}

static bool start_session(selo_onnx *network, const selo_onnx_options *options)
{
    const OrtApi *api = network->api;
    const double start = selo_now_ms();
    OrtSessionOptions *session_options = NULL;
    const bool fine =
        !selo_onnx_failed(network, api->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "selo", &network->env)) &&
        !selo_onnx_failed(network, api->CreateSessionOptions(&session_options)) &&
        !selo_onnx_failed(network, api->SetIntraOpNumThreads(session_options,
                                                             options->threads < 1 ? 1 : options->threads)) &&
        !selo_onnx_failed(network, api->SetSessionGraphOptimizationLevel(session_options, ORT_ENABLE_ALL)) &&
        selo_onnx_append_provider(network, session_options, options->provider) &&
        !selo_onnx_failed(network, api->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &network->memory)) &&
        create_session(network, session_options);
    if (session_options)
        api->ReleaseSessionOptions(session_options);
    CPLDebug("SELO", "opening a session: %.3f ms, %s", selo_now_ms() - start, network->path);
    return fine;
}

/* The name of an input or output, freed with CPLFree(); NULL if the runtime refuses, reported. */
static char *name_at(selo_onnx *network, size_t i, bool input)
{
    const OrtApi *api = network->api;
    OrtAllocator *allocator;
    char *found = NULL;
    if (selo_onnx_failed(network, api->GetAllocatorWithDefaultOptions(&allocator)) ||
        selo_onnx_failed(network, input ? api->SessionGetInputName(network->session, i, allocator, &found)
                                        : api->SessionGetOutputName(network->session, i, allocator, &found)))
        return NULL;
    char *name = CPLStrdup(found);
    OrtStatus *ignored = api->AllocatorFree(allocator, found);
    if (ignored)
        api->ReleaseStatus(ignored);
    return name;
}

static void report_names(selo_onnx *network, const char *wanted, bool input, CSLConstList names)
{
    const char *kind = input ? "input" : "output";
    char list[400] = "";
    for (size_t used = 0; names && *names && used < sizeof list; names++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", *names);
    char *line = selo_onnx_printable(list);
    CPLError(CE_Failure, CPLE_AppDefined, "%s: %s \"%s\" is not among its %ss: %s; name one in model.json",
             network->path, kind, wanted ? wanted : "(none named)", kind, line);
    CPLFree(line);
}

/* The index of the input or output of that name (the first if NULL), and its name; -1 if there is none, reported. */
static int choose(selo_onnx *network, const char *wanted, bool input, char **name)
{
    const OrtApi *api = network->api;
    char **names = NULL;
    size_t n = 0;
    if (selo_onnx_failed(network, input ? api->SessionGetInputCount(network->session, &n)
                                        : api->SessionGetOutputCount(network->session, &n)))
        return -1;
    for (size_t i = 0; i < n; i++) {
        char *one = name_at(network, i, input);
        if (!one) {
            CSLDestroy(names);
            return -1;
        }
        names = CSLAddString(names, one);
        CPLFree(one);
    }
    const bool first = !wanted && (n == 1 || (n > 1 && !input));
    const int found = first ? 0 : wanted ? CSLFindStringCaseSensitive((CSLConstList)names, wanted) : -1;
    if (found >= 0)
        *name = CPLStrdup(names[found]);
    else
        report_names(network, wanted, input, (CSLConstList)names);
    CSLDestroy(names);
    return found;
}

static bool look_at_input(selo_onnx *network, size_t index)
{
    const OrtApi *api = network->api;
    OrtTypeInfo *info = NULL;
    const OrtTensorTypeAndShapeInfo *tensor = NULL;
    bool fine = !selo_onnx_failed(network, api->SessionGetInputTypeInfo(network->session, index, &info)) &&
                !selo_onnx_failed(network, api->CastTypeInfoToTensorInfo(info, &tensor)) && tensor &&
                !selo_onnx_failed(network, api->GetTensorElementType(tensor, &network->type)) &&
                !selo_onnx_failed(network, api->GetDimensionsCount(tensor, &network->rank));
    if (fine && network->rank > 8) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s: its input has %d dimensions", network->path, (int)network->rank);
        fine = false;
    }
    fine = fine && !selo_onnx_failed(network, api->GetDimensions(tensor, network->shape, network->rank));
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
    bool fine = selo_onnx_load_library(made) == SELO_OK && start_session(made, options);
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
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT:
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16: return SELO_ONNX_FLOAT;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32:
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64: return SELO_ONNX_INTEGER;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING: return SELO_ONNX_STRING;
    default: return SELO_ONNX_OTHER;
    }
}
