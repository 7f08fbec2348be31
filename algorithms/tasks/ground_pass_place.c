/* The area of interest and the truth of a pass, brought to its map. */
#include <math.h>

#include "cpl_error.h"
#include "ground_pass_state.h"
#include "selo/memory.h"
#include "selo/outline.h"
#include "selo/place.h"
#include "selo/source.h"

/* Whether an area's box meets the map's pixels. */
static bool meets_map(const ground_pass *p, OGRGeometryH area)
{
    OGREnvelope box;
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    OGR_G_GetEnvelope(area, &box);
    for (int corner = 0; corner < 4; corner++) {
        const selo_point at = selo_frame_to_pixel(&p->frame, corner & 1 ? box.MinX : box.MaxX,
                                                  corner & 2 ? box.MinY : box.MaxY);
        x0 = fmin(x0, at.x), x1 = fmax(x1, at.x);
        y0 = fmin(y0, at.y), y1 = fmax(y1, at.y);
    }
    return x0 < p->frame.width && x1 > 0 && y0 < p->frame.height && y1 > 0;
}

static selo_status find_way(const ground_pass *p, OGRSpatialReferenceH from, bool pixels, const char *name,
                            selo_way **way)
{
    const selo_way_options options = {.from_name = name, .to_name = ground_pass_map_name(p), .pixels = pixels,
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
    selo_source_rows rows = {.layer = layer, .what = "area of interest (--aoi)", .name = p->options->aoi};
    OGR_L_ResetReading(layer);
    for (OGRFeatureH f; status == SELO_OK && (f = selo_source_next(&rows)); OGR_F_Destroy(f))
        if (OGR_F_GetGeometryRef(f))
            status = add_area(way, OGR_F_GetGeometryRef(f), all);
    selo_way_free(way);
    OSRDestroySpatialReference(crs);
    return status == SELO_OK ? selo_source_end(&rows) : status;
}

selo_status ground_pass_read_aoi(ground_pass *p)
{
    const selo_evaluate_ground *o = p->options;
    if (!o->aoi)
        return SELO_OK;
    GDALDatasetH dataset = o->aoi_dataset
                               ? o->aoi_dataset
                               : selo_source_open(&(selo_source){.what = "area of interest (--aoi)", .name = o->aoi,
                                                                 .flags = GDAL_OF_VECTOR});
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
            CPLError(CE_Failure, CPLE_AppDefined,
                     "--aoi: '%s' holds no area on map '%s': are both where their CRS says?", o->aoi,
                     ground_pass_map_name(p));
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
    size_t repaired, dropped, placed, on_map;
    const char *first_repaired; /* the sample of the first one; NULL: none */
};

static selo_status place_sample(const ground_pass *p, const selo_truth_sample *from, struct placing *placing,
                                ground_sample *to)
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
        if (repaired && !placing->first_repaired)
            placing->first_repaired = from->sample_id;
        if (!area) {
            placing->dropped++;
            continue;
        }
        placing->placed++;
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
        CPLError(CE_Warning, CPLE_AppDefined,
                 "truth '%s': regions that are invalid in the CRS of map '%s' were repaired: %llu, the first in sample "
                 "'%s'",
                 truth, ground_pass_map_name(p), (unsigned long long)placing->repaired, placing->first_repaired);
    if (placing->dropped)
        CPLError(CE_Warning, CPLE_AppDefined, "truth '%s': regions without an area were left out: %llu", truth,
                 (unsigned long long)placing->dropped);
    if (placing->on_map > 0)
        return SELO_OK;
    if (placing->placed == 0) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "truth '%s': no region has an area; --buffer gives one to points and lines", truth);
        return SELO_E_INPUT;
    }
    CPLError(CE_Failure, CPLE_AppDefined, "truth '%s' and map '%s' do not overlap: is the CRS of each what it says?",
             truth, ground_pass_map_name(p));
    return SELO_E_INPUT;
}

selo_status ground_pass_place_samples(ground_pass *p)
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
