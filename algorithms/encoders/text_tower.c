/* The network for texts, which run one by one. */
#include "cpl_error.h"
#include "onnx.h"
#include "selo/memory.h"
#include "selo/utf8.h"
#include "selo/vectors.h"
#include "towers.h"

struct selo_text_tower {
    const selo_bundle *bundle;
    selo_onnx *network;
    selo_tokenizer *tokenizer; /* NULL: the network takes the text itself */
};

/* Says early what of the network does not go with the tokenizer. */
static selo_status check_input(const selo_text_tower *tower)
{
    const selo_onnx_type wanted = tower->tokenizer ? SELO_ONNX_INTEGER : SELO_ONNX_STRING;
    int64_t shape[8];
    size_t rank;
    if (selo_onnx_input(tower->network, shape, &rank) == wanted)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined, "%s: with this tokenizer a text encoder takes %s, and this network does not",
             tower->bundle->text_file, tower->tokenizer ? "whole numbers (tokens)" : "the text itself (strings)");
    return SELO_E_INPUT;
}

selo_status selo_text_tower_open(const selo_tower_options *options, selo_text_tower **tower)
{
    const selo_bundle *bundle = options->bundle;
    const selo_onnx_options network = {bundle->text_file, bundle->text_input, bundle->text_output, options->provider,
                                       options->threads};
    *tower = NULL;
    if (!bundle->text_file) {
        CPLError(CE_Failure, CPLE_AppDefined, "model '%s' has no text encoder: give --query-vector", bundle->name);
        return SELO_E_INPUT;
    }
    selo_text_tower *made = *tower = selo_alloc_zeroed(1, sizeof *made);
    if (!made)
        return SELO_E_MEMORY;
    made->bundle = bundle;
    selo_status status = selo_bundle_tokenizer(bundle, &made->tokenizer);
    if (status == SELO_OK)
        status = selo_onnx_open(&network, &made->network);
    if (status == SELO_OK)
        status = check_input(made);
    if (status != SELO_OK) {
        selo_text_tower_close(made);
        *tower = NULL;
    }
    return status;
}

void selo_text_tower_close(selo_text_tower *tower)
{
    if (!tower)
        return;
    selo_onnx_close(tower->network);
    selo_tokenizer_free(tower->tokenizer);
    selo_free(tower);
}

/* A text encoder that tokenizes by itself. */
static selo_status run_string(selo_text_tower *tower, const char *text, float *vector)
{
    int64_t fixed[8];
    size_t rank;
    const int64_t shape[2] = {1, 1};
    (void)selo_onnx_input(tower->network, fixed, &rank);
    const selo_onnx_tensor input = {SELO_ONNX_STRING, &text, shape, rank < 1 || rank > 2 ? 1 : rank};
    return selo_onnx_run(tower->network, &input, 1, tower->bundle->dimensions, vector);
}

static selo_status run_tokens(selo_text_tower *tower, const char *text, float *vector)
{
    const selo_bundle *bundle = tower->bundle;
    int32_t *ids = NULL;
    size_t count = 0, unknown = 0, used;
    bool truncated;
    selo_status status = selo_tokenizer_encode(tower->tokenizer, text, &ids, &count, &unknown);
    selo_free(ids);
    if (status != SELO_OK)
        return status;
    if (count == 0) {
        CPLError(CE_Failure, CPLE_AppDefined, "query '%.*s' holds no word", SELO_UTF8_SHORT(text, 200));
        return SELO_E_ARGUMENT;
    }
    if (unknown > 0)
        CPLError(CE_Warning, CPLE_AppDefined, "query '%.*s': %d of its %d words are not in the model's vocabulary",
                 SELO_UTF8_SHORT(text, 200), (int)unknown, (int)count);
    const size_t length = bundle->context > 0 ? (size_t)bundle->context : count < 2 ? 2 : count;
    int64_t *context = selo_alloc(length, sizeof *context);
    if (!context)
        return SELO_E_MEMORY;
    status = selo_tokenizer_context(tower->tokenizer, text, context, length, &used, &truncated);
    if (status == SELO_OK && truncated)
        CPLError(CE_Warning, CPLE_AppDefined, "query '%.*s...' is too long for the model: %d tokens, cut to %d",
                 SELO_UTF8_SHORT(text, 60), (int)count, (int)length);
    const int64_t shape[2] = {1, (int64_t)(bundle->context > 0 ? length : count)};
    const selo_onnx_tensor input = {SELO_ONNX_INTEGER, context, shape, 2};
    if (status == SELO_OK)
        status = selo_onnx_run(tower->network, &input, 1, bundle->dimensions, vector);
    selo_free(context);
    return status;
}

selo_status selo_text_tower_run(selo_text_tower *tower, const char *text, float *vector)
{
    const selo_bundle *bundle = tower->bundle;
    selo_status status = tower->tokenizer ? run_tokens(tower, text, vector) : run_string(tower, text, vector);
    if (status == SELO_OK)
        status = selo_tower_finish_vector(bundle, bundle->text_file, vector);
    if (status == SELO_OK)
        (void)selo_normalise(vector, bundle->dimensions);
    return status;
}

double selo_text_tower_spent_ms(const selo_text_tower *tower)
{
    return tower ? selo_onnx_spent_ms(tower->network) : 0;
}
