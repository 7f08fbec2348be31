/* What the files of selo/layers.h share. */
#ifndef SELO_IO_LAYERS_PRIVATE_H
#define SELO_IO_LAYERS_PRIVATE_H

#include "fold.h"
#include "format.h"
#include "selo/layers.h"
#include "stage.h"

/* One layer of an output. */
typedef struct selo_layer {
    const selo_layer_schema *schema;
    bool wanted;
    selo_field *extra; /* fields of selo_layers_extend(); their strings are owned */
    size_t n_extra;
    OGRLayerH handle;
    int run_id_at, sample_id_at; /* field indices in `handle`; -1: none */
    int *at;                     /* of each field, extra ones last */
} selo_layer;

struct selo_layers {
    char *subject; /* the output's name for messages */
    selo_format format;
    selo_stage stage;    /* not used in memory */
    bool in_memory;
    bool added;          /* to an existing output */
    char **existing;     /* files or folders that the output replaces */
    char **layer_options;
    GDALDatasetH dataset;
    bool transaction;
    selo_layer *layers;  /* the schemas, then selo_run */
    size_t n_layers;     /* with selo_run */
    int64_t n_rows;      /* written to any of them */
    bool started;        /* layers are made: at the first row */
    OGRSpatialReferenceH layers_crs, rows_crs;       /* owned; NULL: none */
    OGRCoordinateTransformationH transformation;     /* rows to layers; NULL: the same */
    char *sample_id;
    char *run_id, *command_line, *params_json, *model_sha, *provider, *started_at;
    int64_t seed;
    double times_ms[4];
    selo_fold fold;
};

/* Whether the options ask for the layer of this name. */
bool selo_layers_choose(const selo_layers_options *options, const char *name);

/* Refuses, and reports, what cannot be made; *format receives the output's format. */
selo_status selo_layers_check_all(const selo_layers_options *options, const selo_layer_schema *const *schemas,
                                  size_t n_schemas, selo_format *format);

/* Reports "output: what: reason", the reason being what GDAL said; returns SELO_E_OUTPUT. */
selo_status selo_layers_fail(selo_layers *layers, const char *what);

/* Makes the wanted layers in the dataset, or finds and checks them in an output that rows are added to. */
selo_status selo_layers_make(selo_layers *layers);

/* The same, once, with the CRS of the rows at hand. */
selo_status selo_layers_start(selo_layers *layers);

/* The table selo_run, and its one row. */
extern const selo_layer_schema selo_run_schema;
selo_status selo_layers_remember_run(selo_layers *layers, const selo_run *run);
selo_status selo_layers_write_run(selo_layers *layers);
void selo_layers_forget_run(selo_layers *layers);

/* Adds a row to a layer that exists; what selo_layers_write() and the row of selo_run share. */
selo_status selo_layer_write(selo_layers *layers, const selo_layer *layer, OGRGeometryH geometry,
                             const selo_value *values, size_t n_values);

/* Frees what a layer holds. */
void selo_layer_clear(selo_layer *layer);

/* The QML of a layer's style, from io/styles/<layer name>.qml; static; NULL: none. */
const char *selo_style_find(const char *layer_name);

/* Stores the styles of the wanted layers as QGIS does: table layer_styles. Formats other than GPKG: nothing. */
selo_status selo_layers_write_styles(selo_layers *layers);

#endif
