/* What queries make of an image's windows: a table of similarities each (private to this room). */
#ifndef SELO_TASKS_IMAGE_TABLES_H
#define SELO_TASKS_IMAGE_TABLES_H

#include "image_vectors.h"

/* n queries: their vectors, of the encoder's size each, and the table that is made for each. */
typedef struct selo_image_queries {
    const float *vectors;
    size_t n;
    selo_window_table *tables; /* written; the caller clears each with selo_window_table_clear(), also on failure */
} selo_image_queries;

/* A table per query of a preset's plan of the image, whose windows have been added to `vectors`: v1's windows, or v2's
 * tiles and the boxes around those that the query selects. The boxes are added to `vectors`, those of all queries
 * together, which takes the encoder; v1 needs none.
 * An error if no window of the plan has a vector; a warning if some have none. */
selo_status selo_image_tables_make(selo_image_vectors *vectors, selo_encoder *encoder, selo_preset preset,
                                   const selo_plan *plan, const selo_image_queries *queries, GDALProgressFunc progress,
                                   void *progress_data);

#endif
