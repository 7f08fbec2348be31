/* Which band of an image shows what. */
#ifndef SELO_BANDS_H
#define SELO_BANDS_H

#include "gdal.h"
#include "selo/spectral.h"
#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Numbers (from 1) of the bands that play each role; 0: none does. */
typedef struct selo_bands {
    int number[SELO_BAND_ROLES];
} selo_bands;

/* Finds the roles of an image's bands.
 *   list  what the user said, or NULL: "red=3" or "nir=4" (number by role); "blue", "green", … (a role for each band in
 *         order, "-" for none); or "3", "2", "1" (numbers of red, green, blue, nir, swir1, swir2, as far as given)
 * Without a list: colour interpretation, then band descriptions ("Red", "NIR", "SWIR 1"); then 1, 2, 3 are red, green
 * and blue of an image with three bands, and one band is all three. SELO_E_ARGUMENT or SELO_E_INPUT, reported with
 * CPLError(): a list that is none of these, a band out of range, a role twice, and red, green or blue not found; the
 * message names `--bands`. */
SELO_API selo_status selo_bands_find(GDALDatasetH image, CSLConstList list, selo_bands *bands);

#ifdef __cplusplus
}
#endif
#endif
