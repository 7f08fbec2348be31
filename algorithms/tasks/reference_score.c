/* The published scores of a sample, from what its pass over the map has gathered (docs/metrics.md). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reference_state.h"
#include "selo/memory.h"

enum { LEAST_GREY = 128 }; /* a probability of at least 0.5 */
static const double EPSILON = 1e-7, WHITE = 255.0;

static int by_prob_descending(const void *a, const void *b)
{
    const selo_candidate *left = a, *right = b;
    if (left->prob != right->prob)
        return left->prob < right->prob ? 1 : -1;
    return left->n_hit - right->n_hit; /* holds the raster order while sorting: the published sort is stable */
}

selo_status reference_candidates(selo_reference *scorer, selo_pixel_fn pixel, void *user, selo_candidate **out,
                                 size_t *n_out)
{
    selo_plateau *plateaus = NULL;
    size_t n = 0, kept = 0;
    selo_status status = selo_peaks_finish(scorer->peaks, &plateaus, &n);
    if (status != SELO_OK)
        return status;
    selo_candidate *found = selo_alloc(n, sizeof *found);
    if (!found)
        status = SELO_E_MEMORY;
    for (size_t i = 0; status == SELO_OK && i < n; i++) {
        const int x = (int)(plateaus[i].sum_x / plateaus[i].size), y = (int)(plateaus[i].sum_y / plateaus[i].size);
        uint8_t grey = (uint8_t)plateaus[i].centre_value;
        if (plateaus[i].centre_value < 0)
            status = pixel(user, x, y, &grey);
        if (grey >= LEAST_GREY) {
            found[kept] = (selo_candidate){.x_px = x, .y_px = y, .prob = grey / WHITE, .plateau_px = plateaus[i].size,
                                           .n_hit = (int)kept};
            kept++;
        }
    }
    selo_free(plateaus);
    if (status != SELO_OK) {
        selo_free(found);
        return status;
    }
    qsort(found, kept, sizeof *found, by_prob_descending);
    for (size_t i = 0; i < kept; i++)
        found[i].n_hit = 0;
    *out = found;
    *n_out = kept;
    return SELO_OK;
}

/* Mean distance of the candidates within a circle from their own centroid; also counts who is hit. */
static double spread_within(const selo_circle *circle, selo_score *score, double *distances, size_t *n_in)
{
    double x = 0, y = 0;
    size_t n = 0;
    for (size_t i = 0; i < score->n_candidates; i++)
        if (distances[i] <= circle->radius) {
            x += score->candidates[i].x_px;
            y += score->candidates[i].y_px;
            score->candidates[i].n_hit++;
            n++;
        }
    *n_in = n;
    if (n == 0)
        return NAN;
    x /= (double)n;
    y /= (double)n;
    size_t k = 0; /* the distances to the circle's centre are no longer needed: their room is used again */
    for (size_t i = 0; i < score->n_candidates; i++)
        if (distances[i] <= circle->radius) {
            const double dx = score->candidates[i].x_px - x, dy = score->candidates[i].y_px - y;
            distances[k++] = sqrt(dx * dx + dy * dy);
        }
    return selo_mean(distances, n);
}

static void score_region(selo_score *score, size_t index, const selo_circle *circle, double *distances)
{
    selo_region_score *region = &score->regions[index];
    for (size_t i = 0; i < score->n_candidates; i++) {
        const double dx = score->candidates[i].x_px - circle->x, dy = score->candidates[i].y_px - circle->y;
        distances[i] = sqrt(dx * dx + dy * dy);
    }
    size_t n_in;
    region->cx_px = circle->x;
    region->cy_px = circle->y;
    region->r_px = circle->radius;
    region->ras_r = selo_ras_ratio(distances, score->n_candidates, circle->radius);
    region->spread_px = spread_within(circle, score, distances, &n_in);
    region->n_in = (int)n_in;
    region->rda_r = selo_rda_region(n_in, region->spread_px, circle->radius);
    region->shift_px = circle->radius > 0 ? region->ras_r * circle->radius : n_in ? 0.0 : NAN;
}

/* The published code divides by a radius of zero: for any region where there are candidates, for the
 * first where there are none. */
static bool divides_by_zero(const selo_score *score)
{
    for (size_t r = 0; r < score->n_regions; r++) {
        if (score->regions[r].r_px == 0 && score->regions[r].n_in == 0)
            return true;
        if (score->n_candidates == 0)
            return false;
    }
    return false;
}

static void judge(selo_score *score)
{
    if (score->n_regions == 0)
        score->verdict = SELO_NO_REGION;
    else if (isnan(score->ras) || isnan(score->rda))
        score->verdict = SELO_ZERO_RADIUS;
    else if (isnan(score->rsu))
        score->verdict = SELO_REGION_OUTSIDE;
    else
        score->verdict = SELO_SCORED;
}

/* The circle of the contours first ... end - 1: the vertices of a region's parts count together, holes do not. */
static selo_status circle_of(const selo_contour *contours, size_t first, size_t end, selo_circle *circle)
{
    size_t n = 0, taken = 0;
    for (size_t c = first; c < end; c++)
        n += contours[c].hole ? 0 : contours[c].n;
    if (n == contours[first].n)
        return selo_vertex_circle(contours[first].vertices, n, SELO_EXPANSION_DEFAULT, circle);
    selo_point *vertices = selo_alloc(n, sizeof *vertices);
    if (!vertices)
        return SELO_E_MEMORY;
    for (size_t c = first; c < end; c++) {
        if (contours[c].hole)
            continue;
        memcpy(vertices + taken, contours[c].vertices, contours[c].n * sizeof *vertices);
        taken += contours[c].n;
    }
    const selo_status status = selo_vertex_circle(vertices, n, SELO_EXPANSION_DEFAULT, circle);
    selo_free(vertices);
    return status;
}

static selo_status score_distances(const struct sample *sample, selo_score *score)
{
    double *distances = selo_alloc(score->n_candidates, sizeof *distances);
    double *ratios = selo_alloc(score->n_regions, sizeof *ratios);
    double *rdas = selo_alloc(score->n_regions, sizeof *rdas);
    selo_status status = distances && ratios && rdas ? SELO_OK : SELO_E_MEMORY;
    for (size_t r = 0, first = 0, end; status == SELO_OK && r < score->n_regions; r++, first = end) {
        selo_circle circle;
        end = reference_region_end(&sample->given, first);
        status = circle_of(sample->given.contours, first, end, &circle);
        if (status != SELO_OK)
            break;
        score_region(score, r, &circle, distances);
        ratios[r] = score->regions[r].ras_r;
        rdas[r] = score->regions[r].rda_r;
    }
    if (status == SELO_OK) {
        score->ras = selo_ras(ratios, score->n_candidates || score->n_regions == 0 ? score->n_regions : 1);
        score->rda = selo_mean(rdas, score->n_regions);
        if (divides_by_zero(score))
            score->rsu = score->ras = score->rda = NAN;
    }
    selo_free(distances);
    selo_free(ratios);
    selo_free(rdas);
    return status;
}

selo_status reference_score(const selo_reference *scorer, const struct sample *sample, const selo_candidate *found,
                            size_t n_found, selo_score *score)
{
    const selo_weights weights = SELO_WEIGHTS_DEFAULT;
    const double pixels = (double)scorer->width * scorer->height;
    const double total = (double)scorer->grey / WHITE, inside = (double)sample->all.grey / WHITE,
                 covered = (double)sample->all.pixels;
    *score = (selo_score){.profile = SELO_PROFILE_REFERENCE, .nodata_fr = 0, .area_m2 = NAN,
                          .gt_frac = covered / pixels};
    score->candidates = selo_alloc(n_found, sizeof *score->candidates);
    score->regions = selo_alloc_zeroed(sample->n_regions, sizeof *score->regions);
    if (!score->candidates || !score->regions)
        return SELO_E_MEMORY;
    memcpy(score->candidates, found, n_found * sizeof *found);
    score->n_candidates = n_found;
    score->n_regions = sample->n_regions;
    for (size_t r = 0; r < score->n_regions; r++) {
        selo_region_score *region = &score->regions[r];
        *region = (selo_region_score){.r_m = NAN, .shift_m = NAN, .spread_m = NAN, .area_m2 = NAN};
        region->area_px = (double)sample->regions[r].pixels;
        region->mass_in = scorer->grey ? (double)sample->regions[r].grey / (double)scorer->grey : NAN;
    }
    score->rsu = selo_rsu(inside, total - inside, covered, pixels - covered, EPSILON);
    const selo_status status = score_distances(sample, score);
    score->rmi = selo_rmi(score->rsu, score->ras, score->rda, weights);
    judge(score);
    return status;
}
