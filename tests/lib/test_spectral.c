/* The built-in encoder: colours by hand, words, and missing bands. */
#include "selo_test.h"

#include <math.h>
#include <string.h>

#include "selo/spectral.h"
#include "selo/vectors.h"

enum { SIDE = 8, RED = SELO_BAND_RED, GREEN = SELO_BAND_GREEN, BLUE = SELO_BAND_BLUE };

static size_t element(const char *name)
{
    for (size_t i = 0; i < SELO_SPECTRAL_SIZE; i++) {
        if (strcmp(selo_spectral_name(i), name) == 0)
            return i;
    }
    fail_msg("no element %s", name);
    return 0;
}

/* A window of one value a band, a third of its pixels brighter by a contrast (behind the values), the others darker
 * by half of it; `roles` bands. */
typedef struct flat {
    float planes[SELO_BAND_ROLES][SIDE * SIDE];
    selo_pixels pixels;
} flat;

static void make_flat(flat *f, const float *values, int roles)
{
    f->pixels = (selo_pixels){.stride = SIDE, .width = SIDE, .height = SIDE};
    for (int role = 0; role < roles; role++) {
        for (int i = 0; i < SIDE * SIDE; i++)
            f->planes[role][i] = values[role] * (1 + (i % 3 == 0 ? 1 : -.5f) * values[SELO_BAND_ROLES]);
        f->pixels.planes[role] = f->planes[role];
    }
}

/* Typical 8-bit values: red green blue nir swir1 swir2, and contrast. */
static const float sea[] = {55, 75, 85, 14, 14, 12, .03f}, forest[] = {38, 48, 60, 80, 62, 30, .08f},
                   town[] = {80, 72, 85, 62, 115, 90, .25f};

static float similarity(const float *values, int roles, const char *query)
{
    flat f;
    float window[SELO_SPECTRAL_SIZE], direction[SELO_SPECTRAL_SIZE];
    make_flat(&f, values, roles);
    assert_int_equal(selo_spectral_encode(&f.pixels, 255, window), SELO_OK);
    assert_int_equal(selo_spectral_query(query, direction, NULL), SELO_OK);
    return selo_dot(window, direction, SELO_SPECTRAL_SIZE);
}

static void check_best(const char *query, const float *best, int roles)
{
    const float *const all[] = {sea, forest, town};
    for (size_t i = 0; i < 3; i++) {
        const float here = similarity(all[i], roles, query), there = similarity(best, roles, query);
        if (all[i] != best && here >= there)
            fail_msg("'%s' with %d bands: %g for sample %d is not below %g", query, roles, (double)here, (int)i,
                     (double)there);
    }
}

static void test_land_cover(void **state)
{
    (void)state;
    for (int roles = 3; roles <= SELO_BAND_ROLES; roles++) {
        check_best("sea water along the coast", sea, roles);
        if (roles > 3) /* in visible light alone, haze makes dark woods as blue as water */
            check_best("dense green forest", forest, roles);
        check_best("built-up residential area", town, roles);
    }
}

static void test_elements_by_hand(void **state)
{
    (void)state;
    flat f;
    float v[SELO_SPECTRAL_SIZE];
    make_flat(&f, (const float[]){50, 100, 150, 150, 100, 50, 0}, 6);
    assert_int_equal(selo_spectral_encode(&f.pixels, 255, v), SELO_OK);
    assert_float_equal(v[element("ndvi")], tanh(2 * 0.5), 1e-6);
    assert_float_equal(v[element("mndwi")], 0, 1e-6);
    assert_float_equal(v[element("ndbi")], tanh(3 * -0.2), 1e-6);
    assert_float_equal(v[element("nbr")], tanh(2 * 0.5), 1e-6);
    assert_float_equal(v[element("greenness")], 0, 1e-6);
    assert_float_equal(v[element("blueness")], tanh(4 * 0.5), 1e-6);
    assert_float_equal(v[element("brightness")], tanh(4 * (100 / 255. - 0.35)), 1e-6);
    assert_float_equal(v[element("texture")], tanh(6 * -0.15), 1e-6);
}

static double share(double a, double b)
{
    return (a - b) / (a + b);
}

static double mean_of(const double v[4])
{
    return (v[0] + v[1] + v[2] + v[3]) / 4;
}

static double spread_of(const double v[4])
{
    double sum = 0;
    for (int i = 0; i < 4; i++)
        sum += (v[i] - mean_of(v)) * (v[i] - mean_of(v));
    return sqrt(sum / 4);
}

static void assert_element(const float *vector, const char *name, double gain, double centre, double statistic)
{
    assert_float_equal(vector[element(name)], tanh(gain * (statistic - centre)), 1e-6);
}

/* Two rows of two pixels within an image of three columns, each pixel with values of its own, by what
 * selo_spectral_meaning() says of the elements. */
static void test_pixels_of_a_piece(void **state)
{
    (void)state;
    static const float image[SELO_BAND_ROLES][6] = {{40, 90, 999, 20, 60, 999}, {60, 70, 999, 50, 30, 999},
                                                    {20, 80, 999, 35, 90, 999}, {90, 40, 999, 25, 70, 999},
                                                    {50, 95, 999, 15, 65, 999}, {30, 85, 999, 10, 45, 999}};
    static const int places[] = {0, 1, 3, 4};
    selo_pixels piece = {.stride = 3, .width = 2, .height = 2};
    float v[SELO_SPECTRAL_SIZE];
    double ndvi[4], mndwi[4], ndbi[4], bsi[4], nbr[4], greenness[4], blueness[4], redness[4], bright[4], saturation[4];
    for (int role = 0; role < SELO_BAND_ROLES; role++)
        piece.planes[role] = image[role];
    for (int i = 0; i < 4; i++) {
        const int at = places[i];
        const double r = image[0][at], g = image[1][at], b = image[2][at], nir = image[3][at], swir1 = image[4][at];
        ndvi[i] = share(nir, r), mndwi[i] = share(g, swir1), ndbi[i] = share(swir1, nir);
        bsi[i] = share(swir1 + r, nir + b), nbr[i] = share(nir, image[5][at]);
        greenness[i] = (2 * g - r - b) / (r + g + b), blueness[i] = share(b, r), redness[i] = share(r, g);
        bright[i] = (r + g + b) / 3;
        saturation[i] = (fmax(r, fmax(g, b)) - fmin(r, fmin(g, b))) / fmax(r, fmax(g, b));
    }
    const double edges = (fabs(bright[1] - bright[0]) + fabs(bright[3] - bright[2]) + fabs(bright[2] - bright[0]) +
                          fabs(bright[3] - bright[1])) / 4;
    assert_int_equal(selo_spectral_encode(&piece, 100, v), SELO_OK);
    assert_element(v, "ndvi", 2, 0, mean_of(ndvi));
    assert_element(v, "mndwi", 1.5, 0, mean_of(mndwi));
    assert_element(v, "ndbi", 3, 0, mean_of(ndbi));
    assert_element(v, "bsi", 4, 0, mean_of(bsi));
    assert_element(v, "nbr", 2, 0, mean_of(nbr));
    assert_element(v, "greenness", 8, 0, mean_of(greenness));
    assert_element(v, "blueness", 4, 0, mean_of(blueness));
    assert_element(v, "redness", 6, 0, mean_of(redness));
    assert_element(v, "brightness", 4, 0.35, mean_of(bright) / 100);
    assert_element(v, "saturation", 4, 0.25, mean_of(saturation));
    assert_element(v, "texture", 6, 0.15, spread_of(bright) / mean_of(bright));
    assert_element(v, "edges", 10, 0.08, edges / mean_of(bright));
    assert_element(v, "ndvi_spread", 4, 0.15, spread_of(ndvi));
    assert_element(v, "mndwi_spread", 4, 0.15, spread_of(mndwi));
}

static void test_reduced_form(void **state)
{
    (void)state;
    flat f;
    float v[SELO_SPECTRAL_SIZE];
    make_flat(&f, sea, 3);
    assert_int_equal(selo_spectral_encode(&f.pixels, 255, v), SELO_OK);
    assert_true(v[element("ndvi")] == 0 && v[element("mndwi")] == 0 && v[element("mndwi_spread")] == 0);
    assert_true(v[element("blueness")] > 0.5f);
    f.pixels.planes[BLUE] = NULL;
    assert_int_equal(selo_spectral_encode(&f.pixels, 255, v), SELO_E_ARGUMENT);
}

/* Invalid pixels count nowhere, not even as neighbours. */
/* Shortwave infrared without near infrared: the index that asks for no more than that is not lost with the others. */
static void test_shortwave_alone(void **state)
{
    (void)state;
    flat f;
    float vector[SELO_SPECTRAL_SIZE];
    make_flat(&f, sea, SELO_BAND_ROLES);
    f.pixels.planes[SELO_BAND_NIR] = NULL;
    assert_int_equal(selo_spectral_encode(&f.pixels, 255, vector), SELO_OK);
    assert_float_equal(vector[element("mndwi")], tanhf(1.5f * (75.f - 14.f) / (75.f + 14.f)), 1e-6f);
    assert_float_equal(vector[element("mndwi_spread")], tanhf(4 * (0 - .15f)), 1e-3f);
    static const char *const near[] = {"ndvi", "ndvi_spread", "ndbi", "bsi", "nbr"};
    for (size_t i = 0; i < sizeof near / sizeof *near; i++)
        assert_float_equal(vector[element(near[i])], 0, 0);
}

static void test_mask(void **state)
{
    (void)state;
    flat f;
    float all[SELO_SPECTRAL_SIZE], masked[SELO_SPECTRAL_SIZE];
    uint8_t valid[SIDE * SIDE];
    make_flat(&f, (const float[]){38, 48, 60, 80, 62, 30, 0}, 6);
    assert_int_equal(selo_spectral_encode(&f.pixels, 255, all), SELO_OK);
    memset(valid, 1, sizeof valid);
    f.pixels.valid = valid;
    for (int i = 0; i < SIDE; i++) {
        valid[i * SIDE + i] = 0;
        f.planes[RED][i * SIDE + i] = NAN;
    }
    assert_int_equal(selo_spectral_encode(&f.pixels, 255, masked), SELO_OK);
    for (size_t i = 0; i < SELO_SPECTRAL_SIZE; i++)
        assert_float_equal(all[i], masked[i], 1e-6);
    memset(valid, 0, sizeof valid);
    assert_int_equal(selo_spectral_encode(&f.pixels, 255, masked), SELO_E_INPUT);
}

static void test_words(void **state)
{
    (void)state;
    float a[SELO_SPECTRAL_SIZE], b[SELO_SPECTRAL_SIZE];
    char *ignored;
    assert_int_equal(selo_spectral_query("The Forests, near some rivers!", a, &ignored), SELO_OK);
    assert_string_equal(ignored, "");
    selo_free(ignored);
    assert_int_equal(selo_spectral_query("river forest", b, NULL), SELO_OK);
    for (size_t i = 0; i < SELO_SPECTRAL_SIZE; i++)
        assert_float_equal(a[i], b[i], 1e-6);
    assert_float_equal(selo_dot(a, a, SELO_SPECTRAL_SIZE), 1, 1e-5);
    assert_int_equal(selo_spectral_query("a zebra at the quay-side sea", a, &ignored), SELO_OK);
    assert_string_equal(ignored, "zebra, quay");
    selo_free(ignored);
    assert_int_equal(selo_spectral_query("two zebras", a, &ignored), SELO_E_INPUT);
    assert_string_equal(ignored, "zebras");
    selo_free(ignored);
    assert_int_equal(selo_spectral_query("", a, &ignored), SELO_E_INPUT);
    assert_string_equal(ignored, "");
    selo_free(ignored);
}

static void test_random_text(void **state)
{
    (void)state;
    uint64_t seed = 3;
    char text[300], *ignored;
    float v[SELO_SPECTRAL_SIZE];
    for (int round = 0; round < 2000; round++) {
        const int n = test_random_int(&seed, 0, 299);
        for (int i = 0; i < n; i++)
            text[i] = (char)test_random_int(&seed, 1, round % 2 ? 127 : 255);
        text[n] = '\0';
        const selo_status status = selo_spectral_query(text, v, &ignored);
        assert_true(status == SELO_OK || status == SELO_E_INPUT);
        selo_free(ignored);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_land_cover), cmocka_unit_test(test_elements_by_hand),
                                       cmocka_unit_test(test_pixels_of_a_piece), cmocka_unit_test(test_reduced_form),
                                       cmocka_unit_test(test_shortwave_alone), cmocka_unit_test(test_mask),
                                       cmocka_unit_test(test_words), cmocka_unit_test(test_random_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
