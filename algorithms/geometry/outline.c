#include "selo/outline.h"

#include <math.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "ellipsoid.h"
#include "selo/memory.h"

#define STRAY_PX 1e-6 /* how far a straight edge may lie from the true one */

enum { MAX_SPLITS = 12 };

struct selo_way {
    OGRCoordinateTransformationH transformation; /* NULL: same CRS */
    selo_frame frame;
    bool pixels; /* coordinates are columns and rows */
    bool geographic;
    double turn;   /* units of a full turn of longitude */
    double middle; /* longitude of the map's centre, in its units */
    char *from_name, *to_name;
};

static OGRCoordinateTransformationH make_transformation(OGRSpatialReferenceH from, OGRSpatialReferenceH to,
                                                        bool ballpark, const double *box)
{
    OGRCoordinateTransformationOptionsH options = OCTNewCoordinateTransformationOptions();
    OCTCoordinateTransformationOptionsSetBallparkAllowed(options, ballpark);
    if (box)
        OCTCoordinateTransformationOptionsSetAreaOfInterest(options, box[0], box[1], box[2], box[3]);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    OGRCoordinateTransformationH made = OCTNewCoordinateTransformationEx(from, to, options);
    CPLPopErrorHandler();
    CPLErrorReset();
    OCTDestroyCoordinateTransformationOptions(options);
    return made;
}

/* West, south, east, north of the map in degrees; `false` if that is not a plain box. */
static bool box_of(const selo_frame *frame, const selo_earth *earth, double *box)
{
    box[0] = box[1] = INFINITY;
    box[2] = box[3] = -INFINITY;
    for (int i = 0; i < 9; i++) {
        selo_point at = selo_frame_to_map(frame, frame->width * 0.5 * (i % 3), frame->height * 0.5 * (i / 3));
        if (!selo_earth_to_lonlat(earth, 1, &at.x, &at.y))
            return false;
        box[0] = fmin(box[0], at.x);
        box[1] = fmin(box[1], at.y);
        box[2] = fmax(box[2], at.x);
        box[3] = fmax(box[3], at.y);
    }
    return box[0] >= -180 && box[2] <= 180 && box[2] - box[0] < 180 && box[0] < box[2] && box[1] < box[3];
}

/* With the same datum on both sides the way is a conversion, which is exact wherever it can be computed. */
static bool same_datum(OGRSpatialReferenceH from, OGRSpatialReferenceH to)
{
    OGRSpatialReferenceH a = OSRCloneGeogCS(from), b = OSRCloneGeogCS(to);
    const bool same = a && b && OSRIsSameGeogCS(a, b);
    OSRDestroySpatialReference(a);
    OSRDestroySpatialReference(b);
    return same;
}

static selo_status find_way(OGRSpatialReferenceH from, OGRSpatialReferenceH to, const selo_earth *earth,
                            const selo_way_options *options, selo_way *way)
{
    double box[4];
    const bool boxed = box_of(&way->frame, earth, box),
               anywhere = options->allow_ballpark || !boxed || same_datum(from, to);
    way->transformation = make_transformation(from, to, options->allow_ballpark, anywhere ? NULL : box);
    if (way->transformation)
        return SELO_OK;
    OGRCoordinateTransformationH ballpark = make_transformation(from, to, true, NULL);
    if (ballpark)
        CPLError(CE_Failure, CPLE_NotSupported,
                 "%s: PROJ knows no exact way from its CRS (%s) to that of %s (%s) at that place: install the grids "
                 "for it, or accept errors of up to hundreds of metres with --allow-ballpark",
                 way->from_name, OSRGetName(from), way->to_name, OSRGetName(to));
    else
        CPLError(CE_Failure, CPLE_NotSupported, "%s: there is no transformation from its CRS (%s) to that of %s (%s)",
                 way->from_name, OSRGetName(from), way->to_name, OSRGetName(to));
    OCTDestroyCoordinateTransformation(ballpark);
    return SELO_E_INPUT;
}

selo_status selo_way_new(OGRSpatialReferenceH from, OGRSpatialReferenceH to, const selo_frame *frame,
                         const selo_earth *earth, const selo_way_options *options, selo_way **way)
{
    *way = NULL;
    selo_way *w = selo_alloc_zeroed(1, sizeof *w);
    if (!w)
        return SELO_E_MEMORY;
    w->frame = *frame;
    w->from_name = CPLStrdup(options->from_name);
    w->to_name = CPLStrdup(options->to_name);
    w->geographic = selo_earth_is_geographic(earth);
    w->turn = w->geographic ? 2 * 3.14159265358979323846 / OSRGetAngularUnits(to, NULL) : 0;
    w->middle = selo_frame_to_map(frame, frame->width / 2.0, frame->height / 2.0).x;
    w->pixels = options->pixels;
    const bool same = w->pixels || !from || OSRIsSame(from, to);
    const selo_status status = same ? SELO_OK : find_way(from, to, earth, options, w);
    if (status != SELO_OK) {
        selo_way_free(w);
        return status;
    }
    *way = w;
    return SELO_OK;
}

void selo_way_free(selo_way *w)
{
    if (!w)
        return;
    OCTDestroyCoordinateTransformation(w->transformation);
    CPLFree(w->from_name);
    CPLFree(w->to_name);
    selo_free(w);
}

/* A difference of longitudes the short way round; half a turn stays what it is. */
static double short_way(const selo_way *w, double x)
{
    return fabs(x) > (0.5 + 1e-9) * w->turn ? x - w->turn * round(x / w->turn) : x;
}

/* That of an edge: a whole turn stays as well, for it bounds something that goes once around. */
static double edge_way(const selo_way *w, double x)
{
    return fabs(fabs(x) - w->turn) > 1e-9 * w->turn ? short_way(w, x) : x;
}

/* The image of a point. */
static bool image_of(const selo_way *w, selo_point from, selo_point *to)
{
    *to = w->pixels ? selo_frame_to_map(&w->frame, from.x, from.y) : from;
    if (w->transformation) {
        CPLPushErrorHandler(CPLQuietErrorHandler);
        OCTTransform4DWithErrorCodes(w->transformation, 1, &to->x, &to->y, NULL, NULL, NULL);
        CPLPopErrorHandler();
    }
    return isfinite(to->x) && isfinite(to->y);
}

/* Distance in pixels from the middle of a straight edge. */
static double stray(const selo_way *w, selo_point a, selo_point b, selo_point middle)
{
    const selo_point at = selo_frame_to_pixel(&w->frame, middle.x, middle.y);
    const selo_point straight = selo_frame_to_pixel(&w->frame, 0.5 * (a.x + b.x), 0.5 * (a.y + b.y));
    return hypot(at.x - straight.x, at.y - straight.y);
}

/* Appends the points of an edge behind its first one. Fails where the edge does not become a line however short its
 * pieces are: it crosses the cut of the map's CRS. */
static bool add_edge(const selo_way *w, selo_point from, selo_point to, selo_point a, selo_point b, int splits,
                     OGRGeometryH ring)
{
    const selo_point half = {0.5 * (from.x + to.x), 0.5 * (from.y + to.y)};
    selo_point middle;
    if (!image_of(w, half, &middle))
        return false;
    if (w->geographic) {
        middle.x -= w->turn * round((middle.x - a.x) / w->turn); /* wherever that is, first */
        if (fabs(fabs(middle.x - a.x) - w->turn / 2) < 1e-9 * w->turn) /* half of a whole turn: towards the other end */
            middle.x = a.x + copysign(w->turn / 2, b.x - a.x);
    }
    const double off = stray(w, a, b, middle);
    if (off > STRAY_PX && splits < MAX_SPLITS)
        return add_edge(w, from, half, a, middle, splits + 1, ring) &&
               add_edge(w, half, to, middle, b, splits + 1, ring);
    OGR_G_AddPoint_2D(ring, b.x, b.y);
    return off < 1;
}

/* On a geographic map the first longitude is taken near `beside`, and each further one the short way from the one
 * before. */
static OGRGeometryH image_of_ring(const selo_way *w, OGRGeometryH ring, double beside)
{
    OGRGeometryH made = OGR_G_CreateGeometry(wkbLinearRing);
    const int n = OGR_G_GetPointCount(ring);
    selo_point last = {0, 0}, at = {0, 0};
    double last_x = 0; /* the longitude before, as the CRS has it */
    bool ok = true;
    for (int i = 0; ok && i < n; i++) {
        const selo_point from = {OGR_G_GetX(ring, i), OGR_G_GetY(ring, i)};
        selo_point to;
        ok = image_of(w, from, &to);
        if (!ok)
            break;
        const double x = to.x;
        if (w->geographic)
            to.x = i ? at.x + edge_way(w, x - last_x) : beside + short_way(w, x - beside);
        last_x = x;
        if (i == 0)
            OGR_G_AddPoint_2D(made, to.x, to.y);
        else if (w->transformation)
            ok = add_edge(w, last, from, at, to, 0, made);
        else
            OGR_G_AddPoint_2D(made, to.x, to.y);
        last = from;
        at = to;
    }
    if (ok)
        return made;
    OGR_G_DestroyGeometry(made);
    return NULL;
}

/* Brings all rings of a polygon near the same longitude: one ring alone is placed by its own first point. */
static void align_holes(const selo_way *w, OGRGeometryH polygon)
{
    OGREnvelope shell, hole;
    OGR_G_GetEnvelope(OGR_G_GetGeometryRef(polygon, 0), &shell);
    for (int r = 1; w->geographic && r < OGR_G_GetGeometryCount(polygon); r++) {
        OGRGeometryH ring = OGR_G_GetGeometryRef(polygon, r);
        OGR_G_GetEnvelope(ring, &hole);
        const double shift = w->turn * round(((shell.MinX + shell.MaxX) - (hole.MinX + hole.MaxX)) / 2 / w->turn);
        for (int i = 0; shift != 0 && i < OGR_G_GetPointCount(ring); i++)
            OGR_G_SetPoint_2D(ring, i, OGR_G_GetX(ring, i) + shift, OGR_G_GetY(ring, i));
    }
}

/* Parts of one region lie beside its first one, also where that is across the antimeridian, on a map of the world. */
static double beside_first(const selo_way *w, OGRGeometryH all)
{
    OGREnvelope box;
    if (OGR_G_GetGeometryCount(all) == 0)
        return w->middle;
    OGR_G_GetEnvelope(OGR_G_GetGeometryRef(all, 0), &box);
    return (box.MinX + box.MaxX) / 2;
}

static bool add_polygon(const selo_way *w, OGRGeometryH polygon, OGRGeometryH all)
{
    OGRGeometryH made = OGR_G_CreateGeometry(wkbPolygon);
    for (int r = 0; r < OGR_G_GetGeometryCount(polygon); r++) {
        OGRGeometryH ring = image_of_ring(w, OGR_G_GetGeometryRef(polygon, r), beside_first(w, all));
        if (!ring) {
            OGR_G_DestroyGeometry(made);
            return false;
        }
        OGR_G_AddGeometryDirectly(made, ring);
    }
    align_holes(w, made);
    OGR_G_AddGeometryDirectly(all, made);
    return true;
}

static bool add_polygons(const selo_way *w, OGRGeometryH geometry, OGRGeometryH all)
{
    if (wkbFlatten(OGR_G_GetGeometryType(geometry)) == wkbPolygon)
        return OGR_G_IsEmpty(geometry) || add_polygon(w, geometry, all);
    for (int i = 0; i < OGR_G_GetGeometryCount(geometry); i++)
        if (!add_polygons(w, OGR_G_GetGeometryRef(geometry, i), all))
            return false;
    return true;
}

/* Only the areas of what GEOS made; lines and points are what is left of collapsed rings. */
static void keep_areas(OGRGeometryH geometry, OGRGeometryH all)
{
    if (wkbFlatten(OGR_G_GetGeometryType(geometry)) == wkbPolygon) {
        if (!OGR_G_IsEmpty(geometry))
            OGR_G_AddGeometry(all, geometry);
        return;
    }
    for (int i = 0; i < OGR_G_GetGeometryCount(geometry); i++)
        keep_areas(OGR_G_GetGeometryRef(geometry, i), all);
}

/* Takes ownership of `all`, a multipolygon. NULL if GEOS fails. */
static OGRGeometryH make_valid(OGRGeometryH all, bool *repaired)
{
    static const char *const method[] = {"METHOD=STRUCTURE", NULL};
    CPLPushErrorHandler(CPLQuietErrorHandler);
    *repaired = !OGR_G_IsValid(all);
    OGRGeometryH valid = *repaired ? OGR_G_MakeValidEx(all, (CSLConstList)method) : OGR_G_Clone(all);
    CPLPopErrorHandler();
    CPLErrorReset();
    OGR_G_DestroyGeometry(all);
    if (!valid)
        return NULL;
    OGRGeometryH areas = OGR_G_CreateGeometry(wkbMultiPolygon);
    keep_areas(valid, areas);
    OGR_G_DestroyGeometry(valid);
    if (OGR_G_GetGeometryCount(areas) != 1)
        return areas;
    OGRGeometryH single = OGR_G_Clone(OGR_G_GetGeometryRef(areas, 0));
    OGR_G_DestroyGeometry(areas);
    return single;
}

selo_status selo_way_area(const selo_way *w, OGRGeometryH geometry, OGRGeometryH *area, bool *repaired)
{
    *area = NULL;
    *repaired = false;
    OGRGeometryH linear = OGR_G_HasCurveGeometry(geometry, FALSE) ? OGR_G_GetLinearGeometry(geometry, 0, NULL) : NULL;
    OGRGeometryH all = OGR_G_CreateGeometry(wkbMultiPolygon);
    const bool placed = add_polygons(w, linear ? linear : geometry, all);
    OGR_G_DestroyGeometry(linear);
    if (!placed) {
        OGR_G_DestroyGeometry(all);
        CPLError(CE_Failure, CPLE_AppDefined,
                 "%s: a region has no image in the CRS of %s, or crosses its cut at the far meridian: check the CRS, "
                 "or reproject the map to one that holds both",
                 w->from_name, w->to_name);
        return SELO_E_INPUT;
    }
    OGRGeometryH valid = make_valid(all, repaired);
    if (!valid) {
        CPLError(CE_Failure, CPLE_AppDefined, "%s: GEOS cannot repair a region: repair it with gdal vector make-valid",
                 w->from_name);
        return SELO_E_INPUT;
    }
    if (OGR_G_IsEmpty(valid)) {
        OGR_G_DestroyGeometry(valid);
        return SELO_OK;
    }
    *area = valid;
    return SELO_OK;
}
