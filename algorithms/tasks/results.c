/* The output of scored samples: opened, added to, closed or dropped. */
#include "selo/results.h"

#include "cpl_error.h"
#include "results_rows.h"
#include "results_schema.h"
#include "selo/memory.h"

struct selo_results {
    selo_layers *layers;
    bool extended;            /* the extra scores of the first sample are fields */
    OGRSpatialReferenceH crs; /* of `earth` */
    selo_earth *earth;        /* NULL: crs has none */
};

selo_status selo_results_check(const selo_results_options *options)
{
    return selo_layers_check(options, selo_result_schemas, SELO_N_EVALUATE_LAYERS);
}

selo_status selo_results_open(const selo_results_options *options, const selo_run *run, selo_results **out)
{
    selo_results *results = selo_alloc_zeroed(1, sizeof *results);
    *out = NULL;
    if (!results)
        return SELO_E_MEMORY;
    const selo_status status = selo_layers_open(options, selo_result_schemas, SELO_N_EVALUATE_LAYERS, run,
                                                &results->layers);
    if (status == SELO_OK)
        *out = results;
    else
        selo_free(results);
    return status;
}

static void release(selo_results *results)
{
    selo_earth_free(results->earth);
    OSRDestroySpatialReference(results->crs);
    selo_free(results);
}

selo_status selo_results_close(selo_results *results, GDALDatasetH *dataset)
{
    const selo_status status = selo_layers_close(results->layers, dataset);
    release(results);
    return status;
}

void selo_results_abandon(selo_results *results)
{
    if (!results)
        return;
    selo_layers_abandon(results->layers);
    release(results);
}

static selo_status add_extra_fields(selo_results *results, const selo_sample_result *sample)
{
    if (results->extended || sample->n_extra == 0)
        return SELO_OK;
    selo_field *fields = selo_alloc_zeroed(sample->n_extra, sizeof *fields);
    if (!fields)
        return SELO_E_MEMORY;
    for (size_t i = 0; i < sample->n_extra; i++) {
        fields[i].name = sample->extra_names[i];
        fields[i].type = SELO_FIELD_REAL;
        fields[i].comment = sample->extra_comments ? sample->extra_comments[i] : NULL;
    }
    const selo_status status = selo_layers_extend(results->layers, SELO_LAYER_SAMPLE, fields, sample->n_extra);
    selo_free(fields);
    results->extended = true;
    return status;
}

/* A CRS without an ellipsoid is no fault here: there are no metres then. */
static void find_earth(selo_results *results, const selo_sample_result *sample)
{
    OGRSpatialReferenceH crs = sample->geotransform ? sample->crs : NULL;
    if (crs && results->crs ? OSRIsSame(crs, results->crs) : crs == results->crs)
        return;
    selo_earth_free(results->earth);
    OSRDestroySpatialReference(results->crs);
    results->earth = NULL;
    results->crs = crs ? OSRClone(crs) : NULL;
    if (!crs)
        return;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (selo_earth_new(crs, &results->earth) != SELO_OK)
        results->earth = NULL;
    CPLPopErrorHandler();
    CPLErrorReset();
}

selo_status selo_results_add_pooled(selo_results *results, const selo_curve_point *points, size_t n)
{
    const selo_status status = selo_layers_set_sample(results->layers, NULL, results->crs);
    return status == SELO_OK ? selo_results_write_curve(results->layers, points, n) : status;
}

selo_status selo_results_add(selo_results *results, const selo_sample_result *sample)
{
    selo_status status = add_extra_fields(results, sample);
    if (status == SELO_OK)
        status = selo_layers_set_sample(results->layers, sample->sample_id, sample->geotransform ? sample->crs : NULL);
    find_earth(results, sample);
    const selo_drawing drawing = selo_drawing_of(sample, results->earth);
    return status == SELO_OK ? selo_results_write_rows(results->layers, &drawing) : status;
}
