#include "results_drawing.h"

#include <math.h>

#include "selo/region.h"

#define PI 3.14159265358979323846

selo_drawing selo_drawing_of(const selo_sample_result *sample, const selo_earth *earth)
{
    return (selo_drawing){.sample = sample, .earth = earth,
                                  .to_centre = sample->score->profile == SELO_PROFILE_REFERENCE ? 0.5 : 0};
}

/* Pixel coordinates to those of the layers. */
static selo_point place(const selo_drawing *drawing, double column, double row)
{
    const double *gt = drawing->sample->geotransform;
    if (!gt)
        return (selo_point){column, row};
    return (selo_point){gt[0] + column * gt[1] + row * gt[2], gt[3] + column * gt[4] + row * gt[5]};
}

static selo_point centre_of(const selo_drawing *drawing, const selo_region_score *region)
{
    return place(drawing, region->cx_px + drawing->to_centre, region->cy_px + drawing->to_centre);
}

static selo_point spot_of(const selo_drawing *drawing, const selo_candidate *candidate)
{
    return place(drawing, candidate->x_px + drawing->to_centre, candidate->y_px + drawing->to_centre);
}

static OGRGeometryH polygon_of(OGRGeometryH ring)
{
    OGRGeometryH polygon = OGR_G_CreateGeometry(wkbPolygon);
    OGR_G_CloseRings(ring);
    if (!polygon || OGR_G_AddGeometryDirectly(polygon, ring) != OGRERR_NONE) {
        OGR_G_DestroyGeometry(ring);
        OGR_G_DestroyGeometry(polygon);
        return NULL;
    }
    return polygon;
}

OGRGeometryH selo_draw_footprint(const selo_drawing *drawing)
{
    static const double corners[4][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing);
    for (int i = 0; i < 4; i++) {
        const selo_point corner = place(drawing, corners[i][0] * drawing->sample->width,
                                                     corners[i][1] * drawing->sample->height);
        OGR_G_SetPoint_2D(ring, i, corner.x, corner.y);
    }
    return polygon_of(ring);
}

static OGRGeometryH circle_on_grid(const selo_drawing *drawing, const selo_region_score *region)
{
    enum { N_POINTS = 128 };
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing);
    for (int i = 0; i < N_POINTS; i++) {
        const double angle = 2 * PI * i / (double)N_POINTS;
        const selo_point at =
            place(drawing, region->cx_px + drawing->to_centre + region->r_px * cos(angle),
                               region->cy_px + drawing->to_centre + region->r_px * sin(angle));
        OGR_G_SetPoint_2D(ring, i, at.x, at.y);
    }
    return polygon_of(ring);
}

/* Longitude and latitude; false where there is none. */
static bool to_lonlat(const selo_drawing *drawing, selo_point *at)
{
    return selo_earth_to_lonlat(drawing->earth, 1, &at->x, &at->y);
}

OGRGeometryH selo_draw_circle(const selo_drawing *drawing, const selo_region_score *region)
{
    selo_point centre = centre_of(drawing, region);
    OGRGeometryH circle = NULL;
    if (drawing->sample->score->profile == SELO_PROFILE_GROUND && drawing->earth && isfinite(region->r_m) &&
        to_lonlat(drawing, &centre))
        circle = selo_circle_polygon(drawing->earth, centre, region->r_m);
    return circle ? circle : circle_on_grid(drawing, region);
}

OGRGeometryH selo_draw_candidate(const selo_drawing *drawing, const selo_candidate *candidate)
{
    const selo_point spot = spot_of(drawing, candidate);
    OGRGeometryH point = OGR_G_CreateGeometry(wkbPoint);
    OGR_G_SetPoint_2D(point, 0, spot.x, spot.y);
    return point;
}

OGRGeometryH selo_draw_shift(const selo_drawing *drawing, const selo_region_score *region,
                             const selo_candidate *candidate)
{
    const selo_point from = centre_of(drawing, region), to = spot_of(drawing, candidate);
    OGRGeometryH line = OGR_G_CreateGeometry(wkbLineString);
    OGR_G_SetPoint_2D(line, 0, from.x, from.y);
    OGR_G_SetPoint_2D(line, 1, to.x, to.y);
    return line;
}

void selo_drawing_geodesic(const selo_drawing *drawing, const selo_region_score *region,
                         const selo_candidate *candidate, double *metres, double *azimuth_deg)
{
    selo_point from = centre_of(drawing, region), to = spot_of(drawing, candidate);
    *metres = *azimuth_deg = NAN;
    if (!drawing->earth || !to_lonlat(drawing, &from) || !to_lonlat(drawing, &to))
        return;
    double azimuth;
    *metres = selo_earth_distance(drawing->earth, from, to, &azimuth);
    if (*metres > 0)
        *azimuth_deg = azimuth < 0 ? azimuth + 360 : azimuth;
}
