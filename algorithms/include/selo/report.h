/* A report of results: one self-contained HTML page, or its tables as Markdown or CSV. */
#ifndef SELO_REPORT_H
#define SELO_REPORT_H

#include <stdbool.h>

#include "gdal.h"
#include "selo/statistics.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_report_options {
    const char *results;       /* dataset with a layer selo_sample; also used in messages */
    GDALDatasetH dataset;      /* already open, stays the caller's; NULL: opened by name */
    CSLConstList formats;      /* drivers to try; NULL: all */
    CSLConstList open_options; /* NULL: none */
    const char *output;        /* file to write */
    const char *format;        /* "html", "markdown" or "csv"; NULL: by the output's extension */
    const char *title;         /* NULL: a general one */
    const char *images;        /* where a sample's image is, with {image}, {sample_id}, ... of
                                  its row; NULL: not shown */
    const char *table;         /* layer that CSV writes; NULL: selo_stat */
    CSLConstList group_by;     /* fields of selo_sample; only used where results hold no selo_stat */
    int gallery;               /* samples shown from each end of the ranking, per run; at least 0 */
    bool overwrite;
    selo_resampling resampling; /* only used where results hold no selo_stat */
} selo_report_options;

/* Writes the report; it is complete or absent. Reports with CPLError(). */
SELO_API selo_status selo_report(const selo_report_options *options, GDALProgressFunc progress, void *progress_data);

#ifdef __cplusplus
}
#endif
#endif
