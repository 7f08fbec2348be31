#include "selo/pixel_area.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "ellipsoid.h"
#include "selo/memory.h"

#define PI 3.14159265358979323846
#define TOLERANCE 2e-8 /* of a fit, relative */

enum { MAX_DEGREE = 16, MAX_TERMS = MAX_DEGREE + 1, TILE = 256, CHECKS = 13 };

/* A polynomial in Chebyshev terms over columns x0..x1 and rows y0..y1; degree < 0: none holds. */
typedef struct fit {
    double x0, x1, y0, y1;
    int degree;
    double terms[MAX_TERMS][MAX_TERMS]; /* [in x][in y] */
} fit;

struct selo_pixel_area {
    selo_frame frame;
    const selo_earth *earth;
    bool by_parallels;
    double unit;  /* CRS area of one pixel */
    bool coarse;  /* pixels so large that the centre does not stand for the whole */
    fit *whole;   /* NULL: none holds for the whole map */
    fit *tiles;   /* of the current band of TILE rows */
    int band, n_tiles;
};

static double fit_at(const fit *f, int degree, const double *column_terms, double x)
{
    const double t = (2 * x - f->x0 - f->x1) / (f->x1 - f->x0);
    double b1 = 0, b2 = 0;
    for (int i = degree; i > 0; i--) {
        const double b = 2 * t * b1 - b2 + column_terms[i];
        b2 = b1;
        b1 = b;
    }
    return t * b1 - b2 + column_terms[0];
}

/* The terms in x of a fit at row coordinate y. */
static void terms_at(const fit *f, double y, double *column_terms)
{
    const double t = (2 * y - f->y0 - f->y1) / (f->y1 - f->y0);
    for (int i = 0; i <= f->degree; i++) {
        double b1 = 0, b2 = 0;
        for (int j = f->degree; j > 0; j--) {
            const double b = 2 * t * b1 - b2 + f->terms[i][j];
            b2 = b1;
            b1 = b;
        }
        column_terms[i] = t * b1 - b2 + f->terms[i][0];
    }
}

/* Ground area of pixels centred at n pixel coordinates; NaN off the Earth. A coarse pixel is the mean of the four Gauss
 * points inside it. */
static selo_status areas_at(const selo_pixel_area *a, size_t n, const double *px, const double *py, double *areas)
{
    const size_t points = a->coarse ? 4 : 1;
    const double off = a->coarse ? 0.28867513459481287 : 0;
    double *x = selo_alloc(n, 3 * points * sizeof *x);
    if (!x)
        return SELO_E_MEMORY;
    double *y = x + n * points, *scale = y + n * points;
    for (size_t i = 0; i < n * points; i++) {
        const selo_point at = selo_frame_to_map(&a->frame, px[i / points] + (i & 1 ? off : -off),
                                                py[i / points] + (i & 2 ? off : -off));
        x[i] = at.x;
        y[i] = at.y;
    }
    const selo_status status = selo_earth_area_scale(a->earth, n * points, x, y, scale);
    for (size_t i = 0; status == SELO_OK && i < n; i++) {
        areas[i] = 0;
        for (size_t k = 0; k < points; k++)
            areas[i] += scale[i * points + k] * a->unit / (double)points;
    }
    selo_free(x);
    return status;
}

/* Where a fit is compared with the function: ends, middles, and places between its nodes. */
static const double checks[CHECKS][2] = {{0, 0}, {1, 0}, {0, 1}, {1, 1}, {.5, .5}, {.5, 0}, {.5, 1}, {0, .5}, {1, .5},
                                         {.29, .13}, {.11, .83}, {.77, .37}, {.62, .94}};

static selo_status fit_of_degree(const selo_pixel_area *a, int degree, const double *expected, fit *f)
{
    const size_t m = (size_t)degree + 1;
    double px[MAX_TERMS * MAX_TERMS], py[MAX_TERMS * MAX_TERMS], values[MAX_TERMS * MAX_TERMS];
    for (size_t i = 0; i < m * m; i++) {
        px[i] = f->x0 + (f->x1 - f->x0) * 0.5 * (1 + cos(PI * ((double)(i / m) + 0.5) / (double)m));
        py[i] = f->y0 + (f->y1 - f->y0) * 0.5 * (1 + cos(PI * ((double)(i % m) + 0.5) / (double)m));
    }
    const selo_status status = areas_at(a, m * m, px, py, values);
    if (status != SELO_OK)
        return status;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < m; j++) {
            double sum = 0;
            for (size_t k = 0; k < m * m; k++)
                sum += values[k] * cos(PI * (double)i * ((double)(k / m) + 0.5) / (double)m) *
                       cos(PI * (double)j * ((double)(k % m) + 0.5) / (double)m);
            f->terms[i][j] = sum * (i ? 2 : 1) * (j ? 2 : 1) / (double)(m * m);
        }
    f->degree = degree;
    for (int i = 0; i < CHECKS; i++) {
        double column_terms[MAX_TERMS];
        terms_at(f, f->y0 + checks[i][1] * (f->y1 - f->y0), column_terms);
        const double value = fit_at(f, degree, column_terms, f->x0 + checks[i][0] * (f->x1 - f->x0));
        if (!(fabs(value - expected[i]) <= TOLERANCE * expected[i]))
            f->degree = -1;
    }
    return SELO_OK;
}

/* The lowest degree that holds between the outermost pixel centres of a block; f->degree < 0 if none does. */
static selo_status fit_block(const selo_pixel_area *a, int x0, int x1, int y0, int y1, fit *f)
{
    double px[CHECKS], py[CHECKS], expected[CHECKS];
    *f = (fit){.x0 = x0 + 0.5, .x1 = x1 + 0.5, .y0 = y0 + 0.5, .y1 = y1 + 0.5, .degree = -1};
    f->x1 = fmax(f->x1, f->x0 + 0.01); /* a block of one column or row still needs an extent */
    f->y1 = fmax(f->y1, f->y0 + 0.01);
    for (int i = 0; i < CHECKS; i++) {
        px[i] = f->x0 + checks[i][0] * (f->x1 - f->x0);
        py[i] = f->y0 + checks[i][1] * (f->y1 - f->y0);
    }
    selo_status status = areas_at(a, CHECKS, px, py, expected);
    for (int degree = 1; status == SELO_OK && f->degree < 0 && degree <= MAX_DEGREE; degree *= 2)
        status = fit_of_degree(a, degree, expected, f);
    return status;
}

static selo_status fit_whole(selo_pixel_area *a)
{
    a->whole = selo_alloc(1, sizeof *a->whole);
    if (!a->whole)
        return SELO_E_MEMORY;
    const selo_status status = fit_block(a, 0, a->frame.width - 1, 0, a->frame.height - 1, a->whole);
    if (status == SELO_OK && a->whole->degree < 0) {
        selo_free(a->whole);
        a->whole = NULL;
    }
    return status;
}

selo_status selo_pixel_area_new(const selo_frame *frame, const selo_earth *earth, selo_pixel_area **area)
{
    *area = NULL;
    selo_pixel_area *a = selo_alloc_zeroed(1, sizeof *a);
    if (!a)
        return SELO_E_MEMORY;
    double x_m, y_m, variation;
    selo_frame_step(frame, earth, &x_m, &y_m, &variation);
    a->frame = *frame;
    a->earth = earth;
    a->unit = fabs(frame->gt[1] * frame->gt[5] - frame->gt[2] * frame->gt[4]);
    a->by_parallels = selo_earth_is_geographic(earth) && frame->gt[2] == 0 && frame->gt[4] == 0;
    a->coarse = fmax(x_m, y_m) > 1e-4 * selo_earth_radius(earth);
    a->band = -1;
    const selo_status status = a->by_parallels ? SELO_OK : fit_whole(a);
    if (status != SELO_OK) {
        selo_pixel_area_free(a);
        return status;
    }
    *area = a;
    return SELO_OK;
}

void selo_pixel_area_free(selo_pixel_area *a)
{
    if (!a)
        return;
    selo_free(a->whole);
    selo_free(a->tiles);
    selo_free(a);
}

/* Gauss-Legendre over the row's latitudes, in pieces of at most one degree. */
static selo_status parallel_row(const selo_pixel_area *a, int row, double *areas)
{
    static const double nodes[5] = {-0.9061798459386640, -0.5384693101056831, 0, 0.5384693101056831,
                                    0.9061798459386640};
    static const double weights[5] = {0.2369268850561891, 0.4786286704993665, 0.5688888888888889, 0.4786286704993665,
                                      0.2369268850561891};
    const int pieces = 1 + (int)fmin(fabs(a->frame.gt[5]), 1000);
    double sum = 0;
    for (int p = 0; p < pieces; p++)
        for (int k = 0; k < 5; k++) {
            const double x = a->frame.gt[0],
                         y = a->frame.gt[3] + a->frame.gt[5] * (row + (p + 0.5 + 0.5 * nodes[k]) / pieces);
            double scale;
            const selo_status status = selo_earth_area_scale(a->earth, 1, &x, &y, &scale);
            if (status != SELO_OK)
                return status;
            sum += 0.5 * weights[k] / pieces * (isfinite(scale) ? scale : 0);
        }
    for (int x = 0; x < a->frame.width; x++)
        areas[x] = sum * a->unit;
    return SELO_OK;
}

/* fit_at() for many columns at once: the same steps, but so that the compiler can do several columns in one. */
static void fit_block_at(const fit *f, int degree, const double *column_terms, int x0, int n, double *areas)
{
    double t[TILE], b1[TILE] = {0}, b2[TILE] = {0};
    for (int k = 0; k < n; k++)
        t[k] = (2 * (x0 + k + 0.5) - f->x0 - f->x1) / (f->x1 - f->x0);
    for (int i = degree; i > 0; i--)
        for (int k = 0; k < n; k++) {
            const double b = 2 * t[k] * b1[k] - b2[k] + column_terms[i];
            b2[k] = b1[k];
            b1[k] = b;
        }
    for (int k = 0; k < n; k++)
        areas[k] = t[k] * b1[k] - b2[k] + column_terms[0];
}

static void fitted_row(const fit *f, int y, int x0, int x1, double *areas)
{
    double column_terms[MAX_TERMS];
    int degree = f->degree;
    terms_at(f, y + 0.5, column_terms);
    while (degree > 0 && fabs(column_terms[degree]) < 1e-10 * fabs(column_terms[0])) /* noise of the differences */
        degree--;
    for (int x = x0; x <= x1; x += TILE)
        fit_block_at(f, degree, column_terms, x, x1 - x + 1 < TILE ? x1 - x + 1 : TILE, areas + x);
}

static selo_status plain_row(const selo_pixel_area *a, int y, int x0, int x1, double *areas)
{
    double px[TILE] = {0}, py[TILE] = {0};
    for (int x = x0; x <= x1; x++) {
        px[x - x0] = x + 0.5;
        py[x - x0] = y + 0.5;
    }
    const selo_status status = areas_at(a, (size_t)(x1 - x0 + 1), px, py, areas + x0);
    for (int x = x0; x <= x1; x++)
        if (!isfinite(areas[x]))
            areas[x] = 0;
    return status;
}

bool selo_pixel_area_is_everywhere(const selo_pixel_area *a)
{
    return a->by_parallels || a->whole;
}

static int tile_end(int tile, int size)
{
    return tile < (size - 1) / TILE ? tile * TILE + TILE - 1 : size - 1;
}

static selo_status enter_band(selo_pixel_area *a, int band)
{
    if (band == a->band)
        return SELO_OK;
    a->n_tiles = (a->frame.width - 1) / TILE + 1;
    if (!a->tiles)
        a->tiles = selo_alloc((size_t)a->n_tiles, sizeof *a->tiles);
    if (!a->tiles)
        return SELO_E_MEMORY;
    a->band = -1;
    for (int t = 0; t < a->n_tiles; t++) {
        const selo_status status = fit_block(a, t * TILE, tile_end(t, a->frame.width), band * TILE,
                                             tile_end(band, a->frame.height), a->tiles + t);
        if (status != SELO_OK)
            return status;
    }
    a->band = band;
    return SELO_OK;
}

selo_status selo_pixel_area_row(selo_pixel_area *a, int y, double *areas)
{
    if (a->by_parallels)
        return parallel_row(a, y, areas);
    if (a->whole) {
        fitted_row(a->whole, y, 0, a->frame.width - 1, areas);
        return SELO_OK;
    }
    selo_status status = enter_band(a, y / TILE);
    for (int t = 0; status == SELO_OK && t < a->n_tiles; t++) {
        if (a->tiles[t].degree < 0)
            status = plain_row(a, y, t * TILE, tile_end(t, a->frame.width), areas);
        else
            fitted_row(a->tiles + t, y, t * TILE, tile_end(t, a->frame.width), areas);
    }
    return status;
}
