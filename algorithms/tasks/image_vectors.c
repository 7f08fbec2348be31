#include "image_vectors.h"

#include <stdlib.h>
#include <string.h>

#include "cpl_error.h"
#include "selo/memory.h"

selo_status selo_image_vectors_start(selo_image_vectors *vectors, GDALDatasetH image, CSLConstList bands,
                                     double least_valid)
{
    *vectors = (selo_image_vectors){.image = image, .least_valid = least_valid};
    return selo_bands_find(image, bands, &vectors->bands);
}

void selo_image_vectors_clear(selo_image_vectors *vectors)
{
    selo_embedding_clear(&vectors->stored);
    selo_free(vectors->order);
    selo_free(vectors->each_ms);
    *vectors = (selo_image_vectors){.image = NULL};
}

static int compare_windows(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(selo_window)); /* any order will do, as long as it is one */
}

/* The place in `order` of the first window that is not before this one. */
static size_t place_of(const selo_image_vectors *vectors, const selo_window *window)
{
    size_t low = 0, high = vectors->stored.n;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (compare_windows(&vectors->stored.windows[vectors->order[middle]], window) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_there(const selo_image_vectors *vectors, const selo_window *window)
{
    const size_t place = place_of(vectors, window);
    return place < vectors->stored.n && compare_windows(&vectors->stored.windows[vectors->order[place]], window) == 0;
}

size_t selo_image_vectors_find(const selo_image_vectors *vectors, const selo_window *window)
{
    return vectors->order[place_of(vectors, window)];
}

/* Those of the windows that are not there yet, sorted, each once; *missing is freed by the caller. */
static selo_status find_missing(const selo_image_vectors *vectors, const selo_window *windows, size_t n,
                                selo_window **missing, size_t *n_missing)
{
    selo_window *all = *missing = selo_alloc(n, sizeof *all);
    size_t m = 0;
    if (!all)
        return SELO_E_MEMORY;
    memcpy(all, windows, n * sizeof *all);
    qsort(all, n, sizeof *all, compare_windows);
    for (size_t i = 0; i < n; i++)
        if ((m == 0 || compare_windows(&all[m - 1], &all[i]) != 0) && !is_there(vectors, &all[i]))
            all[m++] = all[i];
    *n_missing = m;
    return SELO_OK;
}

/* Room for m further windows, which wait. */
static selo_status make_room(selo_image_vectors *vectors, const selo_window *windows, size_t m)
{
    selo_embedding larger;
    const selo_embedding *stored = &vectors->stored;
    const size_t n = stored->n + m;
    double *each_ms = selo_realloc(vectors->each_ms, n, sizeof *each_ms);
    size_t *order = each_ms ? selo_realloc(vectors->order, n, sizeof *order) : NULL;
    vectors->each_ms = each_ms ? each_ms : vectors->each_ms;
    vectors->order = order ? order : vectors->order;
    if (!order)
        return SELO_E_MEMORY;
    const selo_status status = selo_embedding_make(NULL, n, stored->size, &larger);
    if (status != SELO_OK)
        return status;
    if (stored->n > 0) {
        memcpy(larger.windows, stored->windows, stored->n * sizeof *stored->windows);
        memcpy(larger.vectors, stored->vectors, stored->n * stored->size * sizeof *stored->vectors);
        memcpy(larger.states, stored->states, stored->n);
    }
    memcpy(larger.windows + stored->n, windows, m * sizeof *windows);
    selo_embedding_clear(&vectors->stored);
    vectors->stored = larger;
    vectors->stored.n = n - m; /* the new ones count when they have been encoded */
    return SELO_OK;
}

/* Puts the m windows behind the known ones, which come sorted, into the order. */
static void merge_order(selo_image_vectors *vectors, size_t m)
{
    const size_t n = vectors->stored.n;
    size_t old = n, new = n + m;
    for (size_t place = n + m; place-- > 0;) {
        const bool take_new = new > n && (old == 0 || compare_windows(&vectors->stored.windows[vectors->order[old - 1]],
                                                                     &vectors->stored.windows[new - 1]) < 0);
        vectors->order[place] = take_new ? --new : vectors->order[--old];
    }
    vectors->stored.n = n + m;
}

static selo_status encode(selo_image_vectors *vectors, selo_encoder *encoder, size_t m, GDALProgressFunc progress,
                          void *progress_data)
{
    const size_t n = vectors->stored.n;
    selo_encode_windows_job work = {.image = vectors->image,
                                    .bands = vectors->bands,
                                    .encoder = encoder,
                                    .windows = vectors->stored.windows + n,
                                    .n = m,
                                    .least_valid = vectors->least_valid,
                                    .vectors = vectors->stored.vectors + n * vectors->stored.size,
                                    .states = vectors->stored.states + n,
                                    .each_ms = vectors->each_ms + n,
                                    .progress = progress,
                                    .progress_data = progress_data,
                                    .times = vectors->times};
    const selo_status status = selo_encode_windows(&work);
    vectors->times = work.times;
    if (status == SELO_OK)
        merge_order(vectors, m);
    return status;
}

selo_status selo_image_vectors_add(selo_image_vectors *vectors, selo_encoder *encoder, const selo_window *windows,
                                   size_t n, GDALProgressFunc progress, void *progress_data)
{
    selo_window *missing;
    size_t m;
    selo_status status = find_missing(vectors, windows, n, &missing, &m);
    if (status == SELO_OK && m > 0) {
        vectors->stored.size = selo_encoder_size(encoder);
        status = make_room(vectors, missing, m);
        if (status == SELO_OK)
            status = encode(vectors, encoder, m, progress, progress_data);
    }
    selo_free(missing);
    return status;
}

selo_encode_times selo_image_vectors_times(const selo_image_vectors *vectors, const selo_window *windows, size_t n)
{
    selo_encode_times times = vectors->times;
    times.window_ms = 0;
    for (size_t i = 0; i < n; i++)
        times.window_ms += vectors->each_ms[selo_image_vectors_find(vectors, &windows[i])];
    times.network_ms *= vectors->stored.n ? (double)n / (double)vectors->stored.n : 0;
    return times;
}
