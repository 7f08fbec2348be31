/* ONNX Runtime's library: found when the first network is opened, and its errors as what can be done about them. */
#include <dlfcn.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "onnx_private.h"
#include "selo/utf8.h"

enum { OLDEST = 15 }; /* version of its interface that has all that is called here */

#define TEXT_OF(number) #number
#define VERSION_TEXT(number) "1." TEXT_OF(number)
#define VERSION VERSION_TEXT(ORT_API_VERSION)

const char *selo_onnx_absence(void)
{
    return NULL;
}

/* By the names under which it is installed; those with a version are of distributions. */
static void *open_library(const char *chosen)
{
    static const char *const names[] = {"libonnxruntime.so.1", "libonnxruntime.so." VERSION, "libonnxruntime.so",
                                        "libonnxruntime." VERSION ".dylib", "libonnxruntime.dylib"};
    void *library = NULL;
    if (chosen)
        return dlopen(chosen, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; !library && i < sizeof names / sizeof *names; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    return library;
}

selo_status selo_onnx_load_library(selo_onnx *network)
{
    const char *chosen = CPLGetConfigOption("SELO_ONNXRUNTIME", NULL);
    void *library = open_library(chosen), *symbol = library ? dlsym(library, "OrtGetApiBase") : NULL;
    const OrtApiBase *(*base)(void);
    memcpy(&base, &symbol, sizeof base);
    for (uint32_t version = ORT_API_VERSION; symbol && version >= OLDEST && !network->api; version--)
        network->api = base()->GetApi(version);
    if (network->api)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined,
             "%s: ONNX Runtime cannot be loaded%s%s; install it (libonnxruntime), or name its library "
             "with --config SELO_ONNXRUNTIME=FILE",
             network->path, chosen ? " from " : "", chosen ? chosen : "");
    return SELO_E_INPUT;
}

/* What the user can do about it, from the runtime's own words. */
static const char *advice(const char *path, const char *message)
{
    static const char beside[] =
        "put the file of its weights beside it, whole and under the name that it was exported with";
    static const char *const hints[][2] = {
        {"opset", "export it with an older opset (17 is safe)"},
        {"IR version", "save it with an older IR version, or use a newer ONNX Runtime"},
        {"xternal data", beside},
        {"xternal initializer", beside},
        {"filesystem error", beside},
        {"rotobuf", "the file is no ONNX network, or damaged: export or download it again"},
        {"nvalid model",
         "the network is damaged, or of a kind that this ONNX Runtime lacks: export it again, opset 17 is safe"},
        {"Invalid rank", "the sizes in model.json do not go with this network"},
        {"Got invalid dimensions", "the sizes in model.json do not go with this network"},
        {"out of data bounds", "the vocabulary has more tokens than this network knows"},
        {"xecution provider", "choose another --provider"},
        {"memory", "use a smaller --batch"},
    };
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        if (strstr(message, hints[i][0]))
            return hints[i][1] == beside && STARTS_WITH(path, "/vsi")
                       ? "unpack the bundle into a folder: weights in a file of their own are found only there"
                       : hints[i][1];
    }
    return "see what the runtime says";
}

char *selo_onnx_printable(const char *text)
{
    char *line = CPLIsUTF8(text, -1) ? CPLStrdup(text) : CPLForceToASCII(text, -1, '?');
    for (char *at = line; *at; at++)
        *at = (unsigned char)*at < ' ' ? ' ' : *at;
    return line;
}

bool selo_onnx_failed(const selo_onnx *network, OrtStatus *status)
{
    if (!status)
        return false;
    char *message = selo_onnx_printable(network->api->GetErrorMessage(status));
    CPLError(CE_Failure, CPLE_AppDefined, "%s: %s; ONNX Runtime: %.*s", network->path, advice(network->path, message),
             SELO_UTF8_SHORT(message, 300));
    CPLFree(message);
    network->api->ReleaseStatus(status);
    return true;
}
