/* The search for peaks the plain way: every pixel is smoothed and compared with the maximum of its window. */
#ifndef SELO_KERNELS_PLAIN_H
#define SELO_KERNELS_PLAIN_H

#include "box.h"
#include "maximum.h"
#include "patch.h"
#include "plateaus.h"

typedef struct selo_plain {
    const selo_patch_map *map;
    selo_run_sink sink;
    void *context;
    int64_t rows_ahead; /* rows of the map from the one whose peaks are handed over to the one last pushed, at most */
    selo_box *boxes;
    int n_boxes;
    selo_rows smoothed; /* one row a pass, and the one that goes in */
    selo_maximum maximum;
    uint16_t *maxima;
    selo_run *runs;
} selo_plain;

/* `map` stays the caller's; its rows are allocated after this, at least rows_ahead of them. */
selo_status selo_plain_new(selo_plain *plain, const selo_patch_map *map, selo_run_sink sink, void *context);
void selo_plain_free(selo_plain *plain);

/* Row y has been written to the map: rows in ascending order, down to the last one. */
selo_status selo_plain_push(selo_plain *plain, int y);

#endif
