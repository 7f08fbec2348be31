/* From the bounds of cells to peaks. */
#ifndef SELO_KERNELS_SURVEY_CELLS_H
#define SELO_KERNELS_SURVEY_CELLS_H

#include "survey.h"

/* Bounds of row y of cells have become known: what follows from them, at once, so that few rows are held.
 * `context` is the survey. */
selo_status selo_survey_keep_bounds(void *context, int y, const selo_cell_row *row);

#endif
