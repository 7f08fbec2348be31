/* Vector output driven by tables: a set of layers that is complete or absent.
 *
 * A command states each of its layers once, as a selo_layer_schema; the creation of layers and fields, their comments,
 * run_id and sample_id on every row, nulls, styles, what a format cannot hold and the move into place are done here.
 *
 *     static const selo_field fields[] = {
 *         {"metric", SELO_FIELD_TEXT, "Metric", "name of the score"},
 *         {"n", SELO_FIELD_INTEGER, "Samples", "count"},
 *         {"mean", SELO_FIELD_REAL, "Mean", "0..1"},
 *     };
 *     static const selo_layer_schema stat = {"selo_stat", wkbNone, "Statistics of the scores", false, fields, 3};
 *     const selo_layer_schema *schemas[] = {&stat};
 *
 *     selo_layers *layers;
 *     if (selo_layers_open(&options, schemas, 1, &run, &layers) != SELO_OK)
 *         return ...;
 *     const selo_value row[] = {selo_value_text("rmi"), selo_value_integer(59), selo_value_real(0.71)};
 *     status = selo_layers_write(layers, 0, NULL, row, 3);
 *     if (status == SELO_OK)
 *         return selo_layers_close(layers, NULL);
 *     selo_layers_abandon(layers);
 *
 * The layer selo_run (one row: what the run was) is added to every output by itself. Errors are reported with
 * CPLError() in one line that names the output; callers only propagate the status. */
#ifndef SELO_LAYERS_H
#define SELO_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gdal.h"
#include "ogr_api.h"
#include "ogr_srs_api.h"
#include "selo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Version of the data model, in the metadata of every layer as SELO_SCHEMA. Nothing is appended
 * to output of another one. */
#define SELO_SCHEMA_VERSION "1"

typedef enum selo_field_type {
    SELO_FIELD_TEXT,
    SELO_FIELD_REAL,    /* 64 bit; NaN and infinity are written as null */
    SELO_FIELD_INTEGER, /* 32 bit */
    SELO_FIELD_BIG,     /* integer of 64 bit */
    SELO_FIELD_FLAG,    /* yes or no; 1 or 0 where a format has no such type */
    SELO_FIELD_TIME,    /* UTC, given as text "2026-01-31T12:00:00Z"; text where a format has no such type */
    SELO_FIELD_BYTES
} selo_field_type;

typedef struct selo_field {
    const char *name; /* at most 10 characters, so that it survives a Shapefile */
    selo_field_type type;
    const char *title;   /* alternative name, for people; unique within a layer; NULL: none */
    const char *comment; /* unit and formula */
} selo_field;

/* What OGR calls a type, in a format that has them all. */
SELO_API OGRFieldType selo_field_ogr_type(selo_field_type type);

typedef struct selo_layer_schema {
    const char *name;             /* "selo_..."; a style io/styles/<name>.qml goes with it where there is one */
    OGRwkbGeometryType geometry;  /* wkbNone: a table */
    const char *description;      /* one line */
    bool sampled;                 /* rows carry sample_id */
    const selo_field *fields;     /* without run_id and sample_id, which come first */
    size_t n_fields;
} selo_layer_schema;

/* A value of a row. */
typedef enum selo_value_kind {
    SELO_VALUE_NULL,
    SELO_VALUE_TEXT,
    SELO_VALUE_REAL,
    SELO_VALUE_INTEGER,
    SELO_VALUE_BYTES
} selo_value_kind;

typedef struct selo_value {
    selo_value_kind kind;
    union {
        const char *text; /* NULL becomes a null field */
        double real;      /* NaN and infinity become a null field */
        int64_t integer;  /* also flags */
        struct {
            const void *data; /* NULL becomes a null field */
            size_t size;
        } bytes;
    } as;
} selo_value;

static inline selo_value selo_value_null(void)
{
    return (selo_value){.kind = SELO_VALUE_NULL, .as = {.integer = 0}};
}

static inline selo_value selo_value_text(const char *text)
{
    return (selo_value){.kind = SELO_VALUE_TEXT, .as = {.text = text}};
}

static inline selo_value selo_value_real(double real)
{
    return (selo_value){.kind = SELO_VALUE_REAL, .as = {.real = real}};
}

static inline selo_value selo_value_integer(int64_t integer)
{
    return (selo_value){.kind = SELO_VALUE_INTEGER, .as = {.integer = integer}};
}

/* A real rounded to an integer field, such as a time in ms; NaN becomes a null field. */
static inline selo_value selo_value_rounded(double real)
{
    return real >= -9e18 && real <= 9e18 ? selo_value_integer((int64_t)(real < 0 ? real - 0.5 : real + 0.5))
                                         : selo_value_null();
}

static inline selo_value selo_value_flag(bool flag)
{
    return (selo_value){.kind = SELO_VALUE_INTEGER, .as = {.integer = flag}};
}

static inline selo_value selo_value_bytes(const void *data, size_t size)
{
    return (selo_value){.kind = SELO_VALUE_BYTES, .as = {.bytes = {data, size}}};
}

typedef struct selo_layers_options {
    const char *path;             /* NULL: a dataset in memory, handed out by selo_layers_close() */
    const char *format;           /* driver name; NULL: by extension, GPKG where there is none */
    CSLConstList dataset_options; /* creation options */
    CSLConstList layer_options;   /* layer creation options */
    CSLConstList layers;          /* only these layers; NULL: all (a format of one layer needs exactly one here) */
    bool overwrite;               /* replace an existing output */
    bool append;                  /* add rows to an existing output of the same schema version, or make a new one */
    bool can_append;              /* whether the user could have asked for that, for messages */
} selo_layers_options;

/* What the run was: the row of selo_run. Strings are copied, NULL becomes a null field. */
typedef struct selo_run {
    const char *run_id; /* NULL: time and a random part */
    const char *command_line;
    const char *params_json; /* also in the metadata of every layer, as SELO_PARAMS */
    const char *model_sha;
    const char *provider;
    int64_t seed;                          /* below 0: none */
    double cut_ms, sim_ms, gnt_ms, flt_ms; /* NaN: none */
} selo_run;

typedef struct selo_layers selo_layers;

/* Says early what would go wrong late: output exists without overwrite or append, unknown format, folder that is
 * missing or cannot be written, a layer that is not in the schemas, a format of one layer without a choice, or one that
 * holds no bytes where a field has some. */
SELO_API selo_status selo_layers_check(const selo_layers_options *options, const selo_layer_schema *const *schemas,
                                       size_t n_schemas);

/* Checks, and starts an output of these layers and selo_run. Options are copied; schemas must outlive `layers`. The
 * caller ends it with selo_layers_close() or selo_layers_abandon(). */
SELO_API selo_status selo_layers_open(const selo_layers_options *options, const selo_layer_schema *const *schemas,
                                      size_t n_schemas, const selo_run *run, selo_layers **layers);

/* Adds fields to the end of layer `layer`, whose names and titles are copied. Before the first row of any layer. */
SELO_API selo_status selo_layers_extend(selo_layers *layers, size_t layer, const selo_field *fields, size_t n_fields);

/* What the rows that follow belong to: their sample (copied; NULL: none) and the CRS of their geometries (NULL: pixel
 * coordinates or none; the axis mapping strategy of the object counts). The CRS at the first row becomes that of all
 * layers; later geometries in another one are transformed to it. Never called: no sample, no CRS. */
SELO_API selo_status selo_layers_set_sample(selo_layers *layers, const char *sample_id, OGRSpatialReferenceH crs);

/* Adds a row to layer `layer` (index into the schemas); nothing happens where options.layers leaves that layer out.
 *   geometry  NULL: none; stays the caller's
 *   values    one per field, those of selo_layers_extend() last */
SELO_API selo_status selo_layers_write(selo_layers *layers, size_t layer, OGRGeometryH geometry,
                                       const selo_value *values, size_t n_values);

/* Ends the run of the rows so far, with its row in selo_run, and starts another one for the rows that follow; its
 * run_id must differ from the ones before. */
SELO_API selo_status selo_layers_next_run(selo_layers *layers, const selo_run *run);

/* Whether rows of layer `layer` are wanted, so that a caller can save itself the work. */
SELO_API bool selo_layers_wants(const selo_layers *layers, size_t layer);

/* Puts the output in its place and ends `layers`, also on failure. With options.path NULL, *dataset receives the
 * dataset in memory, which the caller closes with GDALClose(); else dataset may be NULL. */
SELO_API selo_status selo_layers_close(selo_layers *layers, GDALDatasetH *dataset);

/* Drops everything that was written and ends `layers`; an output that existed stays as it was. NULL is allowed. */
SELO_API void selo_layers_abandon(selo_layers *layers);

#ifdef __cplusplus
}
#endif
#endif
