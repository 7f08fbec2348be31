/* What the files that read maps share. */
#ifndef SELO_MAP_PRIVATE_H
#define SELO_MAP_PRIVATE_H

#include "selo/map.h"

struct selo_map {
    GDALDatasetH dataset;
    bool owned;
    GDALRasterBandH band;
    int band_number;
    char *name;
    selo_grid grid;
    int strip;
    double *wide; /* a strip before it becomes 8-bit; NULL for Byte maps */
    void *raw;     /* a strip as it was read by selo_map_fetch(): bytes or floats; NULL: never */
    uint8_t *mask; /* of the same strip, 0 or 1 */
    int fetched;   /* first row of that strip */
    uint8_t *tile; /* one block of a plain file; NULL: never */
    bool has_nodata;
    double nodata;
    bool seen_data; /* some pixel read so far is not NoData */
};

/* selo_map_read() of any band of the map's dataset; with `keep` its blocks stay in GDAL's cache. */
selo_status selo_map_read_band(selo_map *map, GDALRasterBandH band, int y0, int n_rows, GDALDataType type, bool keep,
                               void *values);

#endif
