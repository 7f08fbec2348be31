#include "selo/gate.h"

#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "evaluate_extras.h"

static const char *option_name(const selo_gate *gate)
{
    return gate->below ? "--fail-below" : "--fail-above";
}

/* A row's value of a metric; `false` if there is no such metric. */
static bool value_of(const selo_evaluation_row *row, const char *metric, double *value)
{
    const struct {
        const char *name;
        double value;
    } scores[] = {{"rsu", row->score.rsu}, {"ras", row->score.ras}, {"rda", row->score.rda}, {"rmi", row->score.rmi}};
    double extras[N_EXTRA];
    selo_extras_list(&row->extras, extras);
    for (int i = 0; i < 4; i++)
        if (strcmp(metric, scores[i].name) == 0) {
            *value = scores[i].value;
            return true;
        }
    for (int i = 0; i < N_EXTRA; i++)
        if (strcmp(metric, selo_extra_names[i]) == 0) {
            *value = row->has_extras ? extras[i] : NAN;
            return true;
        }
    return false;
}

static selo_status refuse(const selo_gate *gate, const char *text, const char *what)
{
    CPLError(CE_Failure, CPLE_IllegalArg, "%s: '%s' %s", option_name(gate), text, what);
    return SELO_E_ARGUMENT;
}

selo_status selo_gate_parse(const char *text, bool below, selo_gate *gate)
{
    static const selo_evaluation_row none = {0};
    *gate = (selo_gate){.any_profile = true, .below = below};
    const char *equals = strchr(text, '='), *name = text;
    if (!equals)
        return refuse(gate, text, "is no gate: write METRIC=VALUE, such as rmi=0.7");
    for (int p = 0; p < 2; p++) {
        const selo_profile profile = p ? SELO_PROFILE_GROUND : SELO_PROFILE_REFERENCE;
        const size_t n = strlen(selo_profile_name(profile));
        if (strncmp(text, selo_profile_name(profile), n) == 0 && text[n] == '.') {
            gate->any_profile = false;
            gate->profile = profile;
            name = text + n + 1;
        }
    }
    double ignored;
    const size_t n = (size_t)(equals - name);
    if (n < sizeof gate->metric)
        memcpy(gate->metric, name, n);
    if (n >= sizeof gate->metric || !value_of(&none, gate->metric, &ignored))
        return refuse(gate, text,
                      "names no score: use rsu, ras, rda, rmi, pointing, att_in, auc, ap, f1_best or iou_50");
    char *end;
    gate->bound = CPLStrtod(equals + 1, &end);
    if (end == equals + 1 || *end || !isfinite(gate->bound))
        return refuse(gate, text, "has no number behind '=': write METRIC=VALUE, such as rmi=0.7");
    return SELO_OK;
}

bool selo_gate_holds(const selo_gate *gate, const selo_evaluation *evaluation)
{
    const selo_profile profile = gate->any_profile && evaluation->n_rows ? evaluation->rows[0].score.profile
                                                                         : gate->profile;
    double sum = 0, value;
    size_t n = 0;
    for (size_t i = 0; i < evaluation->n_rows; i++)
        if (evaluation->rows[i].score.profile == profile && value_of(evaluation->rows + i, gate->metric, &value) &&
            isfinite(value)) {
            sum += value;
            n++;
        }
    const double mean = n ? sum / (double)n : NAN;
    if (gate->below ? mean >= gate->bound : mean <= gate->bound)
        return true;
    if (n)
        CPLError(CE_Warning, CPLE_AppDefined, "%s: %s (%s profile) is %.6g, %s %g", option_name(gate), gate->metric,
                 selo_profile_name(profile), mean, gate->below ? "below" : "above", gate->bound);
    else
        CPLError(CE_Warning, CPLE_AppDefined, "%s: %s (%s profile) is undefined", option_name(gate), gate->metric,
                 selo_profile_name(profile));
    return false;
}
