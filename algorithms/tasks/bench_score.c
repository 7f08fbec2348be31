#include "bench_score.h"

#include <string.h>

#include "ogr_api.h"
#include "selo/memory.h"

/* The sample alone, as a truth of its own. */
static GDALDatasetH truth_alone(const selo_bench_plan *plan, const selo_bench_sample *sample)
{
    static const char *const names[] = {"sample_id", "query", "cls"};
    GDALDatasetH dataset = GDALCreate(GDALGetDriverByName("MEM"), plan->truth->name, 0, 0, 0, GDT_Unknown, NULL);
    OGRLayerH layer = dataset ? GDALDatasetCreateLayer(dataset, "selo_truth", plan->truth->crs, wkbUnknown, NULL)
                              : NULL;
    for (size_t k = 0; layer && k < 3; ++k) {
        OGRFieldDefnH field = OGR_Fld_Create(names[k], OFTString);
        OGR_L_CreateField(layer, field, TRUE);
        OGR_Fld_Destroy(field);
    }
    for (size_t i = 0; layer && i < sample->truth->n_regions; ++i) {
        OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        OGR_F_SetFieldString(feature, 0, sample->sample_id);
        if (sample->query)
            OGR_F_SetFieldString(feature, 1, sample->query);
        if (sample->truth->classes[i])
            OGR_F_SetFieldString(feature, 2, sample->truth->classes[i]);
        if (OGR_F_SetGeometry(feature, sample->truth->regions[i]) != OGRERR_NONE ||
            OGR_L_CreateFeature(layer, feature) != OGRERR_NONE)
            layer = NULL;
        OGR_F_Destroy(feature);
    }
    if (layer)
        return dataset;
    GDALClose(dataset);
    return NULL;
}

/* The band whose description is the sample's query; 1 if none is. A sample that is scored alone says nothing of the
 * others, so the evaluation would not look. */
static int described_band(const selo_bench_task *task)
{
    GDALDatasetH map = task->sample->query ? GDALOpenEx(task->map_name, GDAL_OF_RASTER, NULL, NULL, NULL) : NULL;
    int band = 1;
    for (int k = map ? GDALGetRasterCount(map) : 0; k >= 1; --k)
        if (strcmp(GDALGetDescription(GDALGetRasterBand(map, k)), task->sample->query) == 0)
            band = k;
    GDALClose(map);
    return band;
}

selo_status selo_bench_score(const selo_bench_plan *plan, const selo_bench_task *task, GDALDatasetH map, int threads,
                             GDALProgressFunc progress, void *progress_data, GDALDatasetH *layers)
{
    const selo_benchmark_options *options = plan->options;
    const selo_results_options results = {.path = NULL};
    selo_evaluate_options scoring = options->scoring;
    selo_evaluation *evaluation = NULL;
    GDALDatasetH truth = truth_alone(plan, task->sample);
    const int band = map ? 1 : scoring.n_bands ? scoring.bands[0] : described_band(task);
    scoring.bands = &band;
    scoring.n_bands = 1;
    scoring.map.name = task->map_name ? task->map_name : task->image_name;
    scoring.map.dataset = map;
    scoring.map.threads = threads;
    scoring.results = &results;
    scoring.truth = (selo_truth_options){.name = plan->truth->name, .dataset = truth, .class_field = "cls",
                                         .crs = plan->truth->pixel_coordinates ? "none" : NULL,
                                         .whole_features = options->testset.whole_features};
    *layers = NULL;
    const selo_status status = truth ? selo_evaluate(&scoring, progress, progress_data, &evaluation, layers)
                                     : SELO_E_MEMORY;
    selo_evaluation_free(evaluation);
    GDALClose(truth);
    return status;
}
