#include <float.h>
#include <math.h>

#include "cpl_error.h"
#include "ellipsoid.h"

selo_point selo_frame_to_map(const selo_frame *frame, double column, double row)
{
    const double *gt = frame->gt;
    return (selo_point){gt[0] + column * gt[1] + row * gt[2], gt[3] + column * gt[4] + row * gt[5]};
}

static double determinant(const selo_frame *frame)
{
    return frame->gt[1] * frame->gt[5] - frame->gt[2] * frame->gt[4];
}

/* A pixel coordinate that a rounding of the coordinates by `noise` may have moved off a border of pixels lies on it. */
static double on_border(double at, double noise)
{
    const double border = round(at);
    return fabs(at - border) <= noise ? border : at;
}

/* The origin is taken off first: an inverse with its own origin would lose six digits on projected coordinates. */
selo_point selo_frame_to_pixel(const selo_frame *frame, double x, double y)
{
    const double *gt = frame->gt, dx = x - gt[0], dy = y - gt[3];
    const double noise_x = 4 * DBL_EPSILON * fmax(fabs(x), fabs(gt[0]));
    const double noise_y = 4 * DBL_EPSILON * fmax(fabs(y), fabs(gt[3]));
    if (gt[2] == 0 && gt[4] == 0)
        return (selo_point){on_border(dx / gt[1], noise_x / fabs(gt[1])), on_border(dy / gt[5], noise_y / fabs(gt[5]))};
    const double det = determinant(frame);
    const double column_noise = (noise_x * fabs(gt[5]) + noise_y * fabs(gt[2])) / fabs(det);
    const double row_noise = (noise_y * fabs(gt[1]) + noise_x * fabs(gt[4])) / fabs(det);
    return (selo_point){on_border((dx * gt[5] - dy * gt[2]) / det, column_noise),
                        on_border((dy * gt[1] - dx * gt[4]) / det, row_noise)};
}

static selo_status refuse(const char *name, const char *what)
{
    CPLError(CE_Failure, CPLE_NotSupported, "%s: %s", name, what);
    return SELO_E_INPUT;
}

selo_status selo_frame_check(const selo_frame *frame, const selo_earth *earth, const char *name)
{
    double largest = 0;
    for (int i = 0; i < 6; i++) {
        if (!isfinite(frame->gt[i]))
            return refuse(name, "the geotransform is not finite");
        if (i % 3)
            largest = fmax(largest, fabs(frame->gt[i]));
    }
    if (!(fabs(determinant(frame)) > 1e-15 * largest * largest))
        return refuse(name, "the geotransform cannot be inverted: its pixels have no area");
    if (selo_earth_is_geographic(earth)) {
        double west = INFINITY, east = -INFINITY;
        for (int corner = 0; corner < 4; corner++) {
            const selo_point at = selo_frame_to_map(frame, corner & 1 ? frame->width : 0,
                                                    corner & 2 ? frame->height : 0);
            double lon = at.x, lat = at.y;
            if (!selo_earth_to_lonlat(earth, 1, &lon, &lat))
                return refuse(name, "the map reaches beyond a pole (latitudes above 90 degrees): cut it there, with "
                                    "gdal raster clip");
            west = fmin(west, lon);
            east = fmax(east, lon);
        }
        if (east - west > 360 + 1e-6)
            return refuse(name,
                          "the map goes more than once around the Earth: cut it to 360 degrees, with gdal raster clip");
    }
    selo_point centre = selo_frame_to_map(frame, frame->width / 2.0, frame->height / 2.0);
    if (!selo_earth_to_lonlat(earth, 1, &centre.x, &centre.y))
        return refuse(name, "the map's centre has no place on the ellipsoid of its CRS: check the CRS, or use "
                            "--profile reference");
    return SELO_OK;
}

/* Ground length of the unit step along an axis around a pixel coordinate; NaN off the Earth. */
static double step_at(const selo_frame *frame, const selo_earth *earth, double column, double row, int axis)
{
    const double dx = axis == 0 ? 0.5 : 0, dy = axis == 1 ? 0.5 : 0;
    selo_point a = selo_frame_to_map(frame, column - dx, row - dy), b = selo_frame_to_map(frame, column + dx, row + dy);
    if (!selo_earth_to_lonlat(earth, 1, &a.x, &a.y) || !selo_earth_to_lonlat(earth, 1, &b.x, &b.y))
        return NAN;
    return selo_earth_distance(earth, a, b, NULL);
}

void selo_frame_step(const selo_frame *frame, const selo_earth *earth, double *x_m, double *y_m, double *variation)
{
    *variation = 0;
    for (int axis = 0; axis < 2; axis++) {
        double low = INFINITY, high = 0;
        for (int place = 0; place < 9; place++) { /* centres of the outermost pixels, and half way */
            const double column = 0.5 + (frame->width - 1) * 0.5 * (place % 3),
                         row = 0.5 + (frame->height - 1) * 0.5 * (place / 3);
            const double length = step_at(frame, earth, column, row, axis);
            low = fmin(low, length);
            high = fmax(high, length);
        }
        *(axis ? y_m : x_m) = step_at(frame, earth, frame->width / 2.0, frame->height / 2.0, axis);
        if (high > 0)
            *variation = fmax(*variation, low > 0 ? high / low - 1 : INFINITY);
    }
}
