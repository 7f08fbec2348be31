/* The built-in encoder `spectral`: no weights, no training. A window becomes a vector of well-known spectral indices
 * and statistics, a query the direction in which a lexicon of land-cover words points. It knows colours, indices and
 * texture, nothing of objects; docs/encoders.md says what it can and cannot do.
 *
 * Sources: NDVI Rouse 1974; MNDWI Xu 2006, doi 10.1080/01431160600589179; NDWI McFeeters 1996, doi
 * 10.1080/01431169608948714; NDBI Zha 2003, doi 10.1080/01431160304987; bare soil index Rikimaru 2002; NBR Key and
 * Benson 2006; excess green Woebbecke 1995, doi 10.13031/2013.27838. */
#ifndef SELO_SPECTRAL_H
#define SELO_SPECTRAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a band shows. Red, green and blue are needed; without near infrared the vector is the reduced form. */
typedef enum selo_band_role {
    SELO_BAND_RED,
    SELO_BAND_GREEN,
    SELO_BAND_BLUE,
    SELO_BAND_NIR,
    SELO_BAND_SWIR1, /* about 1.6 um */
    SELO_BAND_SWIR2, /* about 2.2 um */
    SELO_BAND_ROLES
} selo_band_role;

/* "red", "green", "blue", "nir", "swir1", "swir2". */
SELO_API const char *selo_band_role_name(selo_band_role role);

/* A piece of an image. */
typedef struct selo_pixels {
    const float *planes[SELO_BAND_ROLES]; /* per role row-major pixels; NULL: no such band */
    const uint8_t *valid;                 /* per pixel 0 (no data) or 1, laid out as a plane; NULL: all valid */
    size_t stride;                        /* pixels from one row to the next */
    int width, height;
} selo_pixels;

#define SELO_SPECTRAL_SIZE 14

/* Name of element i of the vector ("ndvi", "brightness", ...) and what it is, for help and docs. */
SELO_API const char *selo_spectral_name(size_t element);
SELO_API const char *selo_spectral_meaning(size_t element);

/* The vector of a piece of an image, each element in -1 ... 1; elements whose bands are missing are 0. It is not of
 * unit length: similarity is its dot product with the query's vector.
 *   white  the value of a white pixel (255 for 8 bits, 10000 for scaled reflectance), above 0
 * SELO_E_INPUT if no pixel is valid (and the vector is all 0); SELO_E_ARGUMENT without red, green or blue; neither is
 * reported. */
SELO_API selo_status selo_spectral_encode(const selo_pixels *pixels, double white, float vector[SELO_SPECTRAL_SIZE]);

/* The direction of a query: the sum over its words of the lexicon's weights, of unit length.
 *   text     UTF-8, not NULL
 *   ignored  NULL, or receives the words that the lexicon does not know, separated by ", ", which the caller frees
 *            with selo_free(); "" if it knows all (words such as "the" or "near" are known to say nothing)
 * SELO_E_INPUT if no word has a meaning here (*ignored is set all the same); nothing is reported. */
SELO_API selo_status selo_spectral_query(const char *text, float vector[SELO_SPECTRAL_SIZE], char **ignored);

#ifdef __cplusplus
}
#endif
#endif
