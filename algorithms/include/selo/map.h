/* A SeLo map as a raster that is read once, by strips of rows that fit its own tiling. */
#ifndef SELO_MAP_H
#define SELO_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "gdal.h"
#include "ogr_srs_api.h"
#include "selo/status.h"
#include "selo/values.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_map_options {
    const char *name;          /* any dataset name of GDAL, /vsi... included; also used in messages */
    GDALDatasetH dataset;      /* already open, stays the caller's; NULL: opened by name */
    int band;                  /* from 1 */
    CSLConstList formats;      /* drivers to try; NULL: all */
    CSLConstList open_options; /* NULL: none */
    const char *crs;           /* instead of the map's own; NULL: its own */
    int threads;               /* for decoding, where the driver can; at least 1 */
} selo_map_options;

/* Where a map lies; also what regions are placed on. */
typedef struct selo_grid {
    const char *name; /* of the map, for messages */
    int width, height;
    bool georeferenced;       /* geotransform holds; else x = column, y = row */
    double geotransform[6];   /* pixel to crs; the identity if not georeferenced */
    OGRSpatialReferenceH crs; /* NULL: none; belongs to the map; axes in x, y order */
} selo_grid;

typedef struct selo_map selo_map;

/* Opens one band. Refused, with one line that names it: what is no raster, a band that is not there, complex values. */
SELO_API selo_status selo_map_open(const selo_map_options *options, selo_map **map);
SELO_API void selo_map_close(selo_map *map); /* NULL is allowed */

/* Size and place; belongs to the map. The band belongs to the map, too. */
SELO_API const selo_grid *selo_map_grid(const selo_map *map);
SELO_API GDALRasterBandH selo_map_band(const selo_map *map);

/* Rows to read at a time: whole rows of blocks within a memory bound. At least 1, at most the height. */
SELO_API int selo_map_strip(const selo_map *map);

/* Rows y0 ... y0 + n_rows - 1 as `type`, row-major without padding; n_rows * width values. Blocks read are not kept. */
SELO_API selo_status selo_map_read(selo_map *map, int y0, int n_rows, GDALDataType type, void *values);

/* The same as 8-bit values of the reference profile: Byte as it is; UInt16 and floating point as trunc(255 q), with q
 * the value's share of 0..65535 or 0..1 (a Float32 that holds g / 255 gives g). A value out of that range, NaN or
 * infinite is an error that says where it is. */
SELO_API selo_status selo_map_read_8bit(selo_map *map, int y0, int n_rows, uint8_t *values);

/* What a band's numbers mean as attention 0..1. */
typedef struct selo_map_range {
    bool given;       /* low and high are the numbers, after the band's scale and offset, that become 0 and 1 */
    double low, high;
    bool normalize;   /* the band's own minimum and maximum instead, which takes a pass of its own */
} selo_map_range;

/* The rule for a band: the range given; else 0..1 for floating point and for a band with scale or offset, 0..255 for
 * Byte, 0..65535 for UInt16. Refused: another type without a range, a range without extent, a map without any valid
 * value where it is to be normalised. */
SELO_API selo_status selo_map_value_rule(selo_map *map, const selo_map_range *range, selo_value_rule *rule);

/* Reads rows y0 ... y0 + n_rows - 1, at most a strip, as numbers of 32 bits, NaN where NoData, mask band or alpha say
 * that there is no value: n_rows * width values, row-major. */
SELO_API selo_status selo_map_read_floats(selo_map *map, int y0, int n_rows, float *values);

/* Reads rows y0 ... y0 + n_rows - 1, at most a strip, with NoData, mask band or alpha, for selo_map_values(). With
 * keep_blocks the same rows may be read again, cheaply. */
SELO_API selo_status selo_map_fetch(selo_map *map, const selo_value_rule *rule, int y0, int n_rows, bool keep_blocks);

/* Some of the rows fetched last as attention: values, levels and valid pixels as of selo_values_apply(). A value out of
 * range is an error that says where it is. A few rows at a time stay in the processor's cache. */
SELO_API selo_status selo_map_values(const selo_map *map, const selo_value_rule *rule, int y, int n_rows, float *values,
                                     uint16_t *levels, uint8_t *valid);

/* Whether no pixel of the band can be invalid. */
SELO_API bool selo_map_all_valid(const selo_map *map);

/* Levels that tell the band's values apart: SELO_LEVELS_16 for integers of up to 16 bits, else SELO_LEVELS_20. */
SELO_API size_t selo_map_levels(const selo_map *map);

/* After a pass with selo_map_read_8bit(): an error where every pixel was NoData. */
SELO_API selo_status selo_map_check_data(const selo_map *map);

#ifdef __cplusplus
}
#endif
#endif
