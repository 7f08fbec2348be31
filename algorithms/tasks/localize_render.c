/* From lattices to the pixels of the output, strip by strip. */
#include "cpl_error.h"
#include "localize_job.h"
#include "selo/memory.h"
#include "selo/strips.h"

enum { STRIP_BYTES = 4 << 20 };

static int rows_of(const localize_job *j, int k)
{
    const int left = j->height - k * j->strip_rows;
    return left < j->strip_rows ? left : j->strip_rows;
}

static selo_status make_strip(void *user, int k, void *strip)
{
    const localize_job *j = user;
    const size_t sample = j->options->type == GDT_Byte ? 1 : sizeof(float);
    const size_t band_bytes = (size_t)rows_of(j, k) * (size_t)j->width * sample;
    selo_status status = SELO_OK;
    for (int i = 0; i < j->n_bands && !status; i++)
        status = selo_surface_rows(j->bands[i].surface, k * j->strip_rows, rows_of(j, k),
                                   (char *)strip + (size_t)i * band_bytes);
    return status;
}

static selo_status take_strip(void *user, int k, const void *strip)
{
    localize_job *j = user;
    const selo_status status = selo_raster_output_write(j->output, rows_of(j, k), strip);
    const double done = (double)(k + 1) * j->strip_rows / (j->height + (double)j->strip_rows);
    return status ? status : selo_raster_output_tell(j->output, done, j->progress, j->progress_data);
}

static selo_status render(localize_job *j)
{
    const bool bytes = j->options->type == GDT_Byte;
    selo_status status = SELO_OK;
    for (int k = 0; k < j->n_bands && !status; k++)
        status = selo_surface_new(j->bands[k].lattice, bytes ? SELO_SAMPLE_BYTE : SELO_SAMPLE_FLOAT, j->filter,
                                  j->size_x, j->size_y, &j->bands[k].surface);
    if (status)
        return status;
    j->strip_rows = selo_raster_output_strip(j->output, STRIP_BYTES);
    const selo_strips strips = {.n_strips = (j->height + j->strip_rows - 1) / j->strip_rows,
                                .strip_bytes = (size_t)j->strip_rows * (size_t)j->width * (bytes ? 1 : sizeof(float)) *
                                               (size_t)j->n_bands,
                                .threads = j->options->threads,
                                .user = j,
                                .make = make_strip,
                                .take = take_strip};
    status = selo_strips_run(&strips);
    if (status == SELO_E_MEMORY)
        CPLError(CE_Failure, CPLE_OutOfMemory, "not enough memory for the rows of the map");
    return status;
}

/* ---- windows that share few edges -------------------------------------------------------------------------------- */

/* From this cost on the median of any map (selo/filters.h) is faster than the one over cells. */
static const double COSTLY = 100;

static selo_status read_plain(void *user, int row, int n_rows, void *rows)
{
    const localize_job *j = user;
    return selo_surface_rows(j->bands[0].surface, row, n_rows, rows);
}

static selo_status write_smooth(void *user, int row, int n_rows, const void *rows)
{
    localize_job *j = user;
    const selo_status status = selo_raster_output_write_strips(j->output, STRIP_BYTES, n_rows, rows);
    return status ? status
                  : selo_raster_output_tell(j->output, (double)(row + n_rows) / (j->height + 1.0), j->progress,
                                            j->progress_data);
}

/* Whether the map is better smoothed pixel by pixel; only a single map is: several come from
 * one encoder's regular plan. */
static selo_status is_fine(localize_job *j, bool *fine)
{
    *fine = false;
    if (j->filter != SELO_FILTER_MEDIAN || j->n_bands != 1)
        return SELO_OK;
    selo_surface *surface;
    const selo_status status = selo_surface_new(j->bands[0].lattice, SELO_SAMPLE_BYTE, j->filter, j->size_x, j->size_y,
                                                &surface);
    if (!status) {
        *fine = selo_surface_cost(surface) > COSTLY;
        selo_surface_free(surface);
    }
    return status;
}

static selo_status render_fine(localize_job *j)
{
    const selo_sample sample = j->options->type == GDT_Byte ? SELO_SAMPLE_BYTE : SELO_SAMPLE_FLOAT;
    selo_status status = selo_surface_new(j->bands[0].lattice, sample, SELO_FILTER_NONE, 0, 0, &j->bands[0].surface);
    const selo_filter_options options = {.method = j->filter, .size_x = j->size_x, .size_y = j->size_y,
                                         .sample = sample, .width = j->width, .height = j->height,
                                         .threads = j->options->threads > 1 ? j->options->threads : 1};
    const selo_row_stream stream = {j, read_plain, write_smooth};
    if (!status)
        status = selo_filter_run(&options, &stream);
    return selo_localize_explain(status);
}

selo_status selo_localize_render(localize_job *j)
{
    bool fine;
    const selo_status status = is_fine(j, &fine);
    if (status)
        return status;
    return fine ? render_fine(j) : render(j);
}
