#include "selo/region.h"

#include <geos_c.h>
#include <math.h>
#include <string.h>

#include "cpl_error.h"
#include "ellipsoid.h"
#include "selo/memory.h"
#include "vertices.h"

/* Rings of all polygons in a geometry, and their points. */
static void count_rings(OGRGeometryH g, size_t *rings, size_t *points)
{
    const bool polygon = wkbFlatten(OGR_G_GetGeometryType(g)) == wkbPolygon;
    for (int i = 0; i < OGR_G_GetGeometryCount(g); i++) {
        OGRGeometryH part = OGR_G_GetGeometryRef(g, i);
        if (!polygon) {
            count_rings(part, rings, points);
        } else if (OGR_G_GetPointCount(part) > 0) {
            (*rings)++;
            *points += (size_t)OGR_G_GetPointCount(part);
        }
    }
}

/* Twice the signed area, from the ring's first point: far origins would cost digits. */
static double doubled_area(const double *xy, size_t n)
{
    double sum = 0;
    for (size_t i = 1; i + 1 < n; i++)
        sum += (xy[2 * i] - xy[0]) * (xy[2 * i + 3] - xy[1]) - (xy[2 * i + 2] - xy[0]) * (xy[2 * i + 1] - xy[1]);
    return sum;
}

static void reverse(double *xy, size_t n)
{
    for (size_t i = 0, j = n - 1; i < j; i++, j--) {
        double point[2];
        memcpy(point, xy + 2 * i, sizeof point);
        memcpy(xy + 2 * i, xy + 2 * j, sizeof point);
        memcpy(xy + 2 * j, point, sizeof point);
    }
}

static void take_ring(const selo_frame *frame, OGRGeometryH ring, bool hole, double *xy)
{
    const size_t n = (size_t)OGR_G_GetPointCount(ring);
    for (size_t i = 0; i < n; i++) {
        const selo_point at = selo_frame_to_pixel(frame, OGR_G_GetX(ring, (int)i), OGR_G_GetY(ring, (int)i));
        xy[2 * i] = at.x;
        xy[2 * i + 1] = at.y;
    }
    if ((doubled_area(xy, n) < 0) != hole)
        reverse(xy, n);
}

static void take_rings(const selo_frame *frame, OGRGeometryH g, selo_rings *rings, size_t *points)
{
    const bool polygon = wkbFlatten(OGR_G_GetGeometryType(g)) == wkbPolygon;
    for (int i = 0; i < OGR_G_GetGeometryCount(g); i++) {
        OGRGeometryH part = OGR_G_GetGeometryRef(g, i);
        if (!polygon) {
            take_rings(frame, part, rings, points);
        } else if (OGR_G_GetPointCount(part) > 0) {
            take_ring(frame, part, i > 0, rings->xy + 2 * *points);
            rings->sizes[rings->n_rings] = (size_t)OGR_G_GetPointCount(part);
            *points += rings->sizes[rings->n_rings++];
        }
    }
}

selo_status selo_rings_of(const selo_frame *frame, OGRGeometryH area, selo_rings *rings)
{
    size_t n_rings = 0, points = 0, taken = 0;
    count_rings(area, &n_rings, &points);
    *rings = (selo_rings){.xy = selo_alloc(points, 2 * sizeof(double)), .sizes = selo_alloc(n_rings, sizeof(size_t))};
    if (!rings->xy || !rings->sizes) {
        selo_rings_clear(rings);
        return SELO_E_MEMORY;
    }
    take_rings(frame, area, rings, &taken);
    return SELO_OK;
}

void selo_rings_clear(selo_rings *rings)
{
    selo_free(rings->xy);
    selo_free(rings->sizes);
    *rings = (selo_rings){0};
}

/* Area and centroid of all rings together; holes count negative by their direction. */
static double centroid_of(const selo_rings *rings, selo_point *centroid)
{
    double area = 0, x = 0, y = 0;
    const double *origin = rings->xy;
    for (size_t r = 0, at = 0; r < rings->n_rings; at += rings->sizes[r++]) {
        const double *xy = rings->xy + 2 * at;
        for (size_t i = 0; i < rings->sizes[r]; i++) {
            const double *p = xy + 2 * i, *q = xy + 2 * ((i + 1) % rings->sizes[r]);
            const double px = p[0] - origin[0], py = p[1] - origin[1], qx = q[0] - origin[0], qy = q[1] - origin[1];
            const double cross = px * qy - qx * py;
            area += cross;
            x += cross * (px + qx);
            y += cross * (py + qy);
        }
    }
    if (area > 0)
        *centroid = (selo_point){origin[0] + x / (3 * area), origin[1] + y / (3 * area)};
    return area / 2;
}

static size_t total_points(const selo_rings *rings)
{
    size_t n = 0;
    for (size_t r = 0; r < rings->n_rings; r++)
        n += rings->sizes[r];
    return n;
}

/* Radius of the smallest circle around n points x, y; NaN if GEOS fails. */
static double bounding_radius(const double *xy, size_t n)
{
    double radius = NAN;
    GEOSContextHandle_t geos = GEOS_init_r();
    GEOSCoordSequence *points = n < 2147483647u ? GEOSCoordSeq_copyFromBuffer_r(geos, xy, (unsigned)n, 0, 0) : NULL;
    GEOSGeometry *line = points ? GEOSGeom_createLineString_r(geos, points) : NULL;
    GEOSGeometry *centre = NULL;
    GEOSGeometry *circle = line ? GEOSMinimumBoundingCircle_r(geos, line, &radius, &centre) : NULL;
    if (!circle)
        radius = NAN;
    GEOSGeom_destroy_r(geos, circle);
    GEOSGeom_destroy_r(geos, centre);
    GEOSGeom_destroy_r(geos, line);
    GEOS_finish_r(geos);
    return radius;
}

static selo_status refuse(const char *name, const char *what)
{
    CPLError(CE_Failure, CPLE_AppDefined, "%s: %s", name, what);
    return SELO_E_INPUT;
}

selo_status selo_shape_of(const selo_frame *frame, const selo_earth *earth, OGRGeometryH region, double expansion,
                          const char *name, selo_shape *shape)
{
    selo_rings rings;
    selo_status status = selo_rings_of(frame, region, &rings);
    *shape = (selo_shape){0};
    if (status != SELO_OK)
        return status;
    const size_t n = total_points(&rings);
    shape->area_px = n ? centroid_of(&rings, &shape->centre_px) : 0;
    if (!(shape->area_px > 0)) {
        selo_rings_clear(&rings);
        return refuse(name, "a region has no area: remove it, or give --buffer for points and lines");
    }
    shape->centre = selo_frame_to_map(frame, shape->centre_px.x, shape->centre_px.y);
    bool placed = selo_earth_to_lonlat(earth, 1, &shape->centre.x, &shape->centre.y);
    for (size_t i = 0; placed && i < n; i++) {
        selo_point at = selo_frame_to_map(frame, rings.xy[2 * i], rings.xy[2 * i + 1]);
        placed = selo_earth_to_lonlat(earth, 1, &at.x, &at.y);
        at = selo_earth_to_plane(earth, shape->centre, at);
        rings.xy[2 * i] = at.x;
        rings.xy[2 * i + 1] = at.y;
    }
    shape->radius_m = placed ? expansion * bounding_radius(rings.xy, n) : NAN;
    selo_rings_clear(&rings);
    return isfinite(shape->radius_m)
               ? SELO_OK
               : refuse(name, "a region has vertices without a place on the ellipsoid of the map's CRS");
}

OGRGeometryH selo_circle_polygon(const selo_earth *earth, selo_point centre, double radius_m)
{
    enum { POINTS = 128 };
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing);
    bool placed = true;
    for (int i = 0; i <= POINTS; i++) {
        selo_point at = selo_earth_walk(earth, centre, 360.0 * (i % POINTS) / (double)POINTS, radius_m);
        if (selo_earth_is_geographic(earth)) /* around the antimeridian: on the side of the centre */
            at.x -= 360 * round((at.x - centre.x) / 360);
        placed = placed && selo_earth_from_lonlat(earth, 1, &at.x, &at.y);
        OGR_G_AddPoint_2D(ring, at.x, at.y);
    }
    OGRGeometryH polygon = OGR_G_CreateGeometry(wkbPolygon);
    OGR_G_AddGeometryDirectly(polygon, ring);
    if (placed)
        return polygon;
    OGR_G_DestroyGeometry(polygon);
    return NULL;
}

typedef struct plane {
    const selo_earth *earth;
    selo_point centre;
} plane;

static bool into_plane(void *context, selo_point *at)
{
    const plane *p = context;
    if (!selo_earth_to_lonlat(p->earth, 1, &at->x, &at->y))
        return false;
    *at = selo_earth_to_plane(p->earth, p->centre, *at);
    return true;
}

static bool out_of_plane(void *context, selo_point *at)
{
    const plane *p = context;
    *at = selo_earth_from_plane(p->earth, p->centre, *at);
    at->x -= 360 * round((at->x - p->centre.x) / 360);
    return selo_earth_from_lonlat(p->earth, 1, &at->x, &at->y);
}

OGRGeometryH selo_buffer_of(const selo_earth *earth, OGRGeometryH geometry, double metres)
{
    enum { QUARTER_POINTS = 64 };
    OGREnvelope box;
    OGR_G_GetEnvelope(geometry, &box);
    plane p = {earth, {(box.MinX + box.MaxX) / 2, (box.MinY + box.MaxY) / 2}};
    OGRGeometryH flat = OGR_G_Clone(geometry), wide = NULL;
    OGR_G_AssignSpatialReference(flat, NULL);
    if (selo_earth_to_lonlat(earth, 1, &p.centre.x, &p.centre.y) && selo_vertices_move(flat, into_plane, &p))
        wide = OGR_G_Buffer(flat, metres, QUARTER_POINTS);
    OGR_G_DestroyGeometry(flat);
    if (wide && selo_vertices_move(wide, out_of_plane, &p))
        return wide;
    OGR_G_DestroyGeometry(wide);
    return NULL;
}
