#include "testset.h"

#include <stdlib.h>
#include <string.h>

#include "cpl_error.h"
#include "cpl_string.h"
#include "selo/text.h"
#include "summary.h"

selo_status testset_open(const selo_values *values, selo_testset **testset)
{
    GDALDatasetH held = selo_values_dataset(values, "testset");
    const char *name = selo_values_dataset_name(values, "testset");
    GDALDatasetH dataset = held;
    if (!dataset) {
        CPLPushErrorHandler(CPLQuietErrorHandler);
        dataset = GDALOpenEx(name, GDAL_OF_VECTOR, NULL, NULL, NULL);
        CPLPopErrorHandler();
    }
    if (!dataset) {
        CPLError(CE_Failure, CPLE_OpenFailed,
                 "test set '%s' cannot be opened: is it a GeoPackage of `gdal selo testset import`?", name);
        return SELO_E_INPUT;
    }
    const selo_status status = selo_testset_read(dataset, testset);
    if (!held)
        GDALClose(dataset);
    return status;
}

selo_status testset_hand_out_json(selo_values *values, yyjson_mut_doc *document)
{
    char *json = yyjson_mut_write(document, YYJSON_WRITE_PRETTY_TWO_SPACES, NULL);
    selo_text text = {0};
    if (json)
        selo_text_add_bytes(&text, json, strlen(json));
    text.failed |= !json;
    free(json);
    yyjson_mut_doc_free(document);
    return selo_hand_out(values, &text);
}
