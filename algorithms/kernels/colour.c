#include "selo/colour.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>

static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
    return *a == *b;
}

bool selo_colour_map_find(const char *name, selo_colour_map *map)
{
    static const char *const names[] = {"jet", "viridis", "magma", "inferno", "grey"};
    for (size_t k = 0; name && k < sizeof names / sizeof *names; k++)
        if (same_name(name, names[k])) {
            *map = (selo_colour_map)k;
            return true;
        }
    return false;
}

static uint8_t clamp(int value)
{
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static selo_colour jet(int i)
{
    const selo_colour colour = {clamp(least(4 * i - 382, 1148 - 4 * i)), clamp(least(4 * i - 128, 892 - 4 * i)),
                                i == 159 ? 1 : clamp(least(4 * i + 128, 638 - 4 * i))};
    return colour;
}

/* Coefficients of 1, t, ... t^6 for red, green, blue, t from 0 to 1: M. Zucker's least-squares fits (CC0) to the maps
 * of S. van der Walt and N. Smith, "mpl colormaps", 2015 (CC0). */
static const double polynomials[][7][3] = {
    {{0.2777273272234177, 0.005407344544966578, 0.3340998053353061},
     {0.1050930431085774, 1.404613529898575, 1.384590162594685},
     {-0.3308618287255563, 0.214847559468213, 0.09509516302823659},
     {-4.634230498983486, -5.799100973351585, -19.33244095627987},
     {6.228269936347081, 14.17993336680509, 56.69055260068105},
     {4.776384997670288, -13.74514537774601, -65.35303263337234},
     {-5.435455855934631, 4.645852612178535, 26.3124352495832}},
    {{-0.002136485053939582, -0.000749655052795221, -0.005386127855323933},
     {0.2516605407371642, 0.6775232436837668, 2.494026599312351},
     {8.353717279216625, -3.577719514958484, 0.3144679030132573},
     {-27.66873308576866, 14.26473078096533, -13.64921318813922},
     {52.17613981234068, -27.94360607168351, 12.94416944238394},
     {-50.76852536473588, 29.04658282127291, 4.23415299384598},
     {18.65570506591883, -11.48977351997711, -5.601961508734096}},
    {{0.0002189403691192265, 0.001651004631001012, -0.01948089843709184},
     {0.1065134194856116, 0.5639564367884091, 3.932712388889277},
     {11.60249308247187, -3.972853965665698, -15.9423941062914},
     {-41.70399613139459, 17.43639888205313, 44.35414519872813},
     {77.162935699427, -33.40235894210092, -81.80730925738993},
     {-71.31942824499214, 32.62606426397723, 73.20951985803202},
     {25.13112622477341, -12.24266895238567, -23.07032500287172}},
};

static uint8_t evaluate(const double (*coefficients)[3], int channel, double t)
{
    double value = 0;
    for (int k = 6; k >= 0; k--)
        value = value * t + coefficients[k][channel];
    return clamp((int)floor(255 * value + 0.5));
}

void selo_colour_table(selo_colour_map map, selo_colour table[256])
{
    for (int i = 0; i < 256; i++) {
        const uint8_t grey = (uint8_t)i;
        if (map == SELO_COLOUR_JET)
            table[i] = jet(i);
        else if (map == SELO_COLOUR_GREY)
            table[i] = (selo_colour){grey, grey, grey};
        else {
            const double (*fit)[3] = polynomials[map - SELO_COLOUR_VIRIDIS];
            table[i] = (selo_colour){evaluate(fit, 0, i / 255.0), evaluate(fit, 1, i / 255.0),
                                     evaluate(fit, 2, i / 255.0)};
        }
    }
}

uint8_t selo_colour_index(double value, double low, double high)
{
    const double place = (value - low) / (high - low) * 255.0;
    return place >= 255 ? 255 : place > 0 ? (uint8_t)place : 0;
}

uint8_t selo_colour_blend(uint8_t image, uint8_t colour, float image_weight, float colour_weight)
{
    const float sum = rintf(fmaf((float)image, image_weight, (float)colour * colour_weight));
    return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}
