/* What the parts of a report share. */
#ifndef SELO_TASKS_REPORT_PARTS_H
#define SELO_TASKS_REPORT_PARTS_H

#include "selo/report.h"
#include "selo/table.h"
#include "selo/text.h"

/* How many of the images that --images names were there, and whether all rows could be read. */
typedef struct selo_report_images {
    int n, n_found;
    char *missing; /* the first one that was not; NULL: none */
    selo_status status;
} selo_report_images;

typedef struct selo_report_data {
    const selo_report_options *options;
    GDALDatasetH dataset;
    char **runs; /* run ids in order of appearance; a run's place is its colour */
    selo_table *samples;
    selo_table *stat;
    selo_table *curve; /* means per run and threshold; NULL: none */
    selo_table *diff;  /* NULL: none */
    selo_table *run;   /* NULL: none */
    selo_table *times; /* seconds per run and stage */
    selo_report_images *images; /* of the gallery, while it is drawn */
} selo_report_data;

/* Head of the page with its style sheet; no reference to anything outside. */
void selo_report_begin(selo_text *html, const char *title);
void selo_report_end(selo_text *html);

/* Reads `data`, of which only the options are set, and completes it. After SELO_OK the caller ends it with
 * selo_report_close(). */
selo_status selo_report_open(selo_report_data *data);
void selo_report_close(selo_report_data *data);

/* Curves of samples as one per run, the mean over its samples at each threshold; sorts `all`. *mean is the caller's. */
selo_status selo_report_average_curves(selo_table *all, selo_table **mean);

/* Sections; each chart's numbers are in the table below it. The gallery: SELO_E_INPUT if a layer that it draws cannot
 * be read to its end, SELO_E_ARGUMENT if --images names a field that is not there; both are reported. */
void selo_report_means(const selo_report_data *data, selo_text *html);
void selo_report_distributions(const selo_report_data *data, selo_text *html);
void selo_report_curves(const selo_report_data *data, selo_text *html);
void selo_report_times(const selo_report_data *data, selo_text *html);
selo_status selo_report_gallery(const selo_report_data *data, selo_text *html);

#endif
