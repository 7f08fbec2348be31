#include "image_strip.h"

#include <math.h>
#include <string.h>

#include "cpl_error.h"
#include "selo/memory.h"
#include "selo/source.h"

struct selo_image_strip {
    GDALDatasetH image;
    int col_start, width, height; /* of what is read; height of the image */
    int block_rows;               /* reading ends at multiples of it, so that no block is decoded twice */
    int n_planes;
    int numbers[SELO_BAND_ROLES];     /* band of each plane */
    int plane_of_role[SELO_BAND_ROLES]; /* -1: none */
    bool masked, floating;
    int room;       /* rows that the buffers hold */
    int top, count; /* rows held: top ... top + count - 1 */
    float *planes;  /* n_planes x room x width */
    uint8_t *valid; /* room x width; NULL: all valid */
    uint8_t *mask;  /* for one reading; NULL: no mask bands */
};

static void choose_planes(selo_image_strip *s, const selo_bands *bands, const bool *used)
{
    for (int role = 0; role < SELO_BAND_ROLES; role++) {
        const int number = used[role] ? bands->number[role] : 0;
        int plane = 0;
        while (plane < s->n_planes && s->numbers[plane] != number)
            plane++;
        s->plane_of_role[role] = number ? plane : -1;
        if (number && plane == s->n_planes)
            s->numbers[s->n_planes++] = number;
    }
}

static void look_at_bands(selo_image_strip *s)
{
    s->block_rows = 1;
    for (int plane = 0; plane < s->n_planes; plane++) {
        GDALRasterBandH band = GDALGetRasterBand(s->image, s->numbers[plane]);
        int block_width, block_height;
        GDALGetBlockSize(band, &block_width, &block_height);
        if (block_height > s->block_rows && block_height <= 4096)
            s->block_rows = block_height;
        s->masked = s->masked || !(GDALGetMaskFlags(band) & GMF_ALL_VALID);
        s->floating = s->floating || GDALDataTypeIsFloating(GDALGetRasterDataType(band));
    }
}

static selo_status allocate(selo_image_strip *s)
{
    const size_t room = (size_t)s->room, width = (size_t)s->width;
    s->planes = selo_alloc(room * (size_t)s->n_planes, width * sizeof *s->planes);
    if (s->masked || s->floating)
        s->valid = selo_alloc(room, width);
    if (s->masked)
        s->mask = selo_alloc(room, width);
    if (s->planes && (s->valid || !(s->masked || s->floating)) && (s->mask || !s->masked))
        return SELO_OK;
    CPLError(CE_Failure, CPLE_OutOfMemory, "%s: not enough memory for %d rows of it, which its windows need at once",
             GDALGetDescription(s->image), s->room);
    return SELO_E_MEMORY;
}

selo_status selo_image_strip_open(GDALDatasetH image, const selo_bands *bands, const bool used[SELO_BAND_ROLES],
                                  int col_start, int col_end, int tallest, selo_image_strip **strip)
{
    selo_image_strip *s = *strip = selo_alloc_zeroed(1, sizeof *s);
    if (!s)
        return SELO_E_MEMORY;
    s->image = image;
    s->col_start = col_start;
    s->width = col_end - col_start;
    s->height = GDALGetRasterYSize(image);
    choose_planes(s, bands, used);
    look_at_bands(s);
    s->room = tallest + tallest / 4 + s->block_rows;
    const selo_status status = allocate(s);
    if (status != SELO_OK) {
        selo_image_strip_free(s);
        *strip = NULL;
    }
    return status;
}

void selo_image_strip_free(selo_image_strip *s)
{
    if (!s)
        return;
    selo_free(s->planes);
    selo_free(s->valid);
    selo_free(s->mask);
    selo_free(s);
}

/* Drops rows above `from`; what is left moves to the front. */
static void drop_rows(selo_image_strip *s, int from)
{
    const int gone = from - s->top < s->count ? from - s->top : s->count;
    const size_t width = (size_t)s->width, kept = (size_t)(s->count - gone) * width, shift = (size_t)gone * width;
    for (int plane = 0; plane < s->n_planes && kept > 0; plane++) {
        float *at = s->planes + (size_t)plane * (size_t)s->room * width;
        memmove(at, at + shift, kept * sizeof *at);
    }
    if (s->valid && kept > 0)
        memmove(s->valid, s->valid + shift, kept);
    s->top = from;
    s->count -= gone;
}

static selo_source_part part_of(const selo_image_strip *s, int row, int n_rows)
{
    return (selo_source_part){"image", s->image, s->col_start, row, s->width, n_rows};
}

static selo_status read_mask(selo_image_strip *s, int plane, int row, int n_rows, uint8_t *valid)
{
    GDALRasterBandH band = GDALGetRasterBand(s->image, s->numbers[plane]);
    const int flags = GDALGetMaskFlags(band);
    if ((flags & GMF_ALL_VALID) || ((flags & GMF_PER_DATASET) && plane > 0))
        return SELO_OK;
    const selo_source_part part = part_of(s, row, n_rows);
    const selo_status status = selo_source_read_mask(&part, s->numbers[plane], s->mask);
    if (status != SELO_OK)
        return status;
    for (size_t i = 0; i < (size_t)n_rows * (size_t)s->width; i++)
        valid[i] &= s->mask[i] != 0;
    return SELO_OK;
}

static selo_status read_valid(selo_image_strip *s, int row, int n_rows, size_t at)
{
    const size_t n = (size_t)n_rows * (size_t)s->width, room = (size_t)s->room * (size_t)s->width;
    uint8_t *valid = s->valid + at;
    selo_status status = SELO_OK;
    memset(valid, 1, n);
    for (int plane = 0; plane < s->n_planes && s->masked && status == SELO_OK; plane++)
        status = read_mask(s, plane, row, n_rows, valid);
    for (int plane = 0; plane < s->n_planes && s->floating; plane++) {
        const float *values = s->planes + (size_t)plane * room + at;
        for (size_t i = 0; i < n; i++)
            valid[i] &= (uint8_t)(isfinite(values[i]) != 0);
    }
    return status;
}

/* Rows up to `end`, which there is room for. */
static selo_status read_rows(selo_image_strip *s, int end)
{
    const int row = s->top + s->count, n_rows = end - row;
    const size_t at = (size_t)s->count * (size_t)s->width;
    const selo_source_part part = part_of(s, row, n_rows);
    const selo_status status = selo_source_read_bands(&part, s->numbers, s->n_planes,
                                                      (size_t)s->room * (size_t)s->width, s->planes + at);
    if (status != SELO_OK)
        return status;
    s->count += n_rows;
    return s->valid ? read_valid(s, row, n_rows, at) : SELO_OK;
}

/* Blocks are read whole where there is room for that. */
static int reading_end(const selo_image_strip *s, int row_end, int keep_from)
{
    const int whole = (row_end + s->block_rows - 1) / s->block_rows * s->block_rows;
    const int end = whole > s->height ? s->height : whole;
    return end - keep_from <= s->room ? end : row_end;
}

selo_status selo_image_strip_get(selo_image_strip *s, selo_window window, int keep_from, selo_pixels *pixels)
{
    if (window.row_end > s->top + s->count) {
        const int end = reading_end(s, window.row_end, keep_from);
        if (end - s->top > s->room || s->top + s->count < keep_from)
            drop_rows(s, keep_from);
        const selo_status status = read_rows(s, end);
        if (status != SELO_OK)
            return status;
    }
    const size_t width = (size_t)s->width, room = (size_t)s->room * width;
    const size_t at = (size_t)(window.row_start - s->top) * width + (size_t)(window.col_start - s->col_start);
    *pixels = (selo_pixels){.valid = s->valid ? s->valid + at : NULL, .stride = width,
                            .width = window.col_end - window.col_start, .height = window.row_end - window.row_start};
    for (int role = 0; role < SELO_BAND_ROLES; role++) {
        if (s->plane_of_role[role] >= 0)
            pixels->planes[role] = s->planes + (size_t)s->plane_of_role[role] * room + at;
    }
    return SELO_OK;
}
