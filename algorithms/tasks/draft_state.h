/* What the parts of a draft share: its file, and the rows that go into it. */
#ifndef SELO_TASKS_DRAFT_STATE_H
#define SELO_TASKS_DRAFT_STATE_H

#include "draft.h"
#include "ogr_api.h"

struct selo_draft {
    char *path;
    GDALDatasetH dataset;
};

#endif
