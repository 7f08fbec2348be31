/* The parts of a raster output: its format (raster_format.c), its start (raster_create.c), rows (raster_output.c), a
 * copy in the end (raster_copy.c), a look at what came out (raster_check.c). Private to this room. */
#ifndef SELO_IO_RASTER_PRIVATE_H
#define SELO_IO_RASTER_PRIVATE_H

#include "fold.h"
#include "selo/raster_output.h"
#include "stage.h"

/* Share of the progress that rows take where a copy follows; and where two follow, up to the end of the first. */
#define SELO_RASTER_ROWS_SHARE 0.6
#define SELO_RASTER_COPY_SHARE 0.8

/* Values of the first band that are remembered: as many rows as runs in a row, and the pixels of each. */
enum { SELO_RASTER_PROBE_PLACES = 8, SELO_RASTER_PROBE_RUN = 16 };

struct selo_raster_output {
    GDALDriverH driver;     /* of the result */
    GDALDatasetH dataset;   /* what is written to: the result, or the temporary GeoTIFF that it is made from */
    selo_stage stage;       /* path NULL: in memory */
    char *temporary;        /* GeoTIFF that the result is copied from; NULL: written directly */
    char **existing;        /* files that the result replaces */
    char **creation_options;
    char **metadata;        /* of the domain SELO */
    int width, height, bands;
    GDALDataType type;
    bool has_nodata;
    bool type_is_chosen;
    size_t sample_size;
    int block_width, block_height;
    bool by_blocks; /* blocks go past GDAL's block cache: nothing here is written twice */
    void *block;
    bool fills;     /* NaN becomes `fill` on the way, as the format cannot say that NaN is NoData */
    float fill;
    float *filled;  /* rows in which it has; room for filled_rows */
    int filled_rows;
    int next_row;
    bool disk_was_full; /* at some moment since it was opened */
    /* what was handed in, NaN as NaN: row by row, run by run */
    double probes[SELO_RASTER_PROBE_PLACES][SELO_RASTER_PROBE_PLACES][SELO_RASTER_PROBE_RUN];
    selo_fold fold; /* what GDAL says while this is written */
};

/* ---- raster_format.c --------------------------------------------------------------------------------------------- */

/* What a format fails to hold, why if not for its type ("": for that), and what there is to choose instead;
 * CPLSPrintf()'s. */
const char *selo_raster_format_lacks(GDALDataType type, const char *why, bool type_is_chosen);

/* The driver for that target, which can hold the shape's type. Reports. */
selo_status selo_raster_format_choose(const selo_raster_target *target, const selo_raster_shape *shape, bool in_memory,
                                      GDALDriverH *driver);

/* Creation options with our defaults; freed with CSLDestroy(). */
char **selo_raster_format_options(GDALDriverH driver, CSLConstList given);

/* Creation options of a copy, which takes the domain SELO along unless they say otherwise; freed with CSLDestroy(). */
char **selo_raster_format_copied(CSLConstList given);

/* Whether the file is about as long as its pixels: a GeoTIFF that is not told to be smaller. */
bool selo_raster_format_is_plain(GDALDriverH driver, CSLConstList options);

bool selo_raster_format_can(GDALDriverH driver, const char *capability);

/* ---- raster_create.c --------------------------------------------------------------------------------------------- */

/* Starts the dataset that rows are written to: the result, or a temporary GeoTIFF where the format cannot be written
 * piece by piece, or cannot be told then where it lies (NITF). Reports. */
selo_status selo_raster_create(selo_raster_output *output, const selo_raster_shape *shape);

/* ---- raster_check.c ---------------------------------------------------------------------------------------------- */

/* Remembers what is in some places of the next n_rows rows, as selo_raster_output_write() takes them. */
void selo_raster_check_remember(selo_raster_output *output, int n_rows, const void *rows);

/* Opens what was written and compares. Warns where the format makes a picture, changes values, or takes one for NoData;
 * reports, and SELO_E_OUTPUT, where the values are lost. */
selo_status selo_raster_check(selo_raster_output *output);

/* ---- raster_copy.c ----------------------------------------------------------------------------------------------- */

/* Closes what was written and makes the result of it where it is temporary. Reports, also that it was cancelled. */
selo_status selo_raster_finish(selo_raster_output *output, GDALProgressFunc progress, void *progress_data);

/* Closes what rows were written to. Reports what GDAL has kept back until then. */
selo_status selo_raster_close_written(selo_raster_output *output);

/* Looks whether the disk is full now, as it may not be any more when what was written is thrown away. */
void selo_raster_look_at_disk(selo_raster_output *output);

/* One line on what failed last: that the disk is full, or GDAL's reason; `otherwise` where it has given none.
 * SELO_E_OUTPUT. */
selo_status selo_raster_fail(selo_raster_output *output, const char *otherwise);

#endif
