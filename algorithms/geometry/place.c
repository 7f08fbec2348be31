#include "selo/place.h"

#include <math.h>
#include <string.h>

#include "cpl_error.h"
#include "selo/memory.h"

enum { GRID_BITS = 20 }; /* transformed coordinates are rounded to 2^-20 pixel */

/* How coordinates of the truth become those of the map. */
struct placing {
    OGRCoordinateTransformationH transformation; /* truth's CRS to map's CRS; NULL: the same coordinates */
    bool through_grid;                           /* the map's CRS to pixels */
    double to_pixels[6];
};

static const char *crs_name(OGRSpatialReferenceH crs)
{
    const char *name = crs ? OSRGetName(crs) : NULL;
    return name ? name : "unnamed";
}

selo_status selo_place_check(const selo_truth *truth, const selo_grid *grid)
{
    if (truth->pixel_coordinates)
        return SELO_OK;
    if (truth->crs && !grid->georeferenced) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "truth '%s' has a CRS (%s) and map '%s' has no geotransform: georeference it (gdal raster edit "
                 "--bbox), or give --truth-crs none if the truth is in pixel coordinates",
                 truth->name, crs_name(truth->crs), grid->name);
        return SELO_E_INPUT;
    }
    if (truth->crs && !grid->crs) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "truth '%s' has a CRS (%s) and map '%s' has none: give the map's with --map-crs, or --truth-crs none "
                 "if the truth is in pixel coordinates",
                 truth->name, crs_name(truth->crs), grid->name);
        return SELO_E_INPUT;
    }
    if (!truth->crs && grid->crs) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "truth '%s' has no CRS and map '%s' has one (%s): give the truth's with --truth-crs, or --truth-crs "
                 "none if it is in pixel coordinates",
                 truth->name, grid->name, crs_name(grid->crs));
        return SELO_E_INPUT;
    }
    return SELO_OK;
}

static selo_status plan(const selo_truth *truth, const selo_grid *grid, struct placing *placing)
{
    memset(placing, 0, sizeof *placing);
    const selo_status status = selo_place_check(truth, grid);
    if (status != SELO_OK || truth->pixel_coordinates)
        return status;
    placing->through_grid = grid->georeferenced;
    double geotransform[6];
    memcpy(geotransform, grid->geotransform, sizeof geotransform);
    if (!GDALInvGeoTransform(geotransform, placing->to_pixels)) /* checked when the map was opened */
        return SELO_E_INPUT;
    if (!truth->crs || OSRIsSame(truth->crs, grid->crs))
        return SELO_OK;
    CPLPushErrorHandler(CPLQuietErrorHandler); /* GDAL and PROJ have several lines, of which none names a file */
    placing->transformation = OCTNewCoordinateTransformation(truth->crs, grid->crs);
    CPLPopErrorHandler();
    CPLErrorReset();
    if (placing->transformation)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined, "no transformation from the CRS of truth '%s' (%s) to that of map '%s' (%s)",
             truth->name, crs_name(truth->crs), grid->name, crs_name(grid->crs));
    return SELO_E_INPUT;
}

static size_t ring_size(OGRGeometryH ring)
{
    const int n = OGR_G_GetPointCount(ring);
    const bool closed = n > 1 && OGR_G_GetX(ring, 0) == OGR_G_GetX(ring, n - 1) &&
                        OGR_G_GetY(ring, 0) == OGR_G_GetY(ring, n - 1);
    return (size_t)(closed ? n - 1 : n);
}

static int polygon_count(OGRGeometryH region)
{
    return wkbFlatten(OGR_G_GetGeometryType(region)) == wkbPolygon ? 1 : OGR_G_GetGeometryCount(region);
}

static OGRGeometryH polygon_at(OGRGeometryH region, int index)
{
    return wkbFlatten(OGR_G_GetGeometryType(region)) == wkbPolygon ? region : OGR_G_GetGeometryRef(region, index);
}

static void count(OGRGeometryH region, size_t *n_contours, size_t *n_vertices)
{
    for (int p = 0; p < polygon_count(region); p++) {
        OGRGeometryH polygon = polygon_at(region, p);
        *n_contours += (size_t)OGR_G_GetGeometryCount(polygon);
        for (int r = 0; r < OGR_G_GetGeometryCount(polygon); r++)
            *n_vertices += ring_size(OGR_G_GetGeometryRef(polygon, r));
    }
}

static bool take_vertex(const struct placing *placing, double x, double y, selo_point *vertex)
{
    if (placing->through_grid) {
        const double *g = placing->to_pixels;
        const double px = g[0] + g[1] * x + g[2] * y, py = g[3] + g[4] * x + g[5] * y;
        x = ldexp(nearbyint(ldexp(px, GRID_BITS)), -GRID_BITS);
        y = ldexp(nearbyint(ldexp(py, GRID_BITS)), -GRID_BITS);
    }
    *vertex = (selo_point){x, y};
    return fabs(x) < 1e9 && fabs(y) < 1e9; /* also false for NaN: such vertices lie on no pixel grid */
}

/* Adds a ring to the region whose contours begin at `first`. Empty rings are legal, and are nothing. */
static selo_status take_ring(const struct placing *placing, OGRGeometryH ring, bool hole, size_t first,
                             selo_placed *placed, selo_point **next)
{
    if (ring_size(ring) == 0)
        return SELO_OK;
    selo_contour *contour = &placed->contours[placed->n_contours];
    *contour = (selo_contour){*next, ring_size(ring), hole, !hole && placed->n_contours > first};
    placed->n_contours++;
    for (size_t i = 0; i < contour->n; i++)
        if (!take_vertex(placing, OGR_G_GetX(ring, (int)i), OGR_G_GetY(ring, (int)i), (*next)++))
            return SELO_E_INPUT;
    return SELO_OK;
}

static selo_status take_region(const struct placing *placing, OGRGeometryH region, selo_placed *placed,
                               selo_point **next)
{
    const size_t first = placed->n_contours;
    for (int p = 0; p < polygon_count(region); p++) {
        OGRGeometryH polygon = polygon_at(region, p);
        const bool bounded = OGR_G_GetGeometryCount(polygon) > 0 && ring_size(OGR_G_GetGeometryRef(polygon, 0)) > 0;
        for (int r = 0; bounded && r < OGR_G_GetGeometryCount(polygon); r++)
            if (take_ring(placing, OGR_G_GetGeometryRef(polygon, r), r > 0, first, placed, next) != SELO_OK)
                return SELO_E_INPUT;
    }
    return SELO_OK;
}

/* The regions in the map's CRS. */
static selo_status transform(const selo_truth *truth, size_t sample, const selo_grid *grid,
                             const struct placing *placing, selo_placed *placed)
{
    const selo_truth_sample *from = &truth->samples[sample];
    placed->geometries = selo_alloc_zeroed(from->n_regions, sizeof *placed->geometries);
    if (!placed->geometries)
        return SELO_E_MEMORY;
    placed->n_regions = from->n_regions;
    for (size_t i = 0; i < from->n_regions; i++) {
        placed->geometries[i] = OGR_G_Clone(from->regions[i]);
        if (!placing->transformation)
            continue;
        CPLPushErrorHandler(CPLQuietErrorHandler);
        const OGRErr failed = OGR_G_Transform(placed->geometries[i], placing->transformation);
        CPLPopErrorHandler();
        CPLErrorReset();
        if (failed) {
            CPLError(CE_Failure, CPLE_AppDefined,
                     "truth '%s', feature %lld: cannot be brought into the CRS of map '%s' (%s); is its CRS right?",
                     truth->name, (long long)from->fids[i], grid->name, crs_name(grid->crs));
            return SELO_E_INPUT;
        }
    }
    return SELO_OK;
}

static bool meets_map(const selo_placed *placed, const selo_grid *grid)
{
    for (size_t c = 0; c < placed->n_contours; c++) {
        const selo_contour *contour = &placed->contours[c];
        double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
        for (size_t i = 0; i < contour->n; i++) {
            x0 = fmin(x0, contour->vertices[i].x), x1 = fmax(x1, contour->vertices[i].x);
            y0 = fmin(y0, contour->vertices[i].y), y1 = fmax(y1, contour->vertices[i].y);
        }
        if (x0 < grid->width && x1 > -1 && y0 < grid->height && y1 > -1)
            return true;
    }
    return false;
}

static selo_status to_contours(const selo_truth *truth, size_t sample, const selo_grid *grid,
                               const struct placing *placing, selo_placed *placed)
{
    size_t n_contours = 0, n_vertices = 0;
    for (size_t i = 0; i < placed->n_regions; i++)
        count(placed->geometries[i], &n_contours, &n_vertices);
    placed->contours = selo_alloc(n_contours, sizeof *placed->contours);
    placed->vertices = selo_alloc(n_vertices, sizeof *placed->vertices);
    if (!placed->contours || !placed->vertices)
        return SELO_E_MEMORY;
    selo_point *next = placed->vertices;
    for (size_t i = 0; i < placed->n_regions; i++)
        if (take_region(placing, placed->geometries[i], placed, &next) != SELO_OK) {
            CPLError(CE_Failure, CPLE_AppDefined,
                     "truth '%s', feature %lld: a vertex is not finite or far off the pixel grid of map '%s'; repair "
                     "the polygon (gdal vector make-valid) or check its CRS",
                     truth->name, (long long)truth->samples[sample].fids[i], grid->name);
            return SELO_E_INPUT;
        }
    placed->touches = meets_map(placed, grid);
    return SELO_OK;
}

/* Geometries that were given in pixels, in the map's CRS: the contours have been taken from them before. */
static void pixels_to_crs(OGRGeometryH geometry, const double *g)
{
    for (int i = 0; i < OGR_G_GetGeometryCount(geometry); i++)
        pixels_to_crs(OGR_G_GetGeometryRef(geometry, i), g);
    for (int i = 0; i < OGR_G_GetPointCount(geometry); i++) {
        const double x = OGR_G_GetX(geometry, i), y = OGR_G_GetY(geometry, i);
        OGR_G_SetPoint_2D(geometry, i, g[0] + g[1] * x + g[2] * y, g[3] + g[4] * x + g[5] * y);
    }
}

selo_status selo_place(const selo_truth *truth, size_t sample, const selo_grid *grid, selo_placed *placed)
{
    memset(placed, 0, sizeof *placed);
    struct placing placing;
    selo_status status = plan(truth, grid, &placing);
    if (status == SELO_OK)
        status = transform(truth, sample, grid, &placing, placed);
    if (status == SELO_OK)
        status = to_contours(truth, sample, grid, &placing, placed);
    for (size_t i = 0; status == SELO_OK && truth->pixel_coordinates && grid->georeferenced && i < placed->n_regions;
         i++)
        pixels_to_crs(placed->geometries[i], grid->geotransform);
    OCTDestroyCoordinateTransformation(placing.transformation);
    if (status != SELO_OK)
        selo_placed_clear(placed);
    return status;
}

void selo_placed_clear(selo_placed *placed)
{
    for (size_t i = 0; placed->geometries && i < placed->n_regions; i++)
        OGR_G_DestroyGeometry(placed->geometries[i]);
    selo_free(placed->geometries);
    selo_free(placed->contours);
    selo_free(placed->vertices);
    memset(placed, 0, sizeof *placed);
}
