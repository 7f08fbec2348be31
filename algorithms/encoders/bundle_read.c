/* What model.json says, and the files that it names. */
#include <math.h>
#include <string.h>

#include "bundle.h"
#include "bundle_entries.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "model_file.h"
#include "onnx.h"
#include "selo/memory.h"
#include "tokenizer.h"

/* Freed with CPLFree(). */
static char *joined(const char *folder, const char *name)
{
    return CPLStrdup(CPLSPrintf("%s/%s", folder, name));
}

bool selo_bundle_leads_outside(const char *name)
{
    const size_t n = strlen(name);
    return name[0] == '/' || strcmp(name, "..") == 0 || STARTS_WITH(name, "../") || strstr(name, "/../") ||
           (n > 3 && strcmp(name + n - 3, "/..") == 0);
}

/* The path of a file of the bundle, which must be there. */
static char *file_at(selo_entries *json, const selo_bundle *bundle, const char *path, bool needed)
{
    VSIStatBufL entry;
    char *name = selo_entries_text(json, path, needed);
    if (!name)
        return NULL;
    char *full = joined(bundle->folder, name);
    if (selo_bundle_leads_outside(name))
        selo_entries_fail(json, path, "must lie inside the bundle");
    else if (VSIStatL(full, &entry) != 0 || VSI_ISDIR(entry.st_mode))
        selo_entries_fail(json, path, CPLSPrintf("names '%s', which is no file in the bundle", name));
    CPLFree(name);
    return full;
}

static void read_channels(selo_entries *json, selo_bundle *bundle)
{
    static const char path[] = "image.channels";
    yyjson_val *list = selo_entries_find(json, path), *item;
    size_t i, n;
    bundle->n_channels = 3;
    for (int role = 0; role < 3; role++)
        bundle->channels[role] = (selo_band_role)role;
    if (!list)
        return;
    bundle->n_channels = (int)yyjson_arr_size(list);
    if (bundle->n_channels < 1 || bundle->n_channels > SELO_BUNDLE_CHANNELS) {
        selo_entries_fail(json, path, "must be an array of band roles");
        bundle->n_channels = 1;
        return;
    }
    yyjson_arr_foreach(list, i, n, item)
    {
        int role = 0;
        while (role < SELO_BAND_ROLES && !yyjson_equals_str(item, selo_band_role_name((selo_band_role)role)))
            role++;
        if (role == SELO_BAND_ROLES)
            selo_entries_fail(json, path, "must hold red, green, blue, nir, swir1 or swir2");
        else
            bundle->channels[i] = (selo_band_role)role;
    }
}

static void read_image(selo_entries *json, selo_bundle *bundle)
{
    double range[2];
    bundle->image_file = file_at(json, bundle, "image.file", true);
    bundle->image_input = selo_entries_text(json, "image.input", false);
    bundle->image_output = selo_entries_text(json, "image.output", false);
    bundle->side = selo_entries_integer(json, "image.size", 1, 4096, -1);
    bundle->resize = (selo_bundle_resize)selo_entries_choice(json, "image.resize", "cubic|clip", -1);
    bundle->channels_last = selo_entries_choice(json, "image.layout", "nchw|nhwc", 0) == 1;
    read_channels(json, bundle);
    selo_entries_numbers(json, "image.mean", bundle->n_channels, 0, bundle->mean);
    selo_entries_numbers(json, "image.std", bundle->n_channels, 1, bundle->deviation);
    selo_entries_numbers(json, "image.range", 2, (double)NAN, range);
    bundle->low = range[0];
    bundle->high = range[1];
    if (selo_entries_find(json, "image.range") && !(bundle->high > bundle->low && isfinite(bundle->high - bundle->low)))
        selo_entries_fail(json, "image.range", "must be two numbers, the lower first");
    for (int i = 0; i < bundle->n_channels; i++) {
        if (!(bundle->deviation[i] > 0))
            selo_entries_fail(json, "image.std", "must be above 0");
    }
}

static void read_text(selo_entries *json, selo_bundle *bundle)
{
    if (!selo_entries_find(json, "text"))
        return;
    bundle->text_file = file_at(json, bundle, "text.file", true);
    bundle->text_input = selo_entries_text(json, "text.input", false);
    bundle->text_output = selo_entries_text(json, "text.output", false);
    bundle->tokens = (selo_bundle_tokens)selo_entries_choice(json, "text.tokenizer", "none|clip-bpe|words", -1);
    bundle->vocabulary = file_at(json, bundle, "text.vocabulary", bundle->tokens != SELO_BUNDLE_NO_TOKENS);
    const int usual_context = bundle->tokens == SELO_BUNDLE_CLIP_BPE ? 77 : 0;
    bundle->context = selo_entries_integer(json, "text.context_length", 2, 8192, usual_context);
}

static void read_all(selo_entries *json, selo_bundle *bundle)
{
    if (selo_entries_integer(json, "selo_model", 1, 1 << 20, -1) != 1)
        selo_entries_fail(json, "selo_model", "must be 1: a later version of selo wrote this bundle");
    bundle->name = selo_entries_text(json, "name", true);
    bundle->licence = selo_entries_text(json, "licence", false);
    bundle->resolution_m = selo_entries_number(json, "resolution_m", (double)NAN);
    bundle->logit_scale = selo_entries_number(json, "logit_scale", (double)NAN);
    bundle->dimensions = (size_t)selo_entries_integer(json, "dimensions", 1, 65536, -1);
    bundle->normalise = selo_entries_flag(json, "normalise", true);
    if (bundle->resolution_m <= 0)
        selo_entries_fail(json, "resolution_m", "must be above 0");
    read_image(json, bundle);
    read_text(json, bundle);
    selo_entries_warn_of_unknown(json, "",
                                 "selo_model|name|licence|dimensions|normalise|resolution_m|logit_scale|image|text");
    selo_entries_warn_of_unknown(json, "image", "file|input|output|size|resize|layout|channels|mean|std|range");
    selo_entries_warn_of_unknown(json, "text", "file|input|output|tokenizer|vocabulary|context_length");
}

static selo_status read_document(const char *file, selo_bundle *bundle)
{
    char *bytes;
    size_t size;
    const selo_status status = selo_model_file_read(file, &bytes, &size);
    if (status != SELO_OK)
        return status;
    yyjson_doc *doc = selo_model_json_parse(file, bytes, size);
    selo_entries json = {file, yyjson_doc_get_root(doc), doc == NULL};
    if (doc)
        read_all(&json, bundle);
    if (!json.failed && selo_bundle_hash(bundle, bytes, size) != SELO_OK)
        selo_entries_fail(&json, "file", "cannot be read");
    yyjson_doc_free(doc);
    VSIFree(bytes);
    return json.failed ? SELO_E_INPUT : SELO_OK;
}

/* The folder that holds model.json: the path itself, or within a .zip its top or the one folder there. */
static char *folder_of(const char *path)
{
    VSIStatBufL entry;
    const size_t n = strlen(path);
    if (!(n > 4 && EQUAL(path + n - 4, ".zip")) || STARTS_WITH(path, "/vsizip/"))
        return CPLStrdup(path);
    char *folder = CPLStrdup(CPLSPrintf("/vsizip/%s", path));
    char **names = VSIReadDir(folder);
    char *inner = joined(folder, CSLCount((CSLConstList)names) == 1 ? names[0] : "");
    char *file = joined(inner, "model.json");
    const bool deeper = CSLCount((CSLConstList)names) == 1 && VSIStatL(file, &entry) == 0;
    CSLDestroy(names);
    CPLFree(file);
    CPLFree(deeper ? folder : inner);
    return deeper ? inner : folder;
}

selo_status selo_bundle_read(const char *path, selo_bundle **bundle)
{
    VSIStatBufL entry;
    const size_t n = strlen(path);
    selo_bundle *made = *bundle = selo_alloc_zeroed(1, sizeof *made);
    if (!made)
        return SELO_E_MEMORY;
    made->folder = folder_of(path);
    char *file = joined(made->folder, "model.json");
    selo_status status = SELO_E_INPUT;
    if (n > 5 && EQUAL(path + n - 5, ".onnx"))
        CPLError(CE_Failure, CPLE_OpenFailed,
                 "model '%s': %s", path,
                 selo_onnx_absence() ? selo_onnx_absence()
                                     : "a network alone does not say how to feed it; give a bundle, a folder or .zip "
                                       "with model.json (docs/encoders.md)");
    else if (VSIStatL(file, &entry) != 0)
        CPLError(CE_Failure, CPLE_OpenFailed, "model '%s': neither spectral nor a bundle: there is no %s", path, file);
    else
        status = read_document(file, made);
    CPLFree(file);
    if (status != SELO_OK) {
        selo_bundle_free(made);
        *bundle = NULL;
    }
    return status;
}

void selo_bundle_free(selo_bundle *bundle)
{
    if (!bundle)
        return;
    char *const strings[] = {bundle->folder,      bundle->name,         bundle->licence,   bundle->image_file,
                             bundle->image_input, bundle->image_output, bundle->text_file, bundle->text_input,
                             bundle->text_output, bundle->vocabulary};
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        CPLFree(strings[i]);
    selo_free(bundle);
}

selo_status selo_bundle_tokenizer(const selo_bundle *bundle, selo_tokenizer **tokenizer)
{
    *tokenizer = NULL;
    if (bundle->tokens == SELO_BUNDLE_CLIP_BPE)
        return selo_tokenizer_open_clip(bundle->vocabulary, tokenizer);
    return bundle->tokens == SELO_BUNDLE_WORDS ? selo_tokenizer_open_words(bundle->vocabulary, tokenizer) : SELO_OK;
}
