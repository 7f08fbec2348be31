/* What the tests of places on the Earth share. */
#ifndef EARTH_TEST_H
#define EARTH_TEST_H

#include "ogr_api.h"
#include "selo/earth.h"
#include "selo_test.h"

static inline OGRSpatialReferenceH crs_of(const char *text)
{
    OGRSpatialReferenceH crs = OSRNewSpatialReference(NULL);
    assert_int_equal(OSRSetFromUserInput(crs, text), OGRERR_NONE);
    OSRSetAxisMappingStrategy(crs, OAMS_TRADITIONAL_GIS_ORDER);
    return crs;
}

static inline selo_earth *earth_of(const char *text)
{
    OGRSpatialReferenceH crs = crs_of(text);
    selo_earth *earth;
    assert_int_equal(selo_earth_new(crs, &earth), SELO_OK);
    OSRDestroySpatialReference(crs);
    return earth;
}

/* The least (side 0) or the greatest x of a geometry. */
static inline double envelope_x(OGRGeometryH g, int side)
{
    OGREnvelope box;
    OGR_G_GetEnvelope(g, &box);
    return side ? box.MaxX : box.MinX;
}

#endif
