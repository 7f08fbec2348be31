/* The layers of scored samples, as tables; docs/data-model.md tells them in words. */
#ifndef SELO_TASKS_RESULTS_SCHEMA_H
#define SELO_TASKS_RESULTS_SCHEMA_H

#include "selo/layers.h"

enum {
    SELO_LAYER_SAMPLE,
    SELO_LAYER_REGION,
    SELO_LAYER_CIRCLE,
    SELO_LAYER_CAND,
    SELO_LAYER_SHIFT,
    SELO_N_RESULT_LAYERS,
    SELO_LAYER_CURVE = SELO_N_RESULT_LAYERS, /* of the results of `evaluate` only */
    SELO_N_EVALUATE_LAYERS
};

/* The first SELO_N_RESULT_LAYERS are those of every scored sample. */
extern const selo_layer_schema *const selo_result_schemas[SELO_N_EVALUATE_LAYERS];

#endif
