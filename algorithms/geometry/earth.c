#include "selo/earth.h"

#include <geodesic.h>
#include <math.h>
#include <stdlib.h>

#include "cpl_error.h"
#include "ellipsoid.h"
#include "selo/memory.h"

#define RADIANS 0.017453292519943295

struct selo_earth {
    OGRSpatialReferenceH crs, base;
    OGRCoordinateTransformationH to_base, from_base; /* NULL: the CRS is geographic itself */
    double degrees;                                  /* in one angular unit of the base */
    struct geod_geodesic ellipsoid;
};

static bool is_measurable(OGRSpatialReferenceH crs)
{
    return (OSRIsProjected(crs) || (OSRIsGeographic(crs) && !OSRIsDerivedGeographic(crs))) && !OSRIsGeocentric(crs);
}

static selo_status refuse_crs(OGRSpatialReferenceH crs)
{
    CPLError(CE_Failure, CPLE_NotSupported,
             "the CRS '%s' has no known way to longitude and latitude: reproject, or do without metres (sizes in px; "
             "to evaluate, --profile reference)",
             OSRGetName(crs) ? OSRGetName(crs) : "unnamed");
    return SELO_E_INPUT;
}

/* A private copy in two dimensions and GIS axis order. */
static OGRSpatialReferenceH plain_copy(OGRSpatialReferenceH crs)
{
    OGRSpatialReferenceH copy = OSRClone(crs);
    OSRDemoteTo2D(copy, NULL);
    OSRSetAxisMappingStrategy(copy, OAMS_TRADITIONAL_GIS_ORDER);
    return copy;
}

selo_status selo_earth_new(OGRSpatialReferenceH crs, selo_earth **earth)
{
    *earth = NULL;
    if (!crs || !is_measurable(crs))
        return refuse_crs(crs);
    selo_earth *e = selo_alloc_zeroed(1, sizeof *e);
    if (!e)
        return SELO_E_MEMORY;
    OGRErr no_axis = OGRERR_NONE, no_flattening = OGRERR_NONE;
    e->crs = plain_copy(crs);
    e->base = OSRCloneGeogCS(e->crs);
    const double axis = OSRGetSemiMajor(e->crs, &no_axis), inverse = OSRGetInvFlattening(e->crs, &no_flattening);
    if (e->base) {
        OSRSetAxisMappingStrategy(e->base, OAMS_TRADITIONAL_GIS_ORDER);
        e->degrees = OSRGetAngularUnits(e->base, NULL) / RADIANS;
        geod_init(&e->ellipsoid, axis, inverse > 0 ? 1 / inverse : 0);
        if (!OSRIsGeographic(e->crs)) {
            CPLPushErrorHandler(CPLQuietErrorHandler);
            e->to_base = OCTNewCoordinateTransformation(e->crs, e->base);
            e->from_base = OCTNewCoordinateTransformation(e->base, e->crs);
            CPLPopErrorHandler();
            CPLErrorReset();
        }
    }
    const bool projected = e->to_base && e->from_base;
    if (!e->base || no_axis != OGRERR_NONE || !(OSRIsGeographic(e->crs) || projected)) {
        selo_earth_free(e);
        return refuse_crs(crs);
    }
    *earth = e;
    return SELO_OK;
}

void selo_earth_free(selo_earth *e)
{
    if (!e)
        return;
    OCTDestroyCoordinateTransformation(e->to_base);
    OCTDestroyCoordinateTransformation(e->from_base);
    OSRDestroySpatialReference(e->crs);
    OSRDestroySpatialReference(e->base);
    selo_free(e);
}

bool selo_earth_is_geographic(const selo_earth *e)
{
    return e->to_base == NULL;
}

double selo_earth_radius(const selo_earth *e)
{
    return e->ellipsoid.a;
}

/* Points that PROJ cannot place are told by their values; its message per point would drown the one that matters. */
static bool transform(OGRCoordinateTransformationH way, size_t n, double *x, double *y)
{
    bool all = true;
    if (way) {
        const CPLErr type = CPLGetLastErrorType();
        const CPLErrorNum number = CPLGetLastErrorNo();
        CPLPushErrorHandler(CPLQuietErrorHandler);
        OCTTransform4DWithErrorCodes(way, (int)n, x, y, NULL, NULL, NULL);
        CPLPopErrorHandler();
        if (CPLGetLastErrorType() != type) /* callers such as Python take a last error for a failure */
            CPLErrorSetState(type, number, "");
    }
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]) || !isfinite(y[i])) {
            x[i] = y[i] = NAN;
            all = false;
        }
    return all;
}

bool selo_earth_to_lonlat(const selo_earth *e, size_t n, double *x, double *y)
{
    bool all = transform(e->to_base, n, x, y);
    for (size_t i = 0; i < n; i++) {
        x[i] *= e->degrees;
        y[i] *= e->degrees;
        if (fabs(y[i]) > 90 + 1e-9) {
            x[i] = y[i] = NAN;
            all = false;
        }
    }
    return all;
}

bool selo_earth_from_lonlat(const selo_earth *e, size_t n, double *lon, double *lat)
{
    for (size_t i = 0; i < n; i++) {
        lon[i] /= e->degrees;
        lat[i] /= e->degrees;
    }
    return transform(e->from_base, n, lon, lat);
}

double selo_earth_distance(const selo_earth *e, selo_point from, selo_point to, double *azimuth_deg)
{
    double metres, azimuth;
    geod_inverse(&e->ellipsoid, from.y, from.x, to.y, to.x, &metres, &azimuth, NULL);
    if (azimuth_deg)
        *azimuth_deg = azimuth;
    return metres;
}

selo_space selo_earth_in_space(const selo_earth *e, selo_point lonlat)
{
    const double sine = sin(lonlat.y * RADIANS), cosine = cos(lonlat.y * RADIANS), e2 = e->ellipsoid.e2;
    const double normal = e->ellipsoid.a / sqrt(1 - e2 * sine * sine);
    return (selo_space){normal * cosine * cos(lonlat.x * RADIANS), normal * cosine * sin(lonlat.x * RADIANS),
                        normal * (1 - e2) * sine};
}

selo_point selo_earth_walk(const selo_earth *e, selo_point from, double azimuth_deg, double metres)
{
    selo_point to;
    geod_direct(&e->ellipsoid, from.y, from.x, azimuth_deg, metres, &to.y, &to.x, NULL);
    return to;
}

selo_point selo_earth_to_plane(const selo_earth *e, selo_point centre, selo_point lonlat)
{
    double azimuth;
    const double metres = selo_earth_distance(e, centre, lonlat, &azimuth);
    return (selo_point){metres * sin(azimuth * RADIANS), metres * cos(azimuth * RADIANS)};
}

selo_point selo_earth_from_plane(const selo_earth *e, selo_point centre, selo_point metres)
{
    return selo_earth_walk(e, centre, atan2(metres.x, metres.y) / RADIANS, hypot(metres.x, metres.y));
}

/* Square metres per square unit of longitude and latitude: the two radii of curvature, and the narrowing of
 * meridians. */
static double geographic_scale(const selo_earth *e, double latitude)
{
    const double sine = sin(latitude * RADIANS), w2 = 1 - e->ellipsoid.e2 * sine * sine;
    const double meridian = e->ellipsoid.a * (1 - e->ellipsoid.e2) / (w2 * sqrt(w2)),
                 normal = e->ellipsoid.a / sqrt(w2);
    const double unit = e->degrees * RADIANS;
    return fabs(latitude) > 90 ? NAN : meridian * normal * cos(latitude * RADIANS) * unit * unit;
}

/* From steps of `h` metres to the east, west, north and south of a point, projected: central differences, whose error
 * is (h / radius)^2. Where the cut of the CRS at its far meridian lies between two steps, their difference is a world
 * wide; the step on the point's own side then stands for both. */
static double difference(double plus, double minus, double here, double limit)
{
    if (fabs(plus - minus) < limit)
        return (plus - minus) / 2;
    return fabs(plus - here) < fabs(minus - here) ? plus - here : here - minus;
}

static double projected_scale(const double *x, const double *y, double h)
{
    const double limit = 1e5 * h; /* far above any map scale, far below the width of a world */
    const double xe = difference(x[1], x[2], x[0], limit), xn = difference(x[3], x[4], x[0], limit);
    const double ye = difference(y[1], y[2], y[0], limit), yn = difference(y[3], y[4], y[0], limit);
    const double image = fabs(xe * yn - xn * ye);
    return image > 0 ? h * h / image : NAN;
}

selo_status selo_earth_area_scale(const selo_earth *e, size_t n, const double *x, const double *y, double *scale)
{
    enum { STEPS = 5 };
    static const double azimuths[STEPS] = {0, 90, -90, 0, 180};
    if (selo_earth_is_geographic(e)) {
        for (size_t i = 0; i < n; i++)
            scale[i] = geographic_scale(e, y[i] * e->degrees);
        return SELO_OK;
    }
    const double h = 1.6e-5 * e->ellipsoid.a; /* about 100 m */
    double *px = selo_alloc(n, STEPS * sizeof *px), *py = selo_alloc(n, STEPS * sizeof *py);
    if (!px || !py) {
        selo_free(px);
        selo_free(py);
        return SELO_E_MEMORY;
    }
    for (size_t i = 0; i < n; i++) {
        px[i] = x[i];
        py[i] = y[i];
    }
    selo_earth_to_lonlat(e, n, px, py);
    for (size_t i = n; i-- > 0;) {
        const selo_point here = {px[i], py[i]};
        for (int k = 0; k < STEPS; k++) {
            const selo_point there = k ? selo_earth_walk(e, here, azimuths[k], h) : here;
            px[STEPS * i + (size_t)k] = there.x;
            py[STEPS * i + (size_t)k] = there.y;
        }
    }
    selo_earth_from_lonlat(e, STEPS * n, px, py);
    for (size_t i = 0; i < n; i++)
        scale[i] = projected_scale(px + STEPS * i, py + STEPS * i, h);
    selo_free(px);
    selo_free(py);
    return SELO_OK;
}
