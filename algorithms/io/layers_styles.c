/* Styles in a GeoPackage: the table layer_styles as QGIS makes and reads it. */
#include <string.h>

#include "layers_private.h"
#include "selo/memory.h"
#include "string_format.h"

typedef struct style_column {
    const char *name;
    OGRFieldType type;
    int width;
} style_column;

static const style_column columns[] = {
    {"f_table_catalog", OFTString, 256}, {"f_table_schema", OFTString, 256}, {"f_table_name", OFTString, 256},
    {"f_geometry_column", OFTString, 256}, {"styleName", OFTString, 30}, {"styleQML", OFTString, 0},
    {"styleSLD", OFTString, 0}, {"useAsDefault", OFTInteger, 0}, {"description", OFTString, 0},
    {"owner", OFTString, 30}, {"ui", OFTString, 30}, {"update_time", OFTDateTime, 0},
};

static OGRLayerH create_table(GDALDatasetH dataset)
{
    char **options = CSLSetNameValue(NULL, "FID", "id");
    OGRLayerH table = GDALDatasetCreateLayer(dataset, "layer_styles", NULL, wkbNone, options);
    CSLDestroy(options);
    for (size_t i = 0; table && i < sizeof columns / sizeof *columns; i++) {
        OGRFieldDefnH field = OGR_Fld_Create(columns[i].name, columns[i].type);
        OGR_Fld_SetWidth(field, columns[i].width);
        if (strcmp(columns[i].name, "useAsDefault") == 0)
            OGR_Fld_SetSubType(field, OFSTBoolean);
        if (columns[i].type == OFTDateTime)
            OGR_Fld_SetDefault(field, "CURRENT_TIMESTAMP");
        if (OGR_L_CreateField(table, field, FALSE) != OGRERR_NONE)
            table = NULL;
        OGR_Fld_Destroy(field);
    }
    return table;
}

static bool has_style(OGRLayerH table, const char *layer_name)
{
    char *filter = selo_string_format("f_table_name = '%s'", layer_name);
    const bool found =
        filter && OGR_L_SetAttributeFilter(table, filter) == OGRERR_NONE && OGR_L_GetFeatureCount(table, TRUE) > 0;
    (void)OGR_L_SetAttributeFilter(table, NULL);
    selo_free(filter);
    return found;
}

static bool add_style(OGRLayerH table, const selo_layer *layer, const char *qml, const char *time)
{
    OGRFeatureH row = OGR_F_Create(OGR_L_GetLayerDefn(table));
    if (!row)
        return false;
    OGRFeatureDefnH fields = OGR_L_GetLayerDefn(table);
    const char *const values[][2] = {
        {"f_table_catalog", ""}, {"f_table_schema", ""}, {"f_table_name", layer->schema->name},
        {"f_geometry_column", OGR_L_GetGeometryColumn(layer->handle)}, {"styleName", layer->schema->name},
        {"styleQML", qml}, {"styleSLD", ""}, {"useAsDefault", "1"}, {"description", layer->schema->description},
        {"owner", ""}, {"update_time", time},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const int at = OGR_FD_GetFieldIndex(fields, values[i][0]);
        if (at >= 0)
            OGR_F_SetFieldString(row, at, values[i][1]);
    }
    const bool done = OGR_L_CreateFeature(table, row) == OGRERR_NONE;
    OGR_F_Destroy(row);
    return done;
}

selo_status selo_layers_write_styles(selo_layers *layers)
{
    if (!EQUAL(layers->format.name, "GPKG"))
        return SELO_OK;
    bool done = true;
    selo_fold_begin(&layers->fold);
    OGRLayerH table = GDALDatasetGetLayerByName(layers->dataset, "layer_styles");
    for (size_t i = 0; i < layers->n_layers && done; i++) {
        const selo_layer *layer = &layers->layers[i];
        const char *qml = layer->wanted ? selo_style_find(layer->schema->name) : NULL;
        if (!qml)
            continue;
        table = table ? table : create_table(layers->dataset);
        done = table && (has_style(table, layer->schema->name) || add_style(table, layer, qml, layers->started_at));
    }
    selo_fold_end();
    return done ? SELO_OK : selo_layers_fail(layers, "styles cannot be written");
}
