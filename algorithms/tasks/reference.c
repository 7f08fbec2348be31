/* Rows of an 8-bit map go by once: masks and peaks take what they need of each. */
#include <string.h>

#include "reference_state.h"
#include "selo/memory.h"

/* Sizes of the published evaluation class (docs/metrics.md). */
enum { PASSES = 5, BOX_BEFORE = 25, BOX_AFTER = 24, APART_BEFORE = 500, APART_AFTER = 499 };

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

size_t reference_region_end(const selo_reference_sample *given, size_t first)
{
    size_t end = first + 1;
    while (end < given->n_contours && (given->contours[end].hole || given->contours[end].part))
        end++;
    return end;
}

static selo_status sample_begin(struct sample *sample, const selo_reference_sample *given, int width, int height)
{
    sample->given = *given;
    for (size_t first = 0; first < given->n_contours; first = reference_region_end(given, first)) {
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
        const size_t end = reference_region_end(given, first);
        status = mask_begin(&sample->regions[r], given->contours + first, end - first, width, height);
        first = end;
    }
    return status;
}

selo_status selo_reference_new(int width, int height, int threads, const selo_reference_sample *samples,
                               size_t n_samples, selo_reference **out)
{
    *out = NULL;
    selo_reference *scorer = selo_alloc_zeroed(1, sizeof *scorer);
    if (!scorer)
        return SELO_E_MEMORY;
    scorer->width = width;
    scorer->height = height;
    const selo_extent box = {BOX_BEFORE, BOX_AFTER}, apart = {APART_BEFORE, APART_AFTER};
    const selo_peaks_options options = {.width = width, .height = height, .passes = PASSES, .smooth_x = box,
                                        .smooth_y = box,
                                        .apart_x = apart, .apart_y = apart, .border = SELO_BORDER_REFLECT,
                                        .threads = threads};
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

selo_status selo_reference_finish(selo_reference *scorer, selo_pixel_fn pixel, void *user, selo_score *scores)
{
    memset(scores, 0, scorer->n_samples * sizeof *scores);
    selo_candidate *found = NULL;
    size_t n_found = 0;
    selo_status status = reference_candidates(scorer, pixel, user, &found, &n_found);
    for (size_t i = 0; status == SELO_OK && i < scorer->n_samples; i++)
        status = reference_score(scorer, &scorer->samples[i], found, n_found, &scores[i]);
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
