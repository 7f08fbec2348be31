#include "ground_pass.h"

#include <math.h>
#include <string.h>

#include "cpl_error.h"
#include "selo/memory.h"
#include "selo/outline.h"
#include "selo/place.h"

enum { CHUNK_PIXELS = 1 << 16 }; /* what stays in the processor's cache from reading to the last sum */

/* A sample placed on the map. */
typedef struct placed_sample {
    size_t n;
    OGRGeometryH *regions;
    const char **classes;
    selo_ground *scorer;
} placed_sample;

struct ground_pass {
    const selo_evaluate_ground *options;
    const selo_truth *truth;
    const size_t *indices;
    selo_map *map;
    selo_frame frame;
    selo_earth *earth;
    selo_value_rule rule;
    OGRGeometryH aoi;
    size_t n_samples;
    placed_sample *samples;
    int chunk;     /* rows that go through the scorers at a time */
    float *values; /* of a chunk, as levels and valid */
    uint16_t *levels;
    uint8_t *valid;
};

static const char *map_name(const ground_pass *p)
{
    return selo_map_grid(p->map)->name;
}

static selo_status refuse_place(const selo_grid *grid)
{
    CPLError(CE_Failure, CPLE_AppDefined, "map '%s' has no %s: the ground profile needs both CRS and geotransform%s", grid->name,
             grid->georeferenced ? "CRS" : "geotransform",
             grid->georeferenced ? "; give it with --map-crs, or use --profile reference" : "; use --profile reference");
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

/* Whether an area's box meets the map's pixels. */
static bool meets_map(const ground_pass *p, OGRGeometryH area)
{
    OGREnvelope box;
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    OGR_G_GetEnvelope(area, &box);
    for (int corner = 0; corner < 4; corner++) {
        const selo_point at = selo_frame_to_pixel(&p->frame, corner & 1 ? box.MinX : box.MaxX, corner & 2 ? box.MinY : box.MaxY);
        x0 = fmin(x0, at.x), x1 = fmax(x1, at.x);
        y0 = fmin(y0, at.y), y1 = fmax(y1, at.y);
    }
    return x0 < p->frame.width && x1 > 0 && y0 < p->frame.height && y1 > 0;
}

static selo_status find_way(const ground_pass *p, OGRSpatialReferenceH from, bool pixels, const char *name, selo_way **way)
{
    const selo_way_options options = {.from_name = name, .to_name = map_name(p), .pixels = pixels,
                                      .allow_ballpark = p->options->allow_ballpark};
    return selo_way_new(from, selo_map_grid(p->map)->crs, &p->frame, p->earth, &options, way);
}

/* Adds the areas of a geometry, brought to the map, to a collection. */
static selo_status add_area(const selo_way *way, OGRGeometryH geometry, OGRGeometryH all)
{
    OGRGeometryH area;
    bool repaired;
    const selo_status status = selo_way_area(way, geometry, &area, &repaired);
    if (area)
        OGR_G_AddGeometryDirectly(all, area);
    return status;
}

static selo_status gather_aoi(ground_pass *p, OGRLayerH layer, OGRGeometryH all)
{
    OGRSpatialReferenceH own = OGR_L_GetSpatialRef(layer);
    OGRSpatialReferenceH crs = own ? OSRClone(own) : NULL;
    if (crs)
        OSRSetAxisMappingStrategy(crs, OAMS_TRADITIONAL_GIS_ORDER);
    selo_way *way = NULL;
    selo_status status = find_way(p, crs, false, p->options->aoi, &way);
    OGR_L_ResetReading(layer);
    for (OGRFeatureH f; status == SELO_OK && (f = OGR_L_GetNextFeature(layer)); OGR_F_Destroy(f))
        if (OGR_F_GetGeometryRef(f))
            status = add_area(way, OGR_F_GetGeometryRef(f), all);
    selo_way_free(way);
    OSRDestroySpatialReference(crs);
    return status;
}

static selo_status read_aoi(ground_pass *p)
{
    const selo_evaluate_ground *o = p->options;
    if (!o->aoi)
        return SELO_OK;
    GDALDatasetH dataset = o->aoi_dataset ? o->aoi_dataset : GDALOpenEx(o->aoi, GDAL_OF_VECTOR | GDAL_OF_VERBOSE_ERROR, NULL, NULL, NULL);
    if (!dataset)
        return SELO_E_INPUT;
    OGRGeometryH all = OGR_G_CreateGeometry(wkbGeometryCollection);
    selo_status status = SELO_OK;
    if (GDALDatasetGetLayerCount(dataset) != 1) {
        CPLError(CE_Failure, CPLE_AppDefined, "--aoi: '%s' has %d layers: give a dataset of one layer", o->aoi,
                 GDALDatasetGetLayerCount(dataset));
        status = SELO_E_INPUT;
    } else {
        status = gather_aoi(p, GDALDatasetGetLayer(dataset, 0), all);
    }
    if (status == SELO_OK) {
        p->aoi = OGR_G_UnaryUnion(all);
        if (!p->aoi || OGR_G_IsEmpty(p->aoi) || !meets_map(p, p->aoi)) {
            CPLError(CE_Failure, CPLE_AppDefined, "--aoi: '%s' holds no area on map '%s': are both where their CRS says?", o->aoi, map_name(p));
            status = SELO_E_INPUT;
        }
    }
    OGR_G_DestroyGeometry(all);
    if (!o->aoi_dataset)
        GDALClose(dataset);
    return status;
}

/* What placing the regions came to, over all samples of the pass. */
struct placing {
    selo_way *way;
    size_t repaired, dropped, on_map;
};

static selo_status place_sample(const ground_pass *p, const selo_truth_sample *from, struct placing *placing, placed_sample *to)
{
    to->regions = selo_alloc_zeroed(from->n_regions, sizeof *to->regions);
    to->classes = selo_alloc_zeroed(from->n_regions, sizeof *to->classes);
    if (!to->regions || !to->classes)
        return SELO_E_MEMORY;
    for (size_t i = 0; i < from->n_regions; i++) {
        bool repaired;
        OGRGeometryH area;
        const selo_status status = selo_way_area(placing->way, from->regions[i], &area, &repaired);
        if (status != SELO_OK)
            return status;
        placing->repaired += repaired;
        if (!area) {
            placing->dropped++;
            continue;
        }
        placing->on_map += meets_map(p, area);
        to->classes[to->n] = from->classes ? from->classes[i] : NULL;
        to->regions[to->n++] = area;
    }
    return SELO_OK;
}

static selo_status report_placing(const ground_pass *p, const struct placing *placing)
{
    const char *truth = p->truth->name;
    if (placing->repaired)
        CPLError(CE_Warning, CPLE_AppDefined, "truth '%s': %llu invalid regions were repaired", truth, (unsigned long long)placing->repaired);
    if (placing->dropped)
        CPLError(CE_Warning, CPLE_AppDefined, "truth '%s': %llu regions without an area were left out", truth,
                 (unsigned long long)placing->dropped);
    if (placing->on_map > 0)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined, "truth '%s' and map '%s' do not overlap: is the CRS of each what it says?", truth, map_name(p));
    return SELO_E_INPUT;
}

static selo_status place_samples(ground_pass *p)
{
    struct placing placing = {0};
    selo_status status = selo_place_check(p->truth, selo_map_grid(p->map));
    if (status == SELO_OK)
        status = find_way(p, p->truth->crs, p->truth->pixel_coordinates, p->truth->name, &placing.way);
    for (size_t i = 0; status == SELO_OK && i < p->n_samples; i++)
        status = place_sample(p, p->truth->samples + p->indices[i], &placing, p->samples + i);
    if (status == SELO_OK)
        status = report_placing(p, &placing);
    selo_way_free(placing.way);
    return status;
}

/* Whether a value and its level are the same number, so that the levels can stand for the values. */
static bool levels_are_exact(const ground_pass *p)
{
    const GDALDataType type = GDALGetRasterDataType(selo_map_band(p->map));
    const double top = type == GDT_Byte ? 255 : 65535;
    return (type == GDT_Byte || type == GDT_UInt16) && p->rule.scale == 1 && p->rule.offset == 0 && p->rule.low == 0 && p->rule.high == top;
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
        placed_sample *s = p->samples + i;
        status = selo_ground_new(&p->frame, p->earth, s->regions, s->n, &options, map_name(p), &s->scorer);
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
    CPLError(CE_Failure, CPLE_OutOfMemory, "map '%s': not enough memory for its rows", map_name(p));
    return SELO_E_MEMORY;
}

static selo_status prepare(ground_pass *p, int threads)
{
    selo_status status = place_map(p);
    if (status == SELO_OK)
        status = selo_map_value_rule(p->map, &p->options->range, &p->rule);
    if (status == SELO_OK)
        status = read_aoi(p);
    if (status == SELO_OK)
        status = place_samples(p);
    if (status == SELO_OK)
        status = start_scorers(p, threads);
    return status == SELO_OK ? take_rows_memory(p) : status;
}

selo_status ground_pass_new(const selo_evaluate_ground *options, const selo_truth *truth, const size_t *samples, size_t n,
                            selo_map *map, int threads, ground_pass **pass)
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
        CPLError(CE_Warning, CPLE_AppDefined, "map '%s': every pixel is NoData, masked or out of the area of interest; its scores are undefined",
                 map_name(p));
    if (score->verdict == SELO_REGION_HIDDEN && isnan(score->rsu))
        CPLError(CE_Warning, CPLE_AppDefined,
                 "truth '%s', sample '%s': its regions lie wholly under excluded pixels of map '%s'; Rsu and Rmi are undefined",
                 p->truth->name, p->truth->samples[p->indices[i]].sample_id, map_name(p));
    if (i == 0 && extras->variation > 0.01 && (o->smoothing.unit == SELO_UNIT_M || o->separation.unit == SELO_UNIT_M))
        CPLError(CE_Warning, CPLE_AppDefined,
                 "map '%s': the ground length of a pixel varies by %.3g %% over the map; sizes in metres hold at its centre",
                 map_name(p), 100 * extras->variation);
}

selo_status ground_pass_finish(ground_pass *p, size_t i, selo_score *score, selo_ground_extras *extras, selo_histogram *pool)
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
