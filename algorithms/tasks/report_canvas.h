/* What one picture of a report's gallery is drawn on. */
#ifndef SELO_TASKS_REPORT_CANVAS_H
#define SELO_TASKS_REPORT_CANVAS_H

#include "report_parts.h"

/* Pixel coordinates of a sample's map. */
typedef struct selo_canvas {
    GDALDatasetH map; /* NULL: not found */
    double width, height;
    double to_pixel[6]; /* from the map's CRS */
    const char *sample_id, *run_id, *profile;
} selo_canvas;

/* The name of the sample's run in the results, without the profile that selo_stat_split_profiles() may have put behind
 * it. The caller frees it. */
char *selo_canvas_run_id(const selo_report_data *data, const selo_canvas *c);

/* Outlines of a layer's rows, drawn twice: a dark halo below, so that they show on any ground. Returns how many. */
int selo_canvas_outlines(const selo_report_data *data, const selo_canvas *c, const char *name, const char *style,
                         selo_text *html);
int selo_canvas_candidates(const selo_report_data *data, const selo_canvas *c, selo_text *html);

#endif
