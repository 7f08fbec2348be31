/* Gates: bounds that the mean scores of an evaluation must keep. */
#ifndef SELO_GATE_H
#define SELO_GATE_H

#include "selo/evaluate.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_gate {
    bool any_profile;     /* of the evaluation's first row */
    selo_profile profile; /* otherwise */
    char metric[16];
    double bound;
    bool below; /* fails below the bound; else above it */
} selo_gate;

/* Reads METRIC=VALUE, such as rmi=0.7 or ground.auc=0.9; METRIC is rsu, ras, rda, rmi or an extra score of the ground
 * profile. SELO_E_ARGUMENT, reported under the name of the option (fail-below, fail-above). */
SELO_API selo_status selo_gate_parse(const char *text, bool below, selo_gate *gate);

/* Whether the mean over samples (where defined) keeps the bound; an undefined one does not. Each failure is a
 * warning. */
SELO_API bool selo_gate_holds(const selo_gate *gate, const selo_evaluation *evaluation);

#ifdef __cplusplus
}
#endif
#endif
