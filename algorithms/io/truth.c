/* A truth's layer: chosen, checked and read. */
#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "crs.h"
#include "fold.h"
#include "selo/memory.h"
#include "selo/source.h"
#include "truth_reader.h"

static selo_status refuse(const char *what, const char *name, const char *rest)
{
    CPLError(CE_Failure, CPLE_AppDefined, "%s '%s' %s", what, name, rest);
    return SELO_E_INPUT;
}

static char *layer_names(GDALDatasetH dataset)
{
    char *text = CPLStrdup("");
    for (int i = 0; i < GDALDatasetGetLayerCount(dataset); i++) {
        char *longer = CPLStrdup(
            CPLSPrintf("%s%s%s", text, i ? ", " : "", OGR_L_GetName(GDALDatasetGetLayer(dataset, i))));
        CPLFree(text);
        text = longer;
    }
    return text;
}

static selo_status choose_layer(selo_truth_reader *reader, GDALDatasetH dataset)
{
    const char *name = reader->options->name;
    const int count = GDALDatasetGetLayerCount(dataset);
    if (reader->options->layer)
        reader->layer = GDALDatasetGetLayerByName(dataset, reader->options->layer);
    else if (count == 1)
        reader->layer = GDALDatasetGetLayer(dataset, 0);
    else if (count > 1)
        reader->layer = GDALDatasetGetLayerByName(dataset, "selo_truth");
    if (reader->layer)
        return SELO_OK;
    if (count == 0)
        return refuse("truth", name, "has no vector layer");
    char *names = layer_names(dataset);
    if (reader->options->layer)
        CPLError(CE_Failure, CPLE_AppDefined, "truth '%s' has no layer '%s': it has %s", name, reader->options->layer,
                 names);
    else
        CPLError(CE_Failure, CPLE_AppDefined, "truth '%s' has several layers: choose one of %s with --layer", name,
                 names);
    CPLFree(names);
    return SELO_E_INPUT;
}

static selo_status find_field(const selo_truth_reader *reader, const char *option, const char *field, int *index)
{
    *index = -1;
    if (!field)
        return SELO_OK;
    *index = OGR_L_FindFieldIndex(reader->layer, field, FALSE);
    if (*index >= 0)
        return SELO_OK;
    CPLError(CE_Failure, CPLE_AppDefined, "%s: truth '%s', layer '%s' has no field '%s'", option, reader->options->name,
             OGR_L_GetName(reader->layer), field);
    return SELO_E_INPUT;
}

static selo_status prepare(selo_truth_reader *reader)
{
    const selo_truth_options *options = reader->options;
    if (options->query && !CPLIsUTF8(options->query, -1)) {
        CPLError(CE_Failure, CPLE_IllegalArg, "--query: its text is no UTF-8");
        return SELO_E_ARGUMENT;
    }
    selo_status status = find_field(reader, "--query-field", options->query_field, &reader->query_field);
    if (status == SELO_OK)
        status = find_field(reader, "--class-field", options->class_field, &reader->class_field);
    if (status != SELO_OK)
        return status;
    reader->id_field = OGR_L_FindFieldIndex(reader->layer, "sample_id", TRUE);
    if (reader->id_field >= 0 && !options->query_field) /* a test set's own layer */
        reader->query_field = OGR_L_FindFieldIndex(reader->layer, "query", TRUE);
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    const OGRErr failed = OGR_L_SetAttributeFilter(reader->layer, options->where);
    selo_fold_end();
    if (failed)
        CPLError(CE_Failure, CPLE_AppDefined, "--where: '%s' is no filter for truth '%s': %s", options->where,
                 options->name, selo_fold_reason(&fold, NULL, "not understood"));
    selo_fold_clear(&fold);
    return failed ? SELO_E_INPUT : SELO_OK;
}

static selo_status read_crs(selo_truth_reader *reader)
{
    const char *crs = reader->options->crs;
    OGRSpatialReferenceH own = OGR_L_GetSpatialRef(reader->layer);
    reader->truth->pixel_coordinates = crs && EQUAL(crs, "none");
    if (reader->truth->pixel_coordinates)
        return SELO_OK;
    return selo_crs_choose(crs, own, "--truth-crs", &reader->truth->crs);
}

/* Whether there is nothing in a geometry: a polygon is what its outer ring bounds, whatever its holes. */
static bool is_nothing(OGRGeometryH geometry)
{
    const OGRwkbGeometryType type = wkbFlatten(OGR_G_GetGeometryType(geometry));
    if (OGR_G_IsEmpty(geometry))
        return true;
    if (type == wkbPolygon)
        return OGR_G_IsEmpty(OGR_G_GetGeometryRef(geometry, 0));
    bool nothing = type == wkbMultiPolygon;
    for (int i = 0; nothing && i < OGR_G_GetGeometryCount(geometry); i++)
        nothing = is_nothing(OGR_G_GetGeometryRef(geometry, i));
    return nothing;
}

/* Adds the polygons of a geometry (where asked for, its points and lines), of collections inside collections too. */
static selo_status add_polygons(selo_truth_reader *reader, OGRFeatureH feature, OGRGeometryH geometry,
                                selo_truth_sample **sample)
{
    const OGRwkbGeometryType type = wkbFlatten(OGR_G_GetGeometryType(geometry));
    const bool whole = reader->options->whole_features && type == wkbMultiPolygon;
    const bool other = reader->options->keep_others && (type == wkbPoint || type == wkbLineString);
    if (type == wkbPolygon || whole || other) {
        if (is_nothing(geometry))
            return SELO_OK;
        if (!*sample && !(*sample = selo_truth_sample_of(reader, feature)))
            return SELO_E_MEMORY;
        return reader->asked ? selo_truth_add_region(reader, *sample, feature, OGR_G_Clone(geometry)) : SELO_OK;
    }
    if (!OGR_GT_IsSubClassOf(type, wkbGeometryCollection))
        return SELO_OK;
    for (int i = 0; i < OGR_G_GetGeometryCount(geometry); i++) {
        const selo_status status = add_polygons(reader, feature, OGR_G_GetGeometryRef(geometry, i), sample);
        if (status != SELO_OK)
            return status;
    }
    return SELO_OK;
}

static selo_status add_feature(selo_truth_reader *reader, OGRFeatureH feature)
{
    OGRGeometryH own = OGR_F_GetGeometryRef(feature);
    OGRGeometryH linear = own && OGR_G_HasCurveGeometry(own, FALSE) ? OGR_G_GetLinearGeometry(own, 0, NULL) : NULL;
    selo_truth_sample *sample = NULL;
    selo_status status = SELO_OK;
    if (own)
        status = add_polygons(reader, feature, linear ? linear : own, &sample);
    if (status == SELO_OK && !sample && reader->asked)
        reader->n_other++;
    OGR_G_DestroyGeometry(linear);
    return status;
}

static selo_status refuse_text(const selo_truth_reader *reader, int field, long long fid)
{
    return refuse("truth", reader->options->name,
                  CPLSPrintf("holds text that is no UTF-8, in field '%s' of feature %lld: convert it, or name its "
                             "encoding where its format has an open option for that",
                             OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(OGR_L_GetLayerDefn(reader->layer), field)), fid));
}

/* Whether there is something to score, of n features that were asked for. */
static selo_status check_samples(const selo_truth_reader *reader, size_t n_features)
{
    const selo_truth_options *options = reader->options;
    if (n_features == 0)
        return refuse("truth", options->name,
                      options->where ? "has no feature that --where lets through" : "has no features");
    if (reader->truth->n_samples == 0)
        return refuse("truth", options->name,
                      CPLSPrintf("holds no polygons%s (%llu other features, layer '%s')%s",
                                 options->keep_others ? ", points or lines" : "", (unsigned long long)reader->n_other,
                                 OGR_L_GetName(reader->layer),
                                 options->keep_others ? "" : "; give points and lines an extent with --buffer"));
    if (reader->n_other)
        CPLError(CE_Warning, CPLE_AppDefined, "truth '%s': %llu of %llu features are no polygons and were left out "
                 "(--buffer would take points and lines)", options->name,
                 (unsigned long long)reader->n_other, (unsigned long long)n_features);
    return SELO_OK;
}

static selo_status read_features(selo_truth_reader *reader)
{
    const char *name = reader->options->name;
    selo_status status = SELO_OK;
    size_t n_features = 0; /* that were asked for */
    int odd_field = -1;
    long long fid = 0;
    selo_fold fold = {0};
    selo_fold_begin(&fold);
    OGR_L_ResetReading(reader->layer);
    for (OGRFeatureH feature; status == SELO_OK && (feature = OGR_L_GetNextFeature(reader->layer));) {
        reader->asked = selo_truth_is_asked(reader, feature);
        n_features += reader->asked;
        odd_field = selo_truth_odd_field(reader, feature);
        fid = (long long)OGR_F_GetFID(feature);
        /* Features of other queries, too, so that a sample keeps its number. */
        status = odd_field >= 0 ? SELO_E_INPUT : add_feature(reader, feature);
        OGR_F_Destroy(feature);
    }
    selo_fold_end();
    char reason[sizeof fold.failure];
    CPLStrlcpy(reason, selo_fold_reason(&fold, NULL, ""), sizeof reason);
    selo_fold_warn(&fold, NULL, name);
    if (odd_field >= 0)
        return refuse_text(reader, odd_field, fid);
    if (status != SELO_OK)
        return status;
    if (reason[0] && reader->options->where) /* some drivers find out only here that a filter makes no sense */
        return refuse("--where:", reader->options->where, CPLSPrintf("is no filter for truth '%s': %s", name, reason));
    if (reason[0])
        return refuse("truth", name, CPLSPrintf("cannot be read to its end: %s", reason));
    if (n_features == 0 && reader->truth->n_samples > 0)
        return selo_truth_refuse_query(reader);
    selo_truth_drop_unasked(reader->truth);
    return check_samples(reader, n_features);
}

static selo_status open_truth(const selo_truth_options *options, GDALDatasetH *dataset)
{
    *dataset = options->dataset;
    if (!*dataset)
        *dataset = selo_source_open(&(selo_source){.what = "truth", .name = options->name, .flags = GDAL_OF_VECTOR,
                                                   .formats = options->formats, .open_options = options->open_options});
    return *dataset ? SELO_OK : SELO_E_INPUT;
}

selo_status selo_truth_read(const selo_truth_options *options, selo_truth **out)
{
    *out = NULL;
    GDALDatasetH dataset = NULL;
    selo_status status = open_truth(options, &dataset);
    if (status != SELO_OK)
        return status;
    selo_truth_reader reader = {.options = options, .query_field = -1, .class_field = -1, .id_field = -1};
    reader.truth = selo_alloc_zeroed(1, sizeof *reader.truth);
    if (reader.truth) {
        reader.truth->name = CPLStrdup(options->name);
        status = choose_layer(&reader, dataset);
        if (status == SELO_OK)
            status = prepare(&reader);
        if (status == SELO_OK)
            status = read_crs(&reader);
        if (status == SELO_OK)
            status = read_features(&reader);
        if (reader.layer)
            OGR_L_SetAttributeFilter(reader.layer, NULL);
    } else {
        status = SELO_E_MEMORY;
    }
    if (!options->dataset)
        GDALClose(dataset);
    if (status == SELO_OK)
        *out = reader.truth;
    else
        selo_truth_free(reader.truth);
    return status;
}
