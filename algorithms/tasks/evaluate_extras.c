#include "evaluate_extras.h"

const char *const selo_extra_names[N_EXTRA] = {"pointing", "att_in",    "auc",      "ap",       "f1_best", "f1_thr",
                                               "iou_50",   "hidden_fr", "step_x_m", "step_y_m", "step_var"};
const char *const selo_extra_comments[N_EXTRA] = {
    ("0 or 1, higher is better: whether the map's maximum lies within the tolerance of a region "
     "(share of its area where it is tied)"),
    "0..1: share of the map's attention inside the regions, S_in / S",
    "0..1, higher is better: area under the ROC curve of pixels against the regions, weighted by area",
    "0..1, higher is better: average precision of pixels against the regions, weighted by area",
    "0..1, higher is better: highest F1 over all thresholds",
    "0..1: the threshold of f1_best",
    "0..1, higher is better: intersection over union of attention >= 0.5 and the regions",
    "0..1: share of the regions' area on the map under excluded pixels",
    "m: ground length of one pixel step along a row, at the map's centre",
    "m: ground length of one pixel step along a column, at the map's centre",
    "share by which the longest pixel step on the map exceeds the shortest; 0.01 = 1 %",
};

void selo_extras_list(const selo_ground_extras *e, double *values)
{
    const double listed[N_EXTRA] = {e->pointing,      e->attention_in,      e->pixel.auc,    e->pixel.ap,
                                    e->pixel.best_f1, e->pixel.best_f1_thr, e->pixel.iou_50, e->hidden,
                                    e->step_x_m,      e->step_y_m,          e->variation};
    for (int i = 0; i < N_EXTRA; i++)
        values[i] = listed[i];
}
