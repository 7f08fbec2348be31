/* What the parts of a draft share: its file, and the rows that go into it. */
#ifndef SELO_TASKS_DRAFT_STATE_H
#define SELO_TASKS_DRAFT_STATE_H

#include "draft.h"
#include "heard.h"
#include "ogr_api.h"
#include "selo/text.h"

struct selo_draft {
    char *path;
    GDALDatasetH dataset;
};

/* Whether a work file could not be written because the disk is full. */
bool selo_draft_is_full(const char *path, const selo_heard *heard);

/* Runs a statement that returns no rows; false if it failed, which GDAL has reported, or if memory was short for it. */
bool selo_draft_change(GDALDatasetH dataset, const selo_text *sql);

#endif
