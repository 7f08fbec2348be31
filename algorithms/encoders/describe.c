/* What `model info` says: the parts of a model, and a test that runs them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "bundle.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "encoder.h"
#include "selo/clock.h"
#include "selo/memory.h"
#include "selo/vectors.h"

enum { TEST_SIDE = 64 };

typedef struct writing {
    yyjson_mut_doc *doc;
    yyjson_mut_val *root;
} writing;

static void add_text(writing *w, yyjson_mut_val *into, const char *key, const char *text)
{
    char *ascii = text && !CPLIsUTF8(text, -1) ? CPLForceToASCII(text, -1, '?') : NULL; /* a path; JSON takes UTF-8 */
    if (text)
        yyjson_mut_obj_add_strcpy(w->doc, into, key, ascii ? ascii : text);
    else
        yyjson_mut_obj_add_null(w->doc, into, key);
    CPLFree(ascii);
}

static void add_number(writing *w, yyjson_mut_val *into, const char *key, double number)
{
    if (isfinite(number))
        yyjson_mut_obj_add_real(w->doc, into, key, number);
    else
        yyjson_mut_obj_add_null(w->doc, into, key);
}

static void add_numbers(writing *w, yyjson_mut_val *into, const char *key, const double *numbers, int n)
{
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(w->doc, into, key);
    for (int i = 0; i < n; i++)
        yyjson_mut_arr_add_real(w->doc, list, numbers[i]);
}

static void describe_image(writing *w, const selo_bundle *bundle)
{
    yyjson_mut_val *image = yyjson_mut_obj_add_obj(w->doc, w->root, "image");
    add_text(w, image, "file", bundle->image_file);
    yyjson_mut_obj_add_int(w->doc, image, "size", bundle->side);
    add_text(w, image, "resize", bundle->resize == SELO_BUNDLE_CUBIC ? "cubic" : "clip");
    add_text(w, image, "layout", bundle->channels_last ? "nhwc" : "nchw");
    yyjson_mut_val *channels = yyjson_mut_obj_add_arr(w->doc, image, "channels");
    for (int i = 0; i < bundle->n_channels; i++)
        yyjson_mut_arr_add_str(w->doc, channels, selo_band_role_name(bundle->channels[i]));
    add_numbers(w, image, "mean", bundle->mean, bundle->n_channels);
    add_numbers(w, image, "std", bundle->deviation, bundle->n_channels);
    if (isfinite(bundle->low))
        add_numbers(w, image, "range", (const double[]){bundle->low, bundle->high}, 2);
}

static void describe_text(writing *w, const selo_bundle *bundle)
{
    static const char *const kinds[] = {"none", "clip-bpe", "words"};
    if (!bundle->text_file) {
        yyjson_mut_obj_add_null(w->doc, w->root, "text");
        return;
    }
    yyjson_mut_val *text = yyjson_mut_obj_add_obj(w->doc, w->root, "text");
    add_text(w, text, "file", bundle->text_file);
    add_text(w, text, "tokenizer", kinds[bundle->tokens]);
    add_text(w, text, "vocabulary", bundle->vocabulary);
    yyjson_mut_obj_add_int(w->doc, text, "context_length", bundle->context);
}

static void describe_bundle(writing *w, const selo_bundle *bundle)
{
    add_text(w, w->root, "licence", bundle->licence);
    add_number(w, w->root, "resolution_m", bundle->resolution_m);
    add_number(w, w->root, "logit_scale", bundle->logit_scale);
    yyjson_mut_obj_add_bool(w->doc, w->root, "normalise", bundle->normalise);
    describe_image(w, bundle);
    describe_text(w, bundle);
}

static void describe_spectral(writing *w)
{
    yyjson_mut_val *elements = yyjson_mut_obj_add_obj(w->doc, w->root, "elements");
    for (size_t i = 0; i < SELO_SPECTRAL_SIZE; i++)
        yyjson_mut_obj_add_str(w->doc, elements, selo_spectral_name(i), selo_spectral_meaning(i));
}

/* A window of a smooth slope, or of stripes. */
static void make_window(float *plane, bool stripes, double white)
{
    for (int y = 0; y < TEST_SIDE; y++) {
        for (int x = 0; x < TEST_SIDE; x++)
            plane[y * TEST_SIDE + x] =
                (float)(white * (stripes ? (x / 4 + y / 8) % 2 : (x + y) / (2.0 * (double)TEST_SIDE)));
    }
}

static selo_status test_windows(selo_encoder *encoder, float *vectors, double *ms)
{
    static const bool stripes[2] = {false, true};
    float *planes = selo_alloc((size_t)2 * TEST_SIDE * TEST_SIDE, sizeof *planes);
    selo_status status = planes ? SELO_OK : SELO_E_MEMORY;
    for (int i = 0; i < 2 && status == SELO_OK; i++) {
        float *plane = planes + (size_t)i * TEST_SIDE * TEST_SIDE;
        selo_pixels window = {.stride = TEST_SIDE, .width = TEST_SIDE, .height = TEST_SIDE};
        make_window(plane, stripes[i], encoder->white > 0 ? encoder->white : 255);
        for (int role = 0; role < SELO_BAND_ROLES; role++)
            window.planes[role] = plane;
        status = selo_encoder_push(encoder, &window, vectors + (size_t)i * encoder->size);
    }
    const double start = selo_now_ms();
    if (status == SELO_OK)
        status = selo_encoder_flush(encoder);
    *ms = (selo_now_ms() - start) / 2;
    selo_free(planes);
    return status;
}

static selo_status test_texts(selo_encoder *encoder, float *vectors)
{
    static const char *const texts[2] = {"a river through a green forest", "many houses in a town"};
    selo_status status = SELO_OK;
    CPLPushErrorHandler(CPLQuietErrorHandler); /* what a small vocabulary lacks is not of interest here */
    CPLErrorReset();
    for (int i = 0; i < 2 && status == SELO_OK; i++)
        status = selo_encoder_text(encoder, texts[i], vectors + (size_t)i * encoder->size);
    CPLPopErrorHandler();
    if (status != SELO_OK) {
        char message[512];
        CPLStrlcpy(message, CPLGetLastErrorMsg(), sizeof message);
        CPLError(CE_Failure, CPLE_AppDefined, "%s", message);
    }
    return status;
}

/* Vectors of two windows and two texts, run and compared. */
static selo_status self_test(writing *w, selo_encoder *encoder, bool has_text)
{
    const size_t size = encoder->size;
    float *vectors = selo_alloc(4 * size, sizeof *vectors);
    double ms;
    selo_status status = vectors ? test_windows(encoder, vectors, &ms) : SELO_E_MEMORY;
    if (status == SELO_OK && has_text)
        status = test_texts(encoder, vectors + 2 * size);
    if (status == SELO_OK) {
        yyjson_mut_val *test = yyjson_mut_obj_add_obj(w->doc, w->root, "self_test");
        add_number(w, test, "window_window_similarity", (double)selo_dot(vectors, vectors + size, size));
        if (has_text) {
            add_number(w, test, "text_text_similarity", (double)selo_dot(vectors + 2 * size, vectors + 3 * size, size));
            add_number(w, test, "window_text_similarity", (double)selo_dot(vectors, vectors + 2 * size, size));
        }
        add_number(w, test, "window_ms", ms);
    }
    selo_free(vectors);
    return status;
}

static selo_status describe(writing *w, const selo_encoder_options *options, selo_encoder *encoder)
{
    selo_bundle *bundle = NULL;
    selo_status status = SELO_OK;
    add_text(w, w->root, "model", encoder->name);
    if (!EQUAL(options->model, "spectral")) {
        CPLPushErrorHandler(CPLQuietErrorHandler); /* opening the encoder has said what there is to say */
        status = selo_bundle_read(options->model, &bundle);
        CPLPopErrorHandler();
    }
    if (status != SELO_OK)
        return status;
    add_text(w, w->root, "name", bundle ? bundle->name : "spectral");
    add_text(w, w->root, "provider", encoder->provider);
    add_text(w, w->root, "sha256", encoder->sha);
    yyjson_mut_obj_add_uint(w->doc, w->root, "dimensions", encoder->size);
    if (bundle)
        describe_bundle(w, bundle);
    else
        describe_spectral(w);
    status = self_test(w, encoder, !bundle || bundle->text_file);
    selo_bundle_free(bundle);
    return status;
}

selo_status selo_model_describe(const selo_encoder_options *options, char **json)
{
    selo_encoder *encoder;
    *json = NULL;
    selo_status status = selo_encoder_open(options, &encoder);
    if (status != SELO_OK)
        return status;
    writing w = {.doc = yyjson_mut_doc_new(NULL)};
    w.root = yyjson_mut_obj(w.doc);
    yyjson_mut_doc_set_root(w.doc, w.root);
    status = describe(&w, options, encoder);
    if (status == SELO_OK) {
        *json = yyjson_mut_write(w.doc, YYJSON_WRITE_PRETTY_TWO_SPACES | YYJSON_WRITE_NEWLINE_AT_END, NULL);
        status = *json ? SELO_OK : SELO_E_MEMORY;
    }
    yyjson_mut_doc_free(w.doc);
    selo_encoder_free(encoder);
    return status;
}
