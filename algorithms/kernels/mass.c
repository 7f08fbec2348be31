#include "selo/mass.h"

enum { LANES = 8 };

static double folded(const double *lanes)
{
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

/* Adds n pixels from column x on, weighted by share. The lanes are there for the order as much as for speed. */
static void add_pixels(selo_mass *sum, const selo_map_row *row, int x, int n, double share)
{
    const float *values = row->values + x;
    const uint8_t *valid = row->valid + x;
    const double *areas = row->areas + x;
    double mass[LANES] = {0}, area[LANES] = {0}, all[LANES] = {0};
    int count = 0, i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++) {
            mass[k] += (double)values[i + k] * areas[i + k];
            area[k] += (double)valid[i + k] * areas[i + k];
            all[k] += areas[i + k];
        }
    for (int k = 0; i < n; i++, k++) {
        mass[k] += (double)values[i] * areas[i];
        area[k] += (double)valid[i] * areas[i];
        all[k] += areas[i];
    }
    for (i = 0; i < n; i++)
        count += valid[i];
    sum->mass += share * folded(mass);
    sum->area += share * folded(area);
    sum->pixels += share * count;
    sum->area_all += share * folded(all);
    sum->pixels_all += share * n;
}

void selo_mass_add(selo_mass *sum, const selo_map_row *row, const selo_cover_run *runs, size_t n_runs)
{
    selo_mass line = {0};
    for (size_t i = 0; i < n_runs; i++)
        add_pixels(&line, row, runs[i].x0, runs[i].x1 - runs[i].x0 + 1, runs[i].share);
    sum->mass += line.mass;
    sum->area += line.area;
    sum->pixels += line.pixels;
    sum->area_all += line.area_all;
    sum->pixels_all += line.pixels_all;
}

void selo_mass_add_row(selo_mass *sum, const selo_map_row *row)
{
    selo_mass_add(sum, row, &(selo_cover_run){0, row->width - 1, 1.0}, 1);
}
