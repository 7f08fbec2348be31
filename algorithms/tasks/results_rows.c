/* A scored sample as rows of its layers: the order of values is that of the fields in results_schema.c. */
#include "results_rows.h"

#include <math.h>
#include <stdlib.h>

#include "results_schema.h"
#include "selo/memory.h"

/* Writes a row and destroys its geometry. */
static selo_status write_row(selo_layers *layers, size_t layer, OGRGeometryH geometry, const selo_value *values,
                             size_t n)
{
    const selo_status status = geometry ? selo_layers_write(layers, layer, geometry, values, n) : SELO_E_MEMORY;
    OGR_G_DestroyGeometry(geometry);
    return status;
}

static selo_value profile_of(const selo_drawing *drawing)
{
    return selo_value_text(selo_profile_name(drawing->sample->score->profile));
}

static selo_status write_sample(selo_layers *layers, const selo_drawing *drawing)
{
    enum { N_OWN = 16 };
    const selo_sample_result *sample = drawing->sample;
    const selo_score *score = sample->score;
    const selo_value own[N_OWN] = {
        selo_value_text(sample->query),
        selo_value_text(sample->model),
        selo_value_text(sample->map_uri),
        selo_value_text(sample->gt_uri),
        profile_of(drawing),
        selo_value_text(selo_verdict_name(score->verdict)),
        selo_value_real(score->rsu),
        selo_value_real(score->ras),
        selo_value_real(score->rda),
        selo_value_real(score->rmi),
        selo_value_integer((int64_t)score->n_regions),
        selo_value_integer((int64_t)score->n_candidates),
        selo_value_real(score->gt_frac),
        selo_value_real(score->nodata_fr),
        selo_value_real(score->area_m2),
        selo_value_rounded(sample->t_ms),
    };
    selo_value *values = selo_alloc(N_OWN + sample->n_extra, sizeof *values);
    if (!values)
        return SELO_E_MEMORY;
    for (size_t i = 0; i < N_OWN + sample->n_extra; i++)
        values[i] = i < N_OWN ? own[i] : selo_value_real(sample->extra_values[i - N_OWN]);
    const selo_status status =
        write_row(layers, SELO_LAYER_SAMPLE, selo_draw_footprint(drawing), values, N_OWN + sample->n_extra);
    selo_free(values);
    return status;
}

/* A copy as a flat multipolygon; NULL for NULL or if memory is short. */
static OGRGeometryH multipolygon_of(OGRGeometryH region)
{
    OGRGeometryH copy = region ? OGR_G_ForceToMultiPolygon(OGR_G_Clone(region)) : NULL;
    if (copy)
        OGR_G_FlattenTo2D(copy);
    return copy;
}

static selo_status write_region(selo_layers *layers, const selo_drawing *drawing, size_t i)
{
    const selo_sample_result *sample = drawing->sample;
    const selo_region_score *region = &sample->score->regions[i];
    const selo_value values[] = {
        profile_of(drawing),
        selo_value_integer((int64_t)i),
        selo_value_integer(region->n_in),
        selo_value_text(sample->classes ? sample->classes[i] : NULL),
        selo_value_real(region->cx_px),
        selo_value_real(region->cy_px),
        selo_value_real(region->r_px),
        selo_value_real(region->r_m),
        selo_value_real(region->shift_px),
        selo_value_real(region->shift_m),
        selo_value_real(region->spread_px),
        selo_value_real(region->spread_m),
        selo_value_real(region->ras_r),
        selo_value_real(region->rda_r),
        selo_value_real(region->mass_in),
        selo_value_real(region->area_px),
        selo_value_real(region->area_m2),
        selo_value_real(region->hidden),
    };
    return write_row(layers, SELO_LAYER_REGION, multipolygon_of(sample->regions[i]), values,
                     sizeof values / sizeof *values);
}

static selo_status write_circle(selo_layers *layers, const selo_drawing *drawing, size_t i)
{
    const selo_region_score *region = &drawing->sample->score->regions[i];
    const selo_value values[] = {
        profile_of(drawing),
        selo_value_integer((int64_t)i),
        selo_value_real(region->r_px),
        selo_value_real(region->r_m),
    };
    return write_row(layers, SELO_LAYER_CIRCLE, selo_draw_circle(drawing, region), values,
                     sizeof values / sizeof *values);
}

static selo_status write_candidate(selo_layers *layers, const selo_drawing *drawing, size_t i)
{
    const selo_candidate *candidate = &drawing->sample->score->candidates[i];
    const selo_value values[] = {
        profile_of(drawing),
        selo_value_integer((int64_t)i),
        selo_value_integer((int64_t)i + 1),
        selo_value_real(candidate->prob),
        selo_value_real(candidate->x_px),
        selo_value_real(candidate->y_px),
        selo_value_integer(candidate->plateau_px),
        selo_value_integer(candidate->n_hit),
    };
    return write_row(layers, SELO_LAYER_CAND, selo_draw_candidate(drawing, candidate), values,
                     sizeof values / sizeof *values);
}

/* How far a candidate is from a region's centre. */
typedef struct reach {
    size_t candidate;
    double px, m, azimuth_deg;
    double rank_by; /* in the unit in which the profile decides what is within */
} reach;

static int nearer(const void *a, const void *b)
{
    const reach *left = a, *right = b;
    if (left->rank_by != right->rank_by)
        return left->rank_by < right->rank_by ? -1 : 1;
    return left->candidate < right->candidate ? -1 : left->candidate > right->candidate;
}

static reach reach_of(const selo_drawing *drawing, const selo_region_score *region, size_t i)
{
    const selo_candidate *candidate = &drawing->sample->score->candidates[i];
    reach to = {.candidate = i, .px = hypot(candidate->x_px - region->cx_px, candidate->y_px - region->cy_px)};
    selo_drawing_geodesic(drawing, region, candidate, &to.m, &to.azimuth_deg);
    to.rank_by = drawing->sample->score->profile == SELO_PROFILE_GROUND && isfinite(to.m) ? to.m : to.px;
    return to;
}

static selo_status write_shift(selo_layers *layers, const selo_drawing *drawing, size_t region, const reach *to,
                               bool inside)
{
    const selo_score *score = drawing->sample->score;
    const selo_value values[] = {
        profile_of(drawing),
        selo_value_integer((int64_t)region),
        selo_value_integer((int64_t)to->candidate),
        selo_value_real(to->px),
        selo_value_real(to->m),
        selo_value_real(to->azimuth_deg),
        selo_value_flag(inside),
    };
    return write_row(layers, SELO_LAYER_SHIFT,
                     selo_draw_shift(drawing, &score->regions[region], &score->candidates[to->candidate]), values,
                     sizeof values / sizeof *values);
}

/* The n_in candidates within the circle are the n_in nearest ones: what the score counted is what the lines show. */
static selo_status write_shifts(selo_layers *layers, const selo_drawing *drawing, size_t region, reach *reaches)
{
    const selo_score *score = drawing->sample->score;
    const size_t n = score->n_candidates,
                 n_in = score->regions[region].n_in > 0 ? (size_t)score->regions[region].n_in : 0;
    for (size_t i = 0; i < n; i++)
        reaches[i] = reach_of(drawing, &score->regions[region], i);
    qsort(reaches, n, sizeof *reaches, nearer);
    selo_status status = SELO_OK;
    for (size_t i = 0; i < n && (i < n_in || i == 0) && status == SELO_OK; i++)
        status = write_shift(layers, drawing, region, &reaches[i], i < n_in);
    return status;
}

static selo_status write_all_shifts(selo_layers *layers, const selo_drawing *drawing)
{
    const selo_score *score = drawing->sample->score;
    if (score->n_candidates == 0 || !selo_layers_wants(layers, SELO_LAYER_SHIFT))
        return SELO_OK;
    reach *reaches = selo_alloc(score->n_candidates, sizeof *reaches);
    selo_status status = reaches ? SELO_OK : SELO_E_MEMORY;
    for (size_t i = 0; i < score->n_regions && status == SELO_OK; i++)
        status = write_shifts(layers, drawing, i, reaches);
    selo_free(reaches);
    return status;
}

selo_status selo_results_write_curve(selo_layers *layers, const selo_curve_point *points, size_t n)
{
    selo_status status = SELO_OK;
    for (size_t i = 0; i < n && status == SELO_OK; i++) {
        const selo_value values[] = {
            selo_value_text(selo_profile_name(SELO_PROFILE_GROUND)), selo_value_real(points[i].threshold),
            selo_value_real(points[i].precision), selo_value_real(points[i].recall), selo_value_real(points[i].f1),
            selo_value_real(points[i].iou),
        };
        status = selo_layers_write(layers, SELO_LAYER_CURVE, NULL, values, sizeof values / sizeof *values);
    }
    return status;
}

selo_status selo_results_write_rows(selo_layers *layers, const selo_drawing *drawing)
{
    const selo_score *score = drawing->sample->score;
    selo_status status = write_sample(layers, drawing);
    for (size_t i = 0; i < score->n_regions && status == SELO_OK; i++)
        status = write_region(layers, drawing, i);
    for (size_t i = 0; i < score->n_regions && status == SELO_OK; i++)
        status = write_circle(layers, drawing, i);
    for (size_t i = 0; i < score->n_candidates && status == SELO_OK; i++)
        status = write_candidate(layers, drawing, i);
    if (status == SELO_OK)
        status = write_all_shifts(layers, drawing);
    return status == SELO_OK ? selo_results_write_curve(layers, drawing->sample->curve, drawing->sample->n_curve)
                             : status;
}
