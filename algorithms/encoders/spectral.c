/* Windows as indices and statistics. */
#include "selo/spectral.h"

#include <math.h>
#include <string.h>

#include "spectral_elements.h"

typedef struct element {
    const char *name;
    double gain, centre; /* vector element = tanh(gain * (statistic - centre)) */
    const char *meaning;
} element;

/* Gains and centres bring the usual range of each statistic to about -1 ... 1. */
static const element elements[SELO_SPECTRAL_SIZE] = {
    [E_NDVI] = {"ndvi", 2, 0, "mean of (nir - red) / (nir + red)"},
    [E_MNDWI] = {"mndwi", 1.5, 0,
                 "mean of (green - swir1) / (green + swir1); nir instead of swir1 where that is missing"},
    [E_NDBI] = {"ndbi", 3, 0, "mean of (swir1 - nir) / (swir1 + nir)"},
    [E_BSI] = {"bsi", 4, 0, "mean of ((swir1 + red) - (nir + blue)) / ((swir1 + red) + (nir + blue))"},
    [E_NBR] = {"nbr", 2, 0, "mean of (nir - swir2) / (nir + swir2)"},
    [E_GREENNESS] = {"greenness", 8, 0, "mean of (2 green - red - blue) / (red + green + blue)"},
    [E_BLUENESS] = {"blueness", 4, 0, "mean of (blue - red) / (blue + red)"},
    [E_REDNESS] = {"redness", 6, 0, "mean of (red - green) / (red + green)"},
    [E_BRIGHTNESS] = {"brightness", 4, 0.35, "mean of (red + green + blue) / 3 / white"},
    [E_SATURATION] = {"saturation", 4, 0.25, "mean of (max - min) / max of red, green, blue"},
    [E_TEXTURE] = {"texture", 6, 0.15, "standard deviation of brightness by its mean"},
    [E_EDGES] = {"edges", 10, 0.08, "mean absolute difference of neighbours' brightness by mean brightness"},
    [E_NDVI_SPREAD] = {"ndvi_spread", 4, 0.15, "standard deviation of ndvi"},
    [E_MNDWI_SPREAD] = {"mndwi_spread", 4, 0.15, "standard deviation of mndwi"},
};

const char *selo_band_role_name(selo_band_role role)
{
    static const char *const names[SELO_BAND_ROLES] = {"red", "green", "blue", "nir", "swir1", "swir2"};
    return names[role];
}

const char *selo_spectral_name(size_t i)
{
    return elements[i].name;
}

const char *selo_spectral_meaning(size_t i)
{
    return elements[i].meaning;
}

/* Sums over the valid pixels of a window. */
typedef struct sums {
    double pixels, steps;
    double of[SELO_SPECTRAL_SIZE];
    double brightness_squared, ndvi_squared, mndwi_squared;
} sums;

/* (a - b) / (a + b); 0 where that is undefined, as where both bands are dark. */
static double ratio(double a, double b)
{
    return a + b > 0 ? (a - b) / (a + b) : 0;
}

static void add_water(double green, double infrared, sums *s)
{
    const double mndwi = ratio(green, infrared);
    s->of[E_MNDWI] += mndwi;
    s->mndwi_squared += mndwi * mndwi;
}

static void add_infrared(const selo_pixels *p, size_t at, double red, double green, double blue, sums *s)
{
    const float *const *planes = p->planes, *const shortwave = planes[SELO_BAND_SWIR1];
    if (shortwave)
        add_water(green, shortwave[at], s);
    if (!planes[SELO_BAND_NIR])
        return;
    const double nir = planes[SELO_BAND_NIR][at], ndvi = ratio(nir, red);
    s->of[E_NDVI] += ndvi;
    s->ndvi_squared += ndvi * ndvi;
    if (shortwave) {
        s->of[E_NDBI] += ratio(shortwave[at], nir);
        s->of[E_BSI] += ratio((double)shortwave[at] + red, nir + blue);
    } else {
        add_water(green, nir, s);
    }
    if (planes[SELO_BAND_SWIR2])
        s->of[E_NBR] += ratio(nir, planes[SELO_BAND_SWIR2][at]);
}

static double brightness_at(const selo_pixels *p, size_t at)
{
    return ((double)p->planes[SELO_BAND_RED][at] + p->planes[SELO_BAND_GREEN][at] + p->planes[SELO_BAND_BLUE][at]) / 3;
}

static void add_step(const selo_pixels *p, size_t at, size_t back, double brightness, sums *s)
{
    if (p->valid && !p->valid[at - back])
        return;
    s->of[E_EDGES] += fabs(brightness - brightness_at(p, at - back));
    s->steps++;
}

static void add_pixel(const selo_pixels *p, int x, int y, sums *s)
{
    const size_t at = (size_t)y * p->stride + (size_t)x;
    if (p->valid && !p->valid[at])
        return;
    const double red = p->planes[SELO_BAND_RED][at], green = p->planes[SELO_BAND_GREEN][at];
    const double blue = p->planes[SELO_BAND_BLUE][at], brightness = brightness_at(p, at);
    const double high = fmax(red, fmax(green, blue)), low = fmin(red, fmin(green, blue));
    s->pixels++;
    s->of[E_GREENNESS] += brightness > 0 ? (2 * green - red - blue) / (3 * brightness) : 0;
    s->of[E_BLUENESS] += ratio(blue, red);
    s->of[E_REDNESS] += ratio(red, green);
    s->of[E_BRIGHTNESS] += brightness;
    s->of[E_SATURATION] += high > 0 ? (high - low) / high : 0;
    s->brightness_squared += brightness * brightness;
    if (x > 0)
        add_step(p, at, 1, brightness, s);
    if (y > 0)
        add_step(p, at, p->stride, brightness, s);
    add_infrared(p, at, red, green, blue, s);
}

static double spread(double sum, double squares, double n)
{
    return sqrt(fmax(0, squares / n - (sum / n) * (sum / n)));
}

/* From sums to statistics, in place. */
static void finish(sums *s, double white)
{
    const double n = s->pixels, brightness = s->of[E_BRIGHTNESS] / n, steps = s->steps > 0 ? s->steps : 1;
    s->of[E_TEXTURE] = brightness > 0 ? spread(s->of[E_BRIGHTNESS], s->brightness_squared, n) / brightness : 0;
    s->of[E_EDGES] = brightness > 0 ? s->of[E_EDGES] / steps / brightness : 0;
    s->of[E_NDVI_SPREAD] = spread(s->of[E_NDVI], s->ndvi_squared, n);
    s->of[E_MNDWI_SPREAD] = spread(s->of[E_MNDWI], s->mndwi_squared, n);
    s->of[E_BRIGHTNESS] /= white;
    for (size_t i = 0; i <= E_SATURATION; i++)
        s->of[i] /= n;
}

static bool is_known(const selo_pixels *p, size_t i)
{
    switch (i) {
    case E_NDVI: case E_NDVI_SPREAD: return p->planes[SELO_BAND_NIR] != NULL;
    case E_MNDWI: case E_MNDWI_SPREAD: return p->planes[SELO_BAND_NIR] || p->planes[SELO_BAND_SWIR1];
    case E_NDBI: case E_BSI: return p->planes[SELO_BAND_NIR] && p->planes[SELO_BAND_SWIR1];
    case E_NBR: return p->planes[SELO_BAND_NIR] && p->planes[SELO_BAND_SWIR2];
    default: return true;
    }
}

selo_status selo_spectral_encode(const selo_pixels *pixels, double white, float vector[SELO_SPECTRAL_SIZE])
{
    sums s = {0};
    memset(vector, 0, SELO_SPECTRAL_SIZE * sizeof *vector);
    if (!pixels->planes[SELO_BAND_RED] || !pixels->planes[SELO_BAND_GREEN] || !pixels->planes[SELO_BAND_BLUE] ||
        !(white > 0))
        return SELO_E_ARGUMENT;
    for (int y = 0; y < pixels->height; y++) {
        for (int x = 0; x < pixels->width; x++)
            add_pixel(pixels, x, y, &s);
    }
    if (s.pixels == 0)
        return SELO_E_INPUT;
    finish(&s, white);
    for (size_t i = 0; i < SELO_SPECTRAL_SIZE; i++) {
        if (is_known(pixels, i))
            vector[i] = (float)tanh(elements[i].gain * (s.of[i] - elements[i].centre));
    }
    return SELO_OK;
}
