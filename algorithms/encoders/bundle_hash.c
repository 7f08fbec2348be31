/* What a bundle's vectors depend on: model.json, the files that it names, and weights that networks keep in files of
 * their own. */
#include <string.h>

#include "bundle.h"
#include "cpl_conv.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "selo/memory.h"

/* A network with weights beside it holds little else than their names; larger files are not searched for such. */
enum { PART_BYTES = 1 << 20, SEARCHED_BYTES_MAX = 64 << 20, NAME_BYTES_MAX = 127 };

static selo_status hash_file(selo_hash *hash, const char *path)
{
    VSILFILE *file = VSIFOpenL(path, "rb");
    char *part = file ? selo_alloc(PART_BYTES, 1) : NULL;
    size_t n;
    while (part && (n = VSIFReadL(part, 1, PART_BYTES, file)) > 0)
        selo_hash_add(hash, part, n);
    if (file)
        VSIFCloseL(file);
    selo_free(part);
    return part ? SELO_OK : SELO_E_INPUT;
}

/* The file that an entry "location" of onnx.proto's external_data names, which begins at `at`; freed with CPLFree(),
 * NULL if there is none. */
static char *location_at(const GByte *at, size_t left)
{
    static const char key[] = "\x0a\x08location\x12"; /* field 1, eight bytes; field 2 follows */
    const size_t head = sizeof key - 1;
    if (left <= head || memcmp(at, key, head) != 0 || at[head] > NAME_BYTES_MAX || left - head - 1 < at[head])
        return NULL;
    char *name = CPLMalloc((size_t)at[head] + 1);
    memcpy(name, at + head + 1, at[head]);
    name[at[head]] = '\0';
    return name;
}

/* Adds the files of weights that the network in these bytes names, each once; they lie beside it. */
static void hash_weights(selo_hash *hash, const char *path, const GByte *bytes, size_t size)
{
    const int folder = (int)(strrchr(path, '/') - path);
    char **seen = NULL;
    for (const GByte *at = bytes; at && (at = memchr(at, '\x0a', size - (size_t)(at - bytes))) != NULL; at++) {
        char *name = location_at(at, size - (size_t)(at - bytes));
        if (name && !selo_bundle_leads_outside(name) && CSLFindStringCaseSensitive((CSLConstList)seen, name) < 0) {
            seen = CSLAddString(seen, name);
            /* one that is missing, the runtime will miss */
            (void)hash_file(hash, CPLSPrintf("%.*s/%s", folder, path, name));
        }
        CPLFree(name);
    }
    CSLDestroy(seen);
}

static selo_status hash_network(selo_hash *hash, const char *path)
{
    VSIStatBufL entry;
    GByte *bytes = NULL;
    vsi_l_offset size = 0;
    const selo_status status = hash_file(hash, path);
    if (status != SELO_OK || VSIStatL(path, &entry) != 0 || entry.st_size > SEARCHED_BYTES_MAX)
        return status;
    if (!VSIIngestFile(NULL, path, &bytes, &size, SEARCHED_BYTES_MAX))
        return SELO_E_INPUT;
    hash_weights(hash, path, bytes, (size_t)size);
    VSIFree(bytes);
    return SELO_OK;
}

selo_status selo_bundle_hash(selo_bundle *bundle, const char *description, size_t size)
{
    selo_hash hash;
    selo_hash_start(&hash);
    selo_hash_add(&hash, description, size);
    selo_status status = hash_network(&hash, bundle->image_file);
    if (status == SELO_OK && bundle->text_file)
        status = hash_network(&hash, bundle->text_file);
    if (status == SELO_OK && bundle->vocabulary)
        status = hash_file(&hash, bundle->vocabulary);
    selo_hash_finish(&hash, bundle->sha);
    return status;
}
