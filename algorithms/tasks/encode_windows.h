/* Windows of an image become vectors; each row of the image is read once, whatever the windows. Private to tasks/. */
#ifndef SELO_TASKS_ENCODE_WINDOWS_H
#define SELO_TASKS_ENCODE_WINDOWS_H

#include "cpl_progress.h"
#include "gdal.h"
#include "selo/bands.h"
#include "selo/encoder.h"
#include "selo/windows.h"

typedef enum selo_window_state {
    SELO_WINDOW_WAITING, /* not encoded */
    SELO_WINDOW_ENCODED,
    SELO_WINDOW_SKIPPED  /* too few valid pixels, or outside the image: its vector is all 0 */
} selo_window_state;

/* What encoding took. */
typedef struct selo_encode_times {
    double read_ms;    /* reading the image */
    double network_ms; /* in the encoder's networks, for whole batches */
    double window_ms;  /* on each window alone: bringing it to the networks' size, or all of an encoder without any */
} selo_encode_times;

typedef struct selo_encode_windows_job {
    GDALDatasetH image;
    selo_bands bands;
    selo_encoder *encoder;
    const selo_window *windows; /* n, as selo_window_clip() cuts them */
    size_t n;
    double least_valid; /* share of valid pixels below which a window is skipped, 0..1 */
    float *vectors;     /* n vectors of the encoder's size, written */
    uint8_t *states;    /* n selo_window_state; those not waiting are left as they are */
    /* Called now and then with windows that have just been finished, whole batches of the encoder; NULL: not. */
    selo_status (*save)(void *user, const size_t *indices, size_t count);
    void *user;
    GDALProgressFunc progress;
    void *progress_data;
    double *each_ms;         /* n times of windows alone, written where windows are encoded; NULL: not wanted */
    selo_encode_times times; /* added to */
} selo_encode_windows_job;

/* Reports with CPLError() what goes wrong; windows saved so far stay valid. */
selo_status selo_encode_windows(selo_encode_windows_job *job);

/* Times as the stages of the paper: cutting (reading and resizing windows) and similarity (what
 * an encoder makes of them). */
typedef struct selo_encode_stages {
    double cut_ms, sim_ms;
} selo_encode_stages;
selo_encode_stages selo_encode_stages_of(const selo_encode_times *times, bool has_network);

#endif
