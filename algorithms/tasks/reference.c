#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "selo/memory.h"
#include "selo/peaks.h"
#include "selo/spans.h"

/* Sizes of the published evaluation class (docs/metrics.md). */
enum { PASSES = 5, BOX_BEFORE = 25, BOX_AFTER = 24, APART_BEFORE = 500, APART_AFTER = 499, LEAST_GREY = 128 };
static const double EPSILON = 1e-7, WHITE = 255.0;

/* A mask whose sums grow while rows pass by. */
struct mask {
    selo_fill *fill;
    int first_row, last_row; /* rows that the mask can touch */
    uint64_t grey;           /* sum of the map inside */
    uint64_t pixels;
};

struct sample {
    selo_reference_sample given;
    struct mask all;         /* every contour, even-odd */
    size_t n_regions;
    struct mask *regions;    /* each region alone: its share of the attention */
};

struct selo_reference {
    int width, height, row;
    uint64_t grey; /* sum of the map */
    size_t n_samples;
    struct sample *samples;
    selo_peaks *peaks;
};

static selo_status mask_begin(struct mask *mask, const selo_contour *contours, size_t n_contours, int width, int height)
{
    size_t n = 0;
    for (size_t c = 0; c < n_contours; c++)
        n += contours[c].n;
    selo_point_px *points = selo_alloc(n, sizeof *points);
    size_t *sizes = selo_alloc(n_contours, sizeof *sizes);
    selo_status status = points && sizes ? SELO_OK : SELO_E_MEMORY;
    size_t i = 0;
    mask->first_row = height;
    mask->last_row = -1;
    for (size_t c = 0; status == SELO_OK && c < n_contours; c++) {
        sizes[c] = contours[c].n;
        for (size_t k = 0; k < contours[c].n; k++, i++) {
            points[i] = (selo_point_px){(int32_t)contours[c].vertices[k].x, (int32_t)contours[c].vertices[k].y};
            if (points[i].y < mask->first_row)
                mask->first_row = points[i].y;
            if (points[i].y > mask->last_row)
                mask->last_row = points[i].y;
        }
    }
    if (status == SELO_OK)
        status = selo_fill_new(points, sizes, n_contours, width, height, &mask->fill);
    selo_free(points);
    selo_free(sizes);
    return status;
}

static uint64_t sum_bytes(const uint8_t *values, int n)
{
    uint64_t sum = 0;
    for (int i = 0; i < n;) { /* chunks whose 32-bit sums cannot overflow, so that the inner loop is vectorised */
        const int end = n - i > 1 << 20 ? i + (1 << 20) : n;
        uint32_t part = 0;
        for (; i < end; i++)
            part += values[i];
        sum += part;
    }
    return sum;
}

static selo_status mask_add_row(struct mask *mask, int y, const uint8_t *row)
{
    if (y < mask->first_row || y > mask->last_row)
        return SELO_OK;
    const selo_span *spans;
    size_t n;
    const selo_status status = selo_fill_row(mask->fill, y, &spans, &n);
    for (size_t i = 0; status == SELO_OK && i < n; i++) {
        const int length = spans[i].x1 - spans[i].x0 + 1;
        mask->grey += sum_bytes(row + spans[i].x0, length);
        mask->pixels += (uint64_t)length;
    }
    return status;
}

/* Index of the contour after the region that begins at `first`. */
static size_t region_end(const selo_reference_sample *given, size_t first)
{
    size_t end = first + 1;
    while (end < given->n_contours && given->contours[end].hole)
        end++;
    return end;
}

static selo_status sample_begin(struct sample *sample, const selo_reference_sample *given, int width, int height)
{
    sample->given = *given;
    for (size_t first = 0; first < given->n_contours; first = region_end(given, first)) {
        if (given->contours[first].n == 0)
            return SELO_E_ARGUMENT;
        sample->n_regions++;
    }
    sample->regions = selo_alloc_zeroed(sample->n_regions, sizeof *sample->regions);
    if (!sample->regions)
        return SELO_E_MEMORY;
    selo_status status = mask_begin(&sample->all, given->contours, given->n_contours, width, height);
    size_t first = 0;
    for (size_t r = 0; status == SELO_OK && r < sample->n_regions; r++) {
        const size_t end = region_end(given, first);
        status = mask_begin(&sample->regions[r], given->contours + first, end - first, width, height);
        first = end;
    }
    return status;
}

selo_status selo_reference_new(int width, int height, int threads, const selo_reference_sample *samples, size_t n_samples,
                               selo_reference **out)
{
    *out = NULL;
    selo_reference *scorer = selo_alloc_zeroed(1, sizeof *scorer);
    if (!scorer)
        return SELO_E_MEMORY;
    scorer->width = width;
    scorer->height = height;
    const selo_extent box = {BOX_BEFORE, BOX_AFTER}, apart = {APART_BEFORE, APART_AFTER};
    const selo_peaks_options options = {.width = width, .height = height, .passes = PASSES, .smooth_x = box, .smooth_y = box,
                                        .apart_x = apart, .apart_y = apart, .border = SELO_BORDER_REFLECT, .threads = threads};
    selo_status status = selo_peaks_new(&options, &scorer->peaks);
    scorer->samples = selo_alloc_zeroed(n_samples, sizeof *scorer->samples);
    if (!scorer->samples)
        status = SELO_E_MEMORY;
    else
        scorer->n_samples = n_samples;
    for (size_t i = 0; status == SELO_OK && i < n_samples; i++)
        status = sample_begin(&scorer->samples[i], &samples[i], width, height);
    if (status == SELO_OK)
        *out = scorer;
    else
        selo_reference_free(scorer);
    return status;
}

selo_status selo_reference_push(selo_reference *scorer, const uint8_t *rows, int n_rows)
{
    for (int i = 0; i < n_rows; i++, scorer->row++) {
        const uint8_t *row = rows + (size_t)i * (size_t)scorer->width;
        scorer->grey += sum_bytes(row, scorer->width);
        for (size_t s = 0; s < scorer->n_samples; s++) {
            struct sample *sample = &scorer->samples[s];
            selo_status status = mask_add_row(&sample->all, scorer->row, row);
            for (size_t r = 0; status == SELO_OK && r < sample->n_regions; r++)
                status = mask_add_row(&sample->regions[r], scorer->row, row);
            if (status != SELO_OK)
                return status;
        }
    }
    return selo_peaks_push_bytes(scorer->peaks, rows, n_rows);
}

static int by_prob_descending(const void *a, const void *b)
{
    const selo_candidate *left = a, *right = b;
    if (left->prob != right->prob)
        return left->prob < right->prob ? 1 : -1;
    return left->n_hit - right->n_hit; /* holds the raster order while sorting: the published sort is stable */
}

/* Kept attention centres in the published order. */
static selo_status candidates(selo_reference *scorer, selo_pixel_fn pixel, void *user, selo_candidate **out, size_t *n_out)
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
            found[kept] = (selo_candidate){.x_px = x, .y_px = y, .prob = grey / WHITE, .plateau_px = plateaus[i].size, .n_hit = (int)kept};
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

/* The published code divides by a radius of zero: for any region where there are candidates, for the first where there are none. */
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

static selo_status score_distances(const struct sample *sample, selo_score *score)
{
    double *distances = selo_alloc(score->n_candidates, sizeof *distances);
    double *ratios = selo_alloc(score->n_regions, sizeof *ratios);
    double *rdas = selo_alloc(score->n_regions, sizeof *rdas);
    selo_status status = distances && ratios && rdas ? SELO_OK : SELO_E_MEMORY;
    size_t first = 0;
    for (size_t r = 0; status == SELO_OK && r < score->n_regions; r++, first = region_end(&sample->given, first)) {
        const selo_contour *contour = &sample->given.contours[first];
        selo_circle circle;
        status = selo_vertex_circle(contour->vertices, contour->n, SELO_EXPANSION_DEFAULT, &circle);
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

static selo_status score_sample(const selo_reference *scorer, const struct sample *sample, const selo_candidate *found, size_t n_found,
                                selo_score *score)
{
    const selo_weights weights = SELO_WEIGHTS_DEFAULT;
    const double pixels = (double)scorer->width * scorer->height;
    const double total = (double)scorer->grey / WHITE, inside = (double)sample->all.grey / WHITE, covered = (double)sample->all.pixels;
    *score = (selo_score){.profile = SELO_PROFILE_REFERENCE, .nodata_fr = 0, .area_m2 = NAN, .gt_frac = covered / pixels};
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

selo_status selo_reference_finish(selo_reference *scorer, selo_pixel_fn pixel, void *user, selo_score *scores)
{
    memset(scores, 0, scorer->n_samples * sizeof *scores);
    selo_candidate *found = NULL;
    size_t n_found = 0;
    selo_status status = candidates(scorer, pixel, user, &found, &n_found);
    for (size_t i = 0; status == SELO_OK && i < scorer->n_samples; i++)
        status = score_sample(scorer, &scorer->samples[i], found, n_found, &scores[i]);
    selo_free(found);
    return status;
}

void selo_reference_free(selo_reference *scorer)
{
    if (!scorer)
        return;
    for (size_t s = 0; s < scorer->n_samples; s++) {
        struct sample *sample = &scorer->samples[s];
        selo_fill_free(sample->all.fill);
        for (size_t r = 0; sample->regions && r < sample->n_regions; r++)
            selo_fill_free(sample->regions[r].fill);
        selo_free(sample->regions);
    }
    selo_free(scorer->samples);
    selo_peaks_free(scorer->peaks);
    selo_free(scorer);
}
