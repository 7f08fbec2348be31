/* Tables in files, for tests of what reads them. */
#ifndef TABLE_FILE_H
#define TABLE_FILE_H

#include "cpl_conv.h"
#include "ogr_api.h"
#include "selo/table.h"
#include "selo_test.h"

static inline bool create_fields(const selo_table *table, OGRLayerH layer)
{
    bool made = true;
    for (size_t k = 0; k < table->n_columns; ++k) {
        static const OGRFieldType types[] = {OFTString, OFTReal, OFTInteger64};
        OGRFieldDefnH field = OGR_Fld_Create(table->columns[k].name, types[table->columns[k].type]);
        made = OGR_L_CreateField(layer, field, TRUE) == OGRERR_NONE && made;
        OGR_Fld_Destroy(field);
    }
    return made;
}

static inline bool write_row(const selo_table *table, size_t row, OGRLayerH layer)
{
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
    for (size_t k = 0; k < table->n_columns; ++k) {
        const char *text = table->cells[row * table->n_columns + k];
        if (!text)
            OGR_F_SetFieldNull(feature, (int)k);
        else if (table->columns[k].type == SELO_COLUMN_REAL)
            OGR_F_SetFieldDouble(feature, (int)k, CPLAtof(text));
        else
            OGR_F_SetFieldString(feature, (int)k, text);
    }
    const bool written = OGR_L_CreateFeature(layer, feature) == OGRERR_NONE;
    OGR_F_Destroy(feature);
    return written;
}

/* Adds a table to a dataset as a layer without geometry. */
static inline void write_table(const selo_table *table, GDALDatasetH dataset)
{
    OGRLayerH layer = GDALDatasetCreateLayer(dataset, table->name, NULL, wkbNone, NULL);
    assert_true(layer && create_fields(table, layer));
    for (size_t row = 0; row < table->n_rows; ++row)
        assert_true(write_row(table, row, layer));
}

#endif
