/* The search for peaks that looks only where one can be.
 *
 * Cells of some 16 pixels a side carry bounds of the smoothed map (bounds.h). A cell can hold a peak only if its upper
 * bound reaches the lower bounds of all cells that lie in the separation windows of all its pixels; only such cells are
 * smoothed, in patches with the pixels around them. Those whose exact maximum still reaches what is known around them
 * are summits; what could yet exceed one of them is smoothed too, and then its pixels are compared with each neighbour
 * that matters. The result is that of smoothing every pixel. */
#ifndef SELO_KERNELS_SURVEY_H
#define SELO_KERNELS_SURVEY_H

#include "bounds.h"
#include "patch.h"
#include "plateaus.h"
#include "reach.h"

/* What is known of a cell. */
enum {
    SELO_CELL_CANDIDATE = 1, /* may hold a peak */
    SELO_CELL_EXACT = 2,     /* `level` is its maximum, and its pixels are in `smoothed` unless it is */
    SELO_CELL_UNIFORM = 4,   /* all its valid pixels have one value: its bounds meet */
    SELO_CELL_WANTED = 8     /* to be smoothed next */
};

/* A candidate that no cell around it is known to exceed. */
typedef struct selo_summit {
    int x, y;       /* cell */
    bool contested; /* by a cell that lies in the windows of some of its pixels only */
} selo_summit;

typedef struct selo_survey {
    const selo_patch_map *map;
    selo_run_sink sink;
    void *context;
    int cell_width, cell_height; /* pixels */
    int n_x, n_y;                /* cells */
    int group;                   /* rows of cells that are smoothed together */
    int patch_cells;             /* the most cells of a patch along a row */
    selo_extent inside_x, inside_y; /* cells that lie in the windows of all pixels of a cell */
    selo_extent around_x, around_y; /* cells that lie in the window of any */
    int64_t rows_ahead;  /* rows of the map from the one whose peaks are handed over to the one last pushed, at most */
    int64_t rows_behind; /* rows above it that must be in memory too */
    selo_bounds bounds;
    selo_reach lowest, summits, highest; /* of lower bounds inside; of known values inside; of what may be, around */
    selo_rows high, low, holes, level, state; /* of cells */
    selo_rows smoothed;          /* uint16, pixels */
    int n_judged, n_smoothed, n_checked; /* rows of cells done */
    uint16_t *pixel_high, *pixel_low; /* of each column over the rows of a cell */
    uint16_t *cell_high, *cell_low, *line, *line2;
    uint8_t *cell_holes;
    int *column_first, *column_last;
    int n_patches;
    selo_patch *patches; /* one a thread */
    selo_rect *rects;    /* cells */
    size_t n_rects, rect_capacity;
    selo_summit *found;
    size_t n_found;
    uint8_t *beaten; /* pixels of a cell that are no peaks */
    uint8_t *cell_row; /* one row of a cell */
    uint8_t *peaks;  /* pixels of a row of cells */
    selo_run *runs;
} selo_survey;

/* Whether the windows are such that a survey gains something: else the plain way. */
bool selo_survey_fits(const selo_peaks_options *options);

/* `map` stays the caller's; its rows are allocated after this, rows_ahead + rows_behind of them. */
selo_status selo_survey_new(selo_survey *survey, const selo_patch_map *map, selo_run_sink sink, void *context);
void selo_survey_free(selo_survey *survey);

/* Row y has been written to the map: rows in ascending order, down to the last one. */
selo_status selo_survey_push(selo_survey *survey, int y);

/* Smooths the wanted cells of rows of cells first ... last. */
selo_status selo_survey_smooth(selo_survey *survey, int first, int last);

/* Decides rows of cells first ... last, of which all cells around are known as far as they are candidates. */
selo_status selo_survey_decide(selo_survey *survey, int first, int last);

/* The pixels of cell (x, y). */
selo_rect selo_survey_pixels(const selo_survey *survey, int x, int y);

#endif
