#include "bench_model.h"

#include <pthread.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "heard.h"
#include "selo/hash.h"
#include "selo/memory.h"

typedef struct query {
    float *vector;
    char *why; /* there is none */
} query;

struct selo_bench_model {
    selo_bench_model_options options;
    char sha[SELO_HASH_HEX_SIZE];
    const char *provider;
    bool has_network;
    size_t size;
    pthread_mutex_t lock; /* of the encoders */
    pthread_cond_t returned;
    selo_encoder **idle;
    int n_idle, n_out, most;
    pthread_mutex_t query_lock;
    query *queries;
};

selo_status selo_bench_model_open(const selo_bench_model_options *options, selo_bench_model **out)
{
    selo_encoder *first;
    const selo_status status = selo_encoder_open(&options->encoder, &first);
    *out = NULL;
    if (status != SELO_OK)
        return status;
    selo_bench_model *model = selo_alloc_zeroed(1, sizeof *model);
    selo_encoder **idle = selo_alloc((size_t)options->workers, sizeof *idle);
    query *queries = selo_alloc_zeroed(options->n_queries, sizeof *queries);
    if (!model || !idle || !queries) {
        selo_encoder_free(first);
        selo_free(model);
        selo_free(idle);
        selo_free(queries);
        return SELO_E_MEMORY;
    }
    const int most = selo_encoder_has_network(first) ? 1 : options->workers;
    *model = (selo_bench_model){.options = *options, .provider = selo_encoder_provider(first),
                                .size = selo_encoder_size(first), .has_network = selo_encoder_has_network(first),
                                .idle = idle, .n_idle = 1, .most = most, .queries = queries};
    CPLStrlcpy(model->sha, selo_encoder_sha(first), sizeof model->sha);
    idle[0] = first;
    pthread_mutex_init(&model->lock, NULL);
    pthread_mutex_init(&model->query_lock, NULL);
    pthread_cond_init(&model->returned, NULL);
    *out = model;
    return SELO_OK;
}

void selo_bench_model_free(selo_bench_model *model)
{
    if (!model)
        return;
    for (int i = 0; i < model->n_idle; ++i)
        selo_encoder_free(model->idle[i]);
    for (size_t i = 0; i < model->options.n_queries; ++i) {
        selo_free(model->queries[i].vector);
        CPLFree(model->queries[i].why);
    }
    pthread_mutex_destroy(&model->lock);
    pthread_mutex_destroy(&model->query_lock);
    pthread_cond_destroy(&model->returned);
    selo_free(model->idle);
    selo_free(model->queries);
    selo_free(model);
}

const char *selo_bench_model_name(const selo_bench_model *model)
{
    return model->options.encoder.model;
}

const char *selo_bench_model_sha(const selo_bench_model *model)
{
    return model->sha;
}

const char *selo_bench_model_provider(const selo_bench_model *model)
{
    return model->provider;
}

bool selo_bench_model_has_network(const selo_bench_model *model)
{
    return model->has_network;
}

size_t selo_bench_model_size(const selo_bench_model *model)
{
    return model->size;
}

selo_encoder *selo_bench_model_borrow(selo_bench_model *model)
{
    selo_encoder *encoder = NULL;
    pthread_mutex_lock(&model->lock);
    while (model->n_idle == 0 && model->n_out == model->most)
        pthread_cond_wait(&model->returned, &model->lock);
    if (model->n_idle > 0)
        encoder = model->idle[--model->n_idle];
    model->n_out++;
    pthread_mutex_unlock(&model->lock);
    if (encoder || selo_encoder_open(&model->options.encoder, &encoder) == SELO_OK)
        return encoder;
    selo_bench_model_give_back(model, NULL);
    return NULL;
}

void selo_bench_model_give_back(selo_bench_model *model, selo_encoder *encoder)
{
    pthread_mutex_lock(&model->lock);
    model->n_out--;
    if (encoder)
        model->idle[model->n_idle++] = encoder;
    pthread_cond_signal(&model->returned);
    pthread_mutex_unlock(&model->lock);
}

static void encode(const selo_bench_model *model, selo_encoder *encoder, const char *text, query *q)
{
    selo_heard heard;
    float *vector = selo_alloc(model->size, sizeof *vector);
    selo_heard_start(&heard);
    const selo_status status = vector ? selo_encoder_text_shuffled(encoder, text, model->options.shuffles,
                                                                   model->options.seed, vector)
                                      : SELO_E_MEMORY;
    selo_heard_end();
    if (*heard.warning)
        CPLError(CE_Warning, CPLE_AppDefined, "%s", heard.warning);
    if (status == SELO_OK)
        q->vector = vector;
    else {
        q->why = CPLStrdup(selo_heard_why(&heard, status));
        selo_free(vector);
    }
}

const float *selo_bench_model_query(selo_bench_model *model, selo_encoder *encoder, size_t query_no, const char *text,
                                    const char **why)
{
    query *q = &model->queries[query_no];
    pthread_mutex_lock(&model->query_lock);
    if (!q->vector && !q->why)
        encode(model, encoder, text, q);
    *why = q->why;
    const float *vector = q->vector;
    pthread_mutex_unlock(&model->query_lock);
    return vector;
}
