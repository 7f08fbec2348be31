/* From an image and sentences to SeLo maps: windows, vectors, similarities, maps, in one go. */
#ifndef SELO_LOCALIZE_IMAGE_H
#define SELO_LOCALIZE_IMAGE_H

#include "selo/encoder.h"
#include "selo/localize.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is looked for. A query is a text for the model, or a vector computed elsewhere. */
typedef struct selo_query_options {
    CSLConstList texts;        /* NULL: none */
    const char *texts_file; /* a text a line, UTF-8; empty lines and those that start with # are skipped; NULL: none */
    CSLConstList vector_files; /* as selo_vectors_read() takes them; NULL: none */
    int shuffles;              /* random word orders averaged with each text, as the published v2 generator; 0: none */
    unsigned long long seed;
} selo_query_options;

typedef struct selo_localize_image_options {
    const char *image;          /* any dataset name of GDAL */
    GDALDatasetH image_dataset; /* already open, stays the caller's; NULL: opened by name */
    selo_encoder_options encoder;
    CSLConstList bands;         /* as selo_bands_find() takes them; NULL: found */
    CSLConstList scales;        /* sides of v1's windows, "256px" or "83m"; NULL: 256, 512 and 768 px */
    double least_valid;         /* share of valid pixels below which a window takes no part, 0..1 */
    selo_query_options queries;
    selo_localize_options map;  /* preset, smoothing, type, threads and output; the rest is filled in */
} selo_localize_image_options;

/* A band per query; or a file per query where the name of the output holds {n} (number from 1) or {query}. Errors as
 * selo_localize(); *map, which may be NULL, receives the map where there is one file, else NULL. */
SELO_API selo_status selo_localize_image(const selo_localize_image_options *options, GDALProgressFunc progress,
                                         void *progress_data, GDALDatasetH *map);

#ifdef __cplusplus
}
#endif
#endif
