/* A preset's windows on a certain image (private to this room). */
#ifndef SELO_TASKS_WINDOW_PLAN_H
#define SELO_TASKS_WINDOW_PLAN_H

#include "cpl_string.h"
#include "gdal.h"
#include "selo/localize.h"
#include "selo/windows.h"

/* The windows of preset v1 at these scales ("256", "256px", "83m"; NULL: 256, 512 and 768 px), or the first-stage tiles
 * of preset v2, which has a scale of its own. Reports with CPLError(), naming --scales. The caller ends *plan with
 * selo_plan_clear(). */
selo_status selo_window_plan_make(GDALDatasetH image, selo_preset preset, CSLConstList scales, selo_plan *plan);

#endif
