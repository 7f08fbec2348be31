/* A folder of images with a GeoJSON file of the same name beside each. Features with the same query make a sample.
 * Where the image is georeferenced, the polygons are brought from their CRS into its pixel coordinates. */
#include <math.h>
#include <string.h>

#include "cpl_conv.h"
#include "cpl_error.h"
#include "cpl_string.h"
#include "cpl_vsi.h"
#include "ogr_srs_api.h"
#include "selo/source.h"
#include "testset.h"

typedef struct image_pair {
    const char *vector_path; /* for messages */
    const char *image_name;
    GDALDatasetH image, vector;
    OGRLayerH layer;
    int field;
} image_pair;

/* The image beside a GeoJSON file: same stem, any extension that GDAL opens. NULL if there is none. */
static GDALDatasetH open_image(const char *folder, char **files, const char *vector_file, char **image_name)
{
    char *stem = CPLStrdup(CPLGetBasename(vector_file));
    GDALDatasetH image = NULL;
    for (int i = 0; files && files[i] && !image; i++) {
        if (strcmp(files[i], vector_file) == 0 || strcmp(CPLGetBasename(files[i]), stem) != 0)
            continue;
        CPLPushErrorHandler(CPLQuietErrorHandler);
        image = GDALOpenEx(CPLSPrintf("%s/%s", folder, files[i]), GDAL_OF_RASTER, NULL, NULL, NULL);
        CPLPopErrorHandler();
        if (image)
            *image_name = CPLStrdup(files[i]);
    }
    CPLFree(stem);
    return image;
}

static void to_pixels(OGRGeometryH geometry, const double *inverse)
{
    for (int i = 0; i < OGR_G_GetGeometryCount(geometry); i++)
        to_pixels(OGR_G_GetGeometryRef(geometry, i), inverse);
    for (int i = 0; i < OGR_G_GetPointCount(geometry); i++) {
        const double x = OGR_G_GetX(geometry, i), y = OGR_G_GetY(geometry, i);
        OGR_G_SetPoint_2D(geometry, i, inverse[0] + inverse[1] * x + inverse[2] * y,
                          inverse[3] + inverse[4] * x + inverse[5] * y);
    }
}

/* Into pixel coordinates of the image, if it is georeferenced; else they are taken to be in pixel coordinates
 * already. */
static bool place(const image_pair *pair, OGRGeometryH region)
{
    double forward[6], inverse[6];
    OGRSpatialReferenceH image_crs = GDALGetSpatialRef(pair->image), layer_crs = OGR_L_GetSpatialRef(pair->layer);
    if (!image_crs || GDALGetGeoTransform(pair->image, forward) != CE_None || !GDALInvGeoTransform(forward, inverse))
        return true;
    OGRSpatialReferenceH from = OSRClone(layer_crs ? layer_crs : image_crs), to = OSRClone(image_crs);
    OSRSetAxisMappingStrategy(from, OAMS_TRADITIONAL_GIS_ORDER);
    OSRSetAxisMappingStrategy(to, OAMS_TRADITIONAL_GIS_ORDER);
    CPLPushErrorHandler(CPLQuietErrorHandler); /* PROJ has a line for each vertex, and none names the file */
    OGRCoordinateTransformationH transformation = OCTNewCoordinateTransformation(from, to);
    bool good = transformation && OGR_G_Transform(region, transformation) == OGRERR_NONE;
    CPLPopErrorHandler();
    CPLErrorReset();
    if (good) {
        OGREnvelope box;
        to_pixels(region, inverse);
        OGR_G_GetEnvelope(region, &box);
        good = OGR_G_IsEmpty(region) || (isfinite(box.MinX) && isfinite(box.MaxX) && isfinite(box.MinY) &&
                                         isfinite(box.MaxY));
    }
    OCTDestroyCoordinateTransformation(transformation);
    OSRRelease(from);
    OSRRelease(to);
    return good;
}

static selo_status add_feature(const image_pair *pair, OGRFeatureH feature, selo_testset *testset)
{
    OGRGeometryH region = OGR_G_Clone(OGR_F_GetGeometryRef(feature));
    OGR_G_FlattenTo2D(region);
    if (!place(pair, region)) {
        CPLError(CE_Failure, CPLE_AppDefined, "truth '%s', feature %ld could not be brought into the CRS of its image",
                 pair->vector_path, (long)OGR_F_GetFID(feature));
        OGR_G_DestroyGeometry(region);
        return SELO_E_INPUT;
    }
    return selo_testset_add_region(testset, region, NULL);
}

static selo_status add_sample(const image_pair *pair, const char *query, int index, selo_testset *testset)
{
    char *id = CPLStrdup(CPLSPrintf("%s#%d", CPLGetBasename(pair->image_name), index)), *caption = CPLStrdup(query);
    const selo_testset_sample sample = {.sample_id = id, .image = (char *)(size_t)pair->image_name, .caption = caption,
                                        .width = GDALGetRasterXSize(pair->image),
                                        .height = GDALGetRasterYSize(pair->image)};
    const selo_status status = selo_testset_add_sample(testset, &sample);
    CPLFree(id);
    CPLFree(caption);
    return status;
}

static bool is_polygon(OGRFeatureH feature)
{
    OGRGeometryH geometry = OGR_F_GetGeometryRef(feature);
    const OGRwkbGeometryType type = geometry ? OGR_GT_Flatten(OGR_G_GetGeometryType(geometry)) : wkbNone;
    return type == wkbPolygon || type == wkbMultiPolygon;
}

static selo_source_rows rows_of(const image_pair *pair)
{
    OGR_L_ResetReading(pair->layer);
    return (selo_source_rows){.layer = pair->layer, .what = "truth", .name = pair->vector_path};
}

/* All regions of one query. */
static selo_status add_query(const image_pair *pair, const char *query, int index, selo_testset *testset)
{
    selo_status status = add_sample(pair, query, index, testset);
    OGRFeatureH feature;
    selo_source_rows rows = rows_of(pair);
    while (status == SELO_OK && (feature = selo_source_next(&rows)) != NULL) {
        if (is_polygon(feature) && strcmp(OGR_F_GetFieldAsString(feature, pair->field), query) == 0)
            status = add_feature(pair, feature, testset);
        OGR_F_Destroy(feature);
    }
    return status == SELO_OK ? selo_source_end(&rows) : status;
}

static selo_status read_pair(image_pair *pair, const char *query_field, selo_testset *testset)
{
    char **queries = NULL;
    OGRFeatureH feature;
    pair->layer = GDALDatasetGetLayer(pair->vector, 0);
    pair->field = pair->layer ? OGR_L_FindFieldIndex(pair->layer, query_field, FALSE) : -1;
    if (pair->field < 0) {
        CPLError(CE_Failure, CPLE_AppDefined,
                 "truth '%s' has no field '%s': name the one that holds the query with --query-field",
                 pair->vector_path, query_field);
        return SELO_E_INPUT;
    }
    selo_source_rows rows = rows_of(pair);
    while ((feature = selo_source_next(&rows)) != NULL) {
        const char *query = OGR_F_GetFieldAsString(feature, pair->field);
        if (is_polygon(feature) && CSLFindStringCaseSensitive(queries, query) < 0)
            queries = CSLAddString(queries, query);
        OGR_F_Destroy(feature);
    }
    selo_status status = selo_source_end(&rows);
    for (int i = 0; queries && queries[i] && status == SELO_OK; i++)
        status = add_query(pair, queries[i], i, testset);
    CSLDestroy(queries);
    return status;
}

static selo_status read_vector(const char *folder, char **files, const char *file, const char *query_field,
                               selo_testset *testset)
{
    char *path = CPLStrdup(CPLSPrintf("%s/%s", folder, file)), *image_name = NULL;
    image_pair pair = {.vector_path = path, .image = open_image(folder, files, file, &image_name)};
    selo_status status = SELO_E_INPUT;
    pair.image_name = image_name;
    pair.vector = pair.image ? GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL) : NULL;
    if (!pair.image)
        CPLError(CE_Failure, CPLE_AppDefined, "truth '%s' has no image of the same name beside it", path);
    else if (pair.vector)
        status = read_pair(&pair, query_field, testset);
    GDALClose(pair.vector);
    GDALClose(pair.image);
    CPLFree(image_name);
    CPLFree(path);
    return status;
}

selo_status selo_testset_read_folder(const char *path, const char *query_field, selo_testset *testset)
{
    static const char *const extensions[] = {"geojson", "json", NULL};
    char **vectors = selo_testset_files(path, extensions), **files = VSIReadDir(path);
    selo_status status = SELO_OK;
    if (!vectors) {
        CPLError(CE_Failure, CPLE_AppDefined, "folder '%s' holds neither XML nor GeoJSON files: nothing to import",
                 path);
        status = SELO_E_INPUT;
    }
    for (int i = 0; vectors && vectors[i] && status == SELO_OK; i++)
        status = read_vector(path, files, vectors[i], query_field, testset);
    CSLDestroy(vectors);
    CSLDestroy(files);
    return status;
}
