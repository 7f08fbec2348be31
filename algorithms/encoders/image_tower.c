/* The network for windows. Two batches take turns: one is filled while the other runs. */
#include <math.h>
#include <string.h>

#include "background.h"
#include "cpl_error.h"
#include "onnx.h"
#include "selo/clock.h"
#include "selo/memory.h"
#include "selo/vectors.h"
#include "towers.h"
#include "window_tensor.h"

enum { BATCH_MOST = 32, BATCH_LARGEST = 4096, BATCH_BYTES = 64 << 20 }; /* chosen; allowed; of those chosen */

typedef struct batch {
    struct selo_image_tower *tower;
    float *tensor;   /* windows as the network takes them */
    float **vectors; /* where the results go */
    size_t held;
} batch;

struct selo_image_tower {
    const selo_bundle *bundle;
    selo_onnx *network;
    selo_window_tensor tensor;
    size_t room; /* windows of a batch */
    bool fixed;  /* the network takes that many and no other number */
    batch batches[2], *filling;
    float *results; /* vectors of a whole batch */
    selo_background running;
    double spent_ms, waited_ms;
};

size_t selo_tower_batch(const selo_tower_options *options)
{
    const size_t fitting = BATCH_BYTES / (selo_window_tensor_size(options->bundle) * sizeof(float));
    if (options->batch > 0)
        return (size_t)options->batch;
    return fitting < 1 ? 1 : fitting > BATCH_MOST ? BATCH_MOST : fitting;
}

selo_status selo_tower_finish_vector(const selo_bundle *bundle, const char *file, float *vector)
{
    const float length = selo_dot(vector, vector, bundle->dimensions);
    if (!isfinite(length)) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s: the network gave a vector that is not finite", file);
        return SELO_E_INPUT;
    }
    if (bundle->normalise)
        (void)selo_normalise(vector, bundle->dimensions);
    return SELO_OK;
}

/* A batch of `rows` windows as the network sees it. */
static void shape_of(const selo_bundle *bundle, size_t rows, int64_t shape[4])
{
    const int64_t channels = bundle->n_channels, side = bundle->side;
    shape[0] = (int64_t)rows;
    shape[1] = bundle->channels_last ? side : channels;
    shape[2] = side;
    shape[3] = bundle->channels_last ? channels : side;
}

/* Says what of the network does not go with model.json before any window is run. */
static selo_status check_input(selo_image_tower *tower)
{
    const selo_bundle *bundle = tower->bundle;
    int64_t shape[8], wanted[4];
    size_t rank;
    if (selo_onnx_input(tower->network, shape, &rank) != SELO_ONNX_FLOAT || rank != 4) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "%s: an image encoder takes floats of four dimensions; this network's input has %d%s",
                 bundle->image_file, (int)rank, rank == 4 ? ", but no floats" : "");
        return SELO_E_INPUT;
    }
    shape_of(bundle, 1, wanted);
    for (size_t i = 1; i < 4; i++) {
        if (shape[i] >= 0 && shape[i] != wanted[i]) {
            CPLError(CE_Failure, CPLE_AppDefined,
                     "%s: its input is %lld x %lld x %lld, model.json says %lld x %lld x %lld (size, channels, "
                     "layout)",
                     bundle->image_file, (long long)shape[1], (long long)shape[2], (long long)shape[3],
                     (long long)wanted[1], (long long)wanted[2], (long long)wanted[3]);
            return SELO_E_INPUT;
        }
    }
    if (shape[0] > BATCH_LARGEST) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "%s: it takes %lld windows at a time, more than %d; export it with a free size",
                 bundle->image_file, (long long)shape[0], BATCH_LARGEST);
        return SELO_E_INPUT;
    }
    tower->fixed = shape[0] > 0;
    tower->room = tower->fixed ? (size_t)shape[0] : tower->room;
    return SELO_OK;
}

static selo_status make_batches(selo_image_tower *tower)
{
    const size_t window = selo_window_tensor_size(tower->bundle);
    bool ready = selo_window_tensor_make(tower->bundle, &tower->tensor) == SELO_OK;
    for (int i = 0; i < 2; i++) {
        batch *b = &tower->batches[i];
        *b = (batch){.tower = tower, .tensor = selo_alloc_zeroed(tower->room, window * sizeof *b->tensor),
                     .vectors = selo_alloc(tower->room, sizeof *b->vectors)};
        ready = ready && b->tensor && b->vectors;
    }
    tower->filling = &tower->batches[0];
    tower->results = selo_alloc(tower->room, tower->bundle->dimensions * sizeof *tower->results);
    if (ready && tower->results)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory for batches of %lld windows: use a smaller --batch",
             (long long)tower->room);
    return SELO_E_MEMORY;
}

selo_status selo_image_tower_open(const selo_tower_options *options, selo_image_tower **tower)
{
    const selo_bundle *bundle = options->bundle;
    const selo_onnx_options network = {bundle->image_file, bundle->image_input, bundle->image_output,
                                       options->provider, options->threads};
    selo_image_tower *made = *tower = selo_alloc_zeroed(1, sizeof *made);
    if (!made)
        return SELO_E_MEMORY;
    made->bundle = bundle;
    made->room = selo_tower_batch(options);
    selo_status status = selo_onnx_open(&network, &made->network);
    if (status == SELO_OK)
        status = check_input(made);
    if (status == SELO_OK)
        status = make_batches(made);
    if (status != SELO_OK) {
        selo_image_tower_close(made);
        *tower = NULL;
    }
    return status;
}

void selo_image_tower_close(selo_image_tower *tower)
{
    if (!tower)
        return;
    selo_image_tower_discard(tower);
    selo_onnx_close(tower->network);
    selo_window_tensor_clear(&tower->tensor);
    for (int i = 0; i < 2; i++) {
        selo_free(tower->batches[i].tensor);
        selo_free(tower->batches[i].vectors);
    }
    selo_free(tower->results);
    selo_free(tower);
}

static selo_status run_batch(void *data)
{
    batch *b = data;
    selo_image_tower *tower = b->tower;
    const selo_bundle *bundle = tower->bundle;
    const size_t rows = tower->fixed ? tower->room : b->held; /* what lies behind the windows is ignored */
    int64_t shape[4];
    shape_of(bundle, rows, shape);
    selo_status status = selo_onnx_run(tower->network, &(selo_onnx_tensor){SELO_ONNX_FLOAT, b->tensor, shape, 4}, rows,
                                       bundle->dimensions, tower->results);
    for (size_t i = 0; i < b->held && status == SELO_OK; i++) {
        memcpy(b->vectors[i], tower->results + i * bundle->dimensions, bundle->dimensions * sizeof **b->vectors);
        status = selo_tower_finish_vector(bundle, bundle->image_file, b->vectors[i]);
    }
    b->held = 0;
    return status;
}

/* Waits for the batch that runs. */
static selo_status finish_batch(selo_image_tower *tower)
{
    const double start = selo_now_ms();
    const selo_status status = selo_background_finish(&tower->running);
    tower->waited_ms += selo_now_ms() - start;
    tower->spent_ms = selo_onnx_spent_ms(tower->network);
    return status;
}

void selo_image_tower_discard(selo_image_tower *tower)
{
    CPLPushErrorHandler(CPLQuietErrorHandler); /* why it is discarded has been said */
    (void)finish_batch(tower);
    CPLPopErrorHandler();
    tower->batches[0].held = tower->batches[1].held = 0;
}

/* Waits for the batch that runs and starts the one that is filled. */
static selo_status start_batch(selo_image_tower *tower)
{
    const selo_status status = finish_batch(tower);
    if (status != SELO_OK)
        selo_image_tower_discard(tower);
    if (tower->filling->held == 0)
        return status;
    selo_background_start(&tower->running, run_batch, tower->filling);
    tower->filling = &tower->batches[tower->filling == &tower->batches[0]];
    return SELO_OK;
}

selo_status selo_image_tower_push(selo_image_tower *tower, const selo_pixels *window, double white, float *vector)
{
    batch *b = tower->filling;
    const selo_status status =
        selo_window_tensor_fill(&tower->tensor, window, white,
                                b->tensor + b->held * selo_window_tensor_size(tower->bundle));
    if (status != SELO_OK) {
        selo_image_tower_discard(tower);
        return status;
    }
    b->vectors[b->held++] = vector;
    return b->held == tower->room ? start_batch(tower) : SELO_OK;
}

selo_status selo_image_tower_flush(selo_image_tower *tower)
{
    const selo_status status = start_batch(tower);
    return status == SELO_OK ? finish_batch(tower) : status;
}

double selo_image_tower_spent_ms(const selo_image_tower *tower)
{
    return tower ? tower->spent_ms : 0;
}

double selo_image_tower_waited_ms(const selo_image_tower *tower)
{
    return tower ? tower->waited_ms : 0;
}
