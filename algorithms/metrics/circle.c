#include <math.h>

#include "pairwise.h"
#include "selo/metrics.h"

/* The distances of vertices from a centre, one after another. */
typedef struct vertex_distances {
    const selo_point *next;
    selo_point centre;
} vertex_distances;

static double next_distance(void *source)
{
    vertex_distances *distances = source;
    const selo_point vertex = *distances->next++;
    const double dx = vertex.x - distances->centre.x, dy = vertex.y - distances->centre.y;
    return sqrt(dx * dx + dy * dy);
}

/* Added from left to right, as published: unlike the distances, which numpy adds pairwise. */
static selo_point vertex_mean(const selo_point *vertices, size_t n)
{
    selo_point sum = vertices[0];
    for (size_t i = 1; i < n; i++) {
        sum.x += vertices[i].x;
        sum.y += vertices[i].y;
    }
    return (selo_point){sum.x / (double)n, sum.y / (double)n};
}

selo_status selo_vertex_circle(const selo_point *vertices, size_t n, double expansion, selo_circle *circle)
{
    if (!vertices || n == 0 || !circle || !isfinite(expansion))
        return SELO_E_ARGUMENT;
    const selo_point mean = vertex_mean(vertices, n);
    if (!isfinite(mean.x) || !isfinite(mean.y))
        return SELO_E_ARGUMENT;
    const selo_point centre = {trunc(mean.x), trunc(mean.y)};
    vertex_distances source = {vertices, centre};
    const double sum = selo_pairwise_sum(next_distance, &source, n);
    *circle = (selo_circle){centre.x, centre.y, trunc(sum / (double)n * expansion)};
    return SELO_OK;
}
