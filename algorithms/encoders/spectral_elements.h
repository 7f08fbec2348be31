/* The elements of a spectral vector, in their order. Private to encoders/. */
#ifndef SELO_SPECTRAL_ELEMENTS_H
#define SELO_SPECTRAL_ELEMENTS_H

enum {
    E_NDVI,
    E_MNDWI,
    E_NDBI,
    E_BSI,
    E_NBR,
    E_GREENNESS,
    E_BLUENESS,
    E_REDNESS,
    E_BRIGHTNESS,
    E_SATURATION, /* up to here: means over pixels */
    E_TEXTURE,
    E_EDGES,
    E_NDVI_SPREAD,
    E_MNDWI_SPREAD
};

#endif
