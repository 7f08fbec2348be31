/* The rows of a scored sample. */
#ifndef SELO_TASKS_RESULTS_ROWS_H
#define SELO_TASKS_RESULTS_ROWS_H

#include "results_drawing.h"

/* Writes the sample, its regions, circles, candidates, shifts and curve. */
selo_status selo_results_write_rows(selo_layers *layers, const selo_drawing *drawing);

/* Writes n points of a curve for the sample that selo_layers_set_sample() named last. */
selo_status selo_results_write_curve(selo_layers *layers, const selo_curve_point *points, size_t n);

#endif
