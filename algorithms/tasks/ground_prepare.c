/* What the streaming half of the ground profile needs before the first row: regions, coverages, window sizes. */
#include "cpl_error.h"
#include "ground_state.h"
#include "selo/memory.h"

static selo_status cover(const selo_frame *frame, const selo_earth *earth, OGRGeometryH area, selo_coverage **coverage)
{
    selo_rings rings;
    OGRGeometryH around;
    selo_status status = selo_area_around(frame, earth, area, &around);
    if (status != SELO_OK)
        return status;
    status = selo_rings_of(frame, around ? around : area, &rings);
    OGR_G_DestroyGeometry(around);
    if (status != SELO_OK)
        return status;
    status = selo_coverage_new(rings.xy, rings.sizes, rings.n_rings, frame->width, frame->height, coverage);
    selo_rings_clear(&rings);
    return status;
}

/* The union of all regions, each widened by `metres` if that is more than 0; NULL, reported, if GEOS fails. */
static OGRGeometryH union_of(const selo_earth *earth, const OGRGeometryH *regions, size_t n, double metres,
                             const char *name)
{
    OGRGeometryH all = OGR_G_CreateGeometry(wkbGeometryCollection), joined;
    for (size_t i = 0; i < n; i++) {
        OGRGeometryH wide = metres > 0 ? selo_buffer_of(earth, regions[i], metres) : OGR_G_Clone(regions[i]);
        if (!wide) {
            CPLError(CE_Failure, CPLE_AppDefined,
                     "--tolerance: %.0f m around a region cannot be drawn in the CRS of map '%s': give less", metres,
                     name);
            OGR_G_DestroyGeometry(all);
            return NULL;
        }
        OGR_G_AddGeometryDirectly(all, wide);
    }
    joined = OGR_G_UnaryUnion(all);
    OGR_G_DestroyGeometry(all);
    if (!joined)
        CPLError(CE_Failure, CPLE_AppDefined, "%s: the regions could not be joined into one area", name);
    return joined;
}

static selo_status cover_union(selo_ground *g, const OGRGeometryH *regions, double metres, selo_coverage **coverage)
{
    OGRGeometryH joined = union_of(g->earth, regions, g->n_regions, metres, g->name);
    if (!joined)
        return SELO_E_INPUT;
    const selo_status status = cover(&g->frame, g->earth, joined, coverage);
    OGR_G_DestroyGeometry(joined);
    return status;
}

static selo_status place_region(selo_ground *g, OGRGeometryH geometry, ground_region *region)
{
    selo_status status = selo_shape_of(&g->frame, g->earth, geometry, g->options.expansion, g->name, &region->shape);
    if (status == SELO_OK)
        status = cover(&g->frame, g->earth, geometry, &region->coverage);
    if (status == SELO_OK)
        selo_coverage_rows(region->coverage, &region->first, &region->last);
    return status;
}

static selo_status place_regions(selo_ground *g, const OGRGeometryH *regions)
{
    selo_status status = SELO_OK;
    g->regions = selo_alloc_zeroed(g->n_regions, sizeof *g->regions);
    g->by_row = selo_alloc(g->n_regions, sizeof *g->by_row);
    g->active = selo_alloc(g->n_regions, sizeof *g->active);
    if (!g->regions || !g->by_row || !g->active)
        return SELO_E_MEMORY;
    for (size_t i = 0; status == SELO_OK && i < g->n_regions; i++)
        status = place_region(g, regions[i], g->regions + i);
    if (status == SELO_OK)
        status = cover_union(g, regions, 0, &g->all);
    if (status == SELO_OK && g->options.tolerance_m > 0)
        status = cover_union(g, regions, g->options.tolerance_m, &g->near);
    return status;
}

/* Regions by first row, those that touch no row left out; a counting sort keeps their order. */
static selo_status sort_regions(selo_ground *g)
{
    size_t *start = selo_alloc_zeroed((size_t)g->frame.height + 1, sizeof *start), n = 0;
    if (!start)
        return SELO_E_MEMORY;
    for (size_t i = 0; i < g->n_regions; i++)
        if (g->regions[i].first <= g->regions[i].last)
            start[g->regions[i].first + 1]++;
    for (int y = 0; y < g->frame.height; y++)
        start[y + 1] += start[y];
    for (size_t i = 0; i < g->n_regions; i++)
        if (g->regions[i].first <= g->regions[i].last) {
            g->by_row[start[g->regions[i].first]++] = i;
            n++;
        }
    for (size_t i = n; i < g->n_regions; i++)
        g->by_row[i] = g->n_regions;
    selo_free(start);
    return SELO_OK;
}

/* A window that is wider than an axis of n pixels is the whole axis, however wide it is. */
static selo_extent around(int window, int n)
{
    const int half = (window - 1) / 2 < n ? (window - 1) / 2 : n;
    return (selo_extent){half, half};
}

static selo_status start_peaks(selo_ground *g)
{
    selo_ground_extras *e = &g->extras;
    selo_frame_step(&g->frame, g->earth, &e->step_x_m, &e->step_y_m, &e->variation);
    e->smooth_x_px = selo_odd_window(selo_length_px(g->options.smoothing, e->step_x_m));
    e->smooth_y_px = selo_odd_window(selo_length_px(g->options.smoothing, e->step_y_m));
    e->apart_x_px = selo_odd_window(selo_length_px(g->options.separation, e->step_x_m));
    e->apart_y_px = selo_odd_window(selo_length_px(g->options.separation, e->step_y_m));
    const selo_peaks_options options = {
        .width = g->frame.width, .height = g->frame.height, .passes = 5,
        .smooth_x = around(e->smooth_x_px, g->frame.width), .smooth_y = around(e->smooth_y_px, g->frame.height),
        .apart_x = around(e->apart_x_px, g->frame.width), .apart_y = around(e->apart_y_px, g->frame.height),
        .border = SELO_BORDER_CUT, .threads = g->options.threads,
    };
    return selo_peaks_new(&options, &g->peaks);
}

selo_status ground_prepare(selo_ground *g, const OGRGeometryH *regions)
{
    g->areas = selo_alloc((size_t)g->frame.width, sizeof *g->areas);
    if (!g->areas)
        return SELO_E_MEMORY;
    selo_status status = selo_frame_check(&g->frame, g->earth, g->name);
    if (status == SELO_OK)
        status = selo_pixel_area_new(&g->frame, g->earth, &g->pixel_area);
    if (status == SELO_OK)
        status = selo_histogram_new(g->options.levels, (size_t)g->frame.width * (size_t)g->frame.height, &g->histogram);
    if (status == SELO_OK && g->options.aoi)
        status = cover(&g->frame, g->earth, g->options.aoi, &g->aoi);
    if (status == SELO_OK)
        status = place_regions(g, regions);
    if (status == SELO_OK)
        status = sort_regions(g);
    return status == SELO_OK ? start_peaks(g) : status;
}
