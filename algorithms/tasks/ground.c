/* The streaming half of the ground profile: rows in, sums and plateaus out. */
#include "selo/ground.h"

#include <math.h>
#include <string.h>

#include "cpl_error.h"
#include "ground_state.h"
#include "selo/memory.h"

static selo_status out_of_memory(const char *name)
{
    CPLError(CE_Failure, CPLE_OutOfMemory, "%s: not enough memory to score it", name);
    return SELO_E_MEMORY;
}

selo_status selo_ground_new(const selo_frame *frame, const selo_earth *earth, const OGRGeometryH *regions, size_t n,
                            const selo_ground_options *options, const char *name, selo_ground **ground)
{
    *ground = NULL;
    selo_ground *g = selo_alloc_zeroed(1, sizeof *g);
    if (!g)
        return out_of_memory(name);
    g->frame = *frame;
    g->earth = earth;
    g->options = *options;
    g->name = name;
    g->n_regions = n;
    g->maximum.value = -1;
    const selo_status status = ground_prepare(g, regions);
    if (status != SELO_OK) {
        selo_ground_free(g);
        return status == SELO_E_MEMORY ? out_of_memory(name) : status;
    }
    *ground = g;
    return SELO_OK;
}

void selo_ground_free(selo_ground *g)
{
    if (!g)
        return;
    for (size_t i = 0; g->regions && i < g->n_regions; i++)
        selo_coverage_free(g->regions[i].coverage);
    selo_free(g->regions);
    selo_free(g->by_row);
    selo_free(g->active);
    selo_free(g->areas);
    selo_coverage_free(g->all);
    selo_coverage_free(g->near);
    selo_coverage_free(g->aoi);
    selo_histogram_free(g->histogram);
    selo_pixel_area_free(g->pixel_area);
    selo_peaks_free(g->peaks);
    selo_free(g);
}

static void hide(float *values, uint16_t *levels, uint8_t *valid, int x0, int x1)
{
    if (x0 > x1)
        return;
    const size_t n = (size_t)(x1 - x0 + 1);
    memset(values + x0, 0, n * sizeof *values);
    memset(levels + x0, 0, n * sizeof *levels);
    memset(valid + x0, 0, n);
}

/* Takes out what is off the Earth or outside the area of interest. */
static selo_status cut_row(selo_ground *g, float *values, uint16_t *levels, uint8_t *valid)
{
    for (int x = 0; !selo_pixel_area_is_everywhere(g->pixel_area) && x < g->frame.width; x++)
        if (!(g->areas[x] > 0))
            hide(values, levels, valid, x, x);
    if (!g->aoi)
        return SELO_OK;
    const selo_span *spans;
    size_t n;
    int next = 0;
    const selo_status status = selo_coverage_centres(g->aoi, g->row, &spans, &n);
    if (status != SELO_OK)
        return status;
    for (size_t i = 0; i < n; i++) {
        hide(values, levels, valid, next, spans[i].x0 - 1);
        next = spans[i].x1 + 1;
    }
    hide(values, levels, valid, next, g->frame.width - 1);
    return SELO_OK;
}

static selo_status add_regions(selo_ground *g, const selo_map_row *row)
{
    size_t kept = 0;
    for (size_t i = 0; i < g->n_active; i++)
        if (g->regions[g->active[i]].last >= g->row)
            g->active[kept++] = g->active[i];
    g->n_active = kept;
    while (g->next_region < g->n_regions && g->by_row[g->next_region] < g->n_regions &&
           g->regions[g->by_row[g->next_region]].first <= g->row)
        g->active[g->n_active++] = g->by_row[g->next_region++];
    for (size_t i = 0; i < g->n_active; i++) {
        ground_region *region = g->regions + g->active[i];
        const selo_cover_run *runs;
        size_t n;
        const selo_status status = selo_coverage_row(region->coverage, g->row, &runs, &n);
        if (status != SELO_OK)
            return status;
        selo_mass_add(&region->inside, row, runs, n);
    }
    return SELO_OK;
}

/* Highest value of a row; pixels that are not valid hold 0. Lanes, because one maximum would wait for the next. */
static float highest_of(const selo_map_row *row)
{
    enum { LANES = 8 };
    float lanes[LANES] = {0};
    int x = 0;
    for (; x + LANES <= row->width; x += LANES)
        for (int k = 0; k < LANES; k++)
            lanes[k] = row->values[x + k] > lanes[k] ? row->values[x + k] : lanes[k];
    for (; x < row->width; x++)
        lanes[0] = row->values[x] > lanes[0] ? row->values[x] : lanes[0];
    for (int k = 1; k < LANES; k++)
        lanes[0] = lanes[k] > lanes[0] ? lanes[k] : lanes[0];
    return lanes[0];
}

/* Pointing game: where several pixels share the maximum, their areas decide, so that no order of pixels does. */
static selo_status seek_maximum(selo_ground *g, const selo_map_row *row)
{
    const float highest = highest_of(row);
    if (highest < g->maximum.value)
        return SELO_OK;
    if (highest > g->maximum.value)
        g->maximum = (ground_maximum){.value = highest};
    const selo_span *spans;
    size_t n, at = 0;
    const selo_status status = selo_coverage_centres(g->near ? g->near : g->all, g->row, &spans, &n);
    for (int x = 0; status == SELO_OK && x < row->width; x++) {
        if (!row->valid[x] || row->values[x] != highest)
            continue;
        while (at < n && spans[at].x1 < x)
            at++;
        g->maximum.area += row->areas[x];
        g->maximum.area_near += at < n && spans[at].x0 <= x ? row->areas[x] : 0;
    }
    return status;
}

static selo_status add_row(selo_ground *g, float *values, uint16_t *levels, uint8_t *valid)
{
    const selo_map_row row = {g->frame.width, values, levels, valid, g->areas};
    const selo_cover_run *runs;
    size_t n;
    selo_status status = selo_pixel_area_row(g->pixel_area, g->row, g->areas);
    if (status == SELO_OK)
        status = cut_row(g, values, levels, valid);
    if (status == SELO_OK)
        status = selo_coverage_row(g->all, g->row, &runs, &n);
    if (status != SELO_OK)
        return status;
    selo_mass_add_row(&g->whole, &row);
    selo_mass_add(&g->inside, &row, runs, n);
    selo_histogram_add_row(g->histogram, &row, runs, n);
    status = seek_maximum(g, &row);
    return status == SELO_OK ? add_regions(g, &row) : status;
}

static bool is_unmasked(const selo_ground *g)
{
    return g->options.all_valid && !g->aoi && selo_pixel_area_is_everywhere(g->pixel_area);
}

selo_status selo_ground_push(selo_ground *g, float *values, uint16_t *levels, uint8_t *valid, int n_rows)
{
    selo_status status = SELO_OK;
    for (int i = 0; status == SELO_OK && i < n_rows; i++, g->row++) {
        const size_t at = (size_t)i * (size_t)g->frame.width;
        status = add_row(g, values + at, levels + at, valid + at);
    }
    if (status == SELO_OK)
        status = selo_peaks_push(g->peaks, levels, is_unmasked(g) ? NULL : valid,
                                 g->options.levels_exact ? NULL : values, n_rows);
    return status == SELO_E_MEMORY ? out_of_memory(g->name) : status;
}

static void fill_extras(const selo_ground *g, selo_ground_extras *extras)
{
    *extras = g->extras;
    extras->pointing = g->maximum.area > 0 ? g->maximum.area_near / g->maximum.area : NAN;
    extras->attention_in = g->whole.mass > 0 ? g->inside.mass / g->whole.mass : NAN;
    extras->hidden = g->inside.area_all > 0 ? 1 - g->inside.area / g->inside.area_all : NAN;
}

selo_status selo_histogram_scores(const selo_histogram *h, selo_pixel_scores *scores)
{
    selo_held held;
    const selo_status status = selo_histogram_held(h, &held);
    if (status != SELO_OK)
        return status;
    *scores = selo_pixel_scores_of(held.values, held.inside, held.outside, held.n);
    selo_held_clear(&held);
    return SELO_OK;
}

selo_status selo_histogram_curve(const selo_histogram *h, size_t max_points, selo_curve_point **points, size_t *n)
{
    selo_held held;
    *n = 0;
    *points = NULL;
    const selo_status status = selo_histogram_held(h, &held);
    if (status != SELO_OK)
        return status;
    *points = selo_alloc(max_points, sizeof **points);
    if (*points)
        *n = selo_curve_points(held.values, held.inside, held.outside, held.n, *points, max_points);
    selo_held_clear(&held);
    return *points ? SELO_OK : SELO_E_MEMORY;
}

selo_status selo_ground_finish(selo_ground *g, selo_score *score, selo_ground_extras *extras)
{
    selo_plateau *plateaus = NULL;
    size_t n = 0;
    *score = (selo_score){.profile = SELO_PROFILE_GROUND};
    selo_status status = selo_peaks_finish(g->peaks, &plateaus, &n);
    if (status == SELO_OK)
        status = ground_candidates(g, plateaus, n, score);
    selo_free(plateaus);
    if (status == SELO_OK)
        status = ground_scores(g, score);
    if (status == SELO_OK && extras) {
        fill_extras(g, extras);
        status = selo_histogram_scores(g->histogram, &extras->pixel);
    }
    if (status != SELO_OK)
        selo_score_clear(score);
    return status == SELO_E_MEMORY ? out_of_memory(g->name) : status;
}

const selo_histogram *selo_ground_histogram(const selo_ground *g)
{
    return g->histogram;
}
