/* Small SVG charts for reports. Colours come from the page's style sheet (classes s0, s1, ... for series), so that
 * a chart follows light, dark and print; every chart has a title and a description for screen readers, and its
 * numbers in a table beside it. */
#ifndef SELO_TASKS_SVG_H
#define SELO_TASKS_SVG_H

#include <stddef.h>

#include "selo/text.h"

enum { selo_series_colours = 8 };

/* One mean with its interval. */
typedef struct selo_bar {
    const char *label; /* of the row */
    size_t series;     /* colour */
    double value, low, high; /* NaN: not drawn */
} selo_bar;

/* Values with whiskers, a row each, on an axis from `from` to `to`. Rows of one block follow each other; a row whose
 * label differs from the one before starts a block, and only there the label is written. */
void selo_svg_intervals(selo_text *svg, const char *title, const selo_bar *bars, size_t n, double from, double to);

/* One line: n points, NaN in y leaves a gap. */
typedef struct selo_line {
    const char *label;
    size_t series;
    const double *x, *y;
    size_t n;
} selo_line;

/* Lines on axes 0..1 both ways, named by a legend below. */
void selo_svg_lines(selo_text *svg, const char *title, const char *x_name, const selo_line *lines, size_t n);

/* Shares of samples per bin of 0..1, as steps, a series each. */
typedef struct selo_bins {
    const char *label;
    size_t series;
    const double *share; /* n_bins */
} selo_bins;

void selo_svg_histograms(selo_text *svg, const char *title, const selo_bins *sets, size_t n, size_t n_bins);

/* Stacked times: n_parts per row. */
typedef struct selo_stack {
    const char *label;
    const double *parts; /* NaN counts as 0 */
} selo_stack;

void selo_svg_stacks(selo_text *svg, const char *title, const char *unit, const char *const *part_names, size_t n_parts,
                     const selo_stack *stacks, size_t n);

#endif
