/* The scoring half of the ground profile: candidates against circles, sums into scores. */
#include <math.h>
#include <stdlib.h>

#include "ground_state.h"
#include "selo/memory.h"

static int by_rank(const void *a, const void *b)
{
    const selo_candidate *p = a, *q = b;
    if (p->prob != q->prob)
        return p->prob > q->prob ? -1 : 1;
    if (p->y_px != q->y_px)
        return p->y_px < q->y_px ? -1 : 1;
    return (p->x_px > q->x_px) - (p->x_px < q->x_px);
}

selo_status ground_candidates(const selo_ground *g, const selo_plateau *plateaus, size_t n, selo_score *score)
{
    const double unit = g->options.levels_exact ? 65535 : 1;
    score->n_candidates = 0;
    score->candidates = selo_alloc(n, sizeof *score->candidates);
    if (!score->candidates)
        return SELO_E_MEMORY;
    for (size_t i = 0; i < n; i++) {
        const selo_plateau *p = plateaus + i;
        const double size = (double)p->size, prob = p->value_sum / size / unit;
        if (prob >= g->options.threshold)
            score->candidates[score->n_candidates++] = (selo_candidate){
                .x_px = (double)p->sum_x / size + 0.5, .y_px = (double)p->sum_y / size + 0.5,
                .prob = prob, .plateau_px = p->size,
            };
    }
    qsort(score->candidates, score->n_candidates, sizeof *score->candidates, by_rank);
    return SELO_OK;
}

/* Candidates as seen from one region. */
typedef struct sight {
    selo_point *lonlat;  /* of all candidates */
    selo_space *space;   /* likewise */
    double *metres;      /* distances from the region's centre */
    selo_point *plane;   /* those within the circle, in metres around the centre */
    selo_point *pixels;  /* the same, in pixels */
} sight;

static selo_status open_sight(const selo_ground *g, const selo_score *score, sight *s)
{
    const size_t n = score->n_candidates;
    *s = (sight){selo_alloc(n, sizeof *s->lonlat), selo_alloc(n, sizeof *s->space), selo_alloc(n, sizeof *s->metres),
                 selo_alloc(n, sizeof *s->plane), selo_alloc(n, sizeof *s->pixels)};
    if (!s->lonlat || !s->space || !s->metres || !s->plane || !s->pixels)
        return SELO_E_MEMORY;
    for (size_t i = 0; i < n; i++) {
        s->lonlat[i] = selo_frame_to_map(&g->frame, score->candidates[i].x_px, score->candidates[i].y_px);
        selo_earth_to_lonlat(g->earth, 1, &s->lonlat[i].x, &s->lonlat[i].y);
        s->space[i] = selo_earth_in_space(g->earth, s->lonlat[i]);
    }
    return SELO_OK;
}

static void close_sight(sight *s)
{
    selo_free(s->lonlat);
    selo_free(s->space);
    selo_free(s->metres);
    selo_free(s->plane);
    selo_free(s->pixels);
}

/* Mean distance of n points from `centre`; from their own centroid where that is NULL. NaN for none. */
static double mean_distance(const selo_point *points, size_t n, const selo_point *centre)
{
    double x = 0, y = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        x += points[i].x / (double)n;
        y += points[i].y / (double)n;
    }
    for (size_t i = 0; i < n; i++)
        sum += hypot(points[i].x - (centre ? centre->x : x), points[i].y - (centre ? centre->y : y));
    return n ? sum / (double)n : NAN;
}

/* Whether two places are farther apart than a geodesic of that length can reach; a millimetre is left to rounding. */
static bool out_of_reach(selo_space a, selo_space b, double metres)
{
    const double x = a.x - b.x, y = a.y - b.y, z = a.z - b.z, reach = metres + 1e-3;
    return x * x + y * y + z * z > reach * reach;
}

static void score_region(const selo_ground *g, const ground_region *region, const sight *s, selo_score *score,
                         selo_region_score *out)
{
    const selo_shape *shape = &region->shape;
    const double pixel_m = sqrt(g->extras.step_x_m * g->extras.step_y_m);
    const selo_space middle = selo_earth_in_space(g->earth, shape->centre);
    size_t n_in = 0;
    for (size_t i = 0; i < score->n_candidates; i++) {
        s->metres[i] = INFINITY; /* as good as any distance beyond the radius */
        if (out_of_reach(middle, s->space[i], shape->radius_m))
            continue;
        s->metres[i] = selo_earth_distance(g->earth, shape->centre, s->lonlat[i], NULL);
        if (!(s->metres[i] <= shape->radius_m))
            continue;
        score->candidates[i].n_hit++;
        s->plane[n_in] = selo_earth_to_plane(g->earth, shape->centre, s->lonlat[i]);
        s->pixels[n_in++] = (selo_point){score->candidates[i].x_px, score->candidates[i].y_px};
    }
    *out = (selo_region_score){
        .cx_px = shape->centre_px.x, .cy_px = shape->centre_px.y,
        .r_px = shape->radius_m / pixel_m, .r_m = shape->radius_m,
        .n_in = (int)n_in,
        .ras_r = selo_ras_ratio(s->metres, score->n_candidates, shape->radius_m),
        .spread_px = mean_distance(s->pixels, n_in, NULL), .spread_m = mean_distance(s->plane, n_in, NULL),
        .mass_in = g->whole.mass > 0 ? region->inside.mass / g->whole.mass : NAN,
        .area_px = region->inside.pixels_all, .area_m2 = region->inside.area_all,
        .hidden = region->inside.area_all > 0 ? 1 - region->inside.area / region->inside.area_all : NAN,
    };
    out->shift_m = out->ras_r * shape->radius_m;
    out->shift_px = n_in ? mean_distance(s->pixels, n_in, &shape->centre_px) : out->r_px;
    out->rda_r = selo_rda_region(n_in, out->spread_m, shape->radius_m);
}

static selo_status score_regions(const selo_ground *g, selo_score *score)
{
    sight s;
    score->n_regions = g->n_regions;
    score->regions = selo_alloc_zeroed(g->n_regions, sizeof *score->regions);
    selo_status status = open_sight(g, score, &s);
    if (!score->regions)
        status = SELO_E_MEMORY;
    for (size_t i = 0; status == SELO_OK && i < g->n_regions; i++)
        score_region(g, g->regions + i, &s, score, score->regions + i);
    close_sight(&s);
    return status;
}

/* What is left of a difference of sums that only differ by rounding is nothing. */
static double area_outside(const selo_ground *g)
{
    const double outside = g->whole.area - g->inside.area;
    return outside > 1e-12 * g->whole.area ? outside : 0;
}

static selo_verdict judge(const selo_ground *g, const selo_score *score)
{
    if (g->n_regions == 0)
        return SELO_NO_REGION;
    if (!(g->whole.pixels > 0))
        return SELO_NO_VALID_PIXEL;
    if (!(g->inside.area_all > 0))
        return SELO_REGION_OUTSIDE;
    if (g->inside.area > 0 && area_outside(g) == 0)
        return SELO_REGION_EVERYWHERE;
    for (size_t i = 0; i < score->n_regions; i++)
        if (score->regions[i].hidden > 0.5)
            return SELO_REGION_HIDDEN;
    return SELO_SCORED;
}

/* Means over regions of one of their numbers. */
static selo_status mean_over_regions(selo_score *score)
{
    double *ras = selo_alloc(score->n_regions, 2 * sizeof *ras);
    if (!ras)
        return SELO_E_MEMORY;
    double *rda = ras + score->n_regions;
    for (size_t i = 0; i < score->n_regions; i++) {
        ras[i] = score->regions[i].ras_r;
        rda[i] = score->regions[i].rda_r;
    }
    score->ras = selo_ras(ras, score->n_regions);
    score->rda = selo_mean(rda, score->n_regions);
    selo_free(ras);
    return SELO_OK;
}

selo_status ground_scores(const selo_ground *g, selo_score *score)
{
    selo_status status = score_regions(g, score);
    if (status != SELO_OK)
        return status;
    const selo_mass *whole = &g->whole, *in = &g->inside;
    score->verdict = judge(g, score);
    score->rsu = score->ras = score->rda = NAN;
    score->area_m2 = whole->area;
    score->gt_frac = whole->area > 0 ? in->area / whole->area : NAN;
    score->nodata_fr = whole->area_all > 0 ? 1 - whole->area / whole->area_all : NAN;
    if (score->verdict != SELO_NO_REGION && score->verdict != SELO_NO_VALID_PIXEL)
        status = mean_over_regions(score);
    if (in->area > 0 && area_outside(g) > 0)
        score->rsu = selo_rsu(in->mass, whole->mass - in->mass, in->area, area_outside(g),
                              1e-7 * whole->area / whole->pixels);
    score->rmi = selo_rmi(score->rsu, score->ras, score->rda, g->options.weights);
    return status;
}
