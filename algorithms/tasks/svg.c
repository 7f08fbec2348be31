#include "svg.h"

#include <math.h>
#include <string.h>

#include "cpl_string.h"

/* The part of the picture that data is drawn in, and what it shows. */
typedef struct frame {
    double left, top, width, height;
    double x0, x1, y0, y1;
} frame;

static double at_x(const frame *f, double x)
{
    return f->left + (x - f->x0) / (f->x1 - f->x0) * f->width;
}

static double at_y(const frame *f, double y)
{
    return f->top + f->height - (y - f->y0) / (f->y1 - f->y0) * f->height;
}

static size_t colour(size_t series)
{
    return series % selo_series_colours;
}

static void begin(selo_text *svg, const char *title, double width, double height)
{
    selo_text_add(svg,
                  "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 %g %g\" width=\"%g\" height=\"%g\" aria-label=\"",
                  width, height, width, height);
    selo_text_add_html(svg, title);
    selo_text_add(svg, "\"><title>");
    selo_text_add_html(svg, title);
    selo_text_add(svg, "</title>\n");
}

static void end(selo_text *svg)
{
    selo_text_add(svg, "</svg>\n");
}

static void words(selo_text *svg, double x, double y, const char *anchor, const char *plain)
{
    selo_text_add(svg, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
    selo_text_add_html(svg, plain);
    selo_text_add(svg, "</text>\n");
}

static void rule(selo_text *svg, const char *style, double x0, double y0, double x1, double y1)
{
    selo_text_add(svg, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", style, x0, y0, x1, y1);
}

/* A step of 1, 2 or 5 times a power of ten that divides the range into about `wanted` parts. */
static double nice_step(double range, double wanted)
{
    const double rough = range / wanted, power = pow(10.0, floor(log10(rough))), share = rough / power;
    return power * (share < 1.5 ? 1.0 : share < 3.5 ? 2.0 : share < 7.5 ? 5.0 : 10.0);
}

static void x_axis(selo_text *svg, const frame *f, const char *name)
{
    const double step = nice_step(f->x1 - f->x0, 5.0), bottom = f->top + f->height;
    for (double k = ceil(f->x0 / step - 1e-9); k * step <= f->x1 + 1e-9 * step; k += 1.0) {
        char label[32];
        CPLsnprintf(label, sizeof label, "%g", k * step == 0.0 ? 0.0 : k * step);
        rule(svg, "grid", at_x(f, k * step), f->top, at_x(f, k * step), bottom);
        words(svg, at_x(f, k * step), bottom + 16, "middle", label);
    }
    if (name)
        words(svg, f->left + f->width / 2, bottom + 34, "middle", name);
}

static void y_axis(selo_text *svg, const frame *f)
{
    const double step = nice_step(f->y1 - f->y0, 4.0);
    for (double k = ceil(f->y0 / step - 1e-9); k * step <= f->y1 + 1e-9 * step; k += 1.0) {
        char label[32];
        CPLsnprintf(label, sizeof label, "%g", k * step == 0.0 ? 0.0 : k * step); /* not "-0" */
        rule(svg, "grid", f->left, at_y(f, k * step), f->left + f->width, at_y(f, k * step));
        words(svg, f->left - 8, at_y(f, k * step) + 4, "end", label);
    }
}

/* Names of series: a dash of the series' colour and pattern, and the name, a row each. */
static void legend(selo_text *svg, double left, double top, size_t row, size_t series, const char *name)
{
    const double y = top + 18.0 * (double)row;
    selo_text_add(svg, "<line class=\"mark s%zu\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", colour(series),
                  left, y - 4, left + 22, y - 4);
    words(svg, left + 28, y, "start", name);
}

void selo_svg_intervals(selo_text *svg, const char *title, const selo_bar *bars, size_t n, double from, double to)
{
    enum { row = 20, gap = 12 };
    double height = 10;
    for (size_t i = 0; i < n; ++i)
        height += row + (i > 0 && strcmp(bars[i].label, bars[i - 1].label) != 0 ? gap : 0);
    const frame f = {150, 6, 420, height, from, to, 0, 1};
    begin(svg, title, 640, height + 34);
    x_axis(svg, &f, NULL);
    double y = f.top + 4;
    for (size_t i = 0; i < n; ++i) {
        const selo_bar *bar = &bars[i];
        if (i == 0 || strcmp(bar->label, bars[i - 1].label) != 0) {
            y += i > 0 ? gap : 0;
            words(svg, f.left - 12, y + row / 2 + 4, "end", bar->label);
        }
        const double middle = y + row / 2;
        if (!isnan(bar->low) && !isnan(bar->high))
            selo_text_add(svg, "<line class=\"mark s%zu solid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
                          colour(bar->series), at_x(&f, bar->low), middle, at_x(&f, bar->high), middle);
        if (!isnan(bar->value)) {
            char number[32];
            CPLsnprintf(number, sizeof number, "%.3f", bar->value);
            selo_text_add(svg, "<circle class=\"dot s%zu\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>\n", colour(bar->series),
                          at_x(&f, bar->value), middle);
            words(svg, f.left + f.width + 10, middle + 4, "start", number);
        }
        y += (double)row;
    }
    end(svg);
}

static void one_line(selo_text *svg, const frame *f, const selo_line *line)
{
    selo_text_add(svg, "<path class=\"mark s%zu\" d=\"", colour(line->series));
    const char *pen = "M";
    for (size_t i = 0; i < line->n; ++i) {
        if (isnan(line->x[i]) || isnan(line->y[i])) {
            pen = "M";
            continue;
        }
        selo_text_add(svg, "%s%.1f %.1f", pen, at_x(f, line->x[i]), at_y(f, line->y[i]));
        pen = "L";
    }
    selo_text_add(svg, "\"/>\n");
}

void selo_svg_lines(selo_text *svg, const char *title, const char *x_name, const selo_line *lines, size_t n)
{
    const frame f = {44, 10, 280, 180, 0, 1, 0, 1};
    begin(svg, title, 340, 244 + 18.0 * (double)n);
    x_axis(svg, &f, x_name);
    y_axis(svg, &f);
    for (size_t i = 0; i < n; ++i)
        one_line(svg, &f, &lines[i]);
    for (size_t i = 0; i < n; ++i)
        legend(svg, f.left, f.top + f.height + 58, i, lines[i].series, lines[i].label);
    end(svg);
}

static void one_histogram(selo_text *svg, const frame *f, const selo_bins *set, size_t n_bins)
{
    selo_text_add(svg, "<path class=\"mark s%zu\" d=\"M%.1f %.1f", colour(set->series), at_x(f, 0), at_y(f, 0));
    for (size_t k = 0; k < n_bins; ++k)
        selo_text_add(svg, "V%.1fH%.1f", at_y(f, set->share[k]), at_x(f, (double)(k + 1) / (double)n_bins));
    selo_text_add(svg, "V%.1f\"/>\n", at_y(f, 0));
}

void selo_svg_histograms(selo_text *svg, const char *title, const selo_bins *sets, size_t n, size_t n_bins)
{
    double most = 0.05;
    for (size_t i = 0; i < n; ++i)
        for (size_t k = 0; k < n_bins; ++k)
            most = fmax(most, sets[i].share[k]);
    const frame f = {44, 10, 280, 120, 0, 1, 0, most * 1.05};
    begin(svg, title, 340, 168 + 18.0 * (double)n);
    x_axis(svg, &f, NULL);
    y_axis(svg, &f);
    for (size_t i = 0; i < n; ++i)
        one_histogram(svg, &f, &sets[i], n_bins);
    for (size_t i = 0; i < n; ++i)
        legend(svg, f.left, f.top + f.height + 40, i, sets[i].series, sets[i].label);
    end(svg);
}

static double stack_total(const selo_stack *stack, size_t n_parts)
{
    double total = 0.0;
    for (size_t k = 0; k < n_parts; ++k)
        total += isnan(stack->parts[k]) ? 0.0 : stack->parts[k];
    return total;
}

static void one_stack(selo_text *svg, const frame *f, double y, const selo_stack *stack, size_t n_parts,
                      const char *const *part_names)
{
    double reached = 0.0;
    for (size_t k = 0; k < n_parts; ++k) {
        if (isnan(stack->parts[k]) || stack->parts[k] <= 0.0)
            continue;
        selo_text_add(svg, "<rect class=\"area s%zu\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"16\"><title>", k,
                      at_x(f, reached), y, at_x(f, reached + stack->parts[k]) - at_x(f, reached));
        selo_text_add_html(svg, part_names[k]);
        selo_text_add(svg, ": %.3g</title></rect>\n", stack->parts[k]);
        reached += stack->parts[k];
    }
}

/* Room for the longest label; run names such as MODEL/SCALES/PRESET are long. */
static double label_room(const selo_stack *stacks, size_t n)
{
    double room = 150;
    for (size_t i = 0; i < n; ++i)
        room = fmax(room, 12 + 7.5 * (double)strlen(stacks[i].label));
    return room;
}

void selo_svg_stacks(selo_text *svg, const char *title, const char *unit, const char *const *part_names, size_t n_parts,
                     const selo_stack *stacks, size_t n)
{
    double most = 1e-9;
    for (size_t i = 0; i < n; ++i)
        most = fmax(most, stack_total(&stacks[i], n_parts));
    const frame f = {label_room(stacks, n), 6, 420, 26.0 * (double)n + 6, 0, most, 0, 1};
    begin(svg, title, f.left + 490, f.height + 66 + 18.0 * (double)n_parts);
    x_axis(svg, &f, unit);
    for (size_t i = 0; i < n; ++i) {
        words(svg, f.left - 12, f.top + 26.0 * (double)i + 18, "end", stacks[i].label);
        one_stack(svg, &f, f.top + 26.0 * (double)i + 6, &stacks[i], n_parts, part_names);
    }
    for (size_t k = 0; k < n_parts; ++k)
        legend(svg, f.left, f.top + f.height + 58, k, k, part_names[k]);
    end(svg);
}
