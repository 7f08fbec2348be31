/* Windows of an image as vectors, kept for many queries: what `gdal selo embed` does. */
#ifndef SELO_EMBED_H
#define SELO_EMBED_H

#include "selo/encoder.h"
#include "selo/layers.h"
#include "selo/localize.h"
#include "selo/localize_image.h"
#include "selo/window_table.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct selo_embed_options {
    const char *image;                 /* any dataset name of GDAL */
    GDALDatasetH image_dataset;        /* already open, stays the caller's; NULL: opened by name */
    selo_encoder_options encoder;
    CSLConstList bands;                /* as selo_bands_find() takes them; NULL: found */
    const selo_window_source *windows; /* the windows; NULL: those of the preset */
    selo_preset preset;
    CSLConstList scales;               /* sides of v1's windows, as of selo_localize_image();
                                          NULL: the published ones */
    double least_valid;                /* share of valid pixels below which a window has no vector, 0..1 */
    bool half;                         /* vectors of float16 (field embed_f16) instead of float32 (field embedding) */
    const char *command_line;          /* for selo_run; may be NULL */
    selo_layers_options output;        /* layer selo_win */
} selo_embed_options;

typedef struct selo_embed_result {
    size_t windows, encoded, resumed; /* all; those with a vector; of these, taken over from an interrupted run */
    size_t outside;                   /* those that cover no pixel of the image */
    bool up_to_date;                  /* the output was there, made of the same image, model and windows */
    double read_ms, encode_ms;        /* reading the image; vectors of its windows */
} selo_embed_result;

/* Each row of the image is read once. An interrupted run (also a killed one) leaves what it has encoded in OUTPUT.part;
 * the next run with the same image, model and windows goes on from there. An output that exists is left alone if it
 * came from the same; otherwise it is replaced if output.overwrite, and an error if not. On failure the reason has been
 * reported.
 *   result  may be NULL
 *   layers  may be NULL; receives the dataset where output.path is NULL, to be closed by the caller */
SELO_API selo_status selo_embed(const selo_embed_options *options, GDALProgressFunc progress, void *progress_data,
                                selo_embed_result *result, GDALDatasetH *layers);

typedef struct selo_localize_embedded_options {
    selo_window_source windows;   /* with vectors, as selo_embed() stores them */
    selo_encoder_options encoder; /* for texts; model NULL: only vectors will do */
    selo_query_options queries;
    selo_localize_options map;    /* smoothing, type, threads, output and like; the rest is filled in */
} selo_localize_embedded_options;

/* Maps of many queries from stored vectors; output as selo_localize_image(). Vectors of another model than
 * encoder.model are refused. */
SELO_API selo_status selo_localize_embedded(const selo_localize_embedded_options *options, GDALProgressFunc progress,
                                            void *progress_data, GDALDatasetH *map);

typedef struct selo_localize_raster_options {
    const char *raster;          /* an embedding raster: a band per element of the vectors; any dataset name of GDAL */
    GDALDatasetH raster_dataset; /* already open, stays the caller's; NULL: opened by name */
    selo_encoder_options encoder; /* for texts; model NULL: only vectors will do */
    selo_query_options queries;
    selo_localize_options map;   /* type and output; the rest is not read */
} selo_localize_raster_options;

/* Maps of an embedding raster: per pixel the cosine between its vector (with each band's scale and offset) and the
 * query, min-max normalised to 0..1 over the map, without smoothing; NaN where a band has NoData or the vector no
 * length. A band per query. The raster is read twice, by whole blocks; memory does not grow with its height. */
SELO_API selo_status selo_localize_raster(const selo_localize_raster_options *options, GDALProgressFunc progress,
                                          void *progress_data, GDALDatasetH *map);

/* Whether a dataset of windows has vectors. */
SELO_API bool selo_has_vectors(GDALDatasetH windows, const char *layer);

#ifdef __cplusplus
}
#endif
#endif
