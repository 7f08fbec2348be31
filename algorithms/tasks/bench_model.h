/* A model that workers share: its encoders, and the vectors of the queries (private to this room). */
#ifndef SELO_TASKS_BENCH_MODEL_H
#define SELO_TASKS_BENCH_MODEL_H

#include "selo/encoder.h"

typedef struct selo_bench_model selo_bench_model;

typedef struct selo_bench_model_options {
    selo_encoder_options encoder;
    size_t n_queries;
    int shuffles; /* random word orders averaged with each query */
    unsigned long long seed;
    int workers; /* that may ask at once: so many encoders at most, and one where it runs networks, which use
                    all threads themselves */
} selo_bench_model_options;

/* What cannot be opened is reported. The caller ends it with selo_bench_model_free(). */
selo_status selo_bench_model_open(const selo_bench_model_options *options, selo_bench_model **model);
void selo_bench_model_free(selo_bench_model *model); /* NULL is allowed */

const char *selo_bench_model_name(const selo_bench_model *model);
const char *selo_bench_model_sha(const selo_bench_model *model);
const char *selo_bench_model_provider(const selo_bench_model *model);
bool selo_bench_model_has_network(const selo_bench_model *model);
size_t selo_bench_model_size(const selo_bench_model *model); /* elements of a vector */

/* An encoder for the calling thread alone, until it is given back; waits while all are out. NULL,
 * reported, if it cannot be opened. */
selo_encoder *selo_bench_model_borrow(selo_bench_model *model);
void selo_bench_model_give_back(selo_bench_model *model, selo_encoder *encoder);

/* The vector of query number `query_no`, which is `text`, encoded by the first who asks. NULL: it cannot be, for the
 * reason *why. Both belong to the model. */
const float *selo_bench_model_query(selo_bench_model *model, selo_encoder *encoder, size_t query_no, const char *text,
                                    const char **why);

#endif
