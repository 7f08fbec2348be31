/* The two networks of a model bundle, each with what goes around it. Private to encoders/. */
#ifndef SELO_ENCODERS_TOWERS_H
#define SELO_ENCODERS_TOWERS_H

#include "bundle.h"

/* How both run. */
typedef struct selo_tower_options {
    const selo_bundle *bundle; /* must outlive the tower */
    const char *provider;      /* NULL: cpu; must outlive it as well */
    int threads;
    int batch; /* windows a run takes; 0: chosen by their size */
} selo_tower_options;

typedef struct selo_image_tower selo_image_tower;
typedef struct selo_text_tower selo_text_tower;

/* Loads the network and checks that its input goes with model.json. Problems of all these are reported. */
selo_status selo_image_tower_open(const selo_tower_options *options, selo_image_tower **tower);
void selo_image_tower_close(selo_image_tower *tower); /* NULL is allowed */

/* Takes a window; its vector is written by the next flush at the latest. While a batch runs, the next one is filled. */
selo_status selo_image_tower_push(selo_image_tower *tower, const selo_pixels *window, double white, float *vector);
selo_status selo_image_tower_flush(selo_image_tower *tower);
/* Forgets the windows whose vectors are not there: they are not written any more. So does a push or flush that
 * fails. */
void selo_image_tower_discard(selo_image_tower *tower);

selo_status selo_text_tower_open(const selo_tower_options *options, selo_text_tower **tower);
void selo_text_tower_close(selo_text_tower *tower);
/* The vector of a text; says with a warning what of it is unknown or cut off. */
selo_status selo_text_tower_run(selo_text_tower *tower, const char *text, float *vector);

/* Milliseconds in the runtime's sessions so far, without a batch that still runs, and those that pushes and flushes
 * waited for one; 0 for NULL. */
double selo_image_tower_spent_ms(const selo_image_tower *tower);
double selo_image_tower_waited_ms(const selo_image_tower *tower);
double selo_text_tower_spent_ms(const selo_text_tower *tower);

/* Windows that a run takes if the network leaves it open. */
size_t selo_tower_batch(const selo_tower_options *options);

/* Unit length where the bundle says so. A vector that is not finite is the network's fault, and reported. */
selo_status selo_tower_finish_vector(const selo_bundle *bundle, const char *file, float *vector);

#endif
