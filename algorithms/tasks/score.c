/* The way in for C programs that hold a map as an array. */
#include "selo/score.h"

#include <math.h>
#include <string.h>

#include "reference.h"
#include "selo/memory.h"

typedef struct array_map {
    const uint8_t *values;
    int width;
} array_map;

static selo_status pixel_of_array(void *user, int x, int y, uint8_t *value)
{
    const array_map *map = user;
    *value = map->values[(size_t)y * (size_t)map->width + (size_t)x];
    return SELO_OK;
}

/* Whether every vertex can be a whole number of pixels; also false for NaN. */
static bool on_pixel_grid(const selo_contour *contours, size_t n_contours)
{
    for (size_t c = 0; c < n_contours; c++)
        for (size_t i = 0; i < contours[c].n; i++)
            if (!(fabs(contours[c].vertices[i].x) < 1e9 && fabs(contours[c].vertices[i].y) < 1e9))
                return false;
    return true;
}

selo_status selo_score_array(const uint8_t *map, int width, int height, const selo_contour *contours, size_t n_contours,
                             selo_score *score)
{
    memset(score, 0, sizeof *score);
    if (!map || width < 1 || height < 1 || (n_contours && (!contours || contours[0].hole || contours[0].part)))
        return SELO_E_ARGUMENT;
    if (!on_pixel_grid(contours, n_contours))
        return SELO_E_ARGUMENT;
    const selo_reference_sample sample = {contours, n_contours};
    array_map array = {map, width};
    selo_reference *scorer;
    selo_status status = selo_reference_new(width, height, 1, &sample, 1, &scorer);
    if (status != SELO_OK)
        return status;
    enum { STRIP = 256 };
    for (int y = 0; status == SELO_OK && y < height; y += STRIP)
        status = selo_reference_push(scorer, map + (size_t)y * (size_t)width, height - y < STRIP ? height - y : STRIP);
    if (status == SELO_OK)
        status = selo_reference_finish(scorer, pixel_of_array, &array, score);
    selo_reference_free(scorer);
    if (status != SELO_OK)
        selo_score_clear(score);
    return status;
}
