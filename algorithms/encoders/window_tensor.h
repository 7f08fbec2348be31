/* Windows of an image as a network takes them: numbers of one size, channel by channel. Private to encoders/. */
#ifndef SELO_ENCODERS_WINDOW_TENSOR_H
#define SELO_ENCODERS_WINDOW_TENSOR_H

#include "bundle.h"

typedef struct selo_window_tensor {
    const selo_bundle *bundle;
    float numbers[SELO_BUNDLE_CHANNELS][256]; /* of each level of a channel */
    uint8_t *bytes;                           /* one channel of a window */
    size_t bytes_room;
    uint8_t *resized; /* one channel at the network's size */
} selo_window_tensor;

/* The bundle must outlive it. Ended with selo_window_tensor_clear(). */
selo_status selo_window_tensor_make(const selo_bundle *bundle, selo_window_tensor *tensor);
void selo_window_tensor_clear(selo_window_tensor *tensor);

/* Elements of a window: channels x size x size. */
size_t selo_window_tensor_size(const selo_bundle *bundle);

/* Writes a window to `into`, which has room for that many. Its values are brought to 8 bits (the bundle's range, or 0
 * to `white`), resized, and made of mean 0 and deviation 1 as model.json says; pixels that are not valid take the
 * channel's mean. A band that the model needs and the window lacks is reported. */
selo_status selo_window_tensor_fill(selo_window_tensor *tensor, const selo_pixels *window, double white, float *into);

#endif
