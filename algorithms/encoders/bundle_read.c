/* model.json: every entry is read by its path, and whatever is wrong is said with that path. */
#include <math.h>
#include <string.h>
#include <yyjson.h>

#include "bundle.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "onnx.h"
#include "selo/memory.h"
#include "tokenizer.h"

/* model.json while it is read; the first problem sticks. */
typedef struct reading {
    const char *file;
    yyjson_val *root;
    bool failed;
} reading;

static void fail(reading *r, const char *path, const char *why)
{
    if (!r->failed)
        CPLError(CE_Failure, CPLE_AppDefined, "%s: \"%s\" %s (see docs/encoders.md)", r->file, path, why);
    r->failed = true;
}

/* The value at "image.size"; NULL if it is not there or null. */
static yyjson_val *find(const reading *r, const char *path)
{
    yyjson_val *at = r->root;
    while (at && *path) {
        const size_t n = strcspn(path, ".");
        at = yyjson_obj_getn(at, path, n);
        path += n + (path[n] == '.');
    }
    return yyjson_is_null(at) ? NULL : at;
}

static char *text_at(reading *r, const char *path, bool needed)
{
    yyjson_val *value = find(r, path);
    if (!value && needed)
        fail(r, path, "is missing");
    if (value && !yyjson_is_str(value))
        fail(r, path, "must be a string");
    return value && yyjson_is_str(value) ? CPLStrdup(yyjson_get_str(value)) : NULL;
}

static double number_at(reading *r, const char *path, double otherwise)
{
    yyjson_val *value = find(r, path);
    if (value && !yyjson_is_num(value))
        fail(r, path, "must be a number");
    return value ? yyjson_get_num(value) : otherwise;
}

/* A whole number from low to high; `otherwise` if it is not there, unless that is below 0. */
static int integer_at(reading *r, const char *path, int low, int high, int otherwise)
{
    const double value = number_at(r, path, otherwise);
    if (!find(r, path) && otherwise >= 0)
        return otherwise;
    if (!(value >= low && value <= high) || value != floor(value)) {
        fail(r, path, CPLSPrintf("must be a whole number from %d to %d", low, high));
        return low;
    }
    return (int)value;
}

static bool flag_at(reading *r, const char *path, bool otherwise)
{
    yyjson_val *value = find(r, path);
    if (value && !yyjson_is_bool(value))
        fail(r, path, "must be true or false");
    return value ? yyjson_get_bool(value) : otherwise;
}

/* Index of the text among the choices "a|b|c"; `otherwise` if it is not there. */
static int choice_at(reading *r, const char *path, const char *choices, int otherwise)
{
    char *text = text_at(r, path, otherwise < 0);
    char **list = CSLTokenizeString2(choices, "|", 0);
    int found = text ? CSLFindString((CSLConstList)list, text) : otherwise;
    if (text && found < 0)
        fail(r, path, CPLSPrintf("must be one of %s", choices));
    CSLDestroy(list);
    CPLFree(text);
    return found < 0 ? 0 : found;
}

/* Freed with CPLFree(). */
static char *joined(const char *folder, const char *name)
{
    return CPLStrdup(CPLSPrintf("%s/%s", folder, name));
}

/* The path of a file of the bundle, which must be there. */
static char *file_at(reading *r, const selo_bundle *bundle, const char *path, bool needed)
{
    VSIStatBufL entry;
    char *name = text_at(r, path, needed);
    if (!name)
        return NULL;
    char *full = joined(bundle->folder, name);
    if (strstr(name, "..") || name[0] == '/')
        fail(r, path, "must lie inside the bundle");
    else if (VSIStatL(full, &entry) != 0 || VSI_ISDIR(entry.st_mode))
        fail(r, path, CPLSPrintf("names '%s', which is no file in the bundle", name));
    CPLFree(name);
    return full;
}

/* One number per channel. */
static void numbers_at(reading *r, const char *path, int n, double otherwise, double *numbers)
{
    yyjson_val *list = find(r, path);
    if (list && (!yyjson_is_arr(list) || yyjson_arr_size(list) != (size_t)n))
        fail(r, path, CPLSPrintf("must be an array of %d numbers, one a channel", n));
    for (int i = 0; i < n; i++) {
        yyjson_val *value = yyjson_arr_get(list, (size_t)i);
        if (value && !yyjson_is_num(value))
            fail(r, path, "must be an array of numbers");
        numbers[i] = value ? yyjson_get_num(value) : otherwise;
    }
}

static void read_channels(reading *r, selo_bundle *bundle)
{
    static const char path[] = "image.channels";
    yyjson_val *list = find(r, path), *item;
    size_t i, n;
    bundle->n_channels = 3;
    for (int role = 0; role < 3; role++)
        bundle->channels[role] = (selo_band_role)role;
    if (!list)
        return;
    bundle->n_channels = (int)yyjson_arr_size(list);
    if (bundle->n_channels < 1 || bundle->n_channels > SELO_BUNDLE_CHANNELS) {
        fail(r, path, "must be an array of band roles");
        bundle->n_channels = 1;
        return;
    }
    yyjson_arr_foreach(list, i, n, item)
    {
        int role = 0;
        while (role < SELO_BAND_ROLES && !yyjson_equals_str(item, selo_band_role_name((selo_band_role)role)))
            role++;
        if (role == SELO_BAND_ROLES)
            fail(r, path, "must hold red, green, blue, nir, swir1 or swir2");
        else
            bundle->channels[i] = (selo_band_role)role;
    }
}

static void read_image(reading *r, selo_bundle *bundle)
{
    double range[2];
    bundle->image_file = file_at(r, bundle, "image.file", true);
    bundle->image_input = text_at(r, "image.input", false);
    bundle->image_output = text_at(r, "image.output", false);
    bundle->side = integer_at(r, "image.size", 1, 4096, -1);
    bundle->resize = (selo_bundle_resize)choice_at(r, "image.resize", "cubic|clip", -1);
    bundle->channels_last = choice_at(r, "image.layout", "nchw|nhwc", 0) == 1;
    read_channels(r, bundle);
    numbers_at(r, "image.mean", bundle->n_channels, 0, bundle->mean);
    numbers_at(r, "image.std", bundle->n_channels, 1, bundle->deviation);
    numbers_at(r, "image.range", 2, (double)NAN, range);
    bundle->low = range[0];
    bundle->high = range[1];
    if (find(r, "image.range") && !(bundle->high > bundle->low && isfinite(bundle->high - bundle->low)))
        fail(r, "image.range", "must be two numbers, the lower first");
    for (int i = 0; i < bundle->n_channels; i++) {
        if (!(bundle->deviation[i] > 0))
            fail(r, "image.std", "must be above 0");
    }
}

static void read_text(reading *r, selo_bundle *bundle)
{
    if (!find(r, "text"))
        return;
    bundle->text_file = file_at(r, bundle, "text.file", true);
    bundle->text_input = text_at(r, "text.input", false);
    bundle->text_output = text_at(r, "text.output", false);
    bundle->tokens = (selo_bundle_tokens)choice_at(r, "text.tokenizer", "none|clip-bpe|words", -1);
    bundle->vocabulary = file_at(r, bundle, "text.vocabulary", bundle->tokens != SELO_BUNDLE_NO_TOKENS);
    bundle->context = integer_at(r, "text.context_length", 2, 8192, bundle->tokens == SELO_BUNDLE_CLIP_BPE ? 77 : 0);
}

/* A misspelt entry would be taken for one that is not there. */
static void warn_of_unknown(const reading *r, const char *path, const char *known)
{
    yyjson_val *object = find(r, path), *key, *value;
    if (!object)
        return; /* yyjson's loop computes with its address */
    char **list = CSLTokenizeString2(known, "|", 0);
    size_t i, n;
    yyjson_obj_foreach(object, i, n, key, value)
    {
        if (CSLFindStringCaseSensitive((CSLConstList)list, yyjson_get_str(key)) < 0)
            CPLError(CE_Warning, CPLE_AppDefined,
                     "%s: \"%s%s%s\" is not known and not used; known are %s", r->file, path,
                     *path ? "." : "", yyjson_get_str(key), known);
    }
    CSLDestroy(list);
}

static void read_all(reading *r, selo_bundle *bundle)
{
    if (integer_at(r, "selo_model", 1, 1 << 20, -1) != 1)
        fail(r, "selo_model", "must be 1: a later version of selo wrote this bundle");
    bundle->name = text_at(r, "name", true);
    bundle->licence = text_at(r, "licence", false);
    bundle->resolution_m = number_at(r, "resolution_m", (double)NAN);
    bundle->logit_scale = number_at(r, "logit_scale", (double)NAN);
    bundle->dimensions = (size_t)integer_at(r, "dimensions", 1, 65536, -1);
    bundle->normalise = flag_at(r, "normalise", true);
    if (bundle->resolution_m <= 0)
        fail(r, "resolution_m", "must be above 0");
    read_image(r, bundle);
    read_text(r, bundle);
    warn_of_unknown(r, "", "selo_model|name|licence|dimensions|normalise|resolution_m|logit_scale|image|text");
    warn_of_unknown(r, "image", "file|input|output|size|resize|layout|channels|mean|std|range");
    warn_of_unknown(r, "text", "file|input|output|tokenizer|vocabulary|context_length");
}

static selo_status read_document(const char *file, selo_bundle *bundle)
{
    char *bytes;
    size_t size;
    yyjson_read_err error;
    selo_status status = selo_read_file(file, &bytes, &size);
    if (status != SELO_OK)
        return status;
    yyjson_doc *doc = yyjson_read_opts(bytes, size, YYJSON_READ_NOFLAG, NULL, &error);
    reading r = {file, yyjson_doc_get_root(doc), false};
    if (!doc) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s: no valid JSON: %s at byte %d", file, error.msg, (int)error.pos);
        r.failed = true;
    } else {
        read_all(&r, bundle);
        if (!r.failed && selo_bundle_hash(bundle, bytes, size) != SELO_OK)
            fail(&r, "file", "cannot be read");
    }
    yyjson_doc_free(doc);
    VSIFree(bytes);
    return r.failed ? SELO_E_INPUT : SELO_OK;
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
