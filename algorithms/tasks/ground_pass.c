#include "ground_pass_state.h"

#include <math.h>
#include <string.h>

#include "cpl_error.h"
#include "selo/memory.h"

enum { CHUNK_PIXELS = 1 << 16 }; /* what stays in the processor's cache from reading to the last sum */

static selo_status refuse_place(const selo_grid *grid)
{
    CPLError(CE_Failure, CPLE_AppDefined, "map '%s' has no %s: the ground profile needs both CRS and geotransform%s",
             grid->name, grid->georeferenced ? "CRS" : "geotransform",
             grid->georeferenced ? "; give it with --map-crs, or use --profile reference"
                                 : "; use --profile reference");
    return SELO_E_INPUT;
}

static selo_status place_map(ground_pass *p)
{
    const selo_grid *grid = selo_map_grid(p->map);
    if (!grid->crs || !grid->georeferenced)
        return refuse_place(grid);
    p->frame.width = grid->width;
    p->frame.height = grid->height;
    memcpy(p->frame.gt, grid->geotransform, sizeof p->frame.gt);
    const selo_status status = selo_earth_new(grid->crs, &p->earth);
    return status == SELO_OK ? selo_frame_check(&p->frame, p->earth, grid->name) : status;
}

/* Whether a value and its level are the same number, so that the levels can stand for the values. */
static bool levels_are_exact(const ground_pass *p)
{
    const GDALDataType type = GDALGetRasterDataType(selo_map_band(p->map));
    const double top = type == GDT_Byte ? 255 : 65535;
    return (type == GDT_Byte || type == GDT_UInt16) && p->rule.scale == 1 && p->rule.offset == 0 && p->rule.low == 0 &&
           p->rule.high == top;
}

static selo_status start_scorers(ground_pass *p, int threads)
{
    selo_ground_options options = p->options->scoring;
    options.threads = threads;
    options.levels = selo_map_levels(p->map);
    options.aoi = p->aoi;
    options.levels_exact = levels_are_exact(p);
    options.all_valid = selo_map_all_valid(p->map);
    selo_status status = SELO_OK;
    for (size_t i = 0; status == SELO_OK && i < p->n_samples; i++) {
        ground_sample *s = p->samples + i;
        status = selo_ground_new(&p->frame, p->earth, s->regions, s->n, &options, ground_pass_map_name(p), &s->scorer);
    }
    return status;
}

static selo_status take_rows_memory(ground_pass *p)
{
    p->chunk = CHUNK_PIXELS / p->frame.width > 1 ? CHUNK_PIXELS / p->frame.width : 1;
    const size_t n = (size_t)p->chunk * (size_t)p->frame.width;
    p->values = selo_alloc(n, sizeof *p->values);
    p->levels = selo_alloc(n, sizeof *p->levels);
    p->valid = selo_alloc(n, sizeof *p->valid);
    if (p->values && p->levels && p->valid)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_OutOfMemory, "map '%s': not enough memory for its rows", ground_pass_map_name(p));
    return SELO_E_MEMORY;
}

static selo_status prepare(ground_pass *p, int threads)
{
    selo_status status = place_map(p);
    if (status == SELO_OK)
        status = selo_map_value_rule(p->map, &p->options->range, &p->rule);
    if (status == SELO_OK)
        status = ground_pass_read_aoi(p);
    if (status == SELO_OK)
        status = ground_pass_place_samples(p);
    if (status == SELO_OK)
        status = start_scorers(p, threads);
    return status == SELO_OK ? take_rows_memory(p) : status;
}

selo_status ground_pass_new(const selo_evaluate_ground *options, const selo_truth *truth, const size_t *samples,
                            size_t n, selo_map *map, int threads, ground_pass **pass)
{
    static const selo_evaluate_ground defaults = SELO_EVALUATE_GROUND_DEFAULT;
    *pass = NULL;
    ground_pass *p = selo_alloc_zeroed(1, sizeof *p);
    if (!p)
        return SELO_E_MEMORY;
    p->options = options ? options : &defaults;
    p->truth = truth;
    p->indices = samples;
    p->map = map;
    p->n_samples = n;
    p->samples = selo_alloc_zeroed(n, sizeof *p->samples);
    const selo_status status = p->samples ? prepare(p, threads) : SELO_E_MEMORY;
    if (status == SELO_OK)
        *pass = p;
    else
        ground_pass_free(p);
    return status;
}

void ground_pass_free(ground_pass *p)
{
    if (!p)
        return;
    for (size_t i = 0; p->samples && i < p->n_samples; i++) {
        selo_ground_free(p->samples[i].scorer);
        for (size_t k = 0; k < p->samples[i].n; k++)
            OGR_G_DestroyGeometry(p->samples[i].regions[k]);
        selo_free(p->samples[i].regions);
        selo_free(p->samples[i].classes);
    }
    selo_free(p->samples);
    selo_free(p->values);
    selo_free(p->levels);
    selo_free(p->valid);
    OGR_G_DestroyGeometry(p->aoi);
    selo_earth_free(p->earth);
    selo_free(p);
}

selo_status ground_pass_push(ground_pass *p, int y, int n_rows, bool keep_blocks)
{
    selo_status status = selo_map_fetch(p->map, &p->rule, y, n_rows, keep_blocks);
    for (int done = 0; status == SELO_OK && done < n_rows; done += p->chunk) {
        const int n = n_rows - done < p->chunk ? n_rows - done : p->chunk;
        status = selo_map_values(p->map, &p->rule, y + done, n, p->values, p->levels, p->valid);
        for (size_t i = 0; status == SELO_OK && i < p->n_samples; i++)
            status = selo_ground_push(p->samples[i].scorer, p->values, p->levels, p->valid, n);
    }
    return status;
}

static void warn(const ground_pass *p, size_t i, const selo_score *score, const selo_ground_extras *extras)
{
    const selo_ground_options *o = &p->options->scoring;
    if (i == 0 && score->verdict == SELO_NO_VALID_PIXEL)
        CPLError(CE_Warning, CPLE_AppDefined,
                 "map '%s': every pixel is NoData, masked or out of the area of interest; its scores are undefined",
                 ground_pass_map_name(p));
    if (score->verdict == SELO_REGION_HIDDEN && isnan(score->rsu))
        CPLError(CE_Warning, CPLE_AppDefined,
                 "truth '%s', sample '%s': its regions lie wholly under excluded pixels of map '%s'; Rsu and Rmi are "
                 "undefined",
                 p->truth->name, p->truth->samples[p->indices[i]].sample_id, ground_pass_map_name(p));
    if (i == 0 && extras->variation > 0.01 && (o->smoothing.unit == SELO_UNIT_M || o->separation.unit == SELO_UNIT_M))
        CPLError(CE_Warning, CPLE_AppDefined,
                 "map '%s': the ground length of a pixel varies by %.3g %% over the map; sizes in metres hold at its "
                 "centre",
                 ground_pass_map_name(p), 100 * extras->variation);
}

selo_status ground_pass_finish(ground_pass *p, size_t i, selo_score *score, selo_ground_extras *extras,
                               selo_histogram *pool)
{
    selo_status status = selo_ground_finish(p->samples[i].scorer, score, extras);
    if (status != SELO_OK)
        return status;
    warn(p, i, score, extras);
    return pool ? selo_histogram_merge(pool, selo_ground_histogram(p->samples[i].scorer)) : SELO_OK;
}

const OGRGeometryH *ground_pass_regions(const ground_pass *p, size_t i)
{
    return p->samples[i].regions;
}

const char *const *ground_pass_classes(const ground_pass *p, size_t i)
{
    return p->samples[i].classes;
}

const selo_ground *ground_pass_scorer(const ground_pass *p, size_t i)
{
    return p->samples[i].scorer;
}
