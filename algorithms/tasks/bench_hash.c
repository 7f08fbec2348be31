/* What the scores of a task depend on, as a hash. */
#include "bench_plan.h"
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "input_hash.h"
#include "selo/memory.h"

void selo_bench_hash_geometry(selo_hash *hash, OGRGeometryH geometry)
{
    const int size = OGR_G_WkbSize(geometry);
    unsigned char *wkb = selo_alloc((size_t)size, 1);
    if (wkb && OGR_G_ExportToIsoWkb(geometry, wkbNDR, wkb) == OGRERR_NONE)
        selo_hash_add(hash, wkb, (size_t)size);
    selo_free(wkb);
}

void selo_bench_hash_area(const selo_evaluate_options *scoring, char sha[SELO_HASH_HEX_SIZE])
{
    const selo_evaluate_ground *ground = scoring->ground;
    GDALDatasetH area = ground ? ground->aoi_dataset : NULL;
    selo_hash hash;
    selo_hash_start(&hash);
    CPLPushErrorHandler(CPLQuietErrorHandler); /* scoring says what is wrong with it */
    if (!area && ground && ground->aoi)
        area = GDALOpenEx(ground->aoi, GDAL_OF_VECTOR, NULL, NULL, NULL);
    OGRLayerH layer = area ? GDALDatasetGetLayer(area, 0) : NULL;
    char *wkt = NULL;
    if (layer && OGR_L_GetSpatialRef(layer) && OSRExportToWktEx(OGR_L_GetSpatialRef(layer), &wkt, NULL) == OGRERR_NONE)
        selo_hash_add_text(&hash, wkt);
    CPLFree(wkt);
    if (layer)
        OGR_L_ResetReading(layer);
    for (OGRFeatureH feature; layer && (feature = OGR_L_GetNextFeature(layer)) != NULL; OGR_F_Destroy(feature))
        if (OGR_F_GetGeometryRef(feature))
            selo_bench_hash_geometry(&hash, OGR_F_GetGeometryRef(feature));
    if (area && area != ground->aoi_dataset)
        GDALClose(area);
    CPLPopErrorHandler();
    CPLErrorReset();
    selo_hash_finish(&hash, sha);
}

static void hash_file(selo_hash *hash, const char *path)
{
    enum { chunk = 1 << 20 };
    VSILFILE *file = VSIFOpenL(path, "rb");
    unsigned char *bytes = file ? selo_alloc(chunk, 1) : NULL;
    selo_hash_add_text(hash, path);
    for (size_t n = 1; bytes && n > 0;) {
        n = VSIFReadL(bytes, 1, chunk, file);
        selo_hash_add(hash, bytes, n);
    }
    selo_free(bytes);
    if (file)
        VSIFCloseL(file);
}

static void hash_map(selo_hash *hash, const char *name)
{
    GDALDatasetH map = NULL;
    selo_hash_add_text(hash, name);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (name)
        map = GDALOpenEx(name, GDAL_OF_RASTER, NULL, NULL, NULL);
    char **files = map ? GDALGetFileList(map) : NULL; /* with world files and the sources of a VRT */
    CPLPopErrorHandler();
    CPLErrorReset();
    for (int i = 0; files && files[i]; ++i)
        hash_file(hash, files[i]);
    CSLDestroy(files);
    GDALClose(map);
}

/* The hash of a unit's image; of nothing where it cannot be read. */
static const char *image_sha(selo_bench_unit *unit, const char *name)
{
    if (*unit->image_sha)
        return unit->image_sha;
    selo_hash hash;
    selo_hash_start(&hash);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    GDALDatasetH image = GDALOpenEx(name, GDAL_OF_RASTER, NULL, NULL, NULL);
    if (image)
        selo_hash_add_image(&hash, image);
    GDALClose(image);
    CPLPopErrorHandler();
    CPLErrorReset();
    selo_hash_finish(&hash, unit->image_sha);
    return unit->image_sha;
}

static void hash_making(selo_hash *hash, const selo_bench_plan *plan, const selo_bench_task *task)
{
    const selo_benchmark_run *run = &plan->options->runs[task->run];
    const selo_bench_model *model = plan->models[task->model];
    selo_hash_add_text(hash, image_sha(&plan->units[task->unit], task->image_name));
    selo_hash_add_text(hash, selo_bench_model_sha(model));
    selo_hash_add_text(hash, selo_bench_model_provider(model));
    selo_hash_add_text(hash, plan->making_json);
    selo_hash_add_text(hash, run->preset == SELO_PRESET_V2 ? "v2" : "v1");
    for (CSLConstList scale = run->scales; scale && *scale; ++scale)
        selo_hash_add_text(hash, *scale);
    selo_hash_add_text(hash, task->map_name); /* where the map is kept */
}

void selo_bench_task_sha(const selo_bench_plan *plan, const selo_bench_task *task, char sha[SELO_HASH_HEX_SIZE])
{
    selo_hash hash;
    selo_hash_start(&hash);
    selo_hash_add_text(&hash, SELO_VERSION);
    selo_hash_add_text(&hash, plan->options->params_json);
    selo_hash_add_text(&hash, plan->area_sha);
    selo_hash_add_text(&hash, task->sample->sha);
    if (task->image_name)
        hash_making(&hash, plan, task);
    else
        hash_map(&hash, task->map_name);
    selo_hash_finish(&hash, sha);
}
