#include "window_tensor.h"

#include <math.h>

#include "cpl_error.h"
#include "selo/memory.h"
#include "selo/resize.h"

static size_t channel_pixels(const selo_bundle *bundle)
{
    return (size_t)bundle->side * (size_t)bundle->side;
}

size_t selo_window_tensor_size(const selo_bundle *bundle)
{
    return (size_t)bundle->n_channels * channel_pixels(bundle);
}

selo_status selo_window_tensor_make(const selo_bundle *bundle, selo_window_tensor *tensor)
{
    *tensor = (selo_window_tensor){.bundle = bundle, .resized = selo_alloc(channel_pixels(bundle), 1)};
    for (int channel = 0; channel < bundle->n_channels; channel++) {
        const float mean = (float)bundle->mean[channel], deviation = (float)bundle->deviation[channel];
        for (int level = 0; level < 256; level++)
            tensor->numbers[channel][level] = ((float)level / 255.f - mean) / deviation;
    }
    return tensor->resized ? SELO_OK : SELO_E_MEMORY;
}

void selo_window_tensor_clear(selo_window_tensor *tensor)
{
    selo_free(tensor->bytes);
    selo_free(tensor->resized);
    *tensor = (selo_window_tensor){0};
}

static selo_status to_bytes(selo_window_tensor *tensor, const selo_pixels *window, double white, int channel)
{
    const selo_bundle *bundle = tensor->bundle;
    const size_t width = (size_t)window->width, n = width * (size_t)window->height;
    const double low = isnan(bundle->low) ? 0 : bundle->low, high = isnan(bundle->high) ? white : bundle->high;
    const uint8_t filling = (uint8_t)fmin(255, fmax(0, rint(bundle->mean[channel] * 255)));
    if (n > tensor->bytes_room) {
        selo_free(tensor->bytes);
        tensor->bytes = selo_alloc(n, 1);
        tensor->bytes_room = tensor->bytes ? n : 0;
    }
    if (!tensor->bytes)
        return SELO_E_MEMORY;
    for (size_t y = 0; y < (size_t)window->height; y++)
        selo_bytes_from_values(window->planes[bundle->channels[channel]] + y * window->stride,
                               window->valid ? window->valid + y * window->stride : NULL, width, low, high, filling,
                               tensor->bytes + y * width);
    return SELO_OK;
}

static selo_status fill_channel(selo_window_tensor *tensor, const selo_pixels *window, double white, int channel,
                                float *into)
{
    const selo_bundle *bundle = tensor->bundle;
    const size_t pixels = channel_pixels(bundle), stride = (size_t)window->width;
    selo_status status = to_bytes(tensor, window, white, channel);
    if (status == SELO_OK && bundle->resize == SELO_BUNDLE_CUBIC)
        status = selo_resize_cubic(tensor->bytes, stride, window->width, window->height, tensor->resized, bundle->side,
                                   bundle->side);
    else if (status == SELO_OK)
        status = selo_resize_clip(tensor->bytes, stride, window->width, window->height, tensor->resized, bundle->side);
    const size_t start = (size_t)channel * (bundle->channels_last ? 1 : pixels);
    const size_t step = bundle->channels_last ? (size_t)bundle->n_channels : 1;
    for (size_t i = 0; i < pixels && status == SELO_OK; i++)
        into[start + i * step] = tensor->numbers[channel][tensor->resized[i]];
    return status;
}

selo_status selo_window_tensor_fill(selo_window_tensor *tensor, const selo_pixels *window, double white, float *into)
{
    const selo_bundle *bundle = tensor->bundle;
    selo_status status = SELO_OK;
    for (int channel = 0; channel < bundle->n_channels && status == SELO_OK; channel++) {
        if (!window->planes[bundle->channels[channel]]) {
            CPLError(CE_Failure, CPLE_AppDefined, "the model needs a band for %s; say which with --bands",
                     selo_band_role_name(bundle->channels[channel]));
            return SELO_E_INPUT;
        }
        status = fill_channel(tensor, window, white, channel, into);
    }
    if (status == SELO_E_ARGUMENT)
        CPLError(CE_Failure, CPLE_AppDefined, "a window of %d x %d pixels cannot be brought to %d x %d", window->width,
                 window->height, bundle->side, bundle->side);
    return status;
}
