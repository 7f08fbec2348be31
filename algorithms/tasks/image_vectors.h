/* The vectors of an image's windows: each window is encoded once, whatever plans and queries ask for
 * it (private to this room). */
#ifndef SELO_TASKS_IMAGE_VECTORS_H
#define SELO_TASKS_IMAGE_VECTORS_H

#include "embedding.h"
#include "encode_windows.h"

typedef struct selo_image_vectors {
    GDALDatasetH image;
    selo_bands bands;
    double least_valid;
    selo_embedding stored; /* in the order in which windows came */
    size_t *order;         /* indices of stored, by window */
    double *each_ms;       /* spent on each window alone */
    selo_encode_times times;
} selo_image_vectors;

/* Starts without a window. The image stays the caller's, open for as long as windows are added; bands as
 * selo_bands_find() takes them. Ended with selo_image_vectors_clear(), also on failure. */
selo_status selo_image_vectors_start(selo_image_vectors *vectors, GDALDatasetH image, CSLConstList bands,
                                     double least_valid);
void selo_image_vectors_clear(selo_image_vectors *vectors);

/* Encodes those of the n windows that are not there yet, reading the image once. Always with the same encoder, which
 * may be NULL where none is missing. */
selo_status selo_image_vectors_add(selo_image_vectors *vectors, selo_encoder *encoder, const selo_window *windows,
                                   size_t n, GDALProgressFunc progress, void *progress_data);

/* The index in `stored` of a window that has been added. */
size_t selo_image_vectors_find(const selo_image_vectors *vectors, const selo_window *window);

/* What these windows, added before, would have taken alone: reading, and their share of the encoding. */
selo_encode_times selo_image_vectors_times(const selo_image_vectors *vectors, const selo_window *windows, size_t n);

#endif
